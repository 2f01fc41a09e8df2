"""Linking over real SQL, a real outbox and the sandbox's GitHub, with a clock that is moved."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.ports import LoginCode
from aaroc_bot.core.rights import Membership, Person, Standing
from aaroc_bot.github.device import DeviceFlow
from aaroc_bot.linking.device_logins import DeviceLogins
from aaroc_bot.linking.linking import AccountLinking
from aaroc_bot.linking.machine import AtTheMachine
from aaroc_bot.outbox import Outbox
from aaroc_bot.runs.moves import Moves
from aaroc_bot.sandbox.github.granting import CLIENT_ID
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.world import World, sample_world
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links, Worth
from aaroc_bot.store.tables import audit, outbox
from tests.runs.world import Clock, Folk

ROC = [Place("slack", "C1"), Place("telegram", "-100")]
PHONE, DESK = Account("telegram", "", "77"), Account("slack", "T1", "U1")
HOUR = timedelta(hours=1)


class Members(Folk):
    """The people of the runs' world, and the members of the organisation on GitHub."""

    def __init__(self, github: World) -> None:
        super().__init__()
        self._github = github

    async def of_person(self, person: Person, *, now: bool = False) -> Standing:
        if person.id in self.known or person.id not in self._github.members:
            return await super().of_person(person, now=now)
        return Standing(Account("github", "", person.login), person, Membership.MEMBER)


@dataclass
class Linked:
    """Everything together, beside the GitHub that it asks."""

    database: Database
    github: World
    url: str

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.folk = Members(self.github)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Put everything together as a process does that begins now."""
        box = Outbox(ROC, self.clock)
        self.links = Links(self.database, self.clock, Worth())
        flow = DeviceFlow(web_url=self.url, api_url=self.url, client_id=CLIENT_ID, seconds=5)
        self.logins = DeviceLogins(
            self.database, self.links, self.folk, box, flow, clock=self.clock
        )
        self.linking = AccountLinking(
            self.database,
            links=self.links,
            people=self.folk,
            moves=Moves(box, str, self.clock, HOUR, HOUR),
            box=box,
            logins=self.logins,
        )
        self.machine = AtTheMachine(self.linking, self.folk, "root")

    async def enters(self, code: str, login: str, decision: str = "confirm") -> None:
        form = {"user_code": code, "person": login, "decision": decision}
        async with (
            aiohttp.ClientSession(headers={"Origin": self.url}) as session,
            session.post(f"{self.url}/login/device", data=form) as page,
        ):
            assert page.status == 200

    async def asks(self, seconds: float = 5) -> None:
        """Let time pass until GitHub is asked again, and have it asked."""
        self.clock.forward(seconds=seconds)
        await self.logins.look()

    async def begins(self, account: Account) -> LoginCode:
        begun = await self.linking.login(account)
        assert isinstance(begun, LoginCode), begun
        return begun

    async def logs_in(self, account: Account, login: str) -> None:
        await self.enters((await self.begins(account)).code, login)
        await self.asks()

    async def standing(self, account: Account) -> Standing:
        link = await self.links.of(account)
        return Standing(account, link.person if link else None, link=link)

    async def told(self, reader: Account | None = None) -> list[tuple[str, dict[str, Any]]]:
        """Give cards and their data, as everybody (in one channel) or one account is told."""
        mine = outbox.c.reader == str(reader) if reader else outbox.c.channel == ROC[0].channel
        async with self.database.read() as connection:
            rows = await connection.execute(select(outbox).where(mine).order_by(outbox.c.id))
            return [(row.card, json.loads(row.data)) for row in rows]

    async def recorded(self) -> list[tuple[str, str, str, str]]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(audit).order_by(audit.c.id))
            return [(row.account, row.login, row.operator, row.outcome) for row in rows]


@pytest.fixture
async def linked(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Linked]:
    github = sample_world("sample-token")
    github.granting.interval = 0
    async with serving(github, tmp_path) as url:
        yield Linked(sqlite_database, github, url)
