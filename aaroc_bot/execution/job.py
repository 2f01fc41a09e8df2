"""What is to be played, and how it ended."""

import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from aaroc_bot.core.entries import Value
from aaroc_bot.core.plan import Plan, Recap


def moment() -> float:
    """Give seconds since this machine started, those that it slept included.

    Signs of life carry it, as the supervisor's clock is the same.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Job:
    """One play of one playbook.

    `mark` is put into the environment of all that is started (`aaroc_bot.process`).
    `folder` is made by `play` (mode 0700) and removed again. `project` is the root of an
    exported tree; nothing is written there. `check` is for check mode. Without
    `known_hosts` no host is known, so none but local ones is reached. `local_hosts` are
    patterns of host names. An empty `hosts` means all of the inventory. `silence` is the
    dead-man's limit: without a sign of life for that long the play ends by itself.
    """

    run: int
    attempt: int
    mark: str
    folder: Path
    project: Path
    inventory: Path
    playbook: Path
    check: bool
    parameters: tuple[tuple[str, Value], ...]
    time_limit: timedelta
    ssh_key: Path | None = None
    vault_password: Path | None = None
    known_hosts: Path | None = None
    local_hosts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    silence: timedelta | None = None


class How(StrEnum):
    """How a play came to its end."""

    FINISHED = "finished"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed out"
    SILENT = "silent"
    """There was no sign of life within the dead-man's limit."""
    LOST = "lost"
    """It never started, or its processes died under it, or its events are not whole."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a play. All text in it is redacted.

    `reason` is for people and empty where the recap says it all. `status` is Ansible's
    exit status, None unless it finished. `plan` is there after check mode, if it could be
    made. `log` is what Ansible printed; where it was cut its first line says how much is
    left out.
    """

    how: How
    reason: str
    status: int | None
    plan: Plan | None
    recap: Recap
    log: str
    duration: timedelta

    @property
    def succeeded(self) -> bool:
        """Exit status 0 and statistics that count a host, none failed or unreachable."""
        counts = self.recap.counts
        return (
            self.how is How.FINISHED
            and self.status == 0
            and bool(counts)
            and not any(count.failed or count.unreachable for count in counts)
        )

    @property
    def unreachable(self) -> bool:
        """Whether not one host was reached."""
        counts = self.recap.counts
        return self.how is How.FINISHED and bool(counts) and all(c.unreachable for c in counts)
