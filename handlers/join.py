"""Coming into the organisation: `join`, `welcome` by a site, `invite` by an expert."""

from collections.abc import Mapping
from typing import Any

from aaroc_bot.commands import (
    Button,
    Call,
    Desk,
    Effect,
    Join,
    JoinOutcome,
    JoinState,
    Kind,
    Lacking,
    Membership,
    Message,
    NotJoined,
    Refusal,
    Right,
    Text,
    card,
    command,
)

from ._asked import asked
from ._identity import how_to_link, waits_for
from ._not_joined import refusal
from ._wording import experts, invitation, joined, logins, to_type

OUTCOMES = {
    JoinOutcome.ASKED: "Your wish stands in the ROC channel now. I tell you what comes of it.",
    JoinOutcome.STANDS: "That was said before; the card in the ROC channel shows how far it is.",
    JoinOutcome.WELCOMED: "They are welcome there; an expert invites them now.",
    JoinOutcome.IN_TEAM: "They are in the team now.",
    JoinOutcome.MEMBER: "They are a member already, so there is nothing to send.",
    JoinOutcome.INVITED: "The invitation is sent; they accept it on GitHub.",
    JoinOutcome.SENDING: "That is decided, but GitHub does not answer now. I go on trying; "
    "the card in the ROC channel shows how far it is.",
}
AT_THE_MACHINE = "say"
"""The chat of `aaroc-bot say`; the account's workspace is the operating system's user."""


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
    raise await refusal(call, became, login.removeprefix("@") or login)


@card("join")
async def join_card(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Show a wish to join as it is now; buttons for who can take the next step."""
    join = await desk.joining.get(int(subject))
    if join is None:
        return Message("A wish to join that is gone.", kind=Kind.CARD)
    where, login = desk.people.organisation(), join.person.login
    site = f", for {join.site}" if join.site else ""
    head = f"{login} asks to join {where}{site}"
    if join.site and await _is_member(desk, join):
        head = f"{login} asks to look after {join.site}"
    match join.state:
        case JoinState.ASKED if join.site:
            return await _waits_for_the_site(desk, join, head)
        case JoinState.ASKED | JoinState.WELCOMED:
            return await _waits_for_an_expert(desk, join, head)
        case JoinState.SENDING:
            text: Text = f"{head} · decided{_by(join)}, being sent to GitHub"
        case JoinState.INVITED:
            there = invitation(desk, "on GitHub")
            text = (f"{head} · invited{_by(join)}; they accept it ", there)
        case JoinState.JOINED:
            team = f", in the team of {join.site}" if join.site else ""
            text = f"{login} is in {where}{team}"
        case JoinState.OVER:
            text = f"{head} · over: {join.why}"
    return Message(text, lines=_welcomed(join), kind=Kind.CARD)


@card("join-news")
async def join_news(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell who asked what came of it."""
    where, site = desk.people.organisation(), str(data["site"])
    match JoinState(data["state"]):
        case JoinState.INVITED:
            page = invitation(desk, "on the organisation's page")
            return Message(
                (
                    f"You are invited to {where} on GitHub. Accept the invitation there: it stands ",
                    page,
                    ", and in a mail from GitHub.",
                )
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
    whom = "an expert" if admins == () else logins(admins or ()) or "one of its admins"
    typed = f"welcome {_named(join)} to {join.site}"
    return Message(
        f"{head} · waiting for a welcome by {whom}",
        lines=_about(join),
        notes=(("If they belong there: ", to_type(typed)),),
        buttons=(Button(f"Welcome {join.person.login} to {join.site}", typed),),
        kind=Kind.CARD,
    )


async def _waits_for_an_expert(desk: Desk, join: Join, head: str) -> Message:
    typed = f"invite {_named(join)}"
    return Message(
        f"{head} · waiting for an expert",
        lines=(*_welcomed(join), *_about(join)),
        notes=(joined(await experts(desk), (to_type(typed),)),),
        buttons=(Button(f"Invite {join.person.login}", typed),),
        kind=Kind.CARD,
    )


async def _is_member(desk: Desk, join: Join) -> bool:
    """Whether they are in the organisation already, and want a site's team alone."""
    return (await desk.people.of_person(join.person)).membership is Membership.MEMBER


def _named(join: Join) -> str:
    """Name who asked as a command takes it: a login that is a number could be another's id."""
    login = join.person.login
    return str(join.person.id) if login.isdecimal() else login


def _about(join: Join) -> tuple[Text, ...]:
    """Say who it is by what GitHub proved, what a yes gives them, and what kept it back."""
    gives = f"look after {join.site}" if join.site else "read and ask for what members may"
    who = f"GitHub id {join.person.id}. A yes lets them {gives}."
    machine = f"Asked for them at the machine, by {join.account.workspace}."
    at_the_machine = join.account.chat == AT_THE_MACHINE
    last = f"Last time: {join.why}." if join.why else ""
    return tuple(filter(None, (who, machine if at_the_machine else "", last)))


def _welcomed(join: Join) -> tuple[Text, ...]:
    if join.welcomed_by is None:
        return ()
    return (f"Welcomed to {join.site} by {join.welcomed_by.login}.",)


def _by(join: Join) -> str:
    return f" by {join.invited_by.login}" if join.invited_by else ""
