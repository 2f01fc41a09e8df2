"""All about one command, for `help deploy`."""

from collections.abc import Sequence

from aaroc_bot.commands import (
    Allowed,
    Call,
    CannotTell,
    Code,
    Command,
    Entry,
    Membership,
    Message,
    Pattern,
    Refused,
    Right,
    Site,
    SlotKind,
    Text,
)

from ._entries import approvals, parameters, who
from ._examples import example
from ._identity import how_to_link
from ._lists import Row, shortened
from ._may import Decision, entries_of, may, needed, where
from ._wording import accept, experts, invite, joined, listed, logins, to_type

ROWS = 15
WHOSE = {
    Right.ANYBODY: "For everybody",
    Right.MEMBER: "For members of {name}",
    Right.SITE_ADMIN: "For a site's admins and ROC experts",
    Right.EXPERT: "For ROC experts",
}
TIMES = "A time: 18:00, 18:00 SAST, tomorrow 07:00, 2h or 90 min; 24 hours ahead at most."


async def about(
    call: Call, command: Command, entries: Sequence[Entry], sites: Sequence[Site]
) -> Message:
    """Tell how a command is typed, what it does, and whether the speaker may give it.

    `entries` are those that are asked about: of one that is named, else all.
    """
    first, *others = command.patterns
    lines: list[Text] = [(Code(pattern.usage),) for pattern in others]
    decision = may(call, command, entries, sites)
    if isinstance(decision, Refused) and (why := outside(call)):
        lines.append(joined(f"{why}.", await who_can_help(call)))
    elif command.right is None:
        return await _of_entries(call, command, entries_of(command, entries), sites, lines)
    else:
        lines.append(await _whose(call, command, decision))
    allowed = isinstance(decision, Allowed)
    return Message(
        (Code(first.usage), f"  {command.help}"),
        lines=tuple(lines),
        notes=await _how(call, first) if allowed else (),
    )


def outside(call: Call) -> str:
    """Say why somebody may do nothing that is for members; empty if they are one."""
    standing, name = call.standing, call.people.organisation()
    if standing.person is None and standing.operator is None:
        return "I don't know who you are on GitHub yet"
    match standing.membership:
        case Membership.OUTSIDER:
            return f"You are not a member of {name} on GitHub"
        case Membership.PENDING:
            return f"Your invitation to {name} is not accepted yet"
    return ""


async def who_can_help(call: Call) -> Text:
    """Say what somebody outside can do about it; empty for members."""
    if call.standing.person is None and call.standing.operator is None:
        return how_to_link(call)
    match call.standing.membership:
        case Membership.OUTSIDER:
            return await invite(call)
        case Membership.PENDING:
            return accept(call)
    return ""


async def _whose(call: Call, command: Command, decision: Decision) -> Text:
    """Say whose a command is, and who they are where it is not the speaker's."""
    whose = WHOSE[needed(command)].format(name=call.people.organisation())
    match decision:
        case Allowed():
            return f"{whose}. You may."
        case CannotTell():
            return f"{whose}. Whether you may I can't tell while GitHub can't be asked."
    known = await call.people.experts()
    return f"{whose}: {logins(known)}." if known else joined(f"{whose}.", await experts(call))


async def _how(call: Call, pattern: Pattern) -> tuple[Text, ...]:
    """Show an example that works, and how a time is written where one is."""
    wanted = pattern.slots[0].name if pattern.slots else None
    typed = await example(call, pattern, wanted=wanted) or await example(call, pattern)
    times = any(slot.kind is SlotKind.TIME for slot in pattern.slots)
    shown: Text = ("Example: ", to_type(typed)) if typed and pattern.slots else ""
    if not typed and [slot.kind for slot in pattern.slots] == [SlotKind.CHANGE]:
        shown = ("Example: ", Code(f"{' '.join(pattern.words)} 52"))  # none is open now
    return tuple(filter(None, (shown, TIMES if times else "")))


async def _of_entries(
    call: Call,
    command: Command,
    entries: Sequence[Entry],
    sites: Sequence[Site],
    lines: Sequence[Text],
) -> Message:
    """List the entries that the speaker may run and where; then who may run the rest."""
    verb = command.patterns[0].words[0]
    if not entries:
        lines = (*lines, f"The catalogue has nothing to {verb} yet.")
        return Message((Code(command.patterns[0].usage), f"  {command.help}"), lines=tuple(lines))
    theirs = {entry: where(call, command, entry, sites) for entry in entries}
    rows: list[Row] = [
        (f"{verb} {entry.word}", _at(found, sites), approvals(entry), parameters(entry))
        for entry, found in theirs.items()
        if found
    ]
    top = shortened(
        rows, limit=ROWS, name="entries.txt", head=("entry", "at", "approval", "parameters")
    )
    rest = [
        f"{verb} {entry.word} (for {who(entry)})" for entry, found in theirs.items() if not found
    ]
    named = {"entry": entries[0].word} if len(entries) == 1 else {}
    typed = await example(call, command.patterns[0], named)
    return Message(
        (Code(command.patterns[0].usage), f"  {command.help}"),
        lines=tuple(lines),
        table=top.table,
        notes=(
            *top.notes,
            *(() if typed is None else (("Example: ", to_type(typed)),)),
            *((await _others(call, command, entries, sites, rest),) if rest else ()),
        ),
        file=top.file,
    )


async def _others(
    call: Call,
    command: Command,
    entries: Sequence[Entry],
    sites: Sequence[Site],
    rest: Sequence[str],
) -> Text:
    """Name the entries that the speaker may not run, and those that cannot be told."""
    if isinstance(may(call, command, entries, sites), CannotTell):
        return f"Not while GitHub can't be asked: {listed(rest)}."
    return joined(f"Not yours to run: {listed(rest)}.", await experts(call))


def _at(found: Sequence[Site], sites: Sequence[Site]) -> str:
    if len(found) == len(sites) > 3:
        return "every site"
    return listed([site.name for site in found], 5)
