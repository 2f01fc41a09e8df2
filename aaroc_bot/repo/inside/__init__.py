"""Programs that run in children, started by path: the bot imports none of them."""
