"""From Ansible's events to a plan, a recap and how far a play is.

The events are those of the bot's own callback plugin, as dictionaries with every string
redacted. What cannot be told counts as unseen: a plan that asks nobody must rest on what
check mode really predicted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aaroc_bot.core.plan import Failure, HostCount, Item, Plan, Progress, Recap, Unseen

DIFFS = 500
"""Items whose difference is kept; further ones are kept without."""
SAID = 200
"""Lines of `Recap.said` that are kept."""


@dataclass(frozen=True, slots=True)
class _Task:
    number: int
    role: str
    name: str
    handler: bool


@dataclass(frozen=True, slots=True)
class _Failed:
    number: int
    how: str
    failure: Failure


class Story:
    """What the events of one play told so far.

    `check` says whether it is played in check mode. `fault` is set when the events are not
    whole: then neither plan nor success may be built on them.
    """

    def __init__(self, *, check: bool) -> None:
        """Begin with nothing told."""
        self.check = check
        self.fault = ""
        self._numbers = 0
        self._tasks: dict[str, _Task] = {}
        self._now: _Task | None = None
        self._hosts: dict[str, None] = {}
        self._unreached: dict[str, None] = {}
        self._items: list[Item] = []
        self._unseen: list[Unseen] = []
        self._unpredicted: set[int] = set()
        self._failures: list[_Failed] = []
        self._said: list[tuple[str, str]] = []
        self._counts: tuple[HostCount, ...] | None = None

    def take(self, event: Mapping[str, Any]) -> None:
        """Take in one event, in order."""
        self._numbers += 1
        if event.get("n") != self._numbers:
            self.lose("an event is missing")
        match event.get("event"):
            case "task":
                self._begin(event)
            case "host":
                self._hosts[event["host"]] = None
            case "result":
                self._result(event)
            case "stats":
                self._counts = tuple(_count(host, n) for host, n in event["hosts"].items())
            case _:
                self.lose(str(event.get("what", "an event is not known")))

    def lose(self, why: str) -> None:
        """Note that events were lost or could not be read."""
        self.fault = self.fault or why

    def _begin(self, event: Mapping[str, Any]) -> None:
        known = self._tasks.get(event["id"])
        self._now = known or _Task(
            len(self._tasks) + 1, event["role"], event["task"], event["handler"]
        )
        self._tasks[event["id"]] = self._now

    def _result(self, event: Mapping[str, Any]) -> None:
        task, host = self._tasks.get(event["id"]), event["host"]
        if task is None:
            self.lose("a result belongs to no task")
            return
        self._hosts[host] = None
        self._said += [(host, line) for line in event.get("said", ())][: SAID - len(self._said)]
        if event["how"] == "unreachable":
            self._unreached[host] = None
        if event["how"] in {"failed", "unreachable"} and not event["ignored"]:
            failure = Failure(host, task.role, task.name, event["message"])
            self._failures.append(_Failed(task.number, event["how"], failure))
        if self.check:
            self._predict(task, host, event)
        pretended = event["check"] is True and not self.check
        if event["how"] == "ok" and event["changed"] and not pretended:
            self._change(task, host, event)

    def _change(self, task: _Task, host: str, event: Mapping[str, Any]) -> None:
        diff = event.get("diff") if len(self._items) < DIFFS else None
        path = event.get("path") or None
        self._items.append(Item(host, task.role, task.name, task.handler, path, diff))

    def _predict(self, task: _Task, host: str, event: Mapping[str, Any]) -> None:
        why = _why_unseen(event)
        if why is None:
            return
        if why != "unreachable":
            self._unpredicted.add(task.number)
        self._unseen.append(Unseen(host, task.role, task.name, why, event["message"]))

    def progress(self) -> Progress:
        """Say where the play is; before its first task that is task 0."""
        task = self._now
        if task is None:
            return Progress(0, None, "", len(self._hosts))
        name = f"{task.role} : {task.name}" if task.role else task.name
        return Progress(task.number, None, name, len(self._hosts))

    def plan(self) -> Plan:
        """Give check mode's answer. Only after the statistics came and nothing was lost."""
        lost = (failed.number for failed in self._fatal() if failed.how == "failed")
        first_lost = min(lost, default=len(self._tasks))
        checked = sum(
            task.number not in self._unpredicted and task.number <= first_lost
            for task in self._tasks.values()
        )
        first = {"failed": 0, "unreachable": 1}
        return Plan(
            played=True,
            hosts=tuple(self._hosts),
            unreachable=tuple(self._unreached),
            items=tuple(self._items),
            unseen=tuple(sorted(self._unseen, key=lambda unseen: first.get(unseen.why, 2))),
            tasks=len(self._tasks),
            checked=checked,
        )

    def recap(self) -> Recap:
        """Give what the play did."""
        failures = tuple(failed.failure for failed in self._fatal())
        return Recap(self._counts or (), tuple(self._items), failures, tuple(self._said))

    def _fatal(self) -> list[_Failed]:
        """Leave out the failures that a rescue mended: they are not in the statistics.

        A host that a failure was fatal to does nothing more, so its last ones count.
        """
        if self._counts is None:
            return self._failures
        left = {(count.host, "failed"): count.failed for count in self._counts}
        left |= {(count.host, "unreachable"): count.unreachable for count in self._counts}
        kept: list[_Failed] = []
        for failed in reversed(self._failures):
            key = (failed.failure.host, failed.how)
            if left.get(key, 0) > 0:
                left[key] -= 1
                kept.append(failed)
        return kept[::-1]


def _count(host: str, numbers: Mapping[str, int]) -> HostCount:
    return HostCount(
        host,
        numbers["ok"],
        numbers["changed"],
        numbers["failures"],
        numbers["skipped"],
        numbers["dark"],
    )


def _why_unseen(event: Mapping[str, Any]) -> str | None:
    """Say why check mode does not predict a result; None if it does."""
    if event["how"] in {"failed", "unreachable"}:
        return str(event["how"])
    if not event["decided"]:
        return "hidden" if event["hidden"] else "command"
    if event["how"] == "skipped":
        return None
    if event["check"] is not True:
        return "executes"
    return "hidden" if event["hidden"] and event["changed"] is None else None
