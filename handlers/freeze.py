"""Ending at once all that speaks for somebody: for an account or a phone in wrong hands."""

from aaroc_bot.commands import (
    Call,
    Effect,
    Froze,
    Message,
    Person,
    Refusal,
    Right,
    State,
    Text,
    Unavailable,
    command,
    quoted,
)

from ._wording import count, listed, to_type


@command(
    "freeze <login>",
    right=Right.EXPERT,
    effect=Effect.REDUCES,
    decides=True,
    help="End somebody's accounts, requests and approvals at once; only the operator lifts it.",
)
async def freeze(call: Call, login: str) -> Message:
    """Freeze a person. It works while GitHub is away, for whoever is linked."""
    person = await _known(call, login.removeprefix("@"))
    froze = await call.linking.freeze(person, call.standing)
    return Message(
        f"{person.login} (GitHub id {person.id}) is frozen.",
        lines=(f"Ended: {ended(froze)}.", *await _goes_on(call, person)),
        notes=("The bot's operator lifts it, at the machine.",),
    )


def ended(froze: Froze) -> str:
    """Say what a freeze ended."""
    told = [count(froze.accounts, "account")]
    if froze.requests:
        told.append(f"request of {_runs(froze.requests)}")
    if froze.approvals:
        told.append(f"approval of {_runs(froze.approvals)}")
    return ", ".join(told)


def _runs(numbers: tuple[int, ...]) -> str:
    return f"{'run' if len(numbers) == 1 else 'runs'} {listed([str(n) for n in numbers])}"


async def _known(call: Call, login: str) -> Person:
    try:
        found = await call.linking.known(login)
    except Unavailable as away:
        if away.what != "GitHub":
            raise
        text = ("GitHub does not answer, and no account here is linked to ", quoted(login, 40), ".")
        raise Refusal(text, "Nothing was done.") from None
    if not found:
        raise Refusal(("Nobody on GitHub is called ", quoted(login, 40), ". Nothing was done."))
    if len(found) > 1:
        ids = listed([str(person.id) for person in found])
        one, other, *_ = (to_type(f"freeze {person.id}") for person in found)
        raise Refusal(
            (
                quoted(login, 40),
                f" is or was the login of several people: GitHub ids {ids}. Nothing was done.",
            ),
            ("To freeze one of them: ", one, " or ", other, "."),
        )
    return found[0]


async def _goes_on(call: Call, person: Person) -> tuple[Text, ...]:
    """Name their runs under way, which a freeze does not stop; whoever may can end them."""
    own = person.id == call.person.id
    theirs = [
        run
        for run in await call.runs.active()
        if run.state is State.RUNNING and run.asked.by.id == person.id
    ]
    return tuple(
        (
            f"Run {run.number}, which is running, goes on",
            *(() if own else (". To end it: ", to_type(f"cancel {run.number} now"))),
            ".",
        )
        for run in theirs
    )
