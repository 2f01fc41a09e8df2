"""All about one command, for `help deploy`."""

from collections.abc import Mapping, Sequence

from aaroc_bot.commands import (
    Allowed,
    Call,
    CannotTell,
    Code,
    Command,
    Entry,
    Message,
    Right,
    Site,
    Text,
    unfit,
)

from ._entries import approvals, example, parameters, who
from ._lists import Row, shortened
from ._may import entries_of, may, needed, where
from ._wording import experts, joined, listed, to_type

ROWS = 15
WHOSE = {
    Right.ANYBODY: "For everybody.",
    Right.MEMBER: "For members of {name}.",
    Right.SITE_ADMIN: "For a site's admins and ROC experts.",
    Right.EXPERT: "For ROC experts.",
}


async def about(
    call: Call, command: Command, entries: Sequence[Entry], sites: Sequence[Site]
) -> Message:
    """Tell how a command is typed, what it does, and whether the speaker may give it.

    `entries` are those that are asked about: of one that is named, else all.
    """
    first, *others = command.patterns
    lines: list[Text] = [(Code(pattern.usage),) for pattern in others]
    if command.right is None:
        return await _of_entries(call, command, entries_of(command, entries), sites, lines)
    decision = may(call, command, entries, sites)
    yours = " You may." if isinstance(decision, Allowed) else ""
    if isinstance(decision, CannotTell):
        yours = " Whether you may I can't tell while GitHub can't be asked."
    lines.append(WHOSE[needed(command)].format(name=call.people.organisation()) + yours)
    if not yours:
        lines.append(await experts(call))
    return Message((Code(first.usage), f"  {command.help}"), lines=tuple(lines))


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
    return Message(
        (Code(command.patterns[0].usage), f"  {command.help}"),
        lines=(*lines, *([] if rows else ["Nothing of this is yours to run now."])),
        table=top.table,
        notes=(
            *top.notes,
            *await _example(call, verb, theirs),
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


async def _example(
    call: Call, verb: str, theirs: Mapping[Entry, Sequence[Site]]
) -> tuple[Text, ...]:
    """Give an example that works as it stands: at a site where something may be run now."""
    for entry, found in theirs.items():
        for site in found:
            lines = await call.rules.unaccepted(site.name) if site.executing else ()
            typed = example(entry, site.name, verb)
            if typed is not None and unfit(site, lines) is None:
                return (("Example: ", to_type(typed)),)
    return ()
