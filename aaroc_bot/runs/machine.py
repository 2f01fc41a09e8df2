"""Where the processes of an attempt can be looked for: not everywhere that bears this name."""

from functools import cache

from aaroc_bot.process import PROC


@cache
def this_machine() -> str:
    """Name this boot of this machine, and the namespace of pids that this process sees."""
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {(PROC / 'self/ns/pid').readlink()}"
