"""Whose turn it is: nobody overtakes, no site twice, and everybody who waits is told why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.turns import (
    BOTS,
    WORKERS,
    Facts,
    Go,
    Holder,
    Kept,
    Process,
    Stay,
    Waiting,
    queue_of,
    site_queue,
    turns,
)

NOW = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
BOT = Process("roc", worker=False, sites=None, slots=4, alive=True, seen_at=NOW)
NEAR = Process("near", worker=True, sites=frozenset({"ZA-UJ"}), slots=2, alive=True, seen_at=NOW)


def waiting(number: int, site: str = "ZA-UJ", *more: str, **changes: object) -> Waiting:
    one = Waiting(
        number=number,
        plan=False,
        played=True,
        site=site,
        sites=frozenset({site, *more}),
        asked_by=1,
        under_way=False,
        paused=False,
        lasts=3 * MINUTES,
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def facts(*runs: Waiting, **changes: object) -> Facts:
    found = Facts(NOW, runs, (), {}, {}, (BOT,))
    return replace(found, **changes)  # type: ignore[arg-type]


def test_the_oldest_goes_and_the_rest_are_told_behind_whom_and_until_when() -> None:
    found = turns(facts(waiting(3), waiting(1), waiting(2)))
    assert found == [
        Go(1, BOTS),
        Stay(2, "waits for run 1 at ZA-UJ", NOW + 3 * MINUTES),
        Stay(3, "waits for run 2 at ZA-UJ", NOW + 6 * MINUTES),
    ]


def test_a_run_under_way_is_waited_for_as_long_as_it_usually_takes() -> None:
    held = {"ZA-UJ": Holder(7, NOW - 2 * MINUTES, 5 * MINUTES)}
    assert turns(facts(waiting(8), waiting(9), running=["ZA-UJ"], holders=held)) == [
        Stay(8, "waits for run 7 at ZA-UJ", NOW + 3 * MINUTES),
        Stay(9, "waits for run 8 at ZA-UJ", NOW + 6 * MINUTES),
    ]


def test_how_long_is_not_told_where_past_runs_do_not_tell_it() -> None:
    held = {"ZA-UJ": Holder(7, NOW, None)}
    assert turns(facts(waiting(8), holders=held)) == [Stay(8, "waits for run 7 at ZA-UJ")]


def test_a_lost_run_keeps_its_site_until_it_is_surely_over() -> None:
    free_at = NOW + 2 * MINUTES
    [stay] = turns(facts(waiting(8), holders={"ZA-UJ": Holder(7, NOW, None, free_at)}))
    assert isinstance(stay, Stay)
    assert stay.reason.startswith("run 7 was cut off at ZA-UJ") and stay.turn_at == free_at


def test_a_lock_keeps_others_and_not_its_owner() -> None:
    locks = {"ZA-UJ": Kept(2, "roc-expert", NOW + 60 * MINUTES)}
    found = turns(facts(waiting(1), waiting(2, asked_by=2), locks=locks))
    assert found == [Stay(1, "ZA-UJ is locked by roc-expert until 15:00 UTC"), Go(2, BOTS)]


def test_a_run_of_two_sites_waits_for_both_and_is_not_overtaken() -> None:
    held = {"ZA-UFS": Holder(1, NOW, MINUTES)}
    found = turns(facts(waiting(2, "ZA-UJ", "ZA-UFS"), waiting(3), holders=held))
    assert found == [
        Stay(2, "waits for run 1 at ZA-UFS", NOW + MINUTES),
        Stay(3, "waits for run 2 at ZA-UJ", NOW + 4 * MINUTES),
    ]


def test_a_plan_waits_for_a_run_under_way_and_holds_nothing() -> None:
    held = {"ZA-UJ": Holder(1, NOW, MINUTES)}
    plans = [waiting(2, plan=True), waiting(3, plan=True, played=False)]
    found = turns(facts(*plans, holders=held))
    assert found == [Stay(2, "waits for run 1 at ZA-UJ", NOW + MINUTES), Go(3, BOTS)]
    assert turns(facts(waiting(1, plan=True), waiting(2))) == [Go(1, BOTS), Go(2, BOTS)]


def test_a_site_that_a_worker_names_is_for_it_alone_even_when_it_is_gone() -> None:
    gone = replace(NEAR, alive=False, seen_at=NOW - 10 * MINUTES)
    [stay, go] = turns(facts(waiting(1), waiting(2, "ZA-UFS"), processes=(BOT, gone)))
    assert stay == Stay(1, "no worker for ZA-UJ is there: near was last seen 08 Jun 13:50 UTC")
    assert go == Go(2, BOTS)
    assert turns(facts(waiting(1), processes=(BOT, NEAR))) == [Go(1, site_queue("ZA-UJ"))]


def test_workers_that_name_no_site_play_what_nobody_names() -> None:
    every = replace(NEAR, name="every", sites=None)
    assert queue_of("KE-NAIROBI", (BOT, NEAR, every)) == WORKERS
    assert queue_of("ZA-UJ", (BOT, NEAR, every)) == site_queue("ZA-UJ")


def test_no_more_side_by_side_than_there_is_room_for() -> None:
    sites = [f"ZA-{n}" for n in range(6)]
    runs = [waiting(n, site) for n, site in enumerate(sites)]
    found = turns(facts(*runs, running=["KE-NAIROBI"]))
    assert [v for v in found if isinstance(v, Go)] == [Go(n, BOTS) for n in range(3)]
    assert found[3:] == [Stay(n, "waits: 4 runs are under way") for n in range(3, 6)]


SITES = ["ZA-UJ", "ZA-UFS", "KE-NAIROBI", "EG-ZC"]
RUNS = st.lists(
    st.builds(
        lambda site, more, plan, under_way, paused: waiting(
            0, site, *more, plan=plan, under_way=under_way, paused=paused
        ),
        st.sampled_from(SITES),
        st.sets(st.sampled_from(SITES), max_size=2),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=9,
)
HELD = st.dictionaries(st.sampled_from(SITES), st.just(Holder(99, NOW, MINUTES)), max_size=3)
PROCESSES = st.lists(st.sampled_from([BOT, NEAR, replace(NEAR, alive=False)]), max_size=3)


@given(RUNS, HELD, PROCESSES, st.sets(st.sampled_from(SITES)))
def test_whatever_waits(
    runs: list[Waiting], held: dict[str, Holder], processes: list[Process], locked: set[str]
) -> None:
    numbered = [replace(run, number=number) for number, run in enumerate(runs)]
    locks = {site: Kept(2, "roc-expert", NOW + MINUTES) for site in locked}
    found = turns(facts(*numbered, holders=held, locks=locks, processes=tuple(processes)))
    go = {v.number for v in found if isinstance(v, Go)}
    taken: set[str] = set(held)
    for run in numbered:
        if run.under_way or run.plan:
            continue
        if run.number in go:
            assert not run.sites & taken, "a site twice, or overtaken"
            assert not run.sites & locked
        if not run.sites & locked:
            taken |= run.sites
    told = {v.number for v in found}
    left = [r for r in numbered if r.number not in told]
    assert all(r.under_way or r.paused for r in left), "who waits is told why"
    assert [v.number for v in found] == sorted(told)


def test_how_long_is_not_told_of_one_that_takes_longer_than_usual_or_waits_itself() -> None:
    held = {"ZA-UJ": Holder(7, NOW - 9 * MINUTES, 5 * MINUTES)}
    assert turns(facts(waiting(8), holders=held)) == [Stay(8, "waits for run 7 at ZA-UJ")]
    gone = replace(NEAR, alive=False)
    [_, behind] = turns(facts(waiting(1), waiting(2), processes=(BOT, gone)))
    assert behind == Stay(2, "waits for run 1 at ZA-UJ")


def test_a_worker_of_several_sites_plays_no_more_side_by_side_than_it_may() -> None:
    near = replace(NEAR, sites=frozenset({"ZA-1", "ZA-2", "ZA-3"}))
    runs = [waiting(n, f"ZA-{n}") for n in (1, 2, 3)]
    found = turns(facts(*runs, processes=(BOT, near)))
    assert found[2] == Stay(3, "waits: 2 runs are under way")


def test_plans_that_were_tried_in_vain_let_others_go_first() -> None:
    again = [waiting(n, f"ZA-{n}", plan=True, tried=True) for n in range(4)]
    found = turns(facts(*again, waiting(9, plan=True)))
    assert Go(9, BOTS) in found and isinstance(found[3], Stay)
