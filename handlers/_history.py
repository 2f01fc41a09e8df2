"""One line of a site's history for each kind of event on record."""

import re
from datetime import datetime

from aaroc_bot.commands import Call, Event, Lacking, Run, Text, What, lacking, quoted, when

from ._run_wording import state_line
from ._wording import commit, joined, pull, to_type

LOCKED = re.compile(r"locked until (\S+): ?(.*)", re.DOTALL)
"""How the outcome of a lock is written (runs/locks.py)."""


ACCEPTED = re.compile(
    r"(rules|\d+ lines? that executes?) accepted( at the first start)?.*", re.DOTALL
)
"""How the outcome of an acceptance is written (changes/rules.py)."""

CHANGED = re.compile(
    r"#(?P<number>\d{1,18})(?P<became>(?: [\w.\[\]-]{1,60}){1,6})"
    r"(?:: (?P<words>.*))?",
    re.DOTALL,
)
"""How the outcome of a Change is written: ``#41 merged by roc-expert: paths`` (changes/)."""


async def told(call: Call, event: Event, times: int = 1) -> Text:
    """Tell an event in a line, that happened so often; the moment stands beside it."""
    match event.what:
        case What.RUN | What.APPROVAL:
            run = await call.runs.get(event.run) if event.run is not None else None
            return _run(call, run) if run is not None else _otherwise(event)
        case What.REFUSAL:
            return _refusal(event, times)
        case What.LOCK:
            return _lock(call, event)
        case What.ACCEPTANCE:
            return _acceptance(event)
        case What.CHANGE:
            return _change(call, event)
        case _:
            return _otherwise(event)


def _run(call: Call, run: Run) -> Text:
    """Tell of a run as it stands now: what, its state, by whom, at which revision."""
    what = run.typed.replace(f" at {run.site}", "", 1)
    by = run.asked.by.login
    if run.asked.operator is not None:
        by += f" (at the machine, {run.asked.operator})"
    if run.approvals:
        by += f", approved by {', '.join(a.by.login for a in run.approvals)}"
    return joined(
        f"run {run.number} {what} ·", state_line(run), f"· {by} ·", (commit(call, run.revision),)
    )


def _refusal(event: Event, times: int) -> Text:
    """Say in a word which right was lacking: the words that the asker got spoke to them."""
    right = lacking(event.outcome)
    why = f"not {event.site}'s admin" if right is Lacking.SITE else right
    often = f", {times:,} times" if times > 1 else ""
    return joined(
        f"{_who(event)} was refused", (quoted(event.text, 80),), f"({why}){often}" if why else often
    )


def _acceptance(event: Event) -> Text:
    """Say who accepted what; how the site stands with it tells `status`."""
    found = ACCEPTED.fullmatch(event.outcome)
    if found is None:
        return _otherwise(event)
    who = f"{event.operator}, the operator," if event.operator and not event.login else _who(event)
    text = f"{who} accepted {found[1]}{found[2] or ''}: "
    return (text, to_type(f"status {event.site}")) if event.site else text.rstrip(": ")


def _change(call: Call, event: Event) -> Text:
    """Say what became of a pull request, or how the default branch moved without one."""
    found = CHANGED.fullmatch(event.outcome)
    if found is None:
        return (quoted(event.outcome, 120),) if not event.login else _otherwise(event)
    number, became = (pull(call, int(found["number"])),), found["became"].strip()
    if became == "open":
        return joined(f"{_who(event)} opened", number, ("· ", quoted(event.text, 120)))
    words: Text = ("· ", quoted(found["words"], 120)) if found["words"] else ""
    return joined(number, became, words)


def _lock(call: Call, event: Event) -> Text:
    found = LOCKED.fullmatch(event.outcome)
    if found is None:
        return _otherwise(event)
    try:
        until = datetime.fromisoformat(found[1])
    except ValueError:
        return _otherwise(event)
    reason: Text = (": ", quoted(found[2])) if found[2] else ""
    return (f"{_who(event)} locked it until ", when(until, call.now), *reason)


def _otherwise(event: Event) -> Text:
    """Tell of anything else in the record's own words."""
    return joined(f"{_who(event)}:", (quoted(event.outcome or event.text),))


def _who(event: Event) -> str:
    """Name who did it by login, else by account: who that is nobody proved."""
    return event.login or event.account or event.operator or "the bot"
