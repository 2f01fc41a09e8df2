"""What is said to who logs in, waits, is new or frozen; suggestions are checked with each answer."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aaroc_bot.commands import (
    AccountLink,
    Audience,
    Froze,
    Message,
    Refused,
    Right,
    Unavailable,
    Why,
)
from aaroc_bot.core.message import Account
from tests.handlers.ports import (
    EXPERT,
    HANDLERS,
    KENET,
    NOW,
    OUTSIDER,
    UJ,
    Book,
    Channel,
    Linked,
    Somebody,
    standing,
    written,
)
from tests.handlers.sample import RUNNING

DAY = timedelta(days=1)
ACCOUNT = Account("web", "", "uj-admin")
LINK = AccountLink(ACCOUNT, UJ, NOW - DAY, NOW + 89 * DAY, NOW)
LINKED = standing(UJ, link=LINK)
OPERATOR = standing(UJ, operator="root", bounded=True)


def room(**more: object) -> Channel:
    return Channel(**{"linking": Linked(possible=True), **more})  # type: ignore[arg-type]


async def test_a_code_goes_to_the_asker_alone_and_not_into_a_channel() -> None:
    channel = room()
    said = await channel.say(None, "login")
    assert said == "Type `login` to me in a direct message."
    channel.private = True
    message = await channel.message(None, "login")
    assert message.to is Audience.ASKER
    assert written(message).splitlines() == [
        "Enter `BCDF-GHJK` at https://github.example/login/device.",
        "Whoever enters it gives this chat account their rights. "
        "Never enter a code that somebody sent you.",
        "It is good until 14:40 UTC. I tell you here what came of it.",
    ]


async def test_who_logged_in_too_often_is_told_when_again() -> None:
    channel = room(private=True)
    channel.linking.again = NOW + timedelta(minutes=20)
    said = await channel.say(None, "login")
    assert said.splitlines() == [
        "This account began too many logins. Nothing was done.",
        "It can begin another from 15:00 UTC on.",
    ]


async def test_where_nobody_can_log_in_the_operator_links() -> None:
    channel = Channel(private=True)
    said = await channel.say(None, "login")
    assert "aaroc-bot link web:stranger LOGIN" in said
    for typed in ("whoami", "logout", "confirm abc"):
        said = await channel.say(None, typed)
        assert "The bot's operator can link this account to you." in said, typed
        assert "`login`" not in said


async def test_who_is_linked_is_told_to_whom_and_how_long() -> None:
    said = await room().say(LINKED, "login")
    assert said.startswith("This account speaks for uj-admin until ") and "`logout`" in said
    said = await room().say(LINKED, "whoami")
    assert "linked: since 7 June 14:40 UTC, until 5 Sept 14:40 UTC" in said
    by_operator = standing(UJ, link=replace(LINK, by_operator=True))
    assert "linked: by the operator, since 7 June" in await room().say(by_operator, "whoami")


async def test_logging_out() -> None:
    assert (
        await room().say(LINKED, "logout")
        == "This account speaks for nobody any more.\nType `login` to me in a direct message."
    )
    assert "Type `login`" in await room().say(None, "logout")


@pytest.mark.parametrize("typed", ["login", "logout", "confirm abc"])
async def test_at_the_machine_nobody_logs_in(typed: str) -> None:
    said = await room().say(OPERATOR, typed)
    assert said.startswith("At the machine you speak as `--as` says.")


async def test_confirming_a_further_account() -> None:
    channel = room()
    channel.linking.code = "abc"
    said = await channel.say(LINKED, "confirm abc")
    assert said == "`telegram:77` speaks for uj-admin from now on, as this one does."
    said = await channel.say(LINKED, "confirm abd")
    assert said.startswith("No other account of yours waits for `abd`.")


async def test_an_account_that_waits_is_told_for_what() -> None:
    channel = room()
    channel.linking.person = UJ
    said = await channel.say(None, "whoami")
    assert "speaks for uj-admin once another account of theirs confirms it" in said


async def test_vouching() -> None:
    second = replace(KENET, login="roc-second")
    channel = room(people=Somebody((EXPERT, second)))
    said = await channel.say(EXPERT, "vouch roc-expert")
    assert said.splitlines() == [
        "Another expert vouches for you, not you yourself.",
        "Other experts: roc-second.",
    ]
    assert "No ROC expert is called `uj-admin`." in await channel.say(EXPERT, "vouch uj-admin")
    assert "waits for that" in await channel.say(EXPERT, "vouch roc-second")
    channel.linking.new = (Account("telegram", "", "77"),)
    said = await channel.say(EXPERT, "vouch @ROC-Second")
    assert said.startswith("roc-second decides by their new account") and "`telegram:77`" in said
    channel.people.known = None
    assert "Nothing was changed." in await channel.say(EXPERT, "vouch roc-second")
    assert {person for _, person in channel.linking.calls} == {second}


async def test_freezing() -> None:
    running = replace(RUNNING, number=15, asked=replace(RUNNING.asked, by=KENET))
    channel = room(runs=Book([running]))
    channel.linking.froze = Froze(2, (12, 13), (14,))
    assert (await channel.say(EXPERT, "freeze kenet-admin")).splitlines() == [
        "kenet-admin (GitHub id 2) is frozen.",
        "Ended: 2 accounts, request of runs 12, 13, approval of run 14.",
        "Run 15, which is running, goes on. To end it: `cancel 15 now`.",
        "The bot's operator lifts it, at the machine.",
    ]
    channel.linking.namesakes = (UJ, replace(UJ, id=555001))
    assert (await channel.say(EXPERT, "freeze uj-admin")).splitlines() == [
        "`uj-admin` is or was the login of several people: GitHub ids 1, 555001. Nothing was done.",
        "To freeze one of them: `freeze 1` or `freeze 555001`.",
    ]
    channel.linking.namesakes = ()
    said = await channel.say(EXPERT, "freeze nobody")
    assert said == "Nobody on GitHub is called `nobody`. Nothing was done."
    channel.linking.away = Unavailable("GitHub")
    said = await channel.say(EXPERT, "freeze nobody")
    assert said.startswith("GitHub does not answer, and no account here is linked to `nobody`.")


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (Why.FROZEN, "uj-admin is frozen: nothing is done for them"),
        (Why.NEW_ACCOUNT, "This account is new, so it decides nothing before 9 June 14:40 UTC."),
        (Why.NOT_LINKED, "Type `login` to me in a direct message."),
    ],
)
async def test_each_no_has_its_words(why: Why, words: str) -> None:
    who = standing(UJ, decides_from=NOW + DAY)
    channel = room()
    refusal = await HANDLERS.refusals[Refused](
        channel.call(who, "approve 12"), Refused(why, Right.EXPERT, None)
    )
    assert words in written(refusal.message()) and refusal.lacks is not None


async def test_whoami_of_who_is_new_or_frozen() -> None:
    new = standing(EXPERT, decides_from=NOW + DAY)
    said = await room().say(new, "whoami")
    assert "decides: from 9 June 14:40 UTC on" in said
    assert "Sooner, if another expert types `vouch roc-expert`." in said
    said = await room().say(standing(OUTSIDER, frozen=True), "whoami")
    assert "frozen: you may do nothing here" in said


CARDS: Mapping[str, Mapping[str, Any]] = {
    "account-linked": {"chat": "telegram", "login": "uj-admin", "person": 1, "operator": ""},
    "account-unlinked": {"chat": "slack", "login": "uj-admin", "operator": "root"},
    "account-vouched": {"login": "roc-second", "person": 9, "by": "roc-expert"},
    "person-frozen": {
        "login": "x",
        "person": 555001,
        "by": "root",
        "accounts": 0,
        "requests": [12],
        "approvals": [],
    },
    "person-lifted": {"login": "x", "person": 555001, "operator": "root"},
    "link-made": {
        "login": "roc-expert",
        "person": EXPERT.id,
        "until": (NOW + DAY).isoformat(),
        "decides_from": (NOW + DAY).isoformat(),
    },
    "link-waits": {"login": "uj-admin"},
    "link-asks": {"account": "telegram:77", "code": "abc", "until": (NOW + DAY).isoformat()},
    "link-vouched": {"login": "roc-second", "by": "roc-expert"},
    "login-over": {"why": "incorrect_client_credentials"},
}


async def card(name: str, **more: object) -> Message:
    desk = room(linking=Linked(possible=True, person=UJ)).desk()
    return await HANDLERS.cards[name](desk, "subject", {**CARDS[name], **more})


@pytest.mark.parametrize("name", CARDS)
async def test_each_card_is_short(name: str) -> None:
    text = written(await card(name))
    assert text and all(len(line) < 200 for line in text.splitlines())


async def test_what_the_cards_say() -> None:
    assert written(await card("account-linked")).startswith("Telegram account linked to uj-admin.")
    by_operator = written(await card("account-linked", operator="root"))
    assert by_operator == "Telegram account linked to uj-admin by root, at the bot's machine."
    number = written(await card("account-linked", login="2"))
    assert "types `freeze 1`." in number, "a number is taken for an id"
    assert "x (GitHub id 555001) is frozen by root" in written(await card("person-frozen"))
    assert "x (GitHub id 555001) is no longer frozen" in written(await card("person-lifted"))
    assert "It decides nothing until 9 June" in written(await card("link-made"))
    made = await card("link-made", person=UJ.id, login="uj-admin")
    assert "decides" not in written(made), "who is no expert decides nothing anyway"
    assert [button.typed for button in (await card("link-asks")).buttons] == ["confirm abc"]
    assert "(incorrect_client_credentials)" in written(await card("login-over"))
    assert "`login`" not in written(await card("login-over", why="frozen"))
