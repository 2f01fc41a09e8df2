"""People for whom no account speaks until the operator lifts it."""

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.rights import Person
from aaroc_bot.store.inserting import inserting
from aaroc_bot.store.storable import storable
from aaroc_bot.store.tables import frozen


async def is_frozen(connection: AsyncConnection, person: int) -> bool:
    """Say whether a person (GitHub id) is frozen."""
    found = select(exists(select(frozen.c.person).where(frozen.c.person == person)))
    return bool(await connection.scalar(found))


async def freeze(connection: AsyncConnection, person: Person, by: str, at: datetime) -> None:
    """Note that a person is frozen; who is already stays so, as it was first noted."""
    await connection.execute(
        inserting(connection, frozen)
        .values(person=person.id, login=storable(person.login), by=storable(by), at=at)
        .on_conflict_do_nothing()
    )


async def lift(connection: AsyncConnection, person: int) -> bool:
    """Let a person be linked again; False if they were not frozen."""
    gone = await connection.execute(delete(frozen).where(frozen.c.person == person))
    return gone.rowcount > 0


async def frozen_as(connection: AsyncConnection, word: str) -> list[Person]:
    """Find everybody who was frozen under a login, or who has a GitHub id, if it is a number."""
    query = select(frozen.c.person, frozen.c.login).order_by(frozen.c.person)
    people = [Person(*row) for row in (await connection.execute(query)).all()]
    if word.isdecimal():
        return [person for person in people if str(person.id) == word]
    return [person for person in people if person.login.lower() == word.lower()]
