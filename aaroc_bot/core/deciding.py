"""What follows once a plan is there."""

from dataclasses import dataclass

from aaroc_bot.core.entries import CheckMode, Entry
from aaroc_bot.core.plan import Plan
from aaroc_bot.core.run import State


@dataclass(frozen=True, slots=True)
class Following:
    """The state that follows, the reason that stands beside it, and `Run.checked_only`."""

    state: State
    reason: str = ""
    checked_only: bool = False


def after_plan(entry: Entry, plan: Plan, *, plan_only: bool, needed: int) -> Following:
    """Say what follows a plan that could be made (RULES.md, Plans and approvals).

    Nobody is asked where nothing would change only if the entry says ``check_mode: full``
    and every task was predicted on every host. An entry that only reads is for what it
    reports, so for it there is no such shortcut.

    >>> from aaroc_bot.core.entries import Origin
    >>> entry = Entry("run", "ping", "ping.yml", Origin.BOT, "catalogue.yml", 1)
    >>> after_plan(entry, Plan(played=False), plan_only=False, needed=1).state
    <State.WAITING: 'waiting'>
    """
    if plan.played and not plan.hosts:
        return Following(State.FAILED, "no host matches")
    if plan.played and set(plan.hosts) <= set(plan.unreachable):
        return Following(State.UNREACHABLE, "no host could be reached")
    if plan_only:
        return Following(State.PLANNED)
    settled = plan.complete and not plan.items and entry.check_mode is CheckMode.FULL
    if settled and entry.changes:
        return Following(State.SUCCEEDED, checked_only=True)
    return Following(State.WAITING if needed > 0 else State.QUEUED)


def needed_approvals(entry: Entry, *, bounded: bool) -> int:
    """Count the experts that must agree; what an operator at the machine asks needs one.

    >>> from aaroc_bot.core.entries import Origin
    >>> entry = Entry("run", "ping", "ping.yml", Origin.BOT, "c.yml", 1, approvals=0)
    >>> needed_approvals(entry, bounded=False), needed_approvals(entry, bounded=True)
    (0, 1)
    """
    return max(entry.approvals, 1) if bounded else entry.approvals
