"""Coming into the organisation: `join`, `welcome` by a site, `invite` by an expert."""

from collections.abc import Mapping
from typing import Any

from aaroc_bot.commands import (
    Button,
    Call,
    Code,
    Desk,
    Effect,
    Join,
    JoinOutcome,
    JoinState,
    Kind,
    Lacking,
    Message,
    NotJoined,
    Refusal,
    Right,
    Text,
    WhyNotJoined,
    card,
    command,
    quoted,
)

from ._asked import asked
from ._identity import frozen, how_to_link, waits_for
from ._wording import experts, joined, logins, to_type

OUTCOMES = {
    JoinOutcome.ASKED: "Your wish stands in the ROC channel now. I tell you what comes of it.",
    JoinOutcome.STANDS: "That was said before; the card in the ROC channel shows how far it is.",
    JoinOutcome.WELCOMED: "They are welcome there; an expert invites them now.",
    JoinOutcome.IN_TEAM: "They are in the team now.",
    JoinOutcome.INVITED: "The invitation is sent; they accept it on GitHub.",
}


@command(
    "join [site]",
    right=Right.ANYBODY,
    effect=Effect.ALTERS,
    help="Ask to be invited to the organisation on GitHub, and to a site's team.",
)
async def join(call: Call, site: str | None = None) -> Message:
    """Ask for an invitation. Who is not linked proves first who they are on GitHub."""
    _possible(call)
    if call.standing.person is None:
        text = "I don't know who you are on GitHub yet."
        raise Refusal(joined(text, how_to_link(call)), await waits_for(call), lacks=Lacking.LINK)
    return await _told(call, await call.joining.ask(call.standing, asked(call), site or ""))


@command(
    "welcome <login> to <site>",
    right=Right.SITE_ADMIN,
    effect=Effect.ALTERS,
    decides=True,
    help="Say for a site that somebody who asked may join its team.",
)
async def welcome(call: Call, login: str, site: str) -> Message:
    """Welcome somebody as one of a site's admins, or as an expert where it has none."""
    _possible(call)
    return await _told(call, await call.joining.welcome(login, site, call.standing), login)


@command(
    "invite <login>",
    right=Right.EXPERT,
    effect=Effect.ALTERS,
    decides=True,
    help="Invite somebody who asked to the organisation on GitHub.",
)
async def invite(call: Call, login: str) -> Message:
    """Send the invitation; a site that is meant too has welcomed them before."""
    _possible(call)
    await call.require_expert_now()
    return await _told(call, await call.joining.invite(login, call.standing), login)


def _possible(call: Call) -> None:
    if call.joining.possible:
        raise Refusal(f"I can invite nobody here: {call.joining.possible}.")


async def _told(call: Call, became: JoinOutcome | NotJoined, login: str = "") -> Message:
    if isinstance(became, JoinOutcome):
        return Message(OUTCOMES[became])
    raise await _refusal(call, became, login.removeprefix("@"))


async def _refusal(call: Call, no: NotJoined, login: str) -> Refusal:
    """Word why nothing came of it."""
    where, themselves = call.people.organisation(), not login
    who: Text = "You" if themselves else (quoted(login, 40),)
    are = "are" if themselves else "is"
    match no.why:
        case WhyNotJoined.MEMBER:
            to_a_site: Text = ("To ask for a site's team: ", Code("join SITE"), ".")
            return Refusal(joined(who, f"{are} a member of {where} already."), to_a_site)
        case WhyNotJoined.INVITED:
            accept = f"The invitation waits on GitHub, under {where}: it is accepted there."
            return Refusal(joined(who, f"{are} invited to {where} already."), accept)
        case WhyNotJoined.IN_TEAM:
            return Refusal(f"You look after {no.site} already.")
        case WhyNotJoined.NOT_ASKED:
            at = f" {no.site}" if no.site else ""
            return Refusal(
                joined(who, f"did not ask to join{at}, or it is over."),
                ("Whoever wants to types ", to_type(f"join{at}"), " themselves."),
            )
        case WhyNotJoined.UNWELCOMED:
            typed = to_type(f"welcome {no.person.login if no.person else login} to {no.site}")
            return Refusal(
                joined(who, f"asked for {no.site}, which has to welcome them first."),
                (f"{logins(no.people) or 'One of its admins'} can: ", Code(typed.text)),
            )
        case WhyNotJoined.NOT_YOURS:
            return Refusal(
                f"Only {no.site}'s own admins welcome somebody there: {logins(no.people)}.",
                lacks=Lacking.SITE,
            )
        case WhyNotJoined.ONESELF:
            text = "Nobody decides about their own wish to join."
            return Refusal(text, await experts(call), lacks=Lacking.OWN_REQUEST)
        case WhyNotJoined.NO_TEAM:
            return Refusal(
                f"{no.site} has no team on GitHub that counts.",
                await experts(call),
                ("Without a site: ", to_type("join"), "."),
            )
        case WhyNotJoined.FROZEN:
            return Refusal(
                frozen(call) if themselves else "One of you is frozen: nothing is done for them.",
                lacks=Lacking.FREEDOM,
            )
        case WhyNotJoined.CANNOT_TELL:
            text = (
                "GitHub does not say now who is a member, so nothing was done. Say it again later."
            )
            return Refusal(text, lacks=Lacking.KNOWN)
        case WhyNotJoined.REFUSED:
            return Refusal(("GitHub did not take it: ", quoted(no.detail, 160), "."))


