"""Wording about who speaks: how an account is linked, and what keeps it from deciding."""

from aaroc_bot.commands import Call, Code, Text, when

from ._wording import joined, to_type


def how_to_link(call: Call) -> Text:
    """Say how somebody who is linked to nobody gets linked."""
    if not call.linking.possible:
        return "The bot's operator can link this account to you."
    where = "" if call.said.private else " to me in a direct message"
    return ("Type ", to_type("login"), f"{where}.")


async def waits_for(call: Call) -> Text:
    """Say by whose other account this one must be confirmed; empty where it waits for none."""
    person = await call.linking.waiting(call.said.account)
    if person is None:
        return ""
    return f"This account speaks for {person.login} once another account of theirs confirms it."


def decides_later(call: Call) -> Text:
    """Say of an expert's new account when it decides, and how it may sooner."""
    standing = call.standing
    assert standing.decides_from is not None  # it is why this is said
    sooner: Text = ""
    if standing.person is not None:
        vouch = Code(f"vouch {standing.person.login}")
        sooner = ("Sooner, if another expert types ", vouch, ".")
    until = when(standing.decides_from, call.now)
    return joined(("This account is new, so it decides nothing before ", until, "."), sooner)


def frozen(call: Call) -> str:
    """Say that nobody speaks for this person."""
    login = call.standing.person.login if call.standing.person else ""
    return f"{login} is frozen: nothing is done for them until the bot's operator lifts it."
