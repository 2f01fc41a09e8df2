"""What is told of links: in the ROC channel, and to the account that it concerns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aaroc_bot.commands import (
    Account,
    Button,
    Code,
    Desk,
    Froze,
    Message,
    Person,
    Text,
    card,
    quoted,
    when,
)

from ._wording import joined, to_type
from .freeze import ended

OVER = {
    "expired_token": "The code was not entered in time, so this account speaks for nobody yet.",
    "access_denied": "GitHub was told no, so this account speaks for nobody.",
    "frozen": "Who entered the code is frozen, so this account speaks for nobody. "
    "The bot's operator can lift that.",
    "unknown": "GitHub did not say who entered the code, so this account speaks for nobody yet.",
}
"""What came of a login, by GitHub's word for it or ours."""


@card("account-linked")
async def account_linked(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell everybody that an account speaks for somebody from now on."""
    login, by = data["login"], _at_the_machine(data)
    return Message(
        f"{_named(data)} linked to {login}{by}.",
        lines=() if by else (_if_not_theirs(data),),
    )


@card("account-unlinked")
async def account_unlinked(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell everybody that the operator ended a link."""
    return Message(f"{_named(data)} no longer linked to {data['login']}{_at_the_machine(data)}.")


@card("account-vouched")
async def account_vouched(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell everybody that an expert's new account decides."""
    login, by = data["login"], data["by"]
    return Message(
        f"{by} vouches for the new account of {login}, who decides by it from now on.",
        lines=(_if_not_theirs(data),),
    )


@card("person-frozen")
async def person_frozen(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell everybody that nothing is done for a person any more."""
    froze = Froze(data["accounts"], tuple(data["requests"]), tuple(data["approvals"]))
    return Message(
        f"{_who(data)} is frozen by {data['by']}: nothing is done for them any more.",
        lines=(f"Ended: {ended(froze)}.",),
    )


@card("person-lifted")
async def person_lifted(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell everybody that a person may be linked again."""
    return Message(
        f"{_who(data)} is no longer frozen{_at_the_machine(data)}; their accounts log in anew."
    )


@card("link-made")
async def link_made(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell an account for whom it speaks."""
    until = when(datetime.fromisoformat(data["until"]), desk.clock())
    return Message(
        (f"This account speaks for {data['login']} on GitHub until ", until, "."),
        lines=tuple(filter(None, (await _decides_later(desk, data),))),
        notes=(("What I know of you: ", to_type("whoami"), ". To end it: ", to_type("logout")),),
    )


async def _decides_later(desk: Desk, data: Mapping[str, Any]) -> Text:
    """Say of an expert's account from when it decides; empty for others."""
    person = Person(data["person"], data["login"])
    if data["decides_from"] is None or not (await desk.people.of_person(person)).expert:
        return ""
    later = when(datetime.fromisoformat(data["decides_from"]), desk.clock())
    vouch = Code(f"vouch {person.login}")
    return ("It decides nothing until ", later, ", or until another expert types ", vouch, ".")


@card("link-waits")
async def link_waits(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell a further account of a person what it waits for."""
    return Message(
        f"{data['login']} has an account here already; I asked there whether this one is theirs.",
        lines=(
            "It speaks for them once that was confirmed. If the other account is lost, the bot's "
            "operator can link this one.",
        ),
    )


@card("link-asks")
async def link_asks(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Ask a person by an account of theirs whether another is theirs too."""
    typed, asks = f"confirm {data['code']}", quoted(data["account"])
    until = when(datetime.fromisoformat(data["until"]), desk.clock())
    if await desk.linking.waiting(Account.read(data["account"])) is None:
        return Message(("A further account, ", asks, ", wanted to speak for you: it is decided."))
    return Message(
        ("A further account wants to speak for you: ", asks, "."),
        lines=(
            joined(("If it is yours, until ", until, ": "), (to_type(typed),)),
            "If not, somebody entered a login code at GitHub as you: do nothing here, and tell "
            "a ROC expert.",
        ),
        buttons=(Button(f"Confirm {data['code']}", typed),),
    )


@card("link-vouched")
async def link_vouched(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell an expert's new account that it decides."""
    return Message(f"{data['by']} vouches for this account: {data['login']} decides by it now.")


@card("login-over")
async def login_over(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell an account that its login came to nothing."""
    why = data["why"]
    told = OVER.get(why, f"GitHub ended the login ({why}), so this account speaks for nobody.")
    again: tuple[Text, ...] = () if why == "frozen" else (("To try again: ", to_type("login")),)
    return Message(told, notes=again)


def _named(data: Mapping[str, Any]) -> str:
    return f"{str(data['chat']).capitalize()} account"


def _at_the_machine(data: Mapping[str, Any]) -> str:
    return f" by {data['operator']}, at the bot's machine" if data["operator"] else ""


def _who(data: Mapping[str, Any]) -> str:
    return f"{data['login']} (GitHub id {data['person']})"


def _if_not_theirs(data: Mapping[str, Any]) -> Text:
    """Say how an expert freezes them; by id where the login would be taken for somebody's id."""
    login = str(data["login"])
    typed = f"freeze {data['person'] if login.isdecimal() else login}"
    return (f"If {login} knows nothing of it, an expert types ", to_type(typed), ".")
