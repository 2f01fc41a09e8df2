"""Folding events: what is not told for certain is never taken for predicted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.events import Story
from aaroc_bot.core.plan import HostCount, Progress

TASK = {"event": "task", "id": "t", "role": "r", "task": "do", "handler": False}


def result(**more: Any) -> dict[str, Any]:
    told = {
        **{"event": "result", "id": "t", "host": "one", "how": "ok", "check": True},
        **{"changed": False, "hidden": False, "decided": True, "ignored": False, "message": ""},
    }
    return told | more


def stats(**more: int) -> dict[str, Any]:
    kinds = ("ok", "changed", "failures", "skipped", "dark", "rescued", "ignored")
    return {"event": "stats", "hosts": {"one": dict.fromkeys(kinds, 0) | more}}


def told(*events: dict[str, Any], check: bool = True) -> Story:
    story = Story(check=check)
    for number, event in enumerate(events, 1):
        story.take({"n": number} | event)
    return story


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({}, None),
        ({"changed": True}, None),
        ({"how": "skipped"}, None),
        ({"how": "skipped", "check": False}, None),
        ({"hidden": True}, None),
        ({"how": "skipped", "decided": False}, "command"),
        ({"decided": False}, "command"),
        ({"how": "skipped", "decided": False, "hidden": True}, "hidden"),
        ({"hidden": True, "changed": None}, "hidden"),
        ({"check": False}, "executes"),
        ({"check": None}, "executes"),
        ({"check": "{{ x }}"}, "executes"),
        ({"how": "failed"}, "failed"),
        ({"how": "failed", "ignored": True}, "failed"),
        ({"how": "unreachable"}, "unreachable"),
    ],
)
def test_what_is_unseen(how: dict[str, Any], why: str | None) -> None:
    plan = told(TASK, result(**how), stats(ok=1)).plan()
    assert [unseen.why for unseen in plan.unseen] == ([why] if why else [])
    assert plan.complete == (why is None)


def test_a_failure_that_was_rescued_or_ignored_is_none() -> None:
    failed = result(how="failed", check=False, message="no")
    rescued = told(TASK, failed, stats(rescued=1), check=False)
    ignored = told(TASK, failed | {"ignored": True}, stats(ignored=1), check=False)
    fatal = told(TASK, failed, failed | {"message": "last"}, stats(failures=1), check=False)
    assert not rescued.recap().failures and not ignored.recap().failures
    assert [failure.message for failure in fatal.recap().failures] == ["last"]


def test_without_statistics_every_failure_counts() -> None:
    recap = told(TASK, result(how="failed", message="no"), check=False).recap()
    assert not recap.counts and [failure.message for failure in recap.failures] == ["no"]


def test_a_task_that_only_pretends_makes_no_item() -> None:
    story = told(TASK, result(changed=True), stats(ok=1, changed=1), check=False)
    assert not story.recap().items
    assert story.recap().counts == (HostCount("one", ok=1, changed=1),)


def test_a_task_met_again_is_the_same_task() -> None:
    other = TASK | {"id": "u", "task": "more", "role": ""}
    story = told(TASK, other, TASK)
    assert story.progress() == Progress(1, None, "r : do", 0)
    assert story.plan().tasks == 2


@given(st.integers(0, 3), st.sampled_from(["missing", "unknown", "stranger"]))
def test_a_lost_or_strange_event_is_a_fault(at: int, what: str) -> None:
    events: list[dict[str, Any]] = [TASK, result(), stats(ok=1)]
    strange = {"missing": None, "unknown": {"event": "x"}, "stranger": result(id="?")}[what]
    story = Story(check=True)
    events.insert(at, strange or {})
    for number, event in enumerate(events, 1):
        if event:
            story.take({"n": number} | event)
    assert bool(story.fault) or (what == "missing" and at == 3)
