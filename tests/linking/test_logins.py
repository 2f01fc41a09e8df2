"""Logging in: what comes of a code, whenever the bot or GitHub is away."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import LoginCode
from aaroc_bot.core.rights import Membership, Person
from aaroc_bot.sandbox.github.world import Misbehaviour
from aaroc_bot.store import tables
from tests.linking.conftest import DESK, PHONE, Linked
from tests.runs.world import EXPERT

UJ = Person(90100101, "uj-admin")
OUTSIDER = Person(90100199, "any-words-of-theirs")


async def test_an_account_is_linked_once_its_person_entered_the_code(linked: Linked) -> None:
    code = await linked.begins(PHONE)
    assert code == await linked.begins(PHONE), "the same while one waits"
    await linked.asks()
    assert await linked.links.of(PHONE) is None
    await linked.enters(code.code, "uj-admin")
    await linked.asks()
    link = await linked.links.of(PHONE)
    assert link and link.person == UJ and not link.by_operator
    assert link.decides_from == link.since + timedelta(days=1)
    assert await linked.told() == [
        (
            "account-linked",
            {"chat": "telegram", "login": "uj-admin", "person": UJ.id, "operator": ""},
        )
    ]
    assert [card for card, _ in await linked.told(PHONE)] == ["link-made"]
    assert await linked.recorded() == [("telegram:77", "uj-admin", "", "linked")]
    assert await linked.logins.look() is None, "nothing waits any more"


async def test_no_token_and_no_device_code_is_kept(
    linked: Linked, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    caplog.set_level("DEBUG", logger="aaroc_bot")
    code = await linked.begins(PHONE)
    device = next(iter(linked.github.granting.grants))
    await linked.enters(code.code, "uj-admin")
    await linked.asks()
    (token,) = linked.github.granting.tokens
    kept = [caplog.text]
    async with linked.database.read() as connection:
        for table in tables.metadata.sorted_tables:
            kept += map(str, await connection.execute(select(table)))
    assert token not in "".join(kept) and device not in "".join(kept)


@pytest.mark.parametrize("decision", ["deny", "nothing"])
async def test_what_comes_to_nothing_is_told(linked: Linked, decision: str) -> None:
    code = await linked.begins(PHONE)
    if decision == "deny":
        await linked.enters(code.code, "uj-admin", "deny")
    await linked.asks(5 if decision == "deny" else 901)
    why = {"deny": "access_denied", "nothing": "expired_token"}[decision]
    assert await linked.told(PHONE) == [("login-over", {"why": why})]
    assert await linked.told() == [] and await linked.links.of(PHONE) is None
    assert (await linked.begins(PHONE)).code != code.code


async def test_github_is_asked_no_sooner_than_it_says(linked: Linked) -> None:
    linked.github.granting.interval = 3600  # every question is too soon
    await linked.begins(PHONE)
    asked = len(linked.github.asked)
    await linked.asks(119)
    assert len(linked.github.asked) == asked
    await linked.asks(1)
    assert len(linked.github.asked) == asked + 1
    await linked.asks(119)
    assert len(linked.github.asked) == asked + 1
    await linked.asks(1)
    assert len(linked.github.asked) == asked + 2


async def test_while_github_is_silent_a_login_waits_until_it_is_over(linked: Linked) -> None:
    code = await linked.begins(PHONE)
    await linked.enters(code.code, "uj-admin")
    linked.github.misbehave(Misbehaviour(status=503))
    await linked.asks()
    await linked.asks()
    assert await linked.told(PHONE) == []
    linked.github.behave()
    await linked.asks()
    assert await linked.links.person(PHONE) == UJ


async def test_whose_token_it_is_cannot_be_told(linked: Linked) -> None:
    code = await linked.begins(PHONE)
    await linked.enters(code.code, "uj-admin")
    linked.github.misbehave(Misbehaviour(path="/user", status=503))
    await linked.asks()
    assert await linked.told(PHONE) == [("login-over", {"why": "unknown"})]
    assert await linked.links.of(PHONE) is None


async def test_a_restart_goes_on_with_a_login(linked: Linked) -> None:
    code = await linked.begins(PHONE)
    linked.begin_anew()
    assert await linked.begins(PHONE) == code
    await linked.enters(code.code, "uj-admin")
    await linked.asks()
    assert await linked.links.person(PHONE) == UJ


async def test_a_login_ended_meanwhile_links_nobody(linked: Linked) -> None:
    code = await linked.begins(PHONE)
    await linked.enters(code.code, "uj-admin")
    await linked.machine.link("telegram:77", "roc-expert")
    await linked.asks()
    person = await linked.links.person(PHONE)
    assert person is not None and person.login == "roc-expert"


async def test_two_accounts_at_once_are_not_both_the_first(linked: Linked) -> None:
    for account in (PHONE, DESK):
        await linked.enters((await linked.begins(account)).code, "uj-admin")
    await linked.asks()
    found = [await linked.links.of(account) for account in (PHONE, DESK)]
    assert len([link for link in found if link]) == 1


async def test_a_further_account_is_confirmed_by_the_first(linked: Linked) -> None:
    await linked.logs_in(DESK, "uj-admin")
    await linked.logs_in(PHONE, "uj-admin")
    assert await linked.links.of(PHONE) is None
    assert await linked.linking.waiting(PHONE) == UJ
    assert [card for card, _ in await linked.told(PHONE)] == ["link-waits"]
    asked, data = (await linked.told(DESK))[-1]
    assert asked == "link-asks" and len(await linked.told()) == 1
    other = Account("slack", "T1", "U2")
    await linked.logs_in(other, "roc-expert")
    for nobody in (PHONE, other):
        standing = await linked.standing(nobody)
        assert await linked.linking.confirm(data["code"], standing) is None
    by = await linked.standing(DESK)
    assert await linked.linking.confirm(data["code"].upper(), by) == PHONE
    assert await linked.linking.confirm(data["code"], by) is None
    assert await linked.links.person(PHONE) == UJ
    assert (await linked.told())[-1][0] == "account-linked"
    assert (await linked.recorded())[-1][3] == "confirmed by slack:T1:U1"


async def test_what_is_not_confirmed_in_a_day_is_not_confirmed(linked: Linked) -> None:
    await linked.logs_in(DESK, "uj-admin")
    await linked.logs_in(PHONE, "uj-admin")
    _, data = (await linked.told(DESK))[-1]
    linked.clock.forward(hours=24)
    by = await linked.standing(DESK)
    assert await linked.linking.confirm(data["code"], by) is None
    assert await linked.linking.waiting(PHONE) is None


async def test_a_first_account_that_ended_is_asked_nothing(linked: Linked) -> None:
    await linked.logs_in(DESK, "uj-admin")
    assert await linked.linking.logout(await linked.standing(DESK))
    assert not await linked.linking.logout(await linked.standing(DESK))
    await linked.logs_in(PHONE, "uj-admin")
    assert await linked.links.person(PHONE) == UJ


async def test_an_outsiders_link_is_told_to_them_alone(linked: Linked) -> None:
    linked.github.add_user(OUTSIDER.id, OUTSIDER.login)
    linked.folk.joins(OUTSIDER)
    await linked.logs_in(PHONE, OUTSIDER.login)
    assert await linked.links.person(PHONE) == OUTSIDER
    assert [card for card, _ in await linked.told(PHONE)] == ["link-made"]
    assert await linked.told() == []
    assert (await linked.recorded())[-1][3] == "linked, outside the organisation"
    await linked.logs_in(DESK, OUTSIDER.login)
    _, data = (await linked.told(PHONE))[-1]
    assert await linked.linking.confirm(data["code"], await linked.standing(PHONE)) == DESK
    assert await linked.told() == []


async def test_who_cannot_be_told_is_told_of(linked: Linked) -> None:
    linked.folk.joins(UJ, Membership.CANNOT_TELL)
    await linked.logs_in(PHONE, "uj-admin")
    assert [card for card, _ in await linked.told()] == ["account-linked"]


async def test_the_same_link_is_told_once_a_day_unless_it_was_ended_by_others(
    linked: Linked,
) -> None:
    async def again() -> int:
        """Log out and in; give how many links were told in the channel so far."""
        linked.clock.forward(hours=1)
        await linked.linking.logout(await linked.standing(PHONE))
        await linked.logs_in(PHONE, "uj-admin")
        assert await linked.links.person(PHONE) == UJ
        return [card for card, _ in await linked.told()].count("account-linked")

    assert [await again(), await again(), await again()] == [1, 1, 1]
    assert (await linked.recorded())[-1][3] == "linked again"
    await linked.machine.unlink("telegram:77")
    assert await again() == 2
    linked.clock.forward(hours=22)
    assert await again() == 2
    assert await again() == 3, "a day after it was told, not after the last time"
    await linked.linking.freeze(UJ, linked.folk[EXPERT])
    await linked.machine.lift("uj-admin")
    assert await again() == 4


async def test_an_account_begins_three_logins_an_hour(linked: Linked) -> None:
    began = linked.clock()
    for _ in range(3):
        await linked.linking.login(PHONE)
        assert await linked.linking.logout(await linked.standing(PHONE))
        linked.clock.forward(minutes=1)
    asked = len(linked.github.asked)
    assert await linked.linking.login(PHONE) == began + timedelta(hours=1)
    assert len(linked.github.asked) == asked
    assert isinstance(await linked.linking.login(DESK), LoginCode), "others may"
    linked.clock.forward(minutes=57)
    code = await linked.linking.login(PHONE)
    assert isinstance(code, LoginCode) and code == await linked.linking.login(PHONE)


async def test_it_runs_by_itself(linked: Linked) -> None:
    running = asyncio.create_task(linked.logins.run())
    code = await linked.begins(PHONE)
    await linked.enters(code.code, "uj-admin")
    linked.clock.forward(seconds=5)
    async with asyncio.timeout(60):
        while await linked.links.of(PHONE) is None:  # noqa: ASYNC110 - rows have no event
            await asyncio.sleep(0.02)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
