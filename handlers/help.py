"""What somebody may do, and who can do the rest; `help deploy` for one command."""

from collections.abc import Iterable, Sequence

from aaroc_bot.commands import (
    Allowed,
    Call,
    CannotTell,
    Code,
    Command,
    Effect,
    Entry,
    Membership,
    Message,
    Refusal,
    Refused,
    Right,
    Text,
    command,
    near,
    quoted,
    service_word,
)

from ._examples import sites_of
from ._help_topic import about
from ._may import Decision, may
from ._wording import experts, invite, to_type

GROUPS = ("To look", "To deploy and run", "To decide", "To stop and to keep")
REST = {
    Right.ANYBODY: "everybody",
    Right.MEMBER: "members",
    Right.SITE_ADMIN: "a site's admins and experts",
    Right.EXPERT: "experts",
}


@command(
    "help [topic...]",
    right=Right.ANYBODY,
    effect=Effect.READS,
    help="Show what you may do; more about one command if you name it.",
)
async def help(call: Call, topic: str | None = None) -> Message:
    """Answer everybody, linked or not, with what is theirs to do."""
    entries, sites = await call.catalogue.entries(), await sites_of(call)
    if topic:
        one, named = _meant(call, topic, entries)
        return await about(call, one, named, sites)
    decided = [(one, may(call, one, entries, sites)) for one in call.commands]
    theirs = [one for one, decision in decided if isinstance(decision, Allowed)]
    lines: list[Text] = []
    for group in GROUPS:
        usages = list(_usages(one for one in theirs if _group(one) == group))
        lines += [f"{group}:", *usages] if usages else []
    return Message(
        _first_line(call),
        lines=tuple(lines),
        notes=tuple(filter(None, (*await _rest(call, decided), _more(theirs)))),
    )


def _group(command: Command) -> str:
    if command.decides:
        return "To decide"
    if command.effect is Effect.READS:
        return "To look"
    return "To stop and to keep" if command.effect is Effect.REDUCES else "To deploy and run"


def _usages(commands: Iterable[Command]) -> Iterable[Text]:
    every = [(pattern.usage, one.help) for one in commands for pattern in one.patterns]
    for usage, text in sorted(every):
        yield (Code(usage), f"  {text}")


def _first_line(call: Call) -> str:
    standing, name = call.standing, call.people.organisation()
    if standing.person is None and standing.operator is None:
        return "I don't know who you are on GitHub yet, so this is what you may do."
    match standing.membership:
        case Membership.OUTSIDER:
            return f"You are not a member of {name} on GitHub, so this is what you may do."
        case Membership.PENDING:
            return f"Your invitation to {name} is not accepted yet, so this is what you may do."
        case Membership.CANNOT_TELL:
            return "While GitHub can't be asked I can't tell all that you may do; this works."
        case Membership.MEMBER:
            return f"What you may do, {standing.person.login if standing.person else ''}:"


def _more(theirs: Sequence[Command]) -> Text:
    """Name the most telling command to ask more about."""
    words = [one.patterns[0].words[0] for one in theirs]
    word = next((word for word in ("deploy", "run", "status") if word in words), None)
    return ("More about one: ", to_type(f"help {word}")) if word else ""


async def _rest(call: Call, decided: Sequence[tuple[Command, Decision]]) -> list[Text]:
    """Say who can do what this person may not, and what cannot be told."""
    others: dict[Right, list[str]] = {}
    waiting: list[str] = []
    for one, decision in decided:
        word = one.patterns[0].words[0]
        match decision:
            case Refused(_, who):
                others.setdefault(who, []).append(word)
            case CannotTell():
                waiting.append(word)
    told: list[Text] = []
    if waiting:
        told.append(f"Not while GitHub can't be asked: {', '.join(dict.fromkeys(waiting))}.")
        told += [f"Why it can't: {call.standing.reason}."] if call.standing.reason else []
    told += [
        f"For {REST[right]}: {', '.join(dict.fromkeys(others[right]))}." for right in sorted(others)
    ]
    if others:
        told.append(await _who_can_help(call))
    return told


async def _who_can_help(call: Call) -> Text:
    if call.standing.person is None and call.standing.operator is None:
        return "The operator of this bot can link this account to your GitHub login."
    if call.standing.membership is Membership.OUTSIDER:
        return await invite(call)
    if call.standing.membership is Membership.PENDING:
        return "The invitation stands on GitHub, where you accept it."
    return await experts(call)


def _meant(call: Call, topic: str, entries: Sequence[Entry]) -> tuple[Command, list[Entry]]:
    """Find the command that somebody asks about, or the one of an entry that they name."""
    typed = topic.strip(" `?.!").lower().replace("_", "-").split()
    commands = {one.patterns[0].words[0]: one for one in reversed(call.commands)}
    if typed and typed[0] in commands:
        exact = [c for c in call.commands for p in c.patterns if list(p.words) == typed]
        return (exact or [commands[typed[0]]])[0], list(entries)
    word = service_word("-".join(typed))
    for entry in entries:
        if word in {entry.word, service_word(entry.word)} and entry.verb in commands:
            return commands[entry.verb], [one for one in entries if one.typed == entry.typed]
    close = near(" ".join(typed), commands)
    suggest: Text = ("All: ", to_type("help"))
    if close:
        suggest = ("Did you mean ", to_type(f"help {close[0]}"), "?")
    raise Refusal(("No command is called ", quoted(topic, 40), "."), suggest)
