"""The words for a command of which a part is missing or is not what stands there.

They say what is wanted in the words of whoever typed it, never by the name of a slot, and
show a command that works for them as it stands.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from aaroc_bot.commands import (
    Call,
    CannotTell,
    Code,
    Entry,
    Given,
    Malformed,
    Missing,
    Pattern,
    Refusal,
    Refused,
    SlotKind,
    Text,
    Unexpected,
    Wants,
    quoted,
    refusal,
    written,
)

from ._entries import parameters
from ._examples import example, sites_of
from ._may import may
from ._refusals import cannot_tell, refused
from ._wording import joined, to_type
from .deploy import checked, example_value

WHICH = {
    SlotKind.SITE: "Which site?",
    SlotKind.SERVICE: "Which service?",
    SlotKind.ENTRY: "Which entry of the catalogue?",
    SlotKind.RUN: "Which run? It goes by its number.",
    SlotKind.CHANGE: "Which pull request? It goes by its number.",
    SlotKind.PAGE: "Which page?",
    SlotKind.REVISION: "Which revision?",
    SlotKind.TIME: "Until when?",
    SlotKind.PARAMETERS: "With which values?",
}

TAKES = {
    Wants.RUN: "the number of a run, such as 12",
    Wants.CHANGE: "the number of a pull request, such as 52",
    Wants.PAGE: "the number of a page, such as 2",
    Wants.REVISION: "7 to 40 hex digits, as I write them",
    Wants.TIME: "a time such as 18:00, 2h or tomorrow 07:00",
}
"""What a slot takes; what is wrong with parameters has its own words."""


SPACED = re.compile(r"\b([A-Za-z_]\w*)(?:\s+=\s*|=\s+)(?=\S)")
"""A name and its equals sign, with a space on either side of that."""

NAMELESS = re.compile(r"\bnew\s+site\s+like\s+(\S+)$", re.IGNORECASE)


@refusal(Missing)
async def missing(call: Call, what: Missing) -> Refusal:
    """Ask for what is missing, and show the command with it."""
    no = await _not_theirs(call, what.pattern)
    if no is not None:
        return no
    slot = next((slot for slot in what.pattern.slots if slot.name == what.slot), None)
    if slot is None:
        return Refusal(_typed_so(what.pattern))
    which = WHICH.get(slot.kind, f"Which {slot.name}?")
    if slot.kind is SlotKind.SITE and slot.name != slot.kind:
        which = f"Which {slot.name} site?"
    shown = await _shown(call, what.pattern, what.given, what.slot)
    return Refusal(joined(which, shown), _also(call, what.pattern))


@refusal(Malformed)
async def malformed(call: Call, what: Malformed) -> Refusal:
    """Say what belongs there and what was got."""
    no = await _not_theirs(call, what.pattern)
    if no is not None:
        return no
    if what.wants not in TAKES:
        return await _parameters(call, what)
    return Refusal(
        (
            f"{' '.join(what.pattern.words)} takes {TAKES[what.wants]}; I got ",
            quoted(what.typed, 60),
            ".",
        ),
        await _shown(call, what.pattern, what.given, what.slot),
    )


@refusal(Unexpected)
async def unexpected(call: Call, what: Unexpected) -> Refusal:
    """Say which words have no place, or what is missing before them."""
    if like := NAMELESS.search(call.said.text.strip()):
        sites = {site.name.lower(): site.name for site in await sites_of(call)}
        given = {"site": sites[like[1].lower()]} if like[1].lower() in sites else {}
        return await missing(call, Missing("name", what.pattern, given))
    return Refusal(
        ("I don't know what to do with ", quoted(what.typed, 60), "."), _typed_so(what.pattern)
    )


async def _not_theirs(call: Call, pattern: Pattern) -> Refusal | None:
    """Refuse a command that the speaker may give nowhere, rather than teach how it is typed."""
    command = next(c for c in call.commands if pattern in c.patterns)
    entries, sites = await call.catalogue.entries(), await sites_of(call)
    if not entries or not sites:
        return None
    match may(call, command, entries, sites):
        case Refused() as no:
            return await refused(call, replace(no, site=None))
        case CannotTell() as unknown:
            return await cannot_tell(call, unknown)
    return None


async def _shown(call: Call, pattern: Pattern, given: Mapping[str, Given], wanted: str) -> Text:
    """Show a command that works; failing that, where to look, or how it is typed."""
    typed = await example(call, pattern, given, wanted)
    if typed is not None:
        return ("Example: ", to_type(typed))
    kind = next(slot.kind for slot in pattern.slots if slot.name == wanted)
    if kind is SlotKind.RUN:
        return ("To look: ", to_type("runs"))
    if kind is SlotKind.CHANGE:
        return ("To look: ", to_type("changes"))
    if pattern.words[0] == "rollback" and (at := given.get("site")):
        run = Code(f"rollback {at} to run 12")
        return ("What ran there, with revisions: ", to_type(f"history {at}"), ". A run: ", run)
    if kind is SlotKind.REVISION and (shows := await example(call, pattern, given)):
        return ("To see them: ", to_type(shows))
    return _typed_so(pattern)


def _typed_so(pattern: Pattern) -> Text:
    return ("It is typed: ", Code(pattern.usage))


def _also(call: Call, pattern: Pattern) -> Text:
    """Name the other commands that begin with this word and are whole by themselves."""
    others = [
        " ".join(other.words)
        for command in call.commands
        for other in command.patterns
        if other.words[0] == pattern.words[0] and other.words != pattern.words
        if not other.required
    ]
    return ("Or: ", to_type(others[0])) if others else ""


async def _parameters(call: Call, what: Malformed) -> Refusal:
    """Say what is wrong with parameters: first with their values, then with how they are typed."""
    if what.wants is Wants.PAIR and (spaced := _spaced(call.said.text, what.typed)):
        return Refusal(("No space stands around the =: ", quoted(spaced, 160)))
    if what.wants is Wants.PAIR and what.typed.lower() == "because":
        return Refusal(joined(WHICH[SlotKind.PARAMETERS], await _with_values(call, what, None)))
    verb = what.pattern.words[0]
    word = what.given.get("service") or what.given.get("entry")
    entries = [e for e in await call.catalogue.entries() if e.word == word]
    entry = next((e for e in entries if verb in {e.verb, "plan"}), None)
    site = next((s for s in await sites_of(call) if s.name == what.given.get("site")), None)
    pairs = next((value for value in what.given.values() if isinstance(value, tuple)), ())
    if entry is not None and site is not None and pairs:
        try:
            checked(entry, site, pairs)
        except Refusal as wrong:
            return wrong
    return Refusal(_said_of(what, entry), await _with_values(call, what, entry))


def _spaced(text: str, typed: str) -> str:
    """Write a command without the spaces around =, at which reading it ended; else nothing."""
    found = SPACED.finditer(text)
    at_fault = any(one[1] == typed or text.startswith(typed, one.end()) for one in found)
    return SPACED.sub(r"\1=", text) if at_fault else ""


def _said_of(what: Malformed, entry: Entry | None) -> Text:
    got = quoted(what.typed, 60)
    match what.wants:
        case Wants.ONCE:
            return (quoted(what.typed.partition("=")[0], 40), " is given twice; once is enough.")
        case Wants.CLOSED_QUOTE:
            return ("A quote is opened and not closed: ", got, ".")
    if entry is not None and not entry.parameters:
        return ("I don't know what to do with ", got, f": {entry.typed} takes no values.")
    takes = f"; {entry.typed} takes {parameters(entry)}" if entry is not None else ""
    return ("I don't know what to do with ", got, f": values are typed name=value{takes}.")


async def _with_values(call: Call, what: Malformed, entry: Entry | None) -> Text:
    typed = await example(call, what.pattern, what.given)
    if typed is None:
        return _typed_so(what.pattern)
    first = entry.parameters[0] if entry is not None and entry.parameters else None
    if first is not None and f" {first.name}=" not in typed:
        value = example_value(first)
        typed += f" {first.name}={written(value)}" if value is not None else ""
    return ("Example: ", to_type(typed))
