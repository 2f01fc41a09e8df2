"""What people wish: to join, to welcome somebody to a site, to invite them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.ports import JoinOutcome, NotJoined, People, WhyNotJoined
from aaroc_bot.core.rights import Membership, Person, Standing
from aaroc_bot.core.run import Asked
from aaroc_bot.joining.sending import NotSent, Sending
from aaroc_bot.joining.steps import Steps
from aaroc_bot.store import joins, ties
from aaroc_bot.store.database import Database
from aaroc_bot.store.frozen import is_frozen

BEFORE_SENDING = (JoinState.ASKED, JoinState.WELCOMED, JoinState.SENDING)


class OrganisationJoining:
    """Fills the port `Joining`."""

    possible = ""

    def __init__(
        self,
        database: Database,
        *,
        people: People,
        sending: Sending,
        steps: Steps,
    ) -> None:
        self._database = database
        self._people = people
        self._sending = sending
        self._steps = steps

    async def get(self, id: int) -> Join | None:
        """Give one wish to join, as it is now."""
        async with self._database.read() as connection:
            return await joins.load(connection, id)

    async def ask(self, by: Standing, asked: Asked, site: str = "") -> JoinOutcome | NotJoined:
        """Ask to be invited, to a site's team too if one is named."""
        by = await self._now(by)
        refused = self._may_ask(by, site)
        if refused is not None:
            return refused
        if site and not await self._sending.has_team(site):
            return NotJoined(WhyNotJoined.NO_TEAM, site=site)
        assert by.person is not None  # `_may_ask` refuses who is nobody
        async with self._writing() as connection:
            if not await ties.still_speaks(connection, by.person.id, by.link, self._steps.now()):
                return NotJoined(WhyNotJoined.FROZEN, by.person)
            for earlier in await joins.of_person(connection, by.person.id):
                if earlier.site == site or earlier.state not in BEFORE_SENDING[:2]:
                    return JoinOutcome.STANDS
                over = "they asked anew"
                await self._steps.move(connection, earlier, JoinState.OVER, over, by=by, why=over)
            await self._steps.begin(connection, by, site)
        return JoinOutcome.ASKED

    async def welcome(self, login: str, site: str, by: Standing) -> JoinOutcome | NotJoined:
        """Say for a site that somebody who asked may join its team."""
        by = await self._now(by)
        join = await self._of(login, site)
        if join is None or by.person is None:
            return NotJoined(WhyNotJoined.NOT_ASKED, site=site)
        refused = await self._may_welcome(join, by)
        if refused is not None:
            return refused
        if join.state is not JoinState.ASKED:
            return JoinOutcome.STANDS
        joiner = await self._people.of_person(join.person, now=True)
        if joiner.membership is Membership.CANNOT_TELL or not joiner.fresh:
            return NotJoined(WhyNotJoined.CANNOT_TELL, join.person)
        member = joiner.membership is Membership.MEMBER
        kept = await self._decide(
            join,
            by,
            JoinState.SENDING if member else JoinState.WELCOMED,
            f"welcomed to {site}",
            welcomed_by=by.person.id,
            welcomed_login=by.person.login,
        )
        if isinstance(kept, NotJoined) or not member:
            return kept if isinstance(kept, NotJoined) else JoinOutcome.WELCOMED
        return await self._sent(kept)

    async def invite(self, login: str, by: Standing) -> JoinOutcome | NotJoined:
        """Send the invitation, to the numeric id of who asked."""
        by = await self._now(by)
        join = await self._of(login)
        if join is None or by.person is None:
            return NotJoined(WhyNotJoined.NOT_ASKED)
        if join.person.id == by.person.id:
            return NotJoined(WhyNotJoined.ONESELF, join.person)
        if join.state is JoinState.INVITED:
            return NotJoined(WhyNotJoined.INVITED, join.person)
        if join.site and join.state is JoinState.ASKED:
            return NotJoined(
                WhyNotJoined.UNWELCOMED, join.person, await self._welcomers(join.site), join.site
            )
        if not by.fresh or by.expert is not True:
            return NotJoined(WhyNotJoined.CANNOT_TELL, join.person)
        kept = await self._decide(
            join,
            by,
            JoinState.SENDING,
            "invited",
            invited_by=by.person.id,
            invited_login=by.person.login,
        )
        return kept if isinstance(kept, NotJoined) else await self._sent(kept)

    def _may_ask(self, by: Standing, site: str) -> NotJoined | None:
        if by.person is None or by.membership is Membership.CANNOT_TELL or not by.fresh:
            return NotJoined(WhyNotJoined.CANNOT_TELL, by.person)
        if by.frozen:
            return NotJoined(WhyNotJoined.FROZEN, by.person)
        if by.membership is Membership.PENDING:
            return NotJoined(WhyNotJoined.INVITED, by.person)
        if by.membership is Membership.MEMBER and not site:
            return NotJoined(WhyNotJoined.MEMBER, by.person)
        if site and by.sites is not None and site in by.sites:
            return NotJoined(WhyNotJoined.IN_TEAM, by.person, site=site)
        return None

    async def _may_welcome(self, join: Join, by: Standing) -> NotJoined | None:
        """Only a site's own admins welcome; an expert where it has none (RULES.md, Who may)."""
        assert by.person is not None  # `welcome` asks
        if join.person.id == by.person.id:
            return NotJoined(WhyNotJoined.ONESELF, join.person)
        admins = await self._people.admins(join.site)
        if not by.fresh or by.membership is not Membership.MEMBER or admins is None:
            return NotJoined(WhyNotJoined.CANNOT_TELL, join.person)
        if by.sites is not None and join.site in by.sites:
            return None
        if not admins and by.expert:
            return None
        return NotJoined(WhyNotJoined.NOT_YOURS, join.person, tuple(admins), join.site)

    async def _welcomers(self, site: str) -> tuple[Person, ...]:
        """Give who could welcome somebody to a site."""
        return tuple(await self._people.admins(site) or await self._people.experts() or ())

    async def _of(self, login: str, site: str = "") -> Join | None:
        """Find who waits under a login; of two who bore it the one who asked last."""
        wanted = login.removeprefix("@").casefold()
        async with self._database.read() as connection:
            found = await joins.waiting(connection)
        fitting = [j for j in found if j.person.login.casefold() == wanted]
        return next((j for j in reversed(fitting) if not site or j.site == site), None)

    async def _decide(
        self, join: Join, by: Standing, then: JoinState, outcome: str, **values: object
    ) -> Join | NotJoined:
        """Put a decision on record, by what the database says of both in this transaction."""
        assert by.person is not None  # who decides is somebody
        async with self._writing() as connection:
            if not await ties.still_speaks(connection, by.person.id, by.link, self._steps.now()):
                return NotJoined(WhyNotJoined.FROZEN, by.person)
            if await is_frozen(connection, join.person.id):
                return NotJoined(WhyNotJoined.FROZEN, join.person)
            moved = await self._steps.move(connection, join, then, outcome, by=by, **values)
            found = await joins.load(connection, join.id)
        return found if moved and found else NotJoined(WhyNotJoined.NOT_ASKED, join.person)

    async def _sent(self, join: Join) -> JoinOutcome | NotJoined:
        try:
            return await self._sending.send(join)
        except NotSent as problem:
            return NotJoined(WhyNotJoined.REFUSED, join.person, detail=str(problem))

    async def _now(self, by: Standing) -> Standing:
        """Read the rights once more; how the command was given stays as it was."""
        if by.person is None:
            return by
        found = await self._people.of_person(by.person, now=True)
        return replace(
            found,
            account=by.account,
            operator=by.operator,
            bounded=by.bounded,
            link=by.link,
            decides_from=by.decides_from,
        )

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.write() as connection:
            yield connection
        self._steps.box.wake()
