"""Who the bot takes somebody for."""

from aaroc_bot.commands import (
    AccountLink,
    Call,
    Effect,
    Membership,
    Message,
    Right,
    Standing,
    Text,
    command,
    quoted,
    when,
)

from ._identity import decides_later, how_to_link, waits_for
from ._wording import accept, invite, joined

UNKNOWN = "can't tell"


@command(
    "whoami",
    right=Right.ANYBODY,
    effect=Effect.READS,
    help="Show who I take you for: account, GitHub person, membership, teams, sites.",
)
async def whoami(call: Call) -> Message:
    """Answer everybody, linked or not."""
    standing, name = call.standing, call.people.organisation()
    fields: list[tuple[str, Text]] = [("account", (quoted(str(standing.account)),))]
    if standing.operator is not None:
        fields.append(("at the machine", _operator(standing)))
    if standing.person is not None:
        fields.append(("GitHub", f"{standing.person.login}, id {standing.person.id}"))
        if standing.link is not None:
            fields.append(("linked", _linked(standing.link, call)))
    if standing.frozen:
        fields.append(("frozen", "yes, until the bot's operator lifts it"))
    elif standing.person is not None:
        fields.append((name, _membership(standing)))
    if standing.membership is Membership.MEMBER:
        fields.append(("teams", _listed(standing.teams, standing.expert is None)))
        fields.append(("sites", _listed(sorted(standing.sites or ()), standing.sites is None)))
        fields.append(("ROC expert", _known(standing.expert)))
    if standing.expert and standing.decides_from is not None:
        fields.append(("decides", ("from ", when(standing.decides_from, call.now), " on")))
    return Message(_first_line(standing, name), lines=await _next(call), fields=tuple(fields))


def _first_line(standing: Standing, name: str) -> Text:
    if standing.person is None:
        if standing.operator is not None and standing.membership is Membership.CANNOT_TELL:
            return f"You speak at the machine as {standing.account.user}; who that is I can't tell."
        if standing.operator is not None:
            return f"You speak at the machine; GitHub knows nobody called {standing.account.user}."
        return "I don't know who you are on GitHub yet."
    you = f"You are {standing.person.login} on GitHub"
    if standing.frozen:
        return f"{you}, and frozen: you may do nothing here."
    match standing.membership:
        case Membership.MEMBER:
            return f"{you}, a member of {name}{_role(standing)}."
        case Membership.PENDING:
            return f"{you}; your invitation to {name} is not accepted yet."
        case Membership.OUTSIDER:
            return f"{you}, not a member of {name}."
        case Membership.CANNOT_TELL:
            return f"{you}; whether you are a member of {name} I can't tell."


def _role(standing: Standing) -> str:
    if standing.expert:
        return " and a ROC expert"
    return f", looking after {', '.join(sorted(standing.sites))}" if standing.sites else ""


def _membership(standing: Standing) -> str:
    if standing.membership is Membership.CANNOT_TELL:
        return UNKNOWN
    return str(standing.membership.value)


def _operator(standing: Standing) -> Text:
    limits = "; what decides is not done from there" if standing.bounded else ""
    return (quoted(standing.operator or ""), f", the operating system's user{limits}")


def _linked(link: AccountLink, call: Call) -> Text:
    by = "by the operator, " if link.by_operator else ""
    return (f"{by}since ", when(link.since, call.now), ", until ", when(link.until, call.now))


def _listed(names: list[str] | tuple[str, ...], unknown: bool) -> str:
    """List names; a list of which a part could not be told says so."""
    told = ", ".join(names)
    if unknown:
        return f"{told}; whether more, I {UNKNOWN}" if told else UNKNOWN
    return told or "none"


def _known(fact: bool | None) -> str:
    return UNKNOWN if fact is None else "yes" if fact else "no"


async def _next(call: Call) -> tuple[Text, ...]:
    """Say what is missing, and who can do something about it."""
    standing = call.standing
    lines: list[Text] = []
    if standing.reason:
        lines.append(f"Why I {UNKNOWN}: {standing.reason}.")
    if standing.silent_since is not None:
        since: Text = ("GitHub has not answered since ", when(standing.silent_since, call.now))
        lines.append(joined((*since, "."), "This is what I last knew." if standing.teams else ""))
    if standing.person is None and standing.operator is None:
        lines += filter(None, (how_to_link(call), await waits_for(call)))
    elif standing.expert and standing.decides_from is not None:
        lines.append(decides_later(call))
    elif standing.membership is Membership.OUTSIDER:
        lines.append(await invite(call))
    elif standing.membership is Membership.PENDING:
        lines.append(accept(call))
    return tuple(lines)
