"""What was decided is done once, whoever is silent, refuses, falls or is faster."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from aaroc_bot.core.doing import DOING, Doing, DoneBefore
from aaroc_bot.core.joining import JoinState
from aaroc_bot.core.ports import JoinOutcome, NotJoined, WhyNotJoined
from aaroc_bot.core.rights import Membership
from aaroc_bot.sandbox.github.tokens import ALL, Right, Token
from tests.joining.conftest import Answer, Hall


def why(answer: Answer) -> WhyNotJoined:
    assert isinstance(answer, NotJoined), answer
    return answer.why


async def welcomed(hall: Hall) -> None:
    await hall.ask("outsider", "ZA-UJ")
    assert await hall.welcome("outsider", "ZA-UJ", "uj-admin") is JoinOutcome.WELCOMED


async def again(hall: Hall) -> None:
    """GitHub answers again, and the bot looks as it does every minute."""
    hall.github.behave()
    hall.api.again()
    await hall.following.look()


@pytest.mark.parametrize("path", ["/user/", "/orgs/AAROC/memberships/", "/orgs/AAROC/teams/sites"])
async def test_github_is_silent_before_it_is_sent(hall: Hall, path: str) -> None:
    await welcomed(hall)
    decide = hall.sending.send

    async def silent(id: int) -> Answer:
        hall.fails(path, status=500)
        return await decide(id)

    hall.sending.send = silent  # type: ignore[method-assign]
    assert await hall.invite("outsider") is JoinOutcome.SENDING
    hall.sending.send = decide  # type: ignore[method-assign]
    assert await hall.state() is JoinState.SENDING and not hall.tries
    await hall.following.look()
    assert await hall.state() is JoinState.SENDING
    await again(hall)
    assert await hall.state() is JoinState.INVITED and len(hall.tries) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_github_is_silent_while_it_is_sent(both: Hall, after: bool) -> None:
    hall = both
    await welcomed(hall)
    hall.fails(method="POST", status=500, after=after)
    assert await hall.invite("outsider") is JoinOutcome.SENDING
    assert (hall.invitation("outsider") is not None) is after
    assert await hall.state() is JoinState.SENDING
    await again(hall)
    assert await hall.state() is JoinState.INVITED
    assert len(hall.tries) == 1 and len(hall.github.invitations) == 1
    assert await hall.news() == [("web:demo:outsider", "invited")]


async def test_who_decides_again_meanwhile_has_it_sent_at_once(hall: Hall) -> None:
    await welcomed(hall)
    hall.fails(method="POST", status=500)
    assert await hall.invite("outsider") is JoinOutcome.SENDING
    hall.github.behave()
    assert await hall.invite("outsider", "roc-second") is JoinOutcome.INVITED
    join = await hall.join()
    assert join.invited_by == hall.person("roc-expert"), "it was decided before"
    assert (await hall.outcomes()).count("invited") == 1


async def test_github_never_answers(hall: Hall) -> None:
    hall.api._line.seconds = 1
    await hall.ask("outsider")
    hall.fails(method="POST", silent=True)
    assert await hall.invite("outsider") is JoinOutcome.SENDING
    await again(hall)
    assert await hall.state() is JoinState.INVITED


@pytest.mark.parametrize("after", [False, True])
async def test_a_place_in_a_team_is_given_once(hall: Hall, after: bool) -> None:
    await hall.ask("kenet-admin", "ZA-UJ")
    hall.fails("/organizations/", method="PUT", status=500, after=after)
    answer = await hall.welcome("kenet-admin", "ZA-UJ", "uj-admin")
    assert answer is JoinOutcome.SENDING
    assert await hall.welcome("kenet-admin", "ZA-UJ", "uj-admin") is (
        JoinOutcome.IN_TEAM if after else JoinOutcome.SENDING
    )
    await again(hall)
    assert await hall.state() is JoinState.JOINED
    assert len(hall.tries) == 1
    assert await hall.news() == [("web:demo:kenet-admin", "joined")]


async def test_a_kill_between_row_and_call(both: Hall) -> None:
    hall = both
    await welcomed(hall)

    async def killed(id: int) -> Answer:
        raise asyncio.CancelledError

    send, hall.sending.send = hall.sending.send, killed  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await hall.invite("outsider")
    hall.sending.send = send  # type: ignore[method-assign]
    assert await hall.state() is JoinState.SENDING and not hall.tries
    await hall.following.look()
    assert await hall.state() is JoinState.INVITED and len(hall.tries) == 1


async def test_a_command_that_is_worked_on_again_after_a_fall(hall: Hall) -> None:
    await welcomed(hall)
    send = hall.sending.send

    async def killed(id: int) -> Answer:
        raise asyncio.CancelledError

    hall.sending.send = killed  # type: ignore[method-assign]
    with doing("e1"), pytest.raises(asyncio.CancelledError):
        await hall.invite("outsider")
    hall.sending.send = send  # type: ignore[method-assign]
    with doing("e1"), pytest.raises(DoneBefore):
        await hall.invite("outsider")
    await hall.following.look()
    assert await hall.state() is JoinState.INVITED and len(hall.tries) == 1
    assert (await hall.outcomes()).count("invited") == 1


@contextmanager
def doing(event: str) -> Iterator[None]:
    """As within the command that was said."""
    token = DOING.set(Doing(event))
    yield
    DOING.reset(token)


# --- GitHub says no -------------------------------------------------------------------------


@contextmanager
def without_the_right(hall: Hall) -> Iterator[None]:
    """The bot's token may read who is a member, and invite nobody."""
    token, hall.github.token = hall.github.token, "another"
    hall.github.tokens[token] = Token(hall.github.bot.id, ALL - {Right.MEMBERS})
    yield
    hall.github.token = token


