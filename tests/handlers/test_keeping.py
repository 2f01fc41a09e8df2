"""Locks and acceptances: what is kept, until when, and what exactly is accepted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aaroc_bot.commands import Acceptance, Audience, Kind, Lock, PendingRules, Person
from tests.handlers.ports import (
    EXPERT,
    KENET,
    NEWEST,
    NOW,
    UJ,
    Accepted,
    Book,
    Channel,
    Described,
    Kept,
    Somebody,
    suggested,
)
from tests.handlers.sample import KE_NAIROBI, LINE, RUNNING, ZA_UJ, channel

LINES = (LINE, replace(LINE, line=4, variable="other", digest="d2"))


def executing(**more: object) -> Channel:
    site = replace(ZA_UJ, executing=LINES)
    return channel(sites=Described((site,)), rules=Accepted(lines={"ZA-UJ": LINES}, **more))  # type: ignore[arg-type]


async def test_a_lock_repeats_its_time_with_zone_and_what_is_left() -> None:
    room = channel(zone="Africa/Johannesburg")
    message = await room.message(UJ, "lock ZA-UJ until 18:00 switch maintenance")
    assert message.to is Audience.ALL
    assert (await room.say(UJ, "lock ZA-UJ until 18:00 switch maintenance")).splitlines()[0] == (
        "ZA-UJ is locked by uj-admin until 18:00 SAST (16:00 UTC), 1 h 20 min: "
        "`switch maintenance`. Others' runs wait."
    )
    assert room.locks.locks["ZA-UJ"].until == NOW.replace(hour=16, minute=0)


@pytest.mark.parametrize(
    ("zone", "site", "until"),
    [
        ("Africa/Nairobi", "ZA-UJ", "18:00 EAT (15:00 UTC)"),
        (None, "ZA-UJ", "18:00 SAST (16:00 UTC)"),
        ("../../etc/passwd", "ZA-UJ", "18:00 SAST (16:00 UTC)"),
        ("Nowhere/Atall", "ZA-UJ", "18:00 SAST (16:00 UTC)"),
        (None, "KE-NAIROBI", "18:00 UTC,"),
    ],
)
async def test_a_typed_time_is_the_speakers_else_the_sites_else_utc(
    zone: str | None, site: str, until: str
) -> None:
    answer = await channel(zone=zone).say(EXPERT, f"lock {site} until 18:00 x")
    assert f"until {until}" in answer


async def test_a_time_that_is_past_is_asked_about() -> None:
    room = channel()
    message = await room.message(UJ, "lock ZA-UJ until 15:00 switch")
    assert message.kind is Kind.REFUSAL
    assert suggested(message) == ["lock ZA-UJ until tomorrow 15:00 switch"]
    assert "15:00 SAST (13:00 UTC) was 1 h 40 min ago." in await room.say(
        UJ, "lock ZA-UJ until 15:00 switch"
    )
    assert not room.locks.locks
    typed = suggested(await room.message(UJ, "lock ZA-UJ until 12:00 UTC switch"))
    assert typed == ["lock ZA-UJ until tomorrow 12:00 UTC switch"]
    await room.say(UJ, typed[0])
    assert room.locks.locks["ZA-UJ"].until == NOW.replace(day=9, hour=12, minute=0)


async def test_a_time_days_ago_is_not_taken_for_tomorrow() -> None:
    message = await channel().message(UJ, "lock ZA-UJ until 2026-06-01 18:00 x")
    assert suggested(message) == ["lock ZA-UJ until 2h x"]


async def test_a_lock_lasts_a_day_at_most() -> None:
    room = channel()
    answer = await room.say(UJ, "lock ZA-UJ until tomorrow 18:00 x")
    assert "A lock lasts 24 hours at most; 9 June 18:00 SAST (9 June 16:00 UTC)" in answer
    assert "The longest: `lock ZA-UJ until 24h x`" in answer
    assert not room.locks.locks


async def test_no_time_at_all() -> None:
    assert "`25:00` is no time." in await channel().say(UJ, "lock ZA-UJ until 25:00 x")


async def test_a_locked_site_says_by_whom_and_how_to_get_on() -> None:
    lock = Lock("ZA-UJ", KENET, "switch", NOW, NOW + timedelta(hours=1))
    answer = await channel(locks=Kept({"ZA-UJ": lock})).say(UJ, "lock ZA-UJ until 2h mine")
    assert answer.splitlines() == [
        "ZA-UJ is locked by kenet-admin until 15:40 UTC, 1 h left: `switch`",
        "To look: `status ZA-UJ`. To lift it, as the site's admins and experts can: "
        "`unlock ZA-UJ`; kenet-admin is told.",
    ]


async def test_a_run_under_way_is_named_for_a_lock_does_not_stop_it() -> None:
    room = channel(runs=Book([RUNNING]), sites=Described((KE_NAIROBI,)))
    answer = await room.say(KENET, "lock KE-NAIROBI 2h x")
    assert "Run 15, which is running, is not stopped by it." in answer


async def test_unlocking_ones_own_and_anothers() -> None:
    lock = Lock("ZA-UJ", KENET, "switch", NOW, NOW + timedelta(hours=1))
    room = channel(locks=Kept({"ZA-UJ": lock}))
    assert "Runs that waited for it go on. kenet-admin is told." in await room.say(
        UJ, "unlock ZA-UJ"
    )
    assert await room.say(UJ, "unlock ZA-UJ") == "ZA-UJ is not locked."


async def test_lines_are_shown_and_accepted_only_by_the_digest_of_what_was_shown() -> None:
    room = executing()
    shown = await room.say(EXPERT, "accept ZA-UJ")
    assert "2 lines execute on the controller, and nobody accepted them." in shown
    assert "`Ansible/group_vars/maren.yml:3` | proxy | `{{ lookup('pipe', 'id') }}`" in shown
    assert not room.rules.calls
    (typed, pressed) = suggested(await room.message(EXPERT, "accept ZA-UJ"))
    assert typed == pressed
    assert "2 lines accepted by roc-expert." in await room.say(EXPERT, typed)
    assert room.rules.calls == [("ZA-UJ", ("d1", "d2"), EXPERT)]


async def test_a_digest_of_other_lines_accepts_nothing() -> None:
    room = executing()
    typed = suggested(await room.message(EXPERT, "accept ZA-UJ"))[0]
    room.rules.lines = {"ZA-UJ": (*LINES, replace(LINE, digest="d3"))}
    for digest in (typed, typed[:-1], "accept ZA-UJ 3fa29c1"):
        answer = await room.say(EXPERT, digest)
        assert answer.startswith("These are not the lines of ZA-UJ that wait now")
    assert not room.rules.calls


async def test_the_order_of_lines_does_not_matter() -> None:
    room = executing()
    typed = suggested(await room.message(EXPERT, "accept ZA-UJ"))[0]
    room.rules.lines = {"ZA-UJ": LINES[::-1]}
    assert "2 lines accepted" in await room.say(EXPERT, typed)


async def test_nothing_to_accept() -> None:
    room = channel()
    assert await room.say(EXPERT, "accept ZA-UJ") == "Nothing at ZA-UJ waits to be accepted."
    answer = await room.say(EXPERT, "accept rules")
    assert answer == "No newer rules wait; in force are those of aaaaaaa."


@pytest.mark.parametrize(
    ("became", "words"),
    [
        (Acceptance.AUTHOR, "You wrote one of the commits behind the lines of ZA-UJ"),
        (Acceptance.CANNOT_TELL, "Who wrote the lines of ZA-UJ I can't tell"),
        (Acceptance.NOT_THAT, "The lines of ZA-UJ are not those that wait."),
        (Acceptance.NOTHING, "The lines of ZA-UJ wait for nobody any more."),
    ],
)
async def test_every_no_has_its_words(became: Acceptance, words: str) -> None:
    room = executing(became=became)
    typed = suggested(await room.message(EXPERT, "accept ZA-UJ"))[0]
    message = await room.message(EXPERT, typed)
    assert message.kind is Kind.REFUSAL
    assert str(message.text).startswith(words)


async def test_rules_are_shown_with_commits_and_difference_then_accepted() -> None:
    pending = PendingRules(NEWEST, (NEWEST,), {NEWEST.sha: 1}, "-approvals: 2\n+approvals: 1")
    room = channel(rules=Accepted(pending))
    shown = await room.say(EXPERT, "accept rules")
    assert "Rules wait for an expert: 4f2c1d9, 1 commit touches them." in shown
    assert "+approvals: 1" in shown
    typed = suggested(await room.message(EXPERT, "accept rules"))[0]
    assert typed == f"accept rules {NEWEST.sha}"
    assert await room.say(EXPERT, typed) == "In force now: the rules of 4f2c1d9."
    assert await room.say(EXPERT, "accept rules 4f2c1d9") == "In force now: the rules of 4f2c1d9."
    assert room.rules.calls == [(NEWEST.sha, EXPERT), ("4f2c1d9", EXPERT)]


async def test_an_author_of_the_rules_is_offered_no_yes() -> None:
    mine = PendingRules(NEWEST, (NEWEST,), {NEWEST.sha: EXPERT.id, "b" * 40: None}, "-a\n+b")
    room = channel(rules=Accepted(mine), people=Somebody((EXPERT, Person(5, "roc-second"))))
    message = await room.message(EXPERT, "accept rules")
    assert not suggested(message)
    assert message.notes[-1] == (
        "You wrote one of these commits, so another expert decides. Other experts: roc-second."
    )


async def test_rules_that_are_not_those_that_wait() -> None:
    pending = PendingRules(NEWEST, (NEWEST,), {}, "x" * 5000)
    room = channel(rules=Accepted(pending, became=Acceptance.NOT_THAT))
    answer = await room.say(EXPERT, "accept rules 1234567")
    assert answer.splitlines() == [
        "The rules of 1234567 are not those that wait.",
        "To read what waits: `accept rules`",
    ]
    message = await room.message(EXPERT, "accept rules")
    assert message.code and len(message.code) == 3000
    assert message.file and len(message.file.content) == 5000
