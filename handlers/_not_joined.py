"""Wording for joining: why somebody may not ask, or may not decide about somebody who did."""

from collections.abc import Mapping

from aaroc_bot.commands import (
    Call,
    Code,
    Lacking,
    NotJoined,
    Refusal,
    Text,
    WhyNotJoined,
    quoted,
)

from ._identity import frozen
from ._wording import accept, experts, joined, listed, logins, to_type

SIMPLY: Mapping[WhyNotJoined, tuple[str, Lacking | None]] = {
    WhyNotJoined.CANNOT_TELL: (
        "GitHub does not say now who is a member, so nothing was done. Say it again later.",
        Lacking.KNOWN,
    ),
    WhyNotJoined.NO_RIGHT: (
        "You may not decide about that now: your rights, or your account, changed lately.",
        Lacking.EXPERT,
    ),
    WhyNotJoined.VOID: (
        "Who decided about it before is frozen meanwhile, so it is decided anew: see its card.",
        None,
    ),
}


async def refusal(call: Call, no: NotJoined, login: str) -> Refusal:
    """Word why nothing came of it; `login` is whom it was about, empty where they asked."""
    if no.why in SIMPLY:
        text, lacks = SIMPLY[no.why]
        return Refusal(text, lacks=lacks)
    return await (_not_asked_for(call, no) if not login else _not_decided(call, no, login))


async def _not_asked_for(call: Call, no: NotJoined) -> Refusal:
    """Word why somebody may not ask, or need not."""
    where = call.people.organisation()
    match no.why:
        case WhyNotJoined.MEMBER:
            to_a_site: Text = ("To ask for a site's team: ", Code("join SITE"), ".")
            return Refusal(f"You are a member of {where} already.", to_a_site)
        case WhyNotJoined.INVITED:
            return Refusal(f"You are invited to {where} already.", accept(call))
        case WhyNotJoined.IN_TEAM:
            return Refusal(f"You look after {no.site} already.")
        case WhyNotJoined.OFTEN:
            text = "You asked often enough for a day; what you asked last stands."
            return Refusal(text, await experts(call))
        case WhyNotJoined.MANY:
            text = "So many asked to join today that I show no more until tomorrow."
            return Refusal(
                text, joined("You can write to an expert yourself.", await experts(call))
            )
        case WhyNotJoined.NO_TEAM:
            return Refusal(
                f"{no.site} has no team on GitHub that counts.",
                await experts(call),
                ("Without a site: ", to_type("join"), "."),
            )
        case WhyNotJoined.FROZEN:
            return Refusal(frozen(call), await experts(call), lacks=Lacking.FREEDOM)
    raise LookupError(f"no words for {no.why}")


async def _not_decided(call: Call, no: NotJoined, login: str) -> Refusal:
    """Word why somebody may not welcome or invite, or why it came to nothing."""
    who = no.person.login if no.person else quoted(login, 40)
    site = f" {no.site}" if no.site else ""
    match no.why:
        case WhyNotJoined.NOT_ASKED:
            return Refusal(
                (who, f" did not ask to join{site}, or it is over."),
                ("Whoever wants to types ", Code(f"join{site}"), " themselves."),
            )
        case WhyNotJoined.SEVERAL:
            ids = listed([str(person.id) for person in no.people])
            return Refusal(
                (who, f" was the login of several who asked: GitHub ids {ids}. Nothing was done."),
                ("Say which by the id that the card shows, as ", _decision(no), "."),
            )
        case WhyNotJoined.INVITED:
            where = call.people.organisation()
            return Refusal((who, f" is invited to {where} already, and accepts it on GitHub."))
        case WhyNotJoined.NO_TEAM:
            text = f"{no.site} has no team on GitHub any more that counts, so the wish is over."
            return Refusal(text, await experts(call))
        case WhyNotJoined.REFUSED:
            return Refusal(
                ("GitHub did not take it: ", quoted(no.detail, 160), "."),
                "It waits on its card, and can be decided again.",
            )
    return await _not_theirs(call, no, login)


async def _not_theirs(call: Call, no: NotJoined, login: str) -> Refusal:
    """Word whose decision it is instead."""
    match no.why:
        case WhyNotJoined.UNWELCOMED:
            who = no.person.login if no.person else quoted(login, 40)
            typed = Code(f"welcome {login} to {no.site}")
            return Refusal(
                (who, f" asked for {no.site}, which has to welcome them first."),
                (f"{logins(no.people) or 'One of its admins'} can: ", typed),
            )
        case WhyNotJoined.NOT_YOURS if no.people:
            text = f"Only {no.site}'s own admins welcome somebody there: {logins(no.people)}."
            return Refusal(text, lacks=Lacking.SITE)
        case WhyNotJoined.NOT_YOURS:
            text = f"{no.site} has no admin yet, so an expert welcomes somebody there."
            return Refusal(text, await experts(call), lacks=Lacking.EXPERT)
        case WhyNotJoined.ONESELF:
            text = "Nobody decides about their own wish to join."
            return Refusal(text, await experts(call), lacks=Lacking.OWN_REQUEST)
        case WhyNotJoined.FROZEN:
            text = (
                "One of you is frozen: nothing is done for them until the bot's operator lifts it."
            )
            return Refusal(text, lacks=Lacking.FREEDOM)
    raise LookupError(f"no words for {no.why}")


def _decision(no: NotJoined) -> Code:
    """Write a decision about one of several, by GitHub id."""
    id = no.people[0].id
    return to_type(f"welcome {id} to {no.site}" if no.site else f"invite {id}")