async def test_a_no_is_told_and_can_be_decided_again(both: Hall) -> None:
    hall = both
    await welcomed(hall)
    with without_the_right(hall):
        answer = await hall.invite("outsider")
    assert isinstance(answer, NotJoined) and answer.why is WhyNotJoined.REFUSED
    assert "not accessible" in answer.detail
    join = await hall.join()
    assert join.state is JoinState.WELCOMED and join.invited_by is None
    assert join.why == "GitHub refused it (403)"
    assert join.welcomed_by == hall.person("uj-admin")
    assert await hall.invite("outsider") is JoinOutcome.INVITED
    assert (await hall.join()).why == ""


async def test_a_no_to_a_place_in_a_team(hall: Hall) -> None:
    await hall.ask("kenet-admin", "ZA-UJ")
    with without_the_right(hall):
        answer = await hall.welcome("kenet-admin", "ZA-UJ", "uj-admin")
    assert why(answer) is WhyNotJoined.REFUSED
    join = await hall.join()
    assert join.state is JoinState.ASKED and join.welcomed_by is None
    assert await hall.welcome("kenet-admin", "ZA-UJ", "uj-admin") is JoinOutcome.IN_TEAM


async def test_a_no_without_a_site(hall: Hall) -> None:
    await hall.ask("outsider")
    with without_the_right(hall):
        assert why(await hall.invite("outsider")) is WhyNotJoined.REFUSED
    join = await hall.join()
    assert join.state is JoinState.ASKED and join.invited_by is None


async def test_what_github_objects_to_is_told_in_its_words(hall: Hall) -> None:
    await hall.ask("outsider")
    del hall.github.users[hall.person("outsider").id]
    answer = await hall.invite("outsider")
    assert isinstance(answer, NotJoined) and answer.why is WhyNotJoined.REFUSED
    assert answer.detail == "Could not resolve to a user", "not only that something was invalid"


# --- others are faster ----------------------------------------------------------------------


async def test_who_was_invited_by_hand_is_not_invited_twice(hall: Hall) -> None:
    await hall.ask("outsider")
    hall.github.invite(hall.github.users[hall.person("outsider").id], hall.github.bot)
    assert await hall.invite("outsider") is JoinOutcome.INVITED
    assert len(hall.tries) == 1


async def test_who_came_in_by_hand_needs_no_invitation(hall: Hall) -> None:
    await welcomed(hall)
    hall.github.members[hall.person("outsider").id] = "active"
    assert await hall.invite("outsider") is JoinOutcome.IN_TEAM
    assert [what for what, _ in hall.tries] == ["put"]
    hall.github.members.pop(hall.person("outsider").id)
    hall.github.teams["za-uj"].people.discard(hall.person("outsider").id)
    assert await hall.ask("outsider") is JoinOutcome.ASKED
    hall.github.members[hall.person("outsider").id] = "active"
    assert await hall.invite("outsider") is JoinOutcome.MEMBER


@pytest.mark.parametrize("state", ["pending", "active"])
async def test_somebody_invites_by_hand_between_look_and_call(hall: Hall, state: str) -> None:
    await welcomed(hall)
    invite, user = hall.invitations.invite, hall.github.users[hall.person("outsider").id]

    async def late(person: int, teams: Sequence[int]) -> None:
        hall.github.invite(user, hall.github.bot)
        if state == "active":
            hall.accept("outsider")
        await invite(person, teams)

    hall.invitations.invite = late  # type: ignore[method-assign]
    answer = await hall.invite("outsider")
    assert answer is (JoinOutcome.INVITED if state == "pending" else JoinOutcome.IN_TEAM)
    assert await hall.state() is (JoinState.INVITED if state == "pending" else JoinState.JOINED)


