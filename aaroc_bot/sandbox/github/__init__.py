"""A GitHub of one's own: the REST calls that the bot uses, answered exactly as GitHub does."""
