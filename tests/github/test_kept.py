"""What GitHub told an earlier process: good for a day of silence, and for asking cheaply."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

import pytest
from github import Auth
from sqlalchemy import text

from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Membership, Person, Standing
from aaroc_bot.github.api import Api
from aaroc_bot.sandbox.github.world import Misbehaviour, World
from aaroc_bot.store.database import Database
from tests.github.conftest import TOKEN, Roc, a_roc

Restart = Callable[[], Roc]


@pytest.fixture
def restart(roc: Roc, url: str, world: World, sqlite_database: Database) -> Iterator[Restart]:
    """Put another process's people together, which were told nothing yet."""
    opened: list[Api] = []

    def again() -> Roc:
        opened.append(Api(url, Auth.Token(TOKEN), seconds=20))
        return a_roc(opened[-1], world, sqlite_database, roc.clock)

    yield again
    for api in opened:
        api.close()


@pytest.fixture
async def known(roc: Roc) -> AsyncIterator[Roc]:
    """A process that was told of everybody, and ended."""
    for login in ("uj-admin", "roc-expert", "outsider"):
        await roc.people.standing(roc.account(login))
        await roc.people.standing(Account("say", "root", login))
    await roc.answers.settle()
    yield roc
    roc.world.behave()


async def standing(roc: Roc, login: str, *, now: bool = False) -> Standing:
    found = await roc.people.standing(roc.account(login), now=now)
    await roc.answers.settle()
    return found


async def used(roc: Roc) -> int:
    reply = await roc.directory._api.get("/rate_limit")
    assert isinstance(reply.body, dict)
    return int(reply.body["rate"]["used"])


async def test_a_restart_in_a_silence_knows_what_was_known(known: Roc, restart: Restart) -> None:
    known.world.misbehave(Misbehaviour(status=500))
    known.clock.forward(hours=3)
    again = restart()
    admin = await standing(again, "uj-admin")
    assert (admin.membership, admin.expert) == (Membership.MEMBER, False)
    assert (admin.sites, admin.teams) == (frozenset({"ZA-UJ"}), ("za-uj",))
    assert not admin.fresh and admin.silent_since == known.clock.now and not admin.reason
    expert = await again.people.standing(Account("say", "root", "roc-expert"))
    assert expert.person == Person(90100102, "roc-expert") and expert.expert is True
    assert not expert.fresh and expert.bounded
    assert (await standing(again, "outsider")).membership is Membership.OUTSIDER
    assert (await standing(again, "kenet-admin")).membership is Membership.CANNOT_TELL
    assert [p.login for p in await again.people.admins("ZA-UJ") or ()] == ["uj-admin"]


async def test_it_never_looks_fresh_however_young(known: Roc, restart: Restart) -> None:
    known.world.misbehave(Misbehaviour(status=500))
    again = restart()
    many = await asyncio.gather(*(standing(again, "uj-admin") for _ in range(5)))
    assert all(one.sites == frozenset({"ZA-UJ"}) and not one.fresh for one in many)
    assert not (await standing(again, "uj-admin", now=True)).fresh


async def test_it_counts_for_a_day_of_what_github_said(known: Roc, restart: Restart) -> None:
    known.world.misbehave(Misbehaviour(status=500))
    known.clock.forward(hours=23)
    first = restart()
    assert (await standing(first, "uj-admin")).membership is Membership.MEMBER
    known.clock.forward(hours=1, seconds=1)
    assert (await standing(first, "uj-admin")).membership is Membership.CANNOT_TELL
    assert (await standing(restart(), "uj-admin")).membership is Membership.CANNOT_TELL


async def test_a_restart_asks_what_changed_only(known: Roc, restart: Restart) -> None:
    before = await used(known)
    asked = len(known.world.asked)
    again = restart()
    found = await standing(again, "uj-admin")
    assert found.fresh and found.sites == frozenset({"ZA-UJ"})
    assert len(known.world.asked) > asked, "it was asked"
    assert await used(known) - before == 1, "one of them is the question about the rate limit"


