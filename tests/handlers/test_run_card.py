"""How a plan reads on a card: each change once, with its hosts; the rest counted."""

from dataclasses import replace
from datetime import timedelta
from types import ModuleType

import pytest

from aaroc_bot.content import modules
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.plan import Item, Plan, Unseen
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import Asked, Decision, Lock, Run, State
from aaroc_bot.core.text import plain
from tests.handlers.ports import (
    EXPERT,
    HANDLERS,
    KENET,
    NEWEST,
    NOW,
    UJ,
    Book,
    Channel,
    Kept,
    written,
)


def wording() -> ModuleType:
    return next(m for m in modules() if m.__name__.endswith("._run_wording"))


def rows(plan: Plan) -> list[list[str]]:
    table = wording().items(plan)
    return [[plain(cell) for cell in row] for row in table.rows] if table else []


def test_the_same_change_on_several_hosts_is_one_row() -> None:
    diff = "@@ -1 +1 @@\n-BDII_PORT=2135\n+BDII_PORT=2170"
    plan = Plan(
        played=True,
        items=tuple(
            Item(host, "site-bdii", "configure port", path="/etc/bdii.conf", diff=diff)
            for host in ("bdii1", "bdii2")
        ),
        unseen=tuple(
            Unseen(f"wn{number}", "yaim", "run yaim", "command") for number in range(1, 5)
        ),
    )
    assert rows(plan) == [
        [
            "~",
            "bdii1, bdii2",
            "site-bdii : configure port",
            "/etc/bdii.conf",
            "`BDII_PORT=2135` → `BDII_PORT=2170`",
        ],
        ["?", "4 hosts", "yaim : run yaim", "", "a command; check mode does not play it"],
    ]
    assert wording().left_out(plan) == ""


def test_a_long_list_is_cut_at_the_end_and_counted() -> None:
    plan = Plan(
        played=True,
        items=tuple(Item("wn1", "", f"task {number}") for number in range(20)),
        unseen=tuple(Unseen("wn1", "", f"command {number}", "command") for number in range(5)),
    )
    assert [row[2] for row in rows(plan)] == [
        *(f"task {number}" for number in range(8)),
        *(f"command {number}" for number in range(3)),
    ]
    assert wording().left_out(plan) == "11 of 25 shown; all of it stands in the thread."


def test_a_long_line_is_cut_to_what_differs() -> None:
    line = "GlueServiceEndpoint: ldap://bdii1.uj.example.org:{}/o=grid"
    diff = f"@@ -1 +1 @@\n-{line.format(2170)}\n+{line.format(2345)}"
    assert plain(wording().change(Item("bdii1", "", "describe", diff=diff))) == (
        "`…uj.example.org:2170/o=grid` → `…uj.example.org:2345/o=grid`"
    )


def asked_for(**changes: object) -> Run:
    """Give run 12 as asked for a quarter of an hour ago, changed so."""
    place = Place("web", "roc")
    asked = Asked(UJ, Account("web", "", "uj-admin"), place, NOW - timedelta(minutes=15))
    run = Run(
        number=12,
        verb="deploy",
        word="site-bdii",
        subject="site-bdiis",
        plan_only=False,
        site="ZA-UJ",
        holds=("ZA-UJ",),
        given=(),
        parameters=(),
        revision=NEWEST,
        asked=asked,
        needed=1,
        state=State.WAITING,
        changed_at=NOW,
    )
    return replace(run, **changes)  # type: ignore[arg-type]


async def shown(card: str, run: Run, **data: object) -> list[str]:
    desk = Channel(runs=Book([run])).desk()
    return written(await HANDLERS.cards[card](desk, str(run.number), data)).splitlines()


SOON = NOW + timedelta(minutes=20)


async def test_one_that_waits_for_another_says_until_when() -> None:
    queued = asked_for(state=State.QUEUED, reason="waits for run 11 at ZA-UJ", deadline=SOON)
    lines = await shown("run", queued)
    assert lines[0].endswith("queued, waits for run 11 at ZA-UJ")
    assert lines[1] == (
        "How long that takes is not known: one before it has not succeeded here yet, "
        "or takes longer than usual."
    )
    lines = await shown("run", replace(queued, turn_at=NOW + timedelta(minutes=3)))
    assert lines[1] == "Its turn is likely to come about 14:43 UTC."
    lines = await shown("run", replace(queued, reason="ZA-UJ is locked by roc-expert"))
    assert not lines[1].startswith(("How long", "Its turn"))
    planning = replace(queued, state=State.PLANNING, turn_at=NOW, deadline=None)
    assert (await shown("run", planning))[1].startswith("Its turn is likely")


