"""Saying who one is: `login`, `confirm`, `logout`. Proven by GitHub, never by a chat's word."""

from aaroc_bot.commands import (
    Audience,
    Call,
    Code,
    Effect,
    Lacking,
    Link,
    LoginCode,
    Message,
    Refusal,
    Right,
    command,
    quoted,
    when,
)

from ._identity import how_to_link
from ._wording import joined, to_type


@command(
    "login",
    right=Right.ANYBODY,
    effect=Effect.ALTERS,
    help="Link this account to you on GitHub, by a code in a direct message.",
)
async def login(call: Call) -> Message:
    """Give a code to enter at GitHub; the same while one waits."""
    _not_at_the_machine(call)
    link = call.standing.link
    if link is not None:
        return Message(
            (
                f"This account speaks for {link.person.login} until ",
                when(link.until, call.now),
                ".",
            ),
            notes=(("To link it to somebody else, first: ", to_type("logout")),),
            to=Audience.ASKER,
        )
    if not call.linking.possible:
        typed = Code(f"aaroc-bot link {call.said.account} LOGIN")
        raise Refusal(
            "Nobody can log in here by themselves.",
            ("The bot's operator can link this account to you: ", typed),
        )
    if not call.said.private:
        raise Refusal(how_to_link(call))
    begun = await call.linking.login(call.said.account)
    if not isinstance(begun, LoginCode):
        raise Refusal(
            "This account began too many logins. Nothing was done.",
            ("It can begin another from ", when(begun, call.now), " on."),
        )
    return _message(call, begun)


def _message(call: Call, code: LoginCode) -> Message:
    return Message(
        ("Enter ", Code(code.code), " at ", Link(code.address, code.address), "."),
        lines=(
            "Whoever enters it gives this chat account their rights. "
            "Never enter a code that somebody sent you.",
            ("It is good until ", when(code.until, call.now), ". I tell you here what came of it."),
        ),
        to=Audience.ASKER,
    )


@command(
    "confirm <code>",
    right=Right.ANYBODY,
    effect=Effect.ALTERS,
    help="Let a further account speak for you, by the code that I sent to this one.",
)
async def confirm(call: Call, code: str) -> Message:
    """Confirm a further account of the same person."""
    _not_at_the_machine(call)
    if call.standing.link is None:
        text = "This account speaks for nobody, so it confirms no other."
        raise Refusal(joined(text, how_to_link(call)), lacks=Lacking.LINK)
    account = await call.linking.confirm(code, call.standing)
    if account is None:
        raise Refusal(
            ("No other account of yours waits for ", quoted(code, 20), "."),
            "A code is good for a day, and once.",
        )
    return Message(
        (quoted(str(account)), f" speaks for {call.person.login} from now on, as this one does."),
        to=Audience.ASKER,
    )


@command(
    "logout",
    right=Right.ANYBODY,
    effect=Effect.ALTERS,
    help="Let this account speak for you no more.",
)
async def logout(call: Call) -> Message:
    """End the account's link, and a login that waits."""
    _not_at_the_machine(call)
    if not await call.linking.logout(call.standing):
        again = how_to_link(call)
        return Message("This account speaks for nobody.", lines=(again,), to=Audience.ASKER)
    return Message(
        "This account speaks for nobody any more.", lines=(how_to_link(call),), to=Audience.ASKER
    )


def _not_at_the_machine(call: Call) -> None:
    if call.standing.operator is not None:
        raise Refusal(
            (
                "At the machine you speak as ",
                Code("--as"),
                " says. A chat's account is linked there by ",
                Code("aaroc-bot link"),
                ".",
            ),
            lacks=Lacking.AT_THE_MACHINE,
        )
