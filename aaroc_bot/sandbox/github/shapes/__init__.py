"""The shapes of GitHub's answers: plain dictionaries, field for field as it describes them."""
