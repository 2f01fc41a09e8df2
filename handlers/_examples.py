"""A command that works as it stands for whoever asks: for `help`, and where one was mistyped."""

from collections.abc import Iterable, Mapping, Sequence

from aaroc_bot.commands import (
    Call,
    Command,
    Effect,
    Entry,
    Given,
    Parsed,
    Pattern,
    Site,
    Slot,
    SlotKind,
    State,
    Unavailable,
    unfit,
)

from ._change_examples import made_up, pull_request
from ._entries import example as of_entry
from ._may import entries_of, may_at, where
from ._sites import decides

LOGIN = "new-colleague"
JOINING = {"welcome", "invite"}
"""Commands about somebody who asked: a login that nobody asked by does no harm there."""


async def sites_of(call: Call) -> Sequence[Site]:
    """Give the sites; none while the repository cannot be read."""
    try:
        return await call.sites.all()
    except Unavailable:
        return ()


async def example(
    call: Call,
    pattern: Pattern,
    given: Mapping[str, Given] | None = None,
    wanted: str | None = None,
) -> str | None:
    """Write a command of this pattern that the speaker may give; None where there is none.

    What was `given` stays where that is possible; `wanted` is a slot that is filled even
    where it may be left out. It is about the speaker's own site if there is exactly one.
    """
    command = next(c for c in call.commands if pattern in c.patterns)
    said = {name: value for name, value in (given or {}).items() if value}
    sites = _own_first(call, await sites_of(call))
    if command.right is None:
        return await _of_an_entry(call, command, pattern, said, sites)
    return await _of_slots(call, command, pattern, said, sites, wanted=wanted)


def _own_first(call: Call, sites: Sequence[Site]) -> list[Site]:
    own = call.standing.sites or frozenset()
    only = next(iter(own)) if len(own) == 1 else None
    return sorted(sites, key=lambda site: (site.name != only, site.name.casefold()))


async def _of_an_entry(
    call: Call,
    command: Command,
    pattern: Pattern,
    said: Mapping[str, Given],
    sites: Sequence[Site],
) -> str | None:
    """Ask for an entry where the speaker may run it, and where something can run now."""
    entries: Iterable[Entry] = entries_of(command, await call.catalogue.entries())
    word = said.get("service") or said.get("entry")
    for entry in entries:
        if word not in (None, entry.word):
            continue
        found = where(call, command, entry, sites)
        found.sort(key=lambda site: site.name != said.get("site"))
        for site in found:
            lines = await call.rules.unaccepted(site.name) if site.executing else ()
            typed = of_entry(entry, site.name, pattern.words[0])
            if typed is not None and unfit(site, lines) is None:
                return typed
    return None


async def _of_slots(
    call: Call,
    command: Command,
    pattern: Pattern,
    said: Mapping[str, Given],
    sites: Sequence[Site],
    *,
    wanted: str | None,
) -> str | None:
    theirs = [site.name for site in sites if may_at(call, command, site)]
    values: dict[str, Given] = dict(said)
    for slot in sorted(pattern.slots, key=lambda slot: slot.kind is not SlotKind.SITE):
        if slot not in pattern.required and slot.name not in {*said, wanted}:
            continue
        value = said.get(slot.name)
        if value is None or (slot.kind is SlotKind.SITE and value not in theirs):
            taken = set(values.values())
            value = await _made_up(call, command, slot, [s for s in theirs if s not in taken])
            value = made_up(slot, values, sites) if value is None else value
        if value is None:
            return None
        values[slot.name] = value
    return Parsed(pattern, values).typed


async def _made_up(
    call: Call, command: Command, slot: Slot, theirs: Sequence[str]
) -> str | int | None:
    match slot.kind:
        case SlotKind.SITE:
            return next(iter(theirs), None)
        case SlotKind.TIME:
            return "2h"
        case SlotKind.PAGE:
            return 2
        case SlotKind.RUN:
            return await _run(call, command)
        case SlotKind.CHANGE:
            return await pull_request(call)
        case SlotKind.WORD if slot.name == "login" and command.patterns[0].words[0] in JOINING:
            return LOGIN
    return None


async def _run(call: Call, command: Command) -> int | None:
    """Give the number of a run that the speaker may give this command about, if one is at hand."""
    active = await call.runs.active()
    me = call.standing.person.id if call.standing.person else None
    if command.decides:
        others = (r for r in active if r.state is State.WAITING and r.asked.by.id != me)
        return next((run.number for run in others if decides(call)), None)
    if command.effect is Effect.REDUCES:
        return next((run.number for run in active if run.asked.by.id == me), None)
    if command.effect is Effect.READS:
        return next((run.number for run in (await call.runs.newest()).rows if run.log), None)
    return None
