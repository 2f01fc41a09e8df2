"""The card of a run, and the short messages in its thread that ring somebody's phone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aaroc_bot.commands import (
    Button,
    Desk,
    Inline,
    Kind,
    Mention,
    Message,
    Run,
    State,
    Text,
    card,
    duration,
    quoted,
    when,
)

from ._run_wording import (
    as_planned,
    deciders,
    failures,
    first_line,
    for_whom,
    foreseen,
    items,
    left_out,
    reported,
    where,
    whole,
)
from ._wording import commit, count, joined, to_type

CODE_LIMIT = 6_000
"""Characters of differences in a card's thread; the log has all of them."""

UNKNOWN = (
    "How long that takes is not known: one before it has not succeeded here yet, "
    "or takes longer than usual."
)


@card("run")
async def run(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Show a run as it stands now."""
    found = await desk.runs.get(int(subject))
    if found is None:
        return Message(f"Run {subject} is no longer on record.", kind=Kind.CARD)
    return await run_message(desk, found)


async def run_message(desk: Desk, run: Run) -> Message:
    """Write the card of a run."""
    planned = run.state in {State.PLANNED, State.WAITING, State.QUEUED} and run.plan is not None
    return Message(
        first_line(run),
        lines=tuple(
            filter(
                None,
                (
                    *failures(run),
                    _seen(run) if planned else "",
                    _turn(run, desk.clock()),
                    await _kept(desk, run),
                    _note(run),
                ),
            )
        ),
        table=items(run.plan) if planned and run.plan else reported(run),
        notes=tuple(filter(None, await _notes(desk, run))),
        buttons=_buttons(run),
        kind=Kind.CARD,
        run=run.number,
        state=run.state.value,
    )


def _seen(run: Run) -> Text:
    if run.plan is None or not run.plan.played:
        return ""
    unseen = len({(task.role, task.task) for task in run.plan.unseen})
    will = f", {unseen} will run unseen" if unseen else ""
    return f"{run.plan.checked} of {count(run.plan.tasks, 'task')} checked{will}"


def _turn(run: Run, now: datetime) -> Text:
    """Say when the turn of one that waits is likely to come."""
    if run.state not in {State.PLANNING, State.QUEUED}:
        return ""
    if run.turn_at is not None:
        return ("Its turn is likely to come about ", when(run.turn_at, now), ".")
    behind = run.reason.startswith("waits for run ")
    return UNKNOWN if behind else ""


async def _kept(desk: Desk, run: Run) -> Text:
    """Tell who decides that the site is locked: a yes alone does not start the run."""
    if run.state is not State.WAITING:
        return ""
    locks = await desk.locks.current()
    others = [
        lock for site in run.holds if (lock := locks.get(site)) and lock.by.id != run.asked.by.id
    ]
    if not others:
        return ""
    lock, now = max(others, key=lambda lock: lock.until), desk.clock()
    until = when(lock.until, now)
    return (f"{lock.site} is locked by {lock.by.login} until ", until, ": it starts after that.")


def _note(run: Run) -> Text:
    """Compare what it did with its plan; of one that was cut off say where that was."""
    if run.state is State.INTERRUPTED and run.started_at:
        return f"{run.reason[:1].upper()}{run.reason[1:]}."
    return as_planned(run) if run.state is State.SUCCEEDED else ""


async def _notes(desk: Desk, run: Run) -> tuple[Text, ...]:
    now = desk.clock()
    by = run.asked.by.login
    said = f" (said at the machine by {run.asked.operator})" if run.asked.operator else ""
    asked: Text = (
        f"Asked by {by}{said} ",
        when(run.asked.at, now),
        " · revision ",
        commit(desk, run.revision),
        " ",
        quoted(run.revision.subject, 60),
    )
    decided: Text = ""
    if run.approvals:
        approvers = ", ".join(a.by.login for a in run.approvals)
        decided = (f"Approved by {approvers} ", when(run.approvals[-1].at, now), ".")
    match run.state:
        case State.WAITING if run.deadline:
            more: Text = ("Must be approved by ", when(run.deadline, now), _tried_after(run), ".")
            return (left_out(run.plan) if run.plan else "", asked, joined(more, decided))
        case State.PLANNING if run.deadline:
            return (asked, ("Ends at ", when(run.deadline, now), _patiently(run), "."))
        case State.QUEUED if run.deadline:
            start: Text = ("Must start by ", when(run.deadline, now), _patiently(run), ".")
            return (asked, joined(decided, start))
        case State.RUNNING:
            return (asked, joined(decided, await _usual(desk, run)))
        case State.PLANNED:
            return (left_out(run.plan) if run.plan else "", asked, _next(run))
    return (asked, joined(decided, _next(run)))


def _patiently(run: Run) -> str:
    return f"; until then it is tried again while {run.site} does not answer" if run.patient else ""


def _tried_after(run: Run) -> str:
    """Say of one that is patient that it will be so; its time to start begins by its approval."""
    return (
        f"; from then on it is tried again while {run.site} does not answer" if run.patient else ""
    )


async def _usual(desk: Desk, run: Run) -> str:
    usual = await desk.runs.usual(run.verb, run.word, run.site)
    so_far = f"so far {duration(desk.clock() - run.started_at)}" if run.started_at else ""
    if usual is None:
        return f"{so_far[:1].upper()}{so_far[1:]}." if so_far else ""
    return f"Usual duration here: {duration(usual)}{f'; {so_far}' if so_far else ''}."


def _next(run: Run) -> Text:
    """Say what to type next, once a run has ended."""
    if not run.state.ended:
        return ""
    if run.state is State.PLANNED:
        typed = run.typed.replace("plan ", f"{run.verb} ", 1)
        return ("To run it: ", to_type(typed))
    log: Text = (to_type(f"log {run.number}"), " · ") if run.log else ""
    return joined((*log, to_type(f"history {run.site}")))


def _buttons(run: Run) -> tuple[Button, ...]:
    number = run.number
    match run.state:
        case State.WAITING:
            verbs = ["Approve", "Deny", "Cancel"]
        case State.PLANNING | State.QUEUED:
            verbs = ["Cancel"]
        case State.RUNNING if run.cancelling is None:
            return (Button(f"Cancel {number} now", f"cancel {number} now"),)
        case State.FAILED | State.UNREACHABLE | State.EXPIRED | State.INTERRUPTED:
            verbs = ["Retry"]
        case _:
            verbs = []
    return tuple(Button(f"{verb} {number}", f"{verb.lower()} {number}") for verb in verbs)


@card("run-waits")
async def run_waits(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell the experts that a run waits for them, with every difference of its plan."""
    found = await desk.runs.get(int(subject))
    if found is None:
        return Message(f"Run {subject} is no longer on record.")
    waits = f": run {found.number} waits for {for_whom(found)}, {foreseen(found.plan)}."
    return Message(
        (*await _who_decides(desk, found), waits), code=_differences(found), run=found.number
    )


async def _who_decides(desk: Desk, run: Run) -> tuple[Inline, ...]:
    """Mention the experts who have a say."""
    told: list[Inline] = []
    for expert in deciders(await desk.people.experts(), run):
        told += [Mention(expert.login), " "]
    return tuple(told[:-1])


@card("run-reminder")
async def run_reminder(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Remind the experts of a run that waits for them and will not for long."""
    found = await desk.runs.get(int(subject))
    if found is None or found.state is not State.WAITING or found.deadline is None:
        return Message(f"Run {subject} does not wait for an expert any more.")
    return Message(
        (
            *await _who_decides(desk, found),
            f": run {found.number} still waits for {for_whom(found)}, and expires at ",
            when(found.deadline, desk.clock()),
            ".",
        ),
        run=found.number,
    )


def _differences(run: Run) -> str | None:
    text = whole(run.plan) if run.plan else None
    if text is None or len(text) <= CODE_LIMIT:
        return text
    return f"{text[:CODE_LIMIT]}\n... {len(text) - CODE_LIMIT:,} more characters"


@card("run-ended")
async def run_ended(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell who asked that their run was decided or has ended."""
    found = await desk.runs.get(int(subject))
    if found is None:
        return Message(f"Run {subject} is no longer on record.")
    told: Text = (Mention(found.asked.by.login), f": run {found.number} {_ended(found)}.")
    code = _differences(found) if found.state is State.PLANNED else None
    return Message(told, code=code, run=found.number)


def _ended(run: Run) -> str:
    match run.state:
        case State.DENIED | State.CANCELLED if run.decided:
            return f"was {run.state} by {run.decided.by.login}"
        case State.DENIED | State.CANCELLED | State.INTERRUPTED:
            return f"was {run.state}"
        case State.EXPIRED | State.UNREACHABLE:
            return f"is {run.state}"
        case State.PLANNED:
            return f"is planned, {foreseen(run.plan)}"
        case State.SUCCEEDED if run.checked_only:
            return "succeeded, nothing to change (checked only)"
        case _:
            return run.state.value


@card("away")
async def away(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell the channel, after a fall, what was cut off and what waits on as before."""
    cut = [run for n in data["interrupted"] if (run := await desk.runs.get(int(n)))]
    lines: list[Text] = []
    for run in cut:
        lines.append(_cut_off(run))
        lines.append(("To plan it again: ", to_type(f"retry {run.number}")))
    if waiting := data["waiting"]:
        numbers = " and ".join(filter(None, (", ".join(map(str, waiting[:-1])), str(waiting[-1]))))
        word = "Run" if len(waiting) == 1 else "Runs"
        lines.append(f"{word} {numbers} {'waits' if len(waiting) == 1 else 'wait'} on as before.")
    return Message(
        _away(desk, data),
        lines=tuple(lines),
        buttons=tuple(Button(f"Retry {run.number}", f"retry {run.number}") for run in cut),
    )


@card("fallen")
async def fallen(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell the channel which process fell silent, and what was cut off with it."""
    now = desk.clock()
    since = when(datetime.fromisoformat(data["since"]), now)
    cut = [run for n in data["interrupted"] if (run := await desk.runs.get(int(n)))]
    lines: list[Text] = []
    for run in cut:
        what = run.reason if run.started_at else f"not started: {run.reason}"
        lines.append(f"Run {run.number} ({run.typed}) was {what}.")
        lines.append(("To plan it again: ", to_type(f"retry {run.number}")))
    if data["free"] and cut:
        sites = ", ".join(sorted({site for run in cut for site in run.holds}))
        free = when(datetime.fromisoformat(data["free"]), now)
        lines.append((f"{sites}: kept until ", free, ", when nothing of it is alive any more."))
    return Message(
        (f"{data['process']} has given no sign of life since ", since, "."),
        lines=tuple(lines),
        buttons=tuple(Button(f"Retry {run.number}", f"retry {run.number}") for run in cut),
    )


def _cut_off(run: Run) -> str:
    """Say what was cut off where; what it left running on its hosts nobody here can see."""
    if run.started_at is None:
        return f"Run {run.number} ended: {run.reason}."
    return (
        f"Run {run.number} was {run.reason}. None of its processes is left here; "
        f"what it left running on {where(run)} I cannot see."
    )


def _away(desk: Desk, data: Mapping[str, Any]) -> Text:
    if not data.get("from"):
        return "I am back after a fall."
    start, end = (datetime.fromisoformat(data[key]) for key in ("from", "to"))
    now = desk.clock()
    span = duration(end - start)
    return (f"I was away for {span} (", when(start, now), " to ", when(end, now), ").")


@card("lock-ends")
async def lock_ends(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell a lock's owner that it ends soon, and how to keep the site."""
    again = f"lock {data['site']} until 2h {quoted(data['reason']).text}".rstrip()
    end = when(datetime.fromisoformat(data["until"]), desk.clock())
    return Message(
        (Mention(data["owner"]), f": your lock of {data['site']} ends at ", end, "."),
        lines=(("To keep it longer: ", to_type(again)),),
    )


@card("lock-lifted")
async def lock_lifted(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell a lock's owner that somebody else lifted it."""
    return Message((Mention(data["owner"]), f": {data['by']} unlocked {data['site']}."))


@card("lock-ended")
async def lock_ended(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell a lock's owner that its time is over."""
    return Message((Mention(data["owner"]), f": your lock of {data['site']} has ended."))
