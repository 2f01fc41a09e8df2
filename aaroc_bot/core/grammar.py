"""From what was typed to a command with its slots filled, or why it was not understood.

`parse` never says no without saying which part it stumbled over, so that the answer can
name it. What comes close to a command is given as `Nearest`: that command fully written,
which parses as it stands. Wording and rights are not known here.
"""

from collections.abc import Sequence
from dataclasses import replace

from aaroc_bot.core.lexicon import Lexicon, lexicon
from aaroc_bot.core.nearest import near
from aaroc_bot.core.pattern import Kind, Pattern, Slot, pattern
from aaroc_bot.core.reading import Reader, Stumble
from aaroc_bot.core.talk import unaddressed
from aaroc_bot.core.typed import Token, tokens
from aaroc_bot.core.understood import (
    AmbiguousSite,
    Given,
    Malformed,
    Missing,
    Nearest,
    NotUnderstood,
    Parsed,
    TooLong,
    Unexpected,
    UnknownCommand,
    UnknownEntry,
    UnknownService,
    UnknownSite,
    Wants,
)

__all__ = [
    "LIMIT",
    "AmbiguousSite",
    "Given",
    "Kind",
    "Lexicon",
    "Malformed",
    "Missing",
    "Nearest",
    "NotUnderstood",
    "Parsed",
    "Pattern",
    "Slot",
    "TooLong",
    "Unexpected",
    "UnknownCommand",
    "UnknownEntry",
    "UnknownService",
    "UnknownSite",
    "Wants",
    "lexicon",
    "parse",
    "pattern",
]

LIMIT = 4000
"""Characters of a command; a longer one is not read, so that reading is quick whatever comes."""

_POLITE = 2
"""Words that may stand before a command and still let it be found: ``please``, ``hey bot``."""


def parse(text: str, patterns: Sequence[Pattern], lexicon: Lexicon) -> Parsed | NotUnderstood:
    """Say which command was typed, or what was not understood.

    >>> from aaroc_bot.core.sites import Site
    >>> known = lexicon([Site("ZA-UJ", "", services={"site-bdiis": ("bdii1",)})], [])
    >>> patterns = [pattern("plan <service> at <site> [parameters...]")]
    >>> parse("PLAN Site BDII za_uj port=2171", patterns, known).typed
    'plan site-bdii at ZA-UJ port=2171'
    >>> parse("paln site bdii za-uj", patterns, known).command.typed
    'plan site-bdii at ZA-UJ'
    """
    if len(text) > LIMIT:
        return TooLong(len(text), LIMIT)
    typed = unaddressed(tokens(text))
    if not typed:
        return UnknownCommand("", ())
    stumbles: list[Stumble] = []
    for candidate in _beginning(typed[0].word, patterns):
        try:
            return Reader(text, typed, candidate, lexicon).read()
        except Stumble as stumble:
            stumbles.append(stumble)
    why = max(stumbles, key=_how_telling).why if stumbles else None
    if why is not None and _tells(why):
        return why
    if not stumbles and (found := _of_an_entry(text, typed, patterns, lexicon)):
        return found
    nearest = _nearest(text, typed, patterns, lexicon)
    if why is None:
        return nearest or UnknownCommand(typed[0].text, ())
    return nearest if isinstance(nearest, Nearest) else why


def _beginning(word: str, patterns: Sequence[Pattern]) -> Sequence[Pattern]:
    """Give the patterns of a command, ``status all`` before ``status [site]``."""
    found = [candidate for candidate in patterns if candidate.words[0] == word]
    return sorted(found, key=lambda candidate: -len(candidate.words))


def _tells(why: NotUnderstood) -> bool:
    """Say whether this tells enough that no nearest command need be looked for."""
    match why:
        case UnknownSite() | UnknownService() | UnknownEntry():
            return bool(why.near)
        case Unexpected():
            return False
        case _:
            return True


def _how_telling(stumble: Stumble) -> tuple[int, bool, bool]:
    """Order stumbles: how far it got, whether it tells enough, whether it is about a slot."""
    match stumble.why:
        case Unexpected():
            about_slot = False
        case Missing(name, candidate):
            about_slot = any(slot.name == name for slot in candidate.slots)
        case _:
            about_slot = True
    return stumble.after, _tells(stumble.why), about_slot


def _nearest(
    text: str, typed: Sequence[Token], patterns: Sequence[Pattern], lexicon: Lexicon
) -> NotUnderstood | None:
    """Find the nearest right command; failing that, what a command nearly typed lacks."""
    why: NotUnderstood | None = None
    for polite in range(min(_POLITE + 1, len(typed))):
        first = typed[polite].word
        words = {candidate.words[0] for candidate in patterns}
        meant = (first,) if first in words else () if polite else near(first, words)
        for word in meant:
            spelt = (replace(typed[polite], text=word), *typed[polite + 1 :])
            for candidate in _beginning(word, patterns):
                found = _guessed(text, spelt, candidate, patterns, lexicon)
                if isinstance(found, Nearest):
                    return found
                why = why or found
        if why is None and not polite and meant:
            why = UnknownCommand(first, meant)
    return why


def _of_an_entry(
    text: str, typed: Sequence[Token], patterns: Sequence[Pattern], lexicon: Lexicon
) -> NotUnderstood | None:
    """Find the command that lacks its verb only: ``ping ZA-UJ``, ``site-bdii at ZA-UJ``.

    >>> from aaroc_bot.core.entries import Entry, Origin
    >>> from aaroc_bot.core.sites import Site
    >>> ping = Entry("run", "ping", "ping.yml", Origin.BOT, "catalogue.yml", 1)
    >>> known = lexicon([Site("ZA-UJ", "")], [ping])
    >>> parse("ping za-uj", [pattern("run <entry> at <site>")], known).command.typed
    'run ping at ZA-UJ'
    """
    for verb in sorted(lexicon.entries):
        words = set(lexicon.of_verb(verb).values())
        for candidate in _beginning(verb, patterns):
            reader = Reader(text, (Token(verb, 0, 0), *typed), candidate, lexicon)
            try:
                found = reader.read()
            except Stumble as stumble:
                if stumble.after > 1 and reader.named & words and _tells(stumble.why):
                    return stumble.why
            else:
                if reader.named & words:
                    return Nearest(found, site_guessed=False)
    return None


def _guessed(
    text: str,
    typed: Sequence[Token],
    candidate: Pattern,
    patterns: Sequence[Pattern],
    lexicon: Lexicon,
) -> NotUnderstood | None:
    reader = Reader(text, typed, candidate, lexicon, guess=True)
    try:
        found = reader.read()
    except Stumble as stumble:
        return stumble.why if _tells(stumble.why) else None
    again = parse(found.typed, patterns, lexicon)
    return Nearest(again, reader.site_guessed) if isinstance(again, Parsed) else None
