"""The digest: how all sites stand in a few lines, and what cannot be told told as unknown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from aaroc_bot.commands import Behind, Facts, Lock, State, Unavailable
from tests.handlers.ports import (
    EXPERT,
    HANDLERS,
    KENET,
    NOW,
    UJ,
    Book,
    Channel,
    Described,
    Kept,
    written,
)
from tests.handlers.recorded import Digested
from tests.handlers.sample import DONE, KE_NAIROBI, RUNNING, ZA_UJ, channel

FRIDAY = NOW - timedelta(days=3)
NOTHING = Facts(NOW, {}, (), 0, {}, ())
WAITS = replace(
    DONE, number=17, state=State.WAITING, changed_at=NOW - timedelta(hours=3), approvals=()
)
FAILED = replace(DONE, number=9, site="maren", state=State.FAILED, ended_at=NOW - timedelta(days=2))
DATA: dict[str, Any] = {
    "name": "weekly",
    "for": "2026-06-08T14:40:00+00:00",
    "zone": "Africa/Johannesburg",
    "made": None,
    "since": FRIDAY.isoformat(),
    "events": 1490,
    "head": "77ab" + "0" * 58 + "01",
}


def quiet(**more: object) -> Channel:
    ran = [replace(DONE, number=n, site=s.name) for n, s in enumerate((KE_NAIROBI, ZA_UJ), 1)]
    ports = {"sites": Described((KE_NAIROBI, ZA_UJ)), "runs": Book(ran)}
    return channel(**(ports | {"digests": Digested(FRIDAY, NOTHING)} | more))


async def test_its_first_line_says_how_many_sites_need_somebody() -> None:
    facts = replace(
        NOTHING, ended={State.SUCCEEDED: 6, State.FAILED: 1}, failed=(FAILED,), merged=4
    )
    room = channel(runs=Book([FAILED, DONE, RUNNING, WAITS]), digests=Digested(FRIDAY, facts))
    assert (await room.say(UJ, "digest")).splitlines() == [
        "Digest, Monday 8 June: 3 sites, 2 need somebody",
        "1 running · 1 failed · 1 waiting.",
        "Waiting: run 17 at ZA-UJ for an expert (roc-expert) for 3 h",
        "Since Friday: 7 runs (6 succeeded, 1 failed), 4 Changes merged",
        "Ended badly: run 9 deploy site-bdii at maren failed",
        "maren | failed | run 9, deploy site-bdii, 2 days ago"
        " · in part: Ansible/group_vars/maren is a vault and I have no password for it",
        "Never deployed: 1 site.",
        "Record: 1,482 events, head 9c41…e7.",
    ]


async def test_with_nothing_to_say_it_is_one_line() -> None:
    said = await quiet().say(UJ, "digest")
    assert said == "All 2 sites quiet since Friday. Record: 1,482 events, head 9c41…e7."


async def test_its_card_is_quiet_only_where_nothing_is_to_be_said() -> None:
    message = await HANDLERS.cards["digest"](quiet().desk(), "weekly", DATA)
    assert message.state == "quiet"
    assert "1,490 events, head 77ab…01" in written(message)
    busy = quiet(digests=Digested(FRIDAY, replace(NOTHING, merged=1)))
    assert (await HANDLERS.cards["digest"](busy.desk(), "weekly", DATA)).state is None


async def test_a_late_one_says_for_when_it_was() -> None:
    data = DATA | {"for": "2026-06-08T08:00:00+00:00", "made": "2026-06-08T11:00:00+00:00"}
    busy = quiet(digests=Digested(FRIDAY, replace(NOTHING, merged=1)))
    said = written(await HANDLERS.cards["digest"](busy.desk(), "weekly", data))
    assert said.startswith("Digest, Monday 8 June (for 08:00 UTC, 3 h late): 2 sites, nobody")


async def test_what_was_merged_after_the_last_run_counts_as_not_deployed() -> None:
    facts = replace(NOTHING, merges={"ZA-UJ": NOW - timedelta(hours=1), "KE-NAIROBI": NOW})
    book = Book([replace(DONE, number=1)])
    for behind, told in (
        (Behind(2, 1), "Merged and not deployed yet: KE-NAIROBI, ZA-UJ."),
        (Behind(2, 0), "Merged and not deployed yet: KE-NAIROBI."),
        (Behind(None, None), "deployed I can't tell: ZA-UJ."),
    ):
        sites = Described((KE_NAIROBI, ZA_UJ), since=behind)
        room = quiet(sites=sites, runs=book, digests=Digested(FRIDAY, facts))
        assert told in await room.say(UJ, "digest")


async def test_locks_about_to_end_and_sites_not_deployed_for_long() -> None:
    old = replace(DONE, ended_at=NOW - timedelta(days=120))
    lock = Lock("ZA-UJ", KENET, "", NOW, NOW + timedelta(hours=2))
    said = await quiet(runs=Book([old]), locks=Kept({"ZA-UJ": lock})).say(UJ, "digest")
    assert "Locks about to end: ZA-UJ (kenet-admin, 16:40 UTC)" in said
    assert "Not deployed: 1 site for 90 days (the oldest: ZA-UJ, 120 days ago), 1 never." in said


async def test_what_another_line_says_is_not_said_again_in_a_row() -> None:
    lock = Lock("maren", KENET, "", NOW, NOW + timedelta(hours=2))
    waits = replace(WAITS, site="maren")
    ports = {"runs": Book([FAILED, waits]), "locks": Kept({"maren": lock})}
    said = await channel(digests=Digested(FRIDAY, NOTHING), **ports).say(UJ, "digest")
    (row,) = [line for line in said.splitlines() if line.startswith("maren |")]
    assert row.startswith("maren | failed | run 9, deploy site-bdii, 2 days ago · in part: ")
    assert "run 17" not in row and "locked" not in row
    assert "Waiting: run 17 at maren for an expert (roc-expert) for 3 h" in said
    assert "Locks about to end: maren (kenet-admin, 16:40 UTC)" in said


async def test_who_asked_is_not_named_among_those_who_may_approve() -> None:
    own = replace(WAITS, asked=replace(WAITS.asked, by=EXPERT))
    assert "Waiting: run 17 at ZA-UJ for an expert for 3 h" in await quiet(runs=Book([own])).say(
        UJ, "digest"
    )


async def test_a_repository_that_cannot_be_read_leaves_the_sites_unknown() -> None:
    away = Described(away=Unavailable("the repository"))
    said = await quiet(sites=away).say(UJ, "digest")
    assert said.startswith("Digest, Monday 8 June: how the sites stand is unknown")


async def test_reminders_name_what_waits_and_are_quiet_otherwise() -> None:
    render = HANDLERS.cards["reminders"]
    assert (await render(quiet().desk(), "daily", DATA)).state == "quiet"
    message = await render(quiet(runs=Book([WAITS])).desk(), "daily", DATA)
    assert written(message).splitlines()[:2] == [
        "Monday 8 June: 1 thing waits for somebody",
        "run 17 at ZA-UJ for an expert (roc-expert) for 3 h",
    ]


async def test_it_stays_short_however_much_there_is() -> None:
    many = tuple(replace(ZA_UJ, name=f"ZA-{n}", broken=True) for n in range(200))
    waits = [replace(WAITS, number=n, site=f"ZA-{n}") for n in range(100)]
    said = await quiet(sites=Described(many), runs=Book(waits)).say(UJ, "digest")
    assert "194 sites more: `status`" in said
    assert "and 97 more" in said
    assert len(said.splitlines()) < 16
