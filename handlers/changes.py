"""Looking at pull requests: `changes` lists those that are open, `change` and `review` one."""

from aaroc_bot.commands import (
    Call,
    Change,
    Effect,
    Message,
    PullRequest,
    Refusal,
    Right,
    Text,
    command,
    duration,
    quoted,
)

from ._change_wording import TITLE, state_line, titled
from ._lists import Row, shortened
from ._look import look_message
from ._proposing import possible
from ._wording import count, pull, to_type

ROWS = 15
"""Pull requests in a message; a file has all where there are more."""


@command(
    "changes",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="List the pull requests that are open, newest first.",
)
async def changes(call: Call) -> Message:
    """List every open pull request, those that the bot did not open too."""
    possible(call)
    found = await call.changes.open()
    if not found:
        return Message("No pull request is open.")
    top = shortened(
        [_row(call, one, ours) for one, ours in found],
        limit=ROWS,
        name="changes.txt",
        head=("", "title", "by", "state", "age"),
    )
    first = found[0][0].number
    verb = "is" if len(found) == 1 else "are"
    return Message(
        f"{count(len(found), 'pull request')} {verb} open",
        table=top.table,
        notes=(*top.notes, ("All about one: ", to_type(f"change {first}"))),
        file=top.file,
    )


def _row(call: Call, one: PullRequest, ours: Change | None) -> Row:
    """Tell of one in a row: a Change by who asked for it, any other by its author."""
    if ours is not None:
        title, by = quoted(titled(ours), TITLE), ours.asked.by.login
        age, state = duration(call.now - ours.asked.at), state_line(ours)
    else:
        title, by = quoted(one.title, TITLE), one.author.login if one.author else "unknown"
        age, state = f"changed {duration(call.now - one.updated_at)} ago", "not the bot's"
    told: Text = "a draft" if one.draft else state
    return ((pull(call, one.number),), (title,), by, told, age)


@command(
    "change <change>",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Show a pull request by its number: what it does, its checks, its reviews.",
)
async def change(call: Call, change: int) -> Message:
    """Tell about one pull request as it is on GitHub now."""
    return await _looked(call, change, deep=False)


@command(
    "review <change>",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Show a pull request with what an expert needs to judge it: who reads and changed its files.",
)
async def review(call: Call, change: int) -> Message:
    """Tell all that an expert needs to judge a pull request."""
    return await _looked(call, change, deep=True)


async def _looked(call: Call, number: int, *, deep: bool) -> Message:
    possible(call)
    look = await call.changes.look(number, deep=deep)
    if look is None:
        raise Refusal(
            f"There is no pull request #{number}.", ("Those that are open: ", to_type("changes"))
        )
    return await look_message(call, look, deep=deep)
