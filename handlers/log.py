"""The log of a run: its end in the channel, the whole of it as a file."""

from aaroc_bot.commands import (
    Call,
    Effect,
    File,
    Message,
    Refusal,
    Right,
    Run,
    State,
    command,
    size,
)

from ._wording import count, to_type

LINES = 20
WIDTH = 160
"""Characters of a line that are shown; the file has all of them."""


@command(
    "log <run>",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Show the end of a run's log, with the whole of it as a file.",
)
async def log(call: Call, run: int) -> Message:
    """Show a run's log, if one is kept."""
    found = await call.runs.get(run)
    if found is None:
        raise Refusal(f"There is no run {run}.", ("To look: ", to_type("runs")))
    text = await call.runs.log(run)
    if text is None:
        return Message(f"Run {run} has no log: {_why_none(found)}.", run=run)
    lines = text.rstrip().splitlines()
    if not lines:
        return Message(f"The log of run {run} is empty.", run=run)
    shown = lines[-LINES:]
    part = f"the last {len(shown)} of {count(len(lines), 'line')}"
    return Message(
        f"Log of run {run}: {part if len(shown) < len(lines) else count(len(lines), 'line')}"
        f"; the whole is {size(text)}.",
        code="\n".join(line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in shown),
        file=File(f"run-{run}.log", text),
        run=run,
    )


def _why_none(run: Run) -> str:
    if run.state is State.RUNNING:
        return "it is running, and its log is kept when it ends"
    if not run.state.ended:
        return f"it is {run.state} and has not run yet"
    if run.checked_only:
        return "it was checked only, for there was nothing to change"
    if run.started_at is None:
        return f"it is {run.state} and never ran"
    return "none was kept"
