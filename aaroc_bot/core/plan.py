"""What a run would do, as check mode tells it, and what it did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One predicted (or made) change: a task on a host.

    `role` is empty for a task outside roles. `path` is the file that changes if the task
    says so; `diff` a short unified difference (redacted before it is kept), None where
    the module gives none or ``no_log`` hides it.
    """

    host: str
    role: str
    task: str
    handler: bool = False
    path: str | None = None
    diff: str | None = None

    @property
    def name(self) -> str:
        """``role : task``, or the task alone."""
        return f"{self.role} : {self.task}" if self.role else self.task


@dataclass(frozen=True, slots=True)
class Unseen:
    """A task that check mode does not predict on a host, and why.

    `why` is one of ``command`` (check mode skips it), ``failed`` (it failed in check
    mode; `message` says how, and the rest of that host is unseen too), ``unreachable``,
    ``hidden`` (``no_log``), ``executes`` (``check_mode: false``: it really ran).
    """

    host: str
    role: str
    task: str
    why: str
    message: str = ""

    @property
    def name(self) -> str:
        """``role : task``, or the task alone."""
        return f"{self.role} : {self.task}" if self.role else self.task


@dataclass(frozen=True, slots=True)
class Plan:
    """Check mode's answer. It never changes once it is kept.

    `tasks` counts the distinct tasks that were met, `checked` those predicted on every
    host that was reached. `played` is False for an entry with ``check_mode: none``, of which nothing is
    known. `hosts` are those that the play reached or tried, `unreachable` those that it could not.
    """

    played: bool
    hosts: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    tasks: int = 0
    checked: int = 0

    @property
    def complete(self) -> bool:
        """Whether every task on every host was predicted."""
        return self.played and bool(self.hosts) and not self.unseen and not self.unreachable


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that failed on a host; host, role, task and message stand first on the card."""

    host: str
    role: str
    task: str
    message: str

    @property
    def name(self) -> str:
        """``role : task``, or the task alone."""
        return f"{self.role} : {self.task}" if self.role else self.task


@dataclass(frozen=True, slots=True)
class HostCount:
    """Ansible's statistics of one host."""

    host: str
    ok: int = 0
    changed: int = 0
    failed: int = 0
    skipped: int = 0
    unreachable: int = 0


@dataclass(frozen=True, slots=True)
class Recap:
    """What a play did: the statistics event, items changed and failures.

    `counts` is empty when no statistics came: then it did not succeed, whatever the exit
    status says (FACTS.md: return codes lie). `said` holds short data that the playbook
    reports (``ansible.builtin.debug`` of the bot's own entries such as ``check-site``).
    """

    counts: tuple[HostCount, ...] = ()
    items: tuple[Item, ...] = ()
    failures: tuple[Failure, ...] = ()
    said: tuple[tuple[str, str], ...] = ()

    @property
    def changed(self) -> int:
        """Tasks that changed something, over all hosts."""
        return sum(count.changed for count in self.counts)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a play is: the `task`-th task met (role and name), of `tasks` if known, over `hosts`."""

    task: int
    tasks: int | None
    name: str
    hosts: int
