"""What becomes of wishes: accepted, declined, over, settled by hand, or still waiting."""

import asyncio
import logging
from contextlib import suppress

import pytest

from aaroc_bot.core.joining import Join, JoinState
from aaroc_bot.core.ports import JoinOutcome, Unavailable
from aaroc_bot.core.rights import Membership
from aaroc_bot.joining.following import WAITS
from tests.joining.conftest import Hall
from tests.runs.world import until


async def invited(hall: Hall, site: str = "") -> None:
    await hall.ask("outsider", site)
    if site:
        await hall.welcome("outsider", site, "uj-admin")
    assert await hall.invite("outsider") is JoinOutcome.INVITED


async def later(hall: Hall) -> None:
    """Look once everything that was read before is old."""
    hall.clock.forward(minutes=6)
    await hall.following.look()


async def test_an_invitation_is_accepted(both: Hall) -> None:
    hall = both
    await invited(hall, "ZA-UJ")
    await later(hall)
    assert await hall.state() is JoinState.INVITED
    hall.accept("outsider")
    await later(hall)
    assert await hall.state() is JoinState.JOINED
    await later(hall)
    assert await hall.news() == [
        ("web:demo:outsider", "invited"),
        ("web:demo:outsider", "joined"),
    ]


async def test_who_accepts_at_once_has_not_declined(hall: Hall) -> None:
    await invited(hall)
    hall.accept("outsider")  # what was read before they were invited is minutes old at most
    await hall.following.look()
    assert await hall.state() is JoinState.JOINED


@pytest.mark.parametrize("site", ["", "ZA-UJ"])
async def test_an_invitation_is_declined_or_ends(hall: Hall, site: str) -> None:
    await invited(hall, site)
    found = hall.invitation("outsider")
    assert found is not None
    hall.github.revoke(found)
    await later(hall)
    join = await hall.join()
    assert join.state is JoinState.OVER and "declined" in join.why
    assert (await hall.news())[-1] == ("web:demo:outsider", "over")
    assert await hall.ask("outsider", site) is JoinOutcome.ASKED, "they can ask anew"


async def test_what_is_listed_still_is_not_over(hall: Hall) -> None:
    await invited(hall)
    hall.github.members.pop(hall.person("outsider").id)  # GitHub answers late
    await later(hall)
    assert await hall.state() is JoinState.INVITED


async def test_a_wish_is_fulfilled_by_hand(hall: Hall) -> None:
    await hall.ask("outsider")
    user = hall.github.users[hall.person("outsider").id]
    hall.github.invite(user, hall.github.bot)
    await later(hall)
    assert await hall.state() is JoinState.INVITED
    hall.accept("outsider")
    await later(hall)
    assert await hall.state() is JoinState.JOINED
    await hall.ask("outsider", "ZA-UJ")
    await later(hall)
    assert await hall.state() is JoinState.ASKED
    hall.github.put_in_team(hall.github.teams["za-uj"], user, hall.github.bot)
    await later(hall)
    assert await hall.state() is JoinState.JOINED


async def test_an_invitation_by_hand_brings_nobody_into_a_team(both: Hall) -> None:
    hall = both
    await hall.ask("outsider", "ZA-UJ")
    await hall.welcome("outsider", "ZA-UJ", "uj-admin")
    user = hall.github.users[hall.person("outsider").id]
    hall.github.invite(user, hall.github.bot)
    assert await hall.invite("outsider") is JoinOutcome.INVITED
    hall.accept("outsider")
    await later(hall)
    join = await hall.join()
    assert join.state is JoinState.ASKED and join.welcomed_by is None and join.invited_by is None
    assert join.why == "in the organisation now, but not in the team of ZA-UJ"
    assert not hall.github.teams["za-uj"].people & {user.id}
    assert await hall.welcome("outsider", "ZA-UJ", "uj-admin") is JoinOutcome.IN_TEAM


async def test_who_was_welcomed_and_let_in_by_hand_is_welcomed_into_the_team(hall: Hall) -> None:
    await hall.ask("outsider", "ZA-UJ")
    await hall.welcome("outsider", "ZA-UJ", "uj-admin")
    hall.github.members[hall.person("outsider").id] = "active"
    await later(hall)
    assert await hall.state() is JoinState.WELCOMED
    assert await hall.welcome("outsider", "ZA-UJ", "uj-admin") is JoinOutcome.IN_TEAM


