"""Parameters as they are typed, checked against their types in the catalogue.

A value that passes is plain data: nothing in it can become a template, an option or a
line of its own (RULES.md, DESIGN.md's third decision).
"""

import re
from collections.abc import Mapping
from enum import Enum

from aaroc_bot.core.entries import Entry, Parameter, ParameterType, Value
from aaroc_bot.core.text import harmless

LENGTH = 1000
"""Characters that a value may have."""
PATTERN_LENGTH = 200
"""The same where a pattern has to be matched: it bounds what a slow pattern can cost."""

TRUE, FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})

Given = tuple[tuple[str, Value], ...]
"""Names and values, in the order of the catalogue."""


class Wrong(Enum):
    """What is wrong with a parameter. Words are the handlers'."""

    UNKNOWN = "the entry has no such parameter"
    MISSING = "it is required"
    TYPE = "not of its type"
    RANGE = "outside of its limits"
    CHOICE = "not one of its choices"
    PATTERN = "does not fit its pattern"
    LONG = "too long"
    TEMPLATE = "looks like a template"
    CONTROL = "has characters that cannot be seen"


class WrongParameter(ValueError):
    """A parameter that was refused.

    `parameter` holds its type and limits, None if the entry has none of this `name`;
    `got` is the value as typed (None if it is missing): the words of somebody else.
    """

    def __init__(self, name: str, why: Wrong, parameter: Parameter | None, got: str | None) -> None:
        """Keep what a refusal has to say."""
        super().__init__(f"{name}: {why.value}")
        self.name = name
        self.why = why
        self.parameter = parameter
        self.got = got


def check(entry: Entry, given: Mapping[str, str]) -> tuple[Given, Given]:
    """Check what was typed; give those given, and all of them with their defaults.

    A parameter that was not given and has no default is left out. Raises `WrongParameter`
    for the first one that is wrong.

    >>> from aaroc_bot.core.entries import Origin
    >>> port = Parameter("port", ParameterType.INTEGER, default=2170, maximum=65535)
    >>> entry = Entry("deploy", "bdiis", "b.yml", Origin.BOT, "catalogue.yml", 1, parameters=(port,))
    >>> check(entry, {}), check(entry, {"port": "2171"})
    (((), (('port', 2170),)), ((('port', 2171),), (('port', 2171),)))
    """
    known = {parameter.name: parameter for parameter in entry.parameters}
    for name, typed in given.items():
        if name not in known:
            raise WrongParameter(name, Wrong.UNKNOWN, None, typed)
    checked: dict[str, Value] = {}
    every: dict[str, Value] = {}
    for name, parameter in known.items():
        if name in given:
            checked[name] = every[name] = value_of(parameter, given[name])
        elif parameter.required:
            raise WrongParameter(name, Wrong.MISSING, parameter, None)
        elif parameter.default is not None:
            every[name] = parameter.default
    return tuple(checked.items()), tuple(every.items())


def value_of(parameter: Parameter, typed: str) -> Value:
    """Give the value that was typed, in its type. Raises `WrongParameter`."""
    why = unsafe(typed)
    if why is not None:
        raise WrongParameter(parameter.name, why, parameter, typed)
    result = _typed(parameter, typed)
    if isinstance(result, Wrong):
        raise WrongParameter(parameter.name, result, parameter, typed)
    return result


def unsafe(text: str) -> Wrong | None:
    """Say why a text may not be a value at all, whatever its type; None if it may."""
    if len(text) > LENGTH:
        return Wrong.LONG
    if "{{" in text or "{%" in text or "{#" in text:
        return Wrong.TEMPLATE
    if harmless(text) != text or "\n" in text or "\t" in text:
        return Wrong.CONTROL
    return None


def _typed(parameter: Parameter, typed: str) -> Value | Wrong:
    match parameter.type:
        case ParameterType.INTEGER:
            return _integer(parameter, typed)
        case ParameterType.BOOLEAN:
            word = typed.casefold()
            return True if word in TRUE else False if word in FALSE else Wrong.TYPE
        case ParameterType.CHOICE:
            return typed if typed in parameter.choices else Wrong.CHOICE
        case ParameterType.STRING:
            return _string(parameter, typed)


def _integer(parameter: Parameter, typed: str) -> Value | Wrong:
    if not re.fullmatch(r"[+-]?\d{1,18}", typed):
        return Wrong.TYPE
    number = int(typed)
    low = parameter.minimum is not None and number < parameter.minimum
    high = parameter.maximum is not None and number > parameter.maximum
    return Wrong.RANGE if low or high else number


def _string(parameter: Parameter, typed: str) -> Value | Wrong:
    if parameter.pattern is None:
        return typed
    if len(typed) > PATTERN_LENGTH:
        return Wrong.LONG
    return typed if re.fullmatch(parameter.pattern, typed) else Wrong.PATTERN
