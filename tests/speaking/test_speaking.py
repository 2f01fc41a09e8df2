"""Answers in their lanes: one after another, put together only where the chat holds them up."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aaroc_bot.core.message import (
    Account,
    Audience,
    Button,
    File,
    Incoming,
    Kind,
    Message,
    Place,
    Posted,
)
from aaroc_bot.core.ports import Later, Lost
from aaroc_bot.core.rights import Person
from aaroc_bot.core.text import Code, plain
from aaroc_bot.leaving import Leaving
from aaroc_bot.speaking import Speaking

AT = datetime(2026, 6, 8, 14, 2, tzinfo=UTC)
ROC = Place("slack", "C1")
PERSONS = {"U1": Person(1, "uj-admin"), "U2": Person(2, "roc-expert")}


class Wall:
    """A chat whose patience a test decides on."""

    name = "slack"
    roc = ROC

    def __init__(self, whispers: bool = True) -> None:
        self.whispers = whispers
        self.said: list[tuple[str | None, str, str]] = []
        self.signs: list[tuple[str, str]] = []
        self.refusals: list[Exception] = []
        self.signs_refused: list[Exception] = []
        self.signed = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def post(
        self, place: Place, message: Message, to: Account | None = None, mark: str = ""
    ) -> Posted:
        await self.open.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        lines = "\n".join(map(plain, (message.text, *message.lines)))
        self.said.append((place.thread, to.user if to else "", lines))
        return Posted(place, str(len(self.said)))

    async def find(self, place: Place, mark: str, since: datetime) -> Posted | None:
        return None

    async def direct(self, account: Account) -> Place:
        raise Lost

    def address(self, place: Place) -> str:
        return "" if place.channel in {"C1", "roc"} else "/"

    def shared(self, one: Place, other: Place) -> Place | None:
        return one if one == other else replace(one, thread=None)

    async def edit(self, posted: Posted, message: Message) -> None:
        raise AssertionError

    async def react(self, posted: Posted, sign: str) -> None:
        if self.signs_refused:
            raise self.signs_refused.pop(0)
        self.signs.append((posted.ref, sign))
        self.signed.set()


class Plain:
    """Nothing is secret, nobody is linked but `PERSONS`, and no button has an id."""

    def text(self, text: str) -> str:
        return text.replace("secret-word", "•••")

    async def users(self, chat: str) -> Sequence[tuple[Person, str]]:
        return [(person, user) for user, person in PERSONS.items()]

    async def who(self, account: Account) -> Person | None:
        return PERSONS.get(account.user)

    async def offer(
        self, place: Place, buttons: Sequence[Button], run: int | None, message: str
    ) -> tuple[Button, ...]:
        return tuple(buttons)


def speaking(wall: Wall) -> Speaking:
    world = Plain()
    leaving = Leaving(world, world.users, world)  # type: ignore[arg-type]
    return Speaking({"slack": wall}, leaving, world.who, [ROC])


def said(
    number: int, text: str = "status", user: str = "U1", button: str | None = None
) -> Incoming:
    account = Account("slack", "T1", user)
    return Incoming(f"e{number}", account, ROC, text, AT, ref=f"m{number}", button=button)


REFUSAL = Message("No.", kind=Kind.REFUSAL, to=Audience.ASKER)


async def test_each_answer_stands_in_the_thread_of_its_question() -> None:
    wall = Wall()
    bot = speaking(wall)
    await asyncio.gather(bot.answer(said(1), Message("a")), bot.answer(said(2), Message("b")))
    assert wall.said == [("m1", "U1", "a"), ("m2", "U1", "b")]
    assert wall.signs == [("m1", "seen"), ("m2", "seen")]


async def test_what_piled_up_goes_as_one_message_that_names_who_asked_what() -> None:
    wall = Wall()
    wall.refusals = [Later(0.01)]
    bot = speaking(wall)
    await asyncio.gather(
        bot.answer(said(1, "status ZA-UJ"), Message("quiet")),
        bot.answer(said(2, "sites", "U2"), Message("2 sites", lines=("ZA-UJ",))),
        bot.answer(said(3, "log 9", "U2"), Message("Log", file=File("log", "text"))),
        bot.answer(said(4, "status"), Message("later")),
    )
    assert wall.said == [
        (
            None,
            "U1",
            "3 answers at once\n@uj-admin `status ZA-UJ`: quiet\n"
            "@roc-expert `sites`: 2 sites\n· ZA-UJ\n@uj-admin `status`: later",
        ),
        ("m3", "U2", "Log"),
    ]


async def test_what_one_alone_reads_is_never_put_into_anothers_message() -> None:
    wall = Wall()
    wall.refusals = [Later(0.01)]
    bot = speaking(wall)
    await asyncio.gather(
        bot.answer(said(1), REFUSAL),
        bot.answer(said(2, user="U2"), REFUSAL),
        bot.answer(said(3), Message("for all")),
    )
    assert [(to, text) for _, to, text in wall.said] == [
        ("U1", "No."),
        ("U2", "No."),
        ("U1", "for all"),
    ]


async def test_where_nothing_is_private_a_pressed_button_s_refusal_names_its_person() -> None:
    wall = Wall(whispers=False)
    await speaking(wall).answer(said(1, "", button="b1"), REFUSAL)
    assert wall.said == [("m1", "U1", "@uj-admin: No.")]


async def test_a_busy_chat_is_spared_the_sign_of_having_seen_but_not_that_of_a_refusal() -> None:
    wall = Wall()
    wall.signs_refused = [Later(0.01), Later(0.01)]
    bot = speaking(wall)
    await bot.answer(said(1), Message("a"))
    await bot.answer(said(2), REFUSAL)
    await asyncio.wait_for(wall.signed.wait(), 10)
    assert wall.signs == [("m2", "refused")]


async def test_an_answer_that_is_lost_holds_up_nobody() -> None:
    wall = Wall()
    wall.refusals = [Lost("gone")]
    bot = speaking(wall)
    await asyncio.gather(bot.answer(said(1), Message("a")), bot.answer(said(2), Message("b")))
    assert [text for *_, text in wall.said] == ["b"]


async def test_a_fault_is_the_answer_s_own() -> None:
    wall = Wall()
    wall.refusals = [RuntimeError("broken")]
    bot = speaking(wall)
    first = bot.answer(said(1), Message("a"))
    await bot.answer(said(2), Message("b"))
    with pytest.raises(RuntimeError):
        await first


async def test_closing_leaves_what_waits_for_the_next_start() -> None:
    wall = Wall()
    wall.open.clear()
    bot = speaking(wall)
    stuck = asyncio.ensure_future(bot.answer(said(1), Message("a")))
    await asyncio.sleep(0)
    await bot.close()
    assert not wall.said and not stuck.done()


async def test_below_its_card_a_card_is_not_said_again_and_elsewhere_by_its_first_line() -> None:
    wall = Wall()
    bot = speaking(wall)
    card = Message("Run 1 · planning", lines=("much",), kind=Kind.CARD, run=1, state="planning")
    await bot.answer(said(1), card)
    assert wall.said == [] and wall.signs == [("m1", "seen")]
    elsewhere = replace(said(2), place=Place("slack", "D1"), direct=True)
    await bot.answer(elsewhere, card)
    assert wall.said == [(None, "U1", "Run 1 · planning")]


async def test_a_hint_is_written_as_it_is_heard_where_it_stands() -> None:
    wall = Wall()
    bot = speaking(wall)
    hint = Message(("All of them: ", Code("status all", typed=True), " ", Code("as is")))
    await bot.answer(said(1), hint)
    await bot.answer(replace(said(2), place=Place("slack", "C2")), hint)
    assert [text for *_, text in wall.said] == [
        "All of them: `status all` `as is`",
        "All of them: `/status all` `as is`",
    ]


async def test_what_leaves_is_redacted() -> None:
    wall = Wall()
    await speaking(wall).answer(said(1), Message("the secret-word is out"))
    assert wall.said[0][2] == "the ••• is out"


async def test_what_many_asked_alike_is_said_once_and_no_message_is_too_long() -> None:
    wall = Wall()
    wall.refusals = [Later(0.01)]
    bot = speaking(wall)
    answers = [
        bot.answer(said(n, "sites", "U1" if n % 2 else "U2"), Message("2 sites")) for n in range(40)
    ]
    answers += [bot.answer(said(50 + n, f"status {n}"), Message("x" * 900)) for n in range(6)]
    await asyncio.gather(*answers)
    assert wall.said[0][2].startswith("43 answers at once\n@roc-expert @uj-admin `sites`: 2 sites")
    assert len(wall.said) == 2 and max(len(text) for *_, text in wall.said) < 3500


async def test_nobody_s_answers_change_their_order() -> None:
    wall = Wall()
    wall.refusals = [Later(0.01)]
    bot = speaking(wall)
    await asyncio.gather(
        bot.answer(said(1, "a", "U2"), Message("first")),
        bot.answer(said(2, "b"), Message("Log", file=File("log", "text"))),
        bot.answer(said(3, "c"), Message("after the log")),
        bot.answer(said(4, "d", "U2"), Message("second")),
    )
    assert [text.partition("\n")[0] for *_, text in wall.said] == [
        "2 answers at once",
        "Log",
        "after the log",
    ]