async def test_nobody_waits_for_ever(both: Hall) -> None:
    hall = both
    await hall.ask("outsider", "ZA-UJ")
    hall.clock.forward(days=WAITS.days - 1)
    await hall.welcome("outsider", "ZA-UJ", "uj-admin")
    hall.clock.forward(days=WAITS.days)
    await hall.following.look()
    assert await hall.state() is JoinState.WELCOMED
    hall.clock.forward(minutes=1)
    await hall.following.look()
    join = await hall.join()
    assert join.state is JoinState.OVER and join.why == "nothing came of it in 14 days"


async def test_what_cannot_be_sent_is_not_sent_weeks_later(hall: Hall) -> None:
    await hall.ask("outsider")
    hall.fails(method="POST", status=500)
    assert await hall.invite("outsider") is JoinOutcome.SENDING
    hall.clock.forward(days=WAITS.days, minutes=1)
    hall.github.behave()
    await hall.following.look()
    assert await hall.state() is JoinState.OVER and not hall.tries


@pytest.mark.parametrize("state", ["asked", "invited"])
async def test_a_freeze_ends_it(hall: Hall, state: str) -> None:
    await (invited(hall) if state == "invited" else hall.ask("outsider"))
    await hall.freeze(hall.person("outsider"))
    await hall.following.look()
    join = await hall.join()
    assert join.state is JoinState.OVER and join.why == "frozen"


async def test_silence_ends_and_begins_nothing(hall: Hall) -> None:
    await invited(hall)
    hall.fails("/", status=500)
    await later(hall)
    assert await hall.state() is JoinState.INVITED
    hall.github.behave()
    hall.accept("outsider")
    hall.fails("/orgs/AAROC/teams/experts/members", status=500)
    await later(hall)
    assert await hall.state() is JoinState.INVITED, "what is not fresh tells nothing"
    hall.github.behave()
    await later(hall)
    assert await hall.state() is JoinState.JOINED


async def test_invitations_that_cannot_be_listed_are_not_over(hall: Hall) -> None:
    await invited(hall)
    found = hall.invitation("outsider")
    assert found is not None
    hall.github.revoke(found)
    hall.fails(status=500)
    with pytest.raises(Unavailable):
        await later(hall)
    hall.github.behave()
    hall.fails(status=404)
    await later(hall)
    assert await hall.state() is JoinState.INVITED
    hall.github.behave()
    await later(hall)
    assert await hall.state() is JoinState.OVER


async def test_one_that_fails_keeps_no_other(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await hall.ask("kenet-admin", "ZA-UJ")
    await invited(hall)
    hall.accept("outsider")
    see_to = hall.following._see_to

    async def broken(join: Join) -> None:
        if join.site:
            raise ValueError("broken")
        await see_to(join)

    monkeypatch.setattr(hall.following, "_see_to", broken)
    with caplog.at_level(logging.ERROR, "aaroc_bot.joining"):
        await later(hall)
    assert await hall.state() is JoinState.JOINED and "could not be looked at" in caplog.text


async def test_it_goes_on_looking(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    await invited(hall)
    found = hall.invitation("outsider")
    assert found is not None
    hall.github.revoke(found)
    hall.clock.forward(minutes=6)
    hall.fails(status=500)

    async def told() -> bool | None:
        return "is away" in caplog.text or None

    async def over() -> bool | None:
        return await hall.state() is JoinState.OVER or None

    with caplog.at_level(logging.WARNING, "aaroc_bot.joining"):
        task = asyncio.create_task(hall.following.run())
        await until(told)
        hall.github.behave()
        await until(over)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_removed_member_is_not_brought_back(hall: Hall) -> None:
    await invited(hall, "ZA-UJ")
    hall.accept("outsider")
    await later(hall)
    assert await hall.state() is JoinState.JOINED
    hall.github.remove_member("outsider")
    hall.tries.clear()
    await later(hall)
    now = await hall.people.of_person(hall.person("outsider"), now=True)
    assert now.membership is Membership.OUTSIDER and not hall.tries