async def test_one_that_is_patient_says_until_when_it_is_tried() -> None:
    planning = asked_for(
        state=State.PLANNING, patient=True, deadline=SOON, reason="ZA-UJ does not answer"
    )
    lines = await shown("run", planning)
    assert lines[0].startswith("Run 12 · deploy site-bdii at ZA-UJ when reachable · planning")
    tried = "Ends at 15:00 UTC; until then it is tried again while ZA-UJ does not answer."
    assert tried in lines
    lines = await shown("run", replace(planning, state=State.QUEUED))
    assert (
        "Must start by 15:00 UTC; until then it is tried again while ZA-UJ does not answer."
        in lines
    )
    lines = await shown("run", replace(planning, state=State.WAITING, reason=""))
    assert any(
        line.startswith(
            "Must be approved by 15:00 UTC;"
            " from then on it is tried again while ZA-UJ does not answer."
        )
        for line in lines
    )


@pytest.mark.parametrize(("by", "told"), [(KENET, True), (UJ, False)])
async def test_one_that_waits_at_a_site_that_another_locked_says_so(by: Person, told: bool) -> None:
    waits = asked_for(deadline=SOON)
    locks = Kept({"ZA-UJ": Lock("ZA-UJ", by, "switch", NOW, NOW + timedelta(hours=2))})
    line = "ZA-UJ is locked by kenet-admin until 16:40 UTC: it starts after that."
    for run, says in ((waits, told), (replace(waits, state=State.RUNNING), False)):
        desk = Channel(runs=Book([run]), locks=locks).desk()
        message = await HANDLERS.cards["run"](desk, "12", {})
        assert (line in written(message).splitlines()) is says


async def test_what_a_fall_cut_off_is_told_without_what_nobody_knows() -> None:
    cut = asked_for(state=State.INTERRUPTED, started_at=NOW, reason="cut off at task 7 of 11")
    lines = await shown("away", cut, interrupted=[12], waiting=[])
    assert lines[1].startswith(
        "Run 12 was cut off at task 7 of 11. None of its processes is left here; "
        "what it left running on "
    )


async def test_an_expired_run_says_why_and_offers_to_ask_again() -> None:
    for reason in (
        "Ansible/group_vars/za-uj.yml has changed",
        "uj-admin is no longer a member of AAROC",
        "roc-expert may not approve any more",
        "nobody approved it in time",
        "it could not start in time: ZA-UJ is locked by roc-expert until 18:00 UTC",
    ):
        lines = await shown("run", asked_for(state=State.EXPIRED, reason=reason))
        assert lines[0] == f"Run 12 · deploy site-bdii at ZA-UJ · expired: {reason}"
        assert lines[-1] == "[Retry 12]"


async def test_who_has_not_decided_yet_is_reminded() -> None:
    waits = asked_for(deadline=SOON)
    assert await shown("run-reminder", waits) == [
        "@roc-expert: run 12 still waits for an expert, and expires at 15:00 UTC."
    ]
    denied = replace(waits, state=State.DENIED)
    assert await shown("run-reminder", denied) == ["Run 12 does not wait for an expert any more."]


async def test_one_that_needs_two_counts_them() -> None:
    once = asked_for(needed=2, approvals=(Decision(EXPERT, NOW),), deadline=SOON)
    lines = await shown("run", once)
    assert "waiting for 1 of 2 experts" in lines[0]
    assert any("Approved by roc-expert" in line for line in lines)


async def test_a_process_that_fell_silent_is_told_with_what_it_played() -> None:
    cut = asked_for(
        state=State.INTERRUPTED,
        started_at=NOW,
        reason="cut off at task 7 of 11 (site-bdii : configure port)",
    )
    free = (NOW + timedelta(minutes=2)).isoformat()
    lines = await shown(
        "fallen", cut, process="worker-1", since=NOW.isoformat(), interrupted=[12], free=free
    )
    assert lines == [
        "worker-1 has given no sign of life since 14:40 UTC.",
        "Run 12 (deploy site-bdii at ZA-UJ) was cut off at task 7 of 11 "
        "(site-bdii : configure port).",
        "To plan it again: `retry 12`",
        "ZA-UJ: kept until 14:42 UTC, when nothing of it is alive any more.",
        "[Retry 12]",
    ]


async def test_a_lock_that_ends_soon_says_how_to_keep_it() -> None:
    lines = await shown(
        "lock-ends",
        asked_for(),
        site="ZA-UJ",
        owner="uj-admin",
        until=SOON.isoformat(),
        reason="switch maintenance",
    )
    assert lines == [
        "@uj-admin: your lock of ZA-UJ ends at 15:00 UTC.",
        "To keep it longer: `lock ZA-UJ until 2h switch maintenance`",
    ]
