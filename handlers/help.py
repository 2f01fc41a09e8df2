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
    Inline,
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
from ._help_topic import about, outside, who_can_help
from ._may import Decision, may
from ._wording import experts, to_type

GROUPS = (
    "To look",
    "To deploy and run",
    "To change the repository",
    "To decide",
    "To stop and to keep",
    "To speak for yourself",
)
CHANGING = {"set", "unset", "enable", "disable", "new", "rollback"}
"""First words of the commands that open a pull request."""

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
    groups = [(group, [one for one in theirs if _group(one) == group]) for group in GROUPS]
    return Message(
        _first_line(call),
        lines=tuple(_usages(group, those) for group, those in groups if those),
        notes=tuple(filter(None, (*await _rest(call, decided), _more(theirs)))),
    )


def _group(command: Command) -> str:
    if command.decides:
        return "To decide"
    if command.effect is Effect.READS:
        return "To look"
    if command.right is Right.ANYBODY:
        return "To speak for yourself"
    if command.patterns[0].words[0] in CHANGING:
        return "To change the repository"
    keeps = command.effect is Effect.REDUCES or command.right is Right.SITE_ADMIN
    return "To stop and to keep" if keeps else "To deploy and run"


def _usages(group: str, commands: Iterable[Command]) -> Text:
    """Write a group on one line: what a command does stands in its own help."""
    usages = sorted(pattern.usage for one in commands for pattern in one.patterns)
    parts: list[Inline] = [f"{group}: "]
    for usage in usages:
        parts += [Code(usage), " · "]
    return tuple(parts[:-1])


def _first_line(call: Call) -> str:
    standing = call.standing
    if why := outside(call):
        return f"{why}, so this is what you may do."
    if standing.membership is Membership.CANNOT_TELL:
        return "While GitHub can't be asked I can't tell all that you may do; this works."
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
        word = _called(call, one)
        match decision:
            case Refused(_, who):
                others.setdefault(who, []).append(word)
            case CannotTell():
                waiting.append(word)
    told: list[Text] = []
    if waiting:
        told.append(f"Not while GitHub can't be asked: {', '.join(sorted(set(waiting)))}.")
        told += [f"Why it can't: {call.standing.reason}."] if call.standing.reason else []
    told += [
        f"For {REST[right]}: {', '.join(sorted(set(others[right])))}." for right in sorted(others)
    ]
    if others:
        told.append(await who_can_help(call) or await experts(call))
    return told


def _called(call: Call, command: Command) -> str:
    """Name a command by its first word, or by all that it begins with where that is no command."""
    words = command.patterns[0].words
    whole = any(p.words == words[:1] for one in call.commands for p in one.patterns)
    return words[0] if whole else " ".join(words)


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
