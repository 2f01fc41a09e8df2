"""Which links are told in the ROC's channels: those of members, and not again and again.

Anybody with a GitHub account can log in and out all day, by a login of their choice; the
channels are not theirs to fill. Every link is on record all the same.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.audit import What
from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import People
from aaroc_bot.core.rights import Membership, Person
from aaroc_bot.store.tables import audit

LINKED, CONFIRMED = "linked", "confirmed by"
"""How the record's outcome begins where a link was told in the channels."""
REMOVED = "link removed"
LATELY = timedelta(days=1)


async def concerns_all(people: People, person: Person) -> bool:
    """Say whether somebody's link is told in the channels: a member's, or if it can't be told."""
    membership = (await people.of_person(person, now=True)).membership
    return membership in {Membership.MEMBER, Membership.CANNOT_TELL}


async def told_lately(
    connection: AsyncConnection, account: Account, person: Person, now: datetime
) -> bool:
    """Say whether this link was told within a day, and neither frozen nor removed since."""
    since = (now - LATELY).isoformat(timespec="microseconds")
    query = (
        select(audit.c.account, audit.c.outcome)
        .where(audit.c.site == "", audit.c.what == What.LINK.value)  # as its index begins
        .where(audit.c.person == person.id, audit.c.at > since)
        .order_by(audit.c.id.desc())
    )
    for row in await connection.execute(query):
        if not row.account:  # the person was frozen, or that was lifted
            return False
        if row.account != str(account):
            continue
        if row.outcome == REMOVED:
            return False
        if row.outcome == LINKED or row.outcome.startswith(CONFIRMED):
            return True
    return False
