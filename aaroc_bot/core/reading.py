"""Reads tokens along one pattern and fills its slots, strictly or guessing.

Guessing lets a word be near to the one that is meant where only one is near, site and
service change places, and words be left over. What it finds is only ever shown.
"""

import re
from collections.abc import Mapping, Sequence, Set

from aaroc_bot.core import times
from aaroc_bot.core.lexicon import Lexicon
from aaroc_bot.core.nearest import distance, near
from aaroc_bot.core.pattern import FILLERS, Kind, Literal, Optional, Part, Pattern, Slot
from aaroc_bot.core.typed import Token
from aaroc_bot.core.understood import (
    AmbiguousSite,
    Given,
    Malformed,
    Missing,
    NotUnderstood,
    Parsed,
    Unexpected,
    UnknownEntry,
    UnknownService,
    UnknownSite,
    Wants,
)

_NUMBER = re.compile(r"(?:run)?#?(\d{1,18})")
_REVISION = re.compile(r"[0-9a-f]{7,40}")
_LONGEST_NAME = 3
"""Words that a name may be typed in: ``site bdii``."""


class Stumble(Exception):
    """Why a pattern does not fit, and after how many tokens."""

    def __init__(self, why: NotUnderstood, after: int) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why
        self.after = after


class Reader:
    """One reading of these tokens along one pattern. `site_guessed`: see `Nearest`."""

    def __init__(
        self,
        original: str,
        tokens: Sequence[Token],
        pattern: Pattern,
        lexicon: Lexicon,
        *,
        guess: bool = False,
    ) -> None:
        """Begin at the first token."""
        self._original = original
        self._tokens = tokens
        self._pattern = pattern
        self._lexicon = lexicon
        self._guess = guess
        self._at = 0
        self._values: dict[str, Given] = {}
        self._early_site: str | None = None
        self._stumbled: Stumble | None = None
        self.site_guessed = False

    def read(self) -> Parsed:
        """Fill the slots. Raises `Stumble` with the first reason why it does not fit."""
        for slot in self._pattern.slots:
            empty: Mapping[Kind, Given] = {Kind.FLAG: False, Kind.PARAMETERS: ()}
            self._values[slot.name] = empty.get(slot.kind)
        for part in self._pattern.parts:
            self._part(part)
        if self._stumbled and (self._guess or self._rest):
            raise self._stumbled
        if self._rest:
            why = self._left_over()
            if not self._guess or isinstance(why, Malformed):
                raise self._stumble(why)
        return Parsed(self._pattern, self._values)

    @property
    def named(self) -> Set[str]:
        """The words of services and entries that were read so far."""
        kinds = {Kind.SERVICE, Kind.ENTRY}
        read = (self._values.get(s.name) for s in self._pattern.slots if s.kind in kinds)
        return {word for word in read if isinstance(word, str)}

    @property
    def _rest(self) -> Sequence[Token]:
        return self._tokens[self._at :]

    def _stumble(self, why: NotUnderstood) -> Stumble:
        return Stumble(why, self._at)

    def _left_over(self) -> NotUnderstood:
        for slot in self._pattern.slots:
            if slot.kind is Kind.PARAMETERS:
                return self._malformed(slot, self._rest[0].text, Wants.PAIR)
        return Unexpected(self._exactly(), self._pattern)

    def _part(self, part: Part) -> None:
        match part:
            case Literal(word):
                if self._is(word):
                    self._at += 1
                elif word not in FILLERS:
                    missing = self._missing(word)
                    left = Unexpected(self._exactly(), self._pattern) if self._rest else missing
                    raise self._stumble(left)
            case Slot():
                self._fill(part)
            case Optional(parts):
                self._perhaps(parts)

    def _is(self, word: str) -> bool:
        if not self._rest:
            return False
        typed = self._rest[0].word
        return typed == word or (self._guess and len(word) > 2 and distance(typed, word, 1) <= 1)

    def _perhaps(self, parts: tuple[Literal | Slot, ...]) -> None:
        """Read optional parts if they are there; what does not fit may fit the next ones."""
        first, before = parts[0], self._at
        if isinstance(first, Literal):
            if self._is(first.word):
                if self._stumbled and self._stumbled.after == before:
                    self._stumbled = None  # what stands here belongs to these parts
                for part in parts:
                    self._part(part)
                self._whole(parts, before)
            return
        if not self._rest:
            return
        try:
            for part in parts:
                self._part(part)
        except Stumble as stumble:
            if not isinstance(stumble.why, Missing):
                self._stumbled = self._stumbled or stumble
            self._at = before

    def _whole(self, parts: tuple[Literal | Slot, ...], start: int) -> None:
        """Stumble over a flag that is not said though the words before it are."""
        flags = [p.name for p in parts if isinstance(p, Slot) and p.kind is Kind.FLAG]
        if not all(self._values[name] for name in flags):
            self._at = start
            raise self._stumble(Unexpected(self._exactly(), self._pattern))

    def _fill(self, slot: Slot) -> None:
        if slot.kind is Kind.FLAG:
            self._values[slot.name] = said = self._is(slot.name)
            self._at += said
            return
        while slot.kind is not Kind.TEXT and self._rest and self._rest[0].word in FILLERS:
            self._at += 1
        if slot.kind is Kind.SITE and self._early_site:
            self._values[slot.name], self._early_site = self._early_site, None
        elif not self._rest:
            raise self._stumble(self._missing(slot.name))
        else:
            self._values[slot.name] = self._given(slot)

    def _given(self, slot: Slot) -> Given:
        match slot.kind:
            case Kind.SITE:
                return self._site()
            case Kind.SERVICE | Kind.ENTRY:
                return self._service_or_entry(slot)
            case Kind.RUN:
                if len(self._rest) > 1 and self._rest[0].word in {"run", "#"}:
                    self._at += 1
                return self._number(slot, Wants.RUN)
            case Kind.CHANGE:
                return self._number(slot, Wants.CHANGE)
            case Kind.PAGE:
                return self._number(slot, Wants.PAGE)
            case Kind.REVISION:
                token = self._next()
                if not _REVISION.fullmatch(token.word):
                    raise self._stumble(self._malformed(slot, token.text, Wants.REVISION))
                return token.word
            case Kind.TIME:
                return self._time(slot)
            case Kind.PARAMETERS:
                return self._parameters(slot)
            case Kind.TEXT:
                text, self._at = self._exactly(), len(self._tokens)
                return text
            case _:
                return self._next().text

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _exactly(self) -> str:
        """Give the rest as it was typed."""
        rest = self._rest
        return self._original[rest[0].start : rest[-1].end] if rest else ""

    def _malformed(self, slot: Slot, typed: str, wants: Wants) -> Malformed:
        return Malformed(slot.name, typed, wants, self._pattern, dict(self._values))

    def _missing(self, slot: str) -> Missing:
        return Missing(slot, self._pattern, dict(self._values))

    def _names(self) -> Sequence[tuple[int, str]]:
        """Give what may be a name here, longest first, with its count of words."""
        words: list[str] = []
        for token in self._rest[:_LONGEST_NAME]:
            if token.word in FILLERS or token.name is not None:
                break
            words.append(token.word)
        return [(n, " ".join(words[:n])) for n in range(len(words), 0, -1)]

    def _site(self) -> str:
        for count, name in self._names():
            sites = self._lexicon.site(name)
            if len(sites) > 1:
                raise self._stumble(AmbiguousSite(name, sites, self._pattern))
            if sites:
                self._at += count
                return sites[0]
        typed = self._rest[0].text
        nearest = self._lexicon.near_sites(self._rest[0].word)
        if self._guess and len(nearest) == 1:
            self._at += 1
            self.site_guessed = True
            return nearest[0]
        raise self._stumble(UnknownSite(typed, nearest, self._pattern))

    def _service_or_entry(self, slot: Slot) -> str:
        verb = self._pattern.words[0] if self._pattern.words[0] in self._lexicon.entries else None
        service = slot.kind is Kind.SERVICE
        words = self._lexicon.services if service else self._lexicon.of_verb(verb)
        for count, name in self._names():
            word = self._lexicon.service(name) if service else self._lexicon.entry(name, verb)
            if word:
                self._at += count
                return word
        if (
            self._guess
            and not self._early_site
            and (early := self._lexicon.site(self._rest[0].word))
        ):
            self._early_site = early[0]
            self._at += 1
            self._fill(slot)
            return str(self._values[slot.name])
        count, typed = self._unknown_name()
        nearest = tuple(words[found] for found in near("-".join(typed.lower().split()), words))
        if self._guess and len(nearest) == 1:
            self._at += count
            return nearest[0]
        known = tuple(sorted(set(words.values())))
        if service:
            raise self._stumble(UnknownService(typed, nearest, known, self._pattern))
        raise self._stumble(UnknownEntry(typed, nearest, known, verb, self._pattern))

    def _unknown_name(self) -> tuple[int, str]:
        """Cut out what was meant as a name: up to a filler, a parameter or a site."""
        count = 0
        for token in self._rest[:_LONGEST_NAME]:
            if count and (
                token.word in FILLERS or token.name is not None or self._lexicon.site(token.word)
            ):
                break
            count += 1
        return count, " ".join(token.text for token in self._rest[:count])

    def _number(self, slot: Slot, wants: Wants) -> int:
        token = self._next()
        found = _NUMBER.fullmatch(token.word)
        if not found or not int(found[1]):
            raise self._stumble(self._malformed(slot, token.text, wants))
        return int(found[1])

    def _time(self, slot: Slot) -> str:
        count = times.extent([token.word for token in self._rest])
        if not count:
            raise self._stumble(self._malformed(slot, self._rest[0].text, Wants.TIME))
        typed = " ".join(token.text for token in self._rest[:count])
        self._at += count
        return typed.rstrip(".,;:!?")

    def _parameters(self, slot: Slot) -> Given:
        pairs: dict[str, str] = {}
        while self._rest and self._rest[0].name is not None:
            token = self._next()
            if token.unclosed:
                raise self._stumble(self._malformed(slot, token.text, Wants.CLOSED_QUOTE))
            if token.name in pairs:
                raise self._stumble(self._malformed(slot, token.text, Wants.ONCE))
            pairs[str(token.name)] = token.value
            while len(self._rest) > 1 and self._rest[0].word in FILLERS and self._rest[1].name:
                self._at += 1
        if not pairs:
            raise self._stumble(self._malformed(slot, self._rest[0].text, Wants.PAIR))
        return tuple(pairs.items())
