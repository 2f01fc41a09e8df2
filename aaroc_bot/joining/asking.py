"""What people wish: to join, to welcome somebody to a site, to invite them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.ports import JoinOutcome, NotJoined, People, WhyNotJoined
from aaroc_bot.core.rights import Membership, Standing
from aaroc_bot.core.run import Asked
from aaroc_bot.github.nobody import AT_THE_MACHINE
from aaroc_bot.joining.allowing import may_ask, may_invite, may_welcome
from aaroc_bot.joining.sending import Sending
from aaroc_bot.joining.steps import Steps
from aaroc_bot.store import joins, ties
from aaroc_bot.store.database import Database
from aaroc_bot.store.frozen import is_frozen

DAY = timedelta(days=1)
A_DAY = 3
"""Wishes that one person may have shown in the ROC channel a day."""
ALL_A_DAY = 20
"""Wishes of everybody after which no outsider's is shown: anybody can have a GitHub account."""

UNDECIDED = (JoinState.ASKED, JoinState.WELCOMED)


class OrganisationJoining:
    """Fills the port `Joining`. It gives no right by itself: GitHub's teams alone do."""

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
        if by.person is None:
            return NotJoined(WhyNotJoined.CANNOT_TELL)
        async with self._database.read() as connection:
            early = await self._asked_before(connection, by.person.id, site)
        if early is not None:
            return early  # before GitHub is asked anything
        by = await self._now(by)
        refused = may_ask(by, site)
        if refused is not None:
            return refused
        if site and not await self._sending.has_team(site):
            return NotJoined(WhyNotJoined.NO_TEAM, site=site)
        async with self._writing() as connection:
            await joins.alone(connection)
            return await self._begin(connection, by, site)

    async def welcome(self, login: str, site: str, by: Standing) -> JoinOutcome | NotJoined:
        """Say for a site that somebody who asked may join its team."""
        by = await self._now(by)
        join = await self._of(login, site)
        if isinstance(join, NotJoined):
            return join
        refused = may_welcome(join, by, await self._people.admins(site))
        if refused is not None:
            return refused
        if join.state is JoinState.SENDING:
            return await self._sending.send(join.id)
        joiner = await self._people.of_person(join.person, now=True)
        if joiner.frozen:
            return NotJoined(WhyNotJoined.FROZEN, join.person)
        if joiner.membership is Membership.CANNOT_TELL or not joiner.fresh:
            return NotJoined(WhyNotJoined.CANNOT_TELL, join.person)
        # what is asked at the machine needs an expert besides (RULES.md, Identity)
        machine = join.account.chat == AT_THE_MACHINE
        member = joiner.membership is Membership.MEMBER and not machine
        if join.state is not JoinState.ASKED and not (member and join.state in UNDECIDED):
            return JoinOutcome.STANDS
        then = JoinState.SENDING if member else JoinState.WELCOMED
        decided = await self._decide(join, by, then, f"welcomed to {site}", "welcomed")
        if decided is not None or not member:
            return decided or JoinOutcome.WELCOMED
        return await self._sending.send(join.id)

    async def invite(self, login: str, by: Standing) -> JoinOutcome | NotJoined:
        """Send the invitation, to the numeric id of who asked."""
        by = await self._now(by)
        join = await self._of(login)
        if isinstance(join, NotJoined):
            return join
        refused = may_invite(join, by)
        if refused is not None and refused.why is WhyNotJoined.UNWELCOMED:
            admins = await self._people.admins(join.site)
            welcome = await self._people.experts() if admins == () else admins
            return replace(refused, people=tuple(welcome or ()))
        if refused is not None:
            return refused
        if join.state is not JoinState.SENDING:
            decided = await self._decide(join, by, JoinState.SENDING, "invited", "invited")
            if decided is not None:
                return decided
        return await self._sending.send(join.id)

    async def _begin(
        self, connection: AsyncConnection, by: Standing, site: str
    ) -> JoinOutcome | NotJoined:
        """Keep that somebody asks; what they asked before and waits undecided is over."""
        assert by.person is not None  # `ask` refuses who is nobody
        now = self._steps.now()
        if not await ties.still_speaks(connection, by.person.id, by.link, now):
            return NotJoined(WhyNotJoined.FROZEN, by.person)
        early = await self._asked_before(connection, by.person.id, site)
        if early is not None:
            return early
        crowd = await joins.asked_since(connection, now - DAY) >= ALL_A_DAY
        if crowd and by.membership is not Membership.MEMBER:
            return NotJoined(WhyNotJoined.MANY, by.person)
        for earlier in await joins.of_person(connection, by.person.id):
            over = "they asked anew"
            if earlier.state not in UNDECIDED or not await self._steps.move(
                connection, earlier, JoinState.OVER, over, by=by, why=over
            ):
                return JoinOutcome.STANDS
        await self._steps.begin(connection, by, site)
        return JoinOutcome.ASKED

    async def _asked_before(
        self, connection: AsyncConnection, person: int, site: str
    ) -> JoinOutcome | NotJoined | None:
        """Say whether the same wish waits, or too many were shown today."""
        waiting = await joins.of_person(connection, person)
        if any(one.site == site and one.state in UNDECIDED for one in waiting):
            return JoinOutcome.STANDS
        since = self._steps.now() - DAY
        if await joins.asked_since(connection, since, person) >= A_DAY:
            return NotJoined(WhyNotJoined.OFTEN)
        return None

    async def _of(self, word: str, site: str = "") -> Join | NotJoined:
        """Find who waits under the login of when they asked, or under a GitHub id.

        Of two who bore it one after the other none is taken for the other.
        """
        wanted = word.removeprefix("@").casefold()
        async with self._database.read() as connection:
            found = await joins.waiting(connection)
        fitting = [
            join
            for join in found
            if wanted
            == (str(join.person.id) if wanted.isdecimal() else join.person.login.casefold())
            and site in {"", join.site}
        ]
        people = {join.person.id: join.person for join in fitting}
        if len(people) > 1:
            return NotJoined(WhyNotJoined.SEVERAL, people=tuple(people.values()), site=site)
        return fitting[-1] if fitting else NotJoined(WhyNotJoined.NOT_ASKED, site=site)

    async def _decide(
        self, join: Join, by: Standing, then: JoinState, outcome: str, column: str
    ) -> JoinOutcome | NotJoined | None:
        """Put a decision on record, by what the database says of both in this transaction.

        None: it stands; anything else says why not. `column` is where the one who decided goes.
        """
        assert by.person is not None  # who may decide is somebody
        values = {f"{column}_by": by.person.id, f"{column}_login": by.person.login, "why": ""}
        async with self._writing() as connection:
            if not await ties.still_speaks(connection, by.person.id, by.link, self._steps.now()):
                return NotJoined(WhyNotJoined.FROZEN, by.person)
            if await is_frozen(connection, join.person.id):
                return NotJoined(WhyNotJoined.FROZEN, join.person)
            moved = await self._steps.move(connection, join, then, outcome, by=by, **values)
        return None if moved else JoinOutcome.STANDS

    async def _now(self, by: Standing) -> Standing:
        """Read the rights once more; how the command was given stays as it was."""
        if by.person is None:
            return by
        return (await self._people.of_person(by.person, now=True)).as_said_by(by)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.write() as connection:
            yield connection
        self._steps.box.wake()
