"""The program that runs in a child, started by path: the bot does not import it."""
