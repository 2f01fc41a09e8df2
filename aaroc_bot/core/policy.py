"""Whether somebody may do something: allowed, refused with the reason, or cannot tell.

RULES.md ("Who may") is this module's table, row by row in its tests. What depends on one
run or one Change (never one's own, by whom it was asked for) is decided where those are.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.rights import Effect, Membership, Right, Standing


class Why(Enum):
    """Why somebody is refused. The words for it are the dispatcher's."""

    NOT_LINKED = "the account speaks for no person yet"
    PENDING = "invited to the organisation, not yet accepted"
    OUTSIDER = "not a member of the organisation"
    NOT_SITE_ADMIN = "not in the site's team"
    NOT_EXPERT = "not an expert"
    BOUNDED = "decisions are not taken by `say --as`"
    FROZEN = "frozen by an expert or the operator"
    NEW_ACCOUNT = "the account speaks for an expert too newly to decide"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No; whoever has the right `who` (at `site`, if one is meant) could."""

    why: Why
    who: Right
    site: str | None


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Neither yes nor no: GitHub has not answered since then (None: never, or not set up)."""

    since: datetime | None


Decision = Allowed | Refused | CannotTell


def decide(
    standing: Standing,
    right: Right,
    effect: Effect,
    site: str | None = None,
    entry: Entry | None = None,
    *,
    decides: bool = False,
) -> Decision:
    """Say whether a command that asks for `right` may be given at `site` for `entry`.

    `decides` marks the commands that no `bounded` operator may give, and no expert by an
    account that is new: approve, deny, merge, accept, vouch, freeze. A command about an
    entry asks for the entry's `may_run` at least.

    >>> from aaroc_bot.core.message import Account
    >>> decide(Standing(Account("slack", "T1", "U1")), Right.MEMBER, Effect.READS)
    Refused(why=<Why.NOT_LINKED: 'the account speaks for no person yet'>, who=<Right.MEMBER: 1>, site=None)
    """
    if entry is not None:
        right = max(right, entry.may_run, Right.MEMBER)
    if right is Right.ANYBODY:
        return Allowed()
    if standing.frozen:
        return Refused(Why.FROZEN, right, site)
    if standing.bounded and decides:
        return Refused(Why.BOUNDED, right, site)
    return _of_somebody(standing, right, effect, site, decides=decides)


def _of_somebody(
    standing: Standing, right: Right, effect: Effect, site: str | None, *, decides: bool
) -> Decision:
    """Decide for who is neither frozen nor bounded, by what GitHub said of them."""
    silent = CannotTell(standing.silent_since)
    if standing.operator is not None and standing.membership is Membership.CANNOT_TELL:
        # The machine's operator reads there what is the machine's, GitHub or no GitHub.
        return Allowed() if effect is Effect.READS else silent
    if standing.person is None:
        return Refused(Why.NOT_LINKED, right, site)
    if effect is Effect.ALTERS and not standing.fresh:
        return silent
    match standing.membership:
        case Membership.MEMBER if decides and standing.expert and standing.decides_from:
            return Refused(Why.NEW_ACCOUNT, right, site)
        case Membership.MEMBER:
            return _has(standing, right, site)
        case Membership.PENDING:
            return Refused(Why.PENDING, right, site)
        case Membership.OUTSIDER:
            return Refused(Why.OUTSIDER, right, site)
        case Membership.CANNOT_TELL:
            return silent


def _has(member: Standing, right: Right, site: str | None) -> Decision:
    """Say whether a member has the right; without a site nobody is a site's admin."""
    if right <= Right.MEMBER or member.expert:
        return Allowed()
    at_site = right is Right.SITE_ADMIN and site is not None
    if at_site and member.sites is not None and site in member.sites:
        return Allowed()
    if member.expert is None or (at_site and member.sites is None):
        return CannotTell(member.silent_since)
    return Refused(Why.NOT_SITE_ADMIN if at_site else Why.NOT_EXPERT, right, site)
