"""Declaring commands, cards and the words of refusals, and finding what was declared."""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from aaroc_bot.commands.call import Call, Desk
from aaroc_bot.commands.refusing import Refusal
from aaroc_bot.core.message import Message
from aaroc_bot.core.pattern import Pattern, pattern
from aaroc_bot.core.rights import Effect, Right

Handler = Callable[..., Awaitable[Message]]
Renderer = Callable[[Desk, str, Mapping[str, Any]], Awaitable[Message]]
Wording = Callable[[Call, Any], Awaitable[Refusal]]


@dataclass(frozen=True)
class Command:
    """A command as it was declared.

    `right` None means: the entry's own `may_run`. `decides` marks what an operator at the
    machine may not do outside the sandbox (RULES.md, Identity).
    """

    patterns: tuple[Pattern, ...]
    right: Right | None
    effect: Effect
    help: str
    decides: bool
    handler: Handler

    @property
    def name(self) -> str:
        """The handler's name, one word: ``deploy``."""
        return self.handler.__name__


def command(
    *patterns: str,
    right: Right | None,
    effect: Effect,
    help: str,
    decides: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare a command: its patterns (core/pattern.py), who may, what it does, its help.

    Raises `TypeError` at loading when the slots and the handler's parameters differ.
    """
    parsed = tuple(pattern(text) for text in patterns)

    def declare(handler: Handler) -> Handler:
        _compare(handler, parsed)
        _mark(handler, Command(parsed, right, effect, help, decides, handler))
        return handler

    return declare


Function = TypeVar("Function", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True)
class _Card:
    name: str
    renderer: Renderer


@dataclass(frozen=True)
class _Refused:
    outcome: type
    wording: Wording


def card(name: str) -> Callable[[Renderer], Renderer]:
    """Declare the renderer of a card: desk, subject and data in, the message out."""

    def declare(renderer: Renderer) -> Renderer:
        _mark(renderer, _Card(name, renderer))
        return renderer

    return declare


def refusal(outcome: type) -> Callable[[Wording], Wording]:
    """Declare the words for one outcome of parsing or policy that ends a command."""

    def declare(wording: Wording) -> Wording:
        _mark(wording, _Refused(outcome, wording))
        return wording

    return declare


@dataclass(frozen=True)
class Handlers:
    """Everything that was found in the handlers' folders."""

    commands: tuple[Command, ...]
    cards: Mapping[str, Renderer]
    refusals: Mapping[type, Wording]


def load(modules: Iterable[ModuleType]) -> Handlers:
    """Collect what the modules declare. Raises `TypeError` when a name is declared twice."""
    commands: dict[str, Command] = {}
    cards: dict[str, Renderer] = {}
    refusals: dict[type, Wording] = {}
    for module in modules:
        for thing in vars(module).values():
            if getattr(thing, "__module__", None) != module.__name__:
                continue
            match getattr(thing, "declared", None):
                case Command() as found:
                    _once(commands, found.name, found)
                case _Card(name, renderer):
                    _once(cards, name, renderer)
                case _Refused(outcome, wording):
                    _once(refusals, outcome, wording)
    return Handlers(tuple(commands.values()), cards, refusals)


def _mark(function: Any, declared: object) -> None:
    function.declared = declared


def _once(found: dict[Any, Any], key: Any, value: Any) -> None:
    if key in found:
        raise TypeError(f"{key} is declared twice")
    found[key] = value


def _compare(handler: Handler, patterns: tuple[Pattern, ...]) -> None:
    """Check that each slot has its parameter, with a default wherever a pattern lacks it."""
    parameters = list(inspect.signature(handler).parameters.values())[1:]
    names = {parameter.name for parameter in parameters}
    slots = {slot.name for pattern in patterns for slot in pattern.slots}
    if names != slots:
        raise TypeError(f"{handler.__name__}: slots {sorted(slots)}, parameters {sorted(names)}")
    for parameter in parameters:
        given = all(
            parameter.name in {slot.name for slot in pattern.required} for pattern in patterns
        )
        if not given and parameter.default is inspect.Parameter.empty:
            raise TypeError(f"{handler.__name__}: {parameter.name} may be missing: give a default")
