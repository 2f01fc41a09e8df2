"""Merging a pull request; the rules are in `core/merge.py`, the words in `_obstacles.py`."""

from contextlib import suppress

from aaroc_bot.commands import (
    Allowed,
    Button,
    Call,
    Change,
    Effect,
    Merged,
    Message,
    Refusal,
    Right,
    Unavailable,
    command,
    decide,
)

from ._obstacles import LACKS, hinders, way_out
from ._proposing import possible
from ._wording import pull, sha, to_type
from .change_card import PLANS, deploys, plans_of


@command(
    "merge <change>",
    right=Right.MEMBER,  # the rules decide by its files: owner of all of them, or expert
    effect=Effect.ALTERS,
    decides=True,
    help="Merge a pull request that somebody who may has approved on GitHub, exactly as it is.",
)
async def merge(call: Call, change: int) -> Message:
    """Merge a pull request and say what to plan next."""
    possible(call)
    outcome = await call.changes.merge(change, call.standing)
    if not isinstance(outcome, Merged):
        raise Refusal(
            hinders(call, change, outcome),
            await way_out(call, change, outcome, again=True),
            lacks=LACKS.get(outcome.obstacle),
        )
    found = await call.changes.numbered(change)
    then = deploys(found) if found else ""
    plans = [] if then else await _plans(call, change, found)
    return Message(
        (
            pull(call, change),
            f" was merged by {call.person.login}: ",
            sha(call, outcome.commit),
            ".",
        ),
        lines=(then,) if then else (),
        notes=(("To see what it would do: ", to_type(plans[0])),) if plans else (),
        buttons=tuple(Button(plan[:1].upper() + plan[1:], plan) for plan in plans[:PLANS]),
    )


async def _plans(call: Call, number: int, change: Change | None) -> list[str]:
    """Write the plans of what it touches that the speaker may ask for.

    What others committed is looked at: a Change's draft tells only what the bot made.
    """
    draft = change.draft if change and not change.of_others else None
    if draft is None:
        with suppress(Unavailable):  # it is merged, and the channel is told of it anyway
            look = await call.changes.look(number)
            draft = look.draft if look else None
    if draft is None:
        return []
    return [
        f"plan {entry.word} at {site}"
        for entry, site in await plans_of(call, draft)
        if isinstance(
            decide(call.standing, entry.may_run, Effect.ALTERS, site=site, entry=entry), Allowed
        )
    ]
