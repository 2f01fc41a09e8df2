"""How a run reads: its first line, its items, its end. Plain functions over one `Run`."""

from collections.abc import Sequence

from aaroc_bot.commands import (
    Item,
    Person,
    Plan,
    Run,
    State,
    Table,
    Text,
    Unseen,
    duration,
    quoted,
)

from ._wording import count, hosts, joined

Row = tuple[Text, ...]

SHOWN = 8
"""Rows of items on a card: more would not fit a phone's screen."""

LEAST = 3
"""Rows of what is not seen that are shown however much changes."""
PATH = 40
"""Characters of a path on a card."""

CELL = 40
"""Characters of a line before and after, in one cell."""
BEFORE = 16
"""Characters before the first that differs, which tell what it is about."""

WHY_UNSEEN = {
    "command": "a command; check mode does not play it",
    "failed": "failed in check mode",
    "unreachable": "not reached",
    "hidden": "hides what it does",
    "executes": "really ran for this plan",
}


def first_line(run: Run) -> Text:
    """Give the line that says it all: number, command, state and for whom it waits."""
    return joined(f"Run {run.number} · {run.typed} ·", state_line(run))


def state_line(run: Run) -> Text:
    """Say the state, with exactly one state word, and what belongs to it."""
    match run.state:
        case State.PLANNING:
            return joined(
                f"planning at {run.revision.short}" + (", " + run.reason if run.reason else "")
            )
        case State.PLANNED:
            return f"planned, {foreseen(run.plan)}"
        case State.WAITING:
            return f"waiting for {for_whom(run)}, {foreseen(run.plan)}"
        case State.QUEUED:
            return f"queued, {run.reason}" if run.reason else "queued"
        case State.RUNNING:
            return f"running{_where(run)}"
        case State.SUCCEEDED:
            return f"succeeded, {_done(run)}"
        case State.FAILED:
            return _failed(run)
        case State.DENIED | State.CANCELLED:
            by = f" by {run.decided.by.login}" if run.decided else ""
            return joined(f"{run.state}{by}" + (":" if run.reason else ""), _words(run.reason))
        case State.INTERRUPTED if run.started_at:
            return f"interrupted, {where(run)} may be half way"
        case State.UNREACHABLE | State.EXPIRED | State.INTERRUPTED:
            return f"{run.state}: {run.reason}" if run.reason else run.state.value


def where(run: Run) -> str:
    """Say where a run plays: its hosts as far as they are known, else its site."""
    return hosts(run.plan.hosts) if run.plan and run.plan.hosts else f"hosts of {run.site}"


def for_whom(run: Run) -> str:
    """Say for whom a run waits, counting those who have not agreed yet."""
    if run.needed <= 1:
        return "an expert"
    return f"{run.needed - len(run.approvals)} of {run.needed} experts"


def deciders(experts: Sequence[Person] | None, run: Run) -> list[Person]:
    """Give the experts who have a say: not who asked, nor who has said yes already."""
    done = {run.asked.by.id, *(approval.by.id for approval in run.approvals)}
    return [expert for expert in experts or () if expert.id not in done]


def foreseen(plan: Plan | None) -> str:
    """Say what a plan foresees: ``2 items on 1 host; 3 tasks will run unseen``."""
    if plan is None:
        return "no plan yet"
    if not plan.played:
        return "nothing can be foreseen: it is not played before its approval"
    touched = {item.host for item in plan.items}
    items = f"{count(len(plan.items), 'item')} on {count(len(touched), 'host')}"
    unseen = len({(task.role, task.task) for task in plan.unseen})
    parts = [items if plan.items else "no item"]
    if unseen:
        parts.append(f"{count(unseen, 'task')} will run unseen")
    if plan.unreachable:
        parts.append(f"{hosts(plan.unreachable)} not reached")
    return "; ".join(parts) if len(parts) > 1 or plan.items else "nothing to change"


def _where(run: Run) -> str:
    ending = ", being cancelled" if run.cancelling else ""
    if run.progress is None:
        return ending
    of = f" of {run.progress.tasks}" if run.progress.tasks else ""
    step = f", task {run.progress.task}{of} ({run.progress.name})"
    return f"{step}, {count(run.progress.hosts, 'host')}{ending}"


def _done(run: Run) -> str:
    if run.checked_only:
        return "nothing to change (checked only)"
    if run.recap is None:
        return "done"
    touched = sum(1 for c in run.recap.counts if c.changed)
    changed = (
        f"{run.recap.changed} changed on {count(touched, 'host')}"
        if run.recap.changed
        else f"nothing changed on {count(len(run.recap.counts), 'host')}"
    )
    return f"{changed}, {took(run)}" if took(run) else changed


def took(run: Run) -> str:
    """Say how long it ran, empty where it did not."""
    if run.started_at is None or run.ended_at is None:
        return ""
    return duration(run.ended_at - run.started_at)


def _failed(run: Run) -> Text:
    if run.recap is None or not run.recap.failures:
        return joined("failed:", run.reason) if run.reason else "failed"
    broken = {failure.host for failure in run.recap.failures}
    return f"failed on {len(broken)} of {count(len(run.recap.counts), 'host')}"


def _words(reason: str) -> Text:
    return (quoted(reason),) if reason else ""