async def test_two_experts_at_once(both: Hall) -> None:
    hall = both
    await welcomed(hall)
    experts = [await hall.standing("roc-expert"), await hall.standing("roc-second")]
    answers = await asyncio.gather(*(hall.invite("outsider", by) for by in experts))
    assert JoinOutcome.INVITED in answers
    assert set(answers) <= {JoinOutcome.INVITED, JoinOutcome.STANDS}
    assert await hall.state() is JoinState.INVITED and len(hall.tries) == 1


async def test_two_processes_at_once(hall: Hall) -> None:
    await welcomed(hall)
    other = Hall(hall.github, hall.api, hall.database, hall.clock)
    hall.fails(method="POST", status=500, times=1)
    assert await hall.invite("outsider") is JoinOutcome.SENDING
    hall.api.again()
    await hall.people.of_person(hall.person("outsider"), now=True)
    await asyncio.gather(hall.following.look(), other.following.look(), hall.invite("outsider"))
    assert await hall.state() is JoinState.INVITED and len(hall.github.invitations) == 1
    assert await hall.news() == [("web:demo:outsider", "invited")]
    await other.answers.settle()


# --- what was decided does not hold any more ------------------------------------------------


async def sending_later(hall: Hall, path: str = "/orgs/AAROC/invitations") -> None:
    await welcomed(hall)
    hall.fails(path, method="POST", status=500)
    assert await hall.invite("outsider") is JoinOutcome.SENDING
    hall.github.behave()


async def test_a_site_brings_nobody_into_the_organisation(hall: Hall) -> None:
    await hall.ask("kenet-admin", "ZA-UJ")
    hall.fails("/organizations/", method="PUT", status=500)
    answer = await hall.welcome("kenet-admin", "ZA-UJ", "uj-admin")
    assert answer is JoinOutcome.SENDING
    hall.github.remove_member("kenet-admin")
    await again(hall)
    assert await hall.state() is JoinState.WELCOMED and not hall.tries
    assert await hall.invite("kenet-admin") is JoinOutcome.INVITED


@pytest.mark.parametrize(
    ("who", "state"),
    [("roc-expert", JoinState.WELCOMED), ("uj-admin", JoinState.ASKED)],
)
async def test_who_decided_is_frozen_meanwhile(hall: Hall, who: str, state: JoinState) -> None:
    await sending_later(hall)
    await hall.freeze(hall.person(who))
    await again(hall)
    join = await hall.join()
    assert join.state is state and join.invited_by is None and not hall.tries
    assert (join.welcomed_by is None) is (state is JoinState.ASKED)
    if state is JoinState.WELCOMED:
        assert await hall.invite("outsider", "roc-second") is JoinOutcome.INVITED


async def test_whoever_welcomed_them_is_frozen(hall: Hall) -> None:
    await welcomed(hall)
    await hall.freeze(hall.person("uj-admin"))
    assert why(await hall.invite("outsider")) is WhyNotJoined.VOID
    assert await hall.state() is JoinState.ASKED and not hall.tries


async def test_who_asked_is_frozen_meanwhile(hall: Hall) -> None:
    await sending_later(hall)
    await hall.freeze(hall.person("outsider"))
    assert why(await hall.sending.send((await hall.join()).id)) is WhyNotJoined.FROZEN
    assert await hall.state() is JoinState.OVER and not hall.tries


async def test_the_team_is_gone_meanwhile(hall: Hall) -> None:
    await sending_later(hall)
    hall.github.remove_team("za-uj")
    await again(hall)
    join = await hall.join()
    assert join.state is JoinState.OVER and join.why == "ZA-UJ has no team that counts"
    assert not hall.tries


async def test_what_is_not_to_be_sent_stays_as_it_is(hall: Hall) -> None:
    await hall.ask("outsider")
    assert await hall.sending.send((await hall.join()).id) is JoinOutcome.STANDS
    assert await hall.sending.send(999) is JoinOutcome.STANDS
    await hall.invite("outsider")
    assert await hall.sending.send((await hall.join()).id) is JoinOutcome.INVITED
    hall.accept("outsider")
    hall.people.forget()
    await hall.following.look()
    assert await hall.sending.send((await hall.join()).id) is JoinOutcome.MEMBER
    assert len(hall.tries) == 1 and await hall.ask("outsider", "maren") is JoinOutcome.ASKED
    now = await hall.people.of_person(hall.person("outsider"))
    assert now.membership is Membership.MEMBER and now.sites == frozenset()
