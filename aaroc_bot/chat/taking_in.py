"""Until when a command or a press is taken in, and what its speaker is told after that."""

IN_TIME = 2.5
"""Seconds in which something must be taken in: Slack waits three."""

MARGIN = 0.2
"""Seconds before that from which on it is too late to be kept: then it counts for nothing."""

NOT_TAKEN_IN = "Not taken in, try again."
