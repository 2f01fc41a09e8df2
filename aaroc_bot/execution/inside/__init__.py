"""Programs that run in the children, started by path: the bot imports none of them."""

DISK_FULL = 74
CANNOT_START = 71
"""Exit statuses of ``player.py`` that neither Ansible nor a signal gives."""