@card("join")
async def join_card(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Show a wish to join as it is now; buttons for who can take the next step."""
    join = await desk.joining.get(int(subject))
    if join is None:
        return Message("A wish to join that is gone.", kind=Kind.CARD)
    where, login = desk.people.organisation(), join.person.login
    site = f", for {join.site}" if join.site else ""
    head = f"{login} asks to join {where}{site}"
    match join.state:
        case JoinState.ASKED if join.site:
            return await _waits_for_the_site(desk, join, head)
        case JoinState.ASKED | JoinState.WELCOMED:
            typed = f"invite {login}"
            return Message(
                f"{head} · waiting for an expert",
                lines=(*_welcomed(join), *_what_it_gives(desk, join)),
                notes=(joined(await experts(desk), (to_type(typed),)),),
                buttons=(Button(f"Invite {login}", typed),),
                kind=Kind.CARD,
            )
        case JoinState.SENDING:
            return Message(f"{head} · being sent to GitHub", lines=_welcomed(join), kind=Kind.CARD)
        case JoinState.INVITED:
            return Message(
                f"{head} · invited{_by(join)}; they accept it on GitHub",
                lines=_welcomed(join),
                kind=Kind.CARD,
            )
        case JoinState.JOINED:
            team = f", in the team of {join.site}" if join.site else ""
            return Message(f"{login} is in {where}{team}", lines=_welcomed(join), kind=Kind.CARD)
        case JoinState.OVER:
            return Message(f"{head} · over: {join.why}", kind=Kind.CARD)


@card("join-news")
async def join_news(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell who asked what came of it."""
    where, site = desk.people.organisation(), str(data["site"])
    match JoinState(data["state"]):
        case JoinState.INVITED:
            return Message(
                f"You are invited to {where} on GitHub. Accept the invitation there: "
                "it stands on the organisation's page, and in a mail from GitHub."
            )
        case JoinState.JOINED:
            team = f" and look after {site}" if site else ""
            hint: Text = ("What you can do now: ", to_type("help"), ".")
            return Message(f"You are in {where} on GitHub{team}.", notes=(hint,))
        case _:
            again: Text = ("To ask anew: ", to_type(f"join {site}".strip()), ".")
            return Message(f"Your wish to join {where} is over: {data['why']}.", notes=(again,))


async def _waits_for_the_site(desk: Desk, join: Join, head: str) -> Message:
    admins = await desk.people.admins(join.site)
    whom = f"a welcome by {logins(admins)}" if admins else "a welcome by an expert"
    typed = f"welcome {join.person.login} to {join.site}"
    return Message(
        f"{head} · waiting for {whom}",
        lines=_what_it_gives(desk, join),
        notes=(("If they belong there: ", to_type(typed)),),
        buttons=(Button(f"Welcome {join.person.login} to {join.site}", typed),),
        kind=Kind.CARD,
    )


def _what_it_gives(desk: Desk, join: Join) -> tuple[Text, ...]:
    """Say who it is by what GitHub proved, and what a yes gives them."""
    gives = f"look after {join.site}" if join.site else "read and ask for what members may"
    return (f"GitHub id {join.person.id}. A yes lets them {gives}.",)


def _welcomed(join: Join) -> tuple[Text, ...]:
    if join.welcomed_by is None:
        return ()
    return (f"Welcomed to {join.site} by {join.welcomed_by.login}.",)


def _by(join: Join) -> str:
    return f" by {join.invited_by.login}" if join.invited_by else ""
