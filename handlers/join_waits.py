"""Who can take the next step of a wish to join is rung: a card rings nobody."""

from collections.abc import Mapping
from typing import Any

from aaroc_bot.commands import Desk, Inline, Join, JoinState, Mention, Message, Person, card

from ._wording import to_type


@card("join-waits")
async def join_waits(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell a site's admins, or the experts, that somebody waits for them."""
    number, _, state = subject.partition(" ")
    join = await desk.joining.get(int(number))
    if join is None:
        return Message("A wish to join that is gone.")
    told: list[Inline] = []
    for person in await _who(desk, join, JoinState(state)):
        if person.id != join.person.id:
            told += [Mention(person.login, person.id), " "]
    login = join.person.login
    welcome = join.site and state == JoinState.ASKED
    typed = f"welcome {login} to {join.site}" if welcome else f"invite {login}"
    what = "a welcome" if welcome else "an invitation"
    told = [*told[:-1], ": "] if told else []
    return Message((*told, f"{login} waits for {what}: ", to_type(typed)))


async def _who(desk: Desk, join: Join, state: JoinState) -> tuple[Person, ...]:
    """Give who can take the step: a site's own admins welcome, where it has any."""
    admins = await desk.people.admins(join.site) if join.site and state is JoinState.ASKED else ()
    return tuple(admins or await desk.people.experts() or ())