def failures(run: Run) -> tuple[Text, ...]:
    """Say host, role, task and message of what failed, first of all."""
    if run.recap is None:
        return ()
    found = run.recap.failures
    lines: list[Text] = [(f"{f.host} · {f.name}: ", quoted(f.message)) for f in found[:3]]
    if len(found) > 3:
        lines.append(f"{len(found) - 3} more failures stand in the log.")
    changed = [f"{c.host} {c.changed} changed" for c in run.recap.counts if c.changed]
    if changed and found:
        lines.append(f"{' · '.join(changed[:3])} before that")
    return tuple(lines)


def items(plan: Plan) -> Table | None:
    """List what will change and what is not seen, each once with its hosts; see `left_out`."""
    changing, hidden = _changing(plan), _unforeseen(plan)
    rows = [*changing[:SHOWN], *hidden[: max(SHOWN - len(changing), LEAST)]]
    return Table((), tuple(rows)) if rows else None


def _changing(plan: Plan) -> list[Row]:
    """Put the same change on several hosts into one row."""
    same: dict[tuple[str, Text], list[Item]] = {}
    for item in plan.items:
        name = item.name + (" (handler)" if item.handler else "")
        same.setdefault((name, change(item)), []).append(item)
    return [
        ("~", hosts(sorted({i.host for i in found})), name, _short(_path(found)), changed)
        for (name, changed), found in same.items()
    ]


def _unforeseen(plan: Plan) -> list[Row]:
    same: dict[tuple[str, Text], list[str]] = {}
    for task in plan.unseen:
        same.setdefault((task.name, _unseen(task)), []).append(task.host)
    return [("?", hosts(sorted(set(names))), name, "", why) for (name, why), names in same.items()]


def _path(same: list[Item]) -> str | None:
    """Give the path that the items share, None where each has its own."""
    paths = {item.path for item in same}
    return paths.pop() if len(paths) == 1 else None


def _short(path: str | None) -> str:
    """Keep the end of a path, which tells most, at a length that a phone shows."""
    if path is None or len(path) <= PATH:
        return path or ""
    return f"…{path[1 - PATH :]}"


def reported(run: Run) -> Table | None:
    """List what a playbook reported of each host, for one that is there to report."""
    if run.state is not State.SUCCEEDED or run.recap is None or not run.recap.said:
        return None
    of: dict[str, list[str]] = {}
    for host, said in run.recap.said:
        of.setdefault(host, []).append(said)
    rows: list[tuple[Text, ...]] = []
    for host, lines in list(of.items())[:SHOWN]:
        rows.append((host, (quoted("; ".join(lines)),)))
    if len(of) > SHOWN:
        rows.append(("", f"{SHOWN} of {count(len(of), 'host')} shown; the log has all."))
    return Table((), tuple(rows))


def left_out(plan: Plan) -> Text:
    """Say how much of the list is not on the card; empty where all of it is."""
    table = items(plan)
    shown = len(table.rows) if table else 0
    total = len(_changing(plan)) + len(_unforeseen(plan))
    return f"{shown} of {total} shown; all of it stands in the thread." if shown < total else ""


def _unseen(task: Unseen) -> Text:
    why = WHY_UNSEEN.get(task.why, task.why)
    return (f"{why}: ", quoted(task.message, 80)) if task.message else why


def change(item: Item) -> Text:
    """Show a difference in one cell: ``2170 → 2171`` for one line, else lines counted."""
    if not item.diff:
        return ""
    lines = [line for line in item.diff.splitlines() if not line.startswith(("+++", "---"))]
    gone = [line[1:].strip() for line in lines if line.startswith("-")]
    come = [line[1:].strip() for line in lines if line.startswith("+")]
    if len(gone) == len(come) == 1:
        before, after = _differing(gone[0], come[0])
        return (quoted(before, CELL), " → ", quoted(after, CELL))
    return f"+{len(come)} −{len(gone)} lines"


def _differing(before: str, after: str) -> tuple[str, str]:
    """Cut two lines to the part in which they differ, with a little of what stands before.

    >>> _differing("ldap://bdii1.uj.example:2170/o=grid", "ldap://bdii1.uj.example:2171/o=grid")
    ('…uj.example:2170/o=grid', '…uj.example:2171/o=grid')
    """
    same = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if same is None or max(len(before), len(after)) <= CELL:
        return before, after
    start = max(same - BEFORE, 0)
    cut = "…" if start else ""
    return f"{cut}{before[start:]}", f"{cut}{after[start:]}"


def whole(plan: Plan) -> str | None:
    """Write every item with its whole difference, for the card's thread."""
    blocks = [
        f"{i.host} · {i.name}" + (f" · {i.path}" if i.path else "") + "\n" + (i.diff or "").rstrip()
        for i in plan.items
    ]
    return "\n\n".join(block.rstrip() for block in blocks) or None


def as_planned(run: Run) -> Text:
    """Compare what was done with what the plan foresaw."""
    if run.plan is None or run.recap is None or not run.plan.played:
        return ""
    foresaw = {(i.host, i.role, i.task) for i in run.plan.items}
    did = {(i.host, i.role, i.task) for i in run.recap.items}
    more = did - foresaw
    if more:
        unseen = {(t.host, t.role, t.task) for t in run.plan.unseen}
        known = " (unseen in the plan)" if more <= unseen else ""
        return f"{count(len(more), 'item')} changed beyond the plan{known}."
    if did == foresaw:
        return "As planned; nothing else changed." if did else ""
    return f"{len(did)} of the {len(foresaw)} planned items changed something."
