"""Who may ask to join, welcome or invite, by what is known of them this moment.

RULES.md, "Who may". Plain functions: None is yes.
"""

from collections.abc import Sequence

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.policy import CannotTell, Decision, Refused, Why, decide
from aaroc_bot.core.ports import NotJoined, WhyNotJoined
from aaroc_bot.core.rights import Effect, Membership, Person, Right, Standing


def may_ask(by: Standing, site: str) -> NotJoined | None:
    """Say whether somebody may ask: who is there already need not."""
    if by.frozen:
        return NotJoined(WhyNotJoined.FROZEN, by.person)
    if by.person is None or by.membership is Membership.CANNOT_TELL or not by.fresh:
        return NotJoined(WhyNotJoined.CANNOT_TELL, by.person)
    if by.membership is Membership.PENDING:
        return NotJoined(WhyNotJoined.INVITED, by.person)
    if by.membership is Membership.MEMBER and not site:
        return NotJoined(WhyNotJoined.MEMBER, by.person)
    if site and by.sites is not None and site in by.sites:
        return NotJoined(WhyNotJoined.IN_TEAM, by.person, site=site)
    return None


def may_welcome(join: Join, by: Standing, admins: Sequence[Person] | None) -> NotJoined | None:
    """Only a site's own admins welcome; an expert where it has none."""
    if by.person is not None and join.person.id == by.person.id:
        return NotJoined(WhyNotJoined.ONESELF, join.person)
    decision = decide(by, Right.SITE_ADMIN, Effect.ALTERS, join.site, decides=True)
    if isinstance(decision, Refused) and decision.why is not Why.NOT_SITE_ADMIN:
        return _no(decision, join, by)
    if isinstance(decision, CannotTell) or admins is None:
        return NotJoined(WhyNotJoined.CANNOT_TELL, join.person)
    if by.sites is not None and join.site in by.sites:
        return None
    if by.expert and not admins:
        return None
    return NotJoined(WhyNotJoined.NOT_YOURS, join.person, tuple(admins), join.site)


def may_invite(join: Join, by: Standing) -> NotJoined | None:
    """Only an expert invites, and for a site whom it has welcomed."""
    if by.person is not None and join.person.id == by.person.id:
        return NotJoined(WhyNotJoined.ONESELF, join.person)
    decision = decide(by, Right.EXPERT, Effect.ALTERS, decides=True)
    if isinstance(decision, (Refused, CannotTell)):
        return _no(decision, join, by)
    if join.state is JoinState.INVITED:
        return NotJoined(WhyNotJoined.INVITED, join.person)
    if join.site and join.state is JoinState.ASKED:
        return NotJoined(WhyNotJoined.UNWELCOMED, join.person, site=join.site)
    return None


def _no(decision: Decision, join: Join, by: Standing) -> NotJoined:
    match decision:
        case Refused(why=Why.FROZEN):
            return NotJoined(WhyNotJoined.FROZEN, by.person)
        case Refused():
            return NotJoined(WhyNotJoined.NO_RIGHT, join.person)
    return NotJoined(WhyNotJoined.CANNOT_TELL, join.person)