async def test_what_changed_meanwhile_is_seen_at_once(known: Roc, restart: Restart) -> None:
    known.world.remove_member("roc-expert")
    found = await standing(restart(), "roc-expert")
    assert found.fresh and (found.membership, found.expert) == (Membership.OUTSIDER, False)


async def test_who_was_removed_is_nobody_in_a_silence_either(known: Roc, restart: Restart) -> None:
    known.world.remove_member("roc-expert")
    assert (await standing(known, "roc-expert", now=True)).expert is False
    known.world.misbehave(Misbehaviour(status=500))
    found = await standing(restart(), "roc-expert")
    assert (found.membership, found.expert) == (Membership.OUTSIDER, False)


async def test_a_long_list_is_kept_whole(roc: Roc, restart: Restart) -> None:
    for number in range(150):
        user = roc.world.add_user(91000000 + number, f"member-{number}")
        roc.world.members[user.id] = "active"
        roc.world.teams["za-uj"].people.add(user.id)
    assert len(await roc.people.admins("ZA-UJ") or ()) == 151
    await roc.answers.settle()
    before = await used(roc)
    assert len(await restart().people.admins("ZA-UJ") or ()) == 151
    assert await used(roc) - before == 1
    roc.world.misbehave(Misbehaviour(status=500))
    assert len(await restart().people.admins("ZA-UJ") or ()) == 151


async def test_neither_token_nor_mail_is_kept(known: Roc, sqlite_database: Database) -> None:
    async with sqlite_database.read() as connection:
        rows = (await connection.execute(text("SELECT * FROM github_answers"))).all()
    kept = str(rows)
    assert len(rows) > 5 and "roc-expert" in kept
    assert TOKEN not in kept and "@" not in kept and "Amina" not in kept


@pytest.mark.parametrize("wrong", ["", "{}", '[{"path": 1}]', '[{"path": "/", "values": [7]}]'])
async def test_what_another_version_wrote_is_as_nothing(
    known: Roc, restart: Restart, sqlite_database: Database, wrong: str
) -> None:
    async with sqlite_database.write() as connection:
        await connection.execute(text("UPDATE github_answers SET answer = :x"), {"x": wrong})
    known.world.misbehave(Misbehaviour(status=500))
    assert (await standing(restart(), "uj-admin")).membership is Membership.CANNOT_TELL
    known.world.behave()
    assert (await standing(restart(), "uj-admin")).fresh


async def test_an_answer_of_the_future_is_as_nothing(known: Roc, restart: Restart) -> None:
    known.world.misbehave(Misbehaviour(status=500))
    known.clock.now -= timedelta(hours=1)
    assert (await standing(restart(), "uj-admin")).membership is Membership.CANNOT_TELL


async def test_a_database_that_is_away_hinders_nobody(
    roc: Roc, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    away = Database("postgresql://nobody@127.0.0.1:9/none")
    cut = a_roc(roc.directory._api, roc.world, away, roc.clock)
    found = await standing(cut, "roc-expert")
    assert found.fresh and found.expert is True
    assert "what GitHub answered" in caplog.text
    await away.close()


async def test_what_did_not_change_is_not_written_each_time(
    known: Roc, sqlite_database: Database
) -> None:
    async def newest() -> object:
        async with sqlite_database.read() as connection:
            found = await connection.execute(text("SELECT max(at) FROM github_answers"))
            return found.scalar_one()

    before = await newest()
    known.clock.forward(seconds=30)
    await standing(known, "uj-admin", now=True)
    assert await newest() == before
    known.clock.forward(minutes=6)
    await standing(known, "uj-admin")
    assert await newest() != before


async def test_a_silence_is_told_in_our_own_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="")
    api = Api("http://127.0.0.1:9", Auth.Token(TOKEN), seconds=1)
    with pytest.raises(Exception, match="GitHub does not answer"):
        await api.get("/orgs/AAROC")
    api.close()
    assert "Retry" not in caplog.text
