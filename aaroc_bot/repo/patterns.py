"""Whether a pattern of the catalogue can be matched in a bounded time.

Python's matcher tries again and again what can be split in many ways: `(a+)+` takes time
that doubles with each character. A pattern is refused in which a repetition stands inside
another one, unless each round begins or ends with a character that the rest of the round
cannot match (`[a-z]+(-[a-z]+)*`), and one with many repetitions or things that look around.
"""

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LONGEST = 200
REPETITIONS = 4
CHARACTERS = frozenset(map(chr, range(256)))

Item = tuple[Any, Any]
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s", codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def why_not(pattern: str) -> str | None:
    r"""Say why a pattern cannot be taken, None if it can.

    >>> why_not("[A-Z]+-[0-9]+"), why_not(r"\w+(\.\w+)*")
    (None, None)
    >>> why_not("(a+)+b")
    'may take too long: a repetition inside of a repetition'
    """
    if len(pattern) > LONGEST:
        return f"is longer than {LONGEST} characters"
    try:
        re.compile(pattern)
        items = list(parser.parse(pattern))
    except (re.error, RecursionError, OverflowError) as problem:
        return f"does not compile: {str(problem)[:100]}"
    try:
        count = _repetitions(items, inside=False)
    except _Refused as refused:
        return str(refused)
    return None if count <= REPETITIONS else f"has more than {REPETITIONS} repetitions"


class _Refused(Exception):
    pass


def _repetitions(items: list[Item], *, inside: bool) -> int:
    """Count the repetitions of no fixed length. Raises `_Refused`."""
    count = 0
    for op, argument in items:
        if op in _REPEATS:
            low, high, body = argument
            count += low != high and high > 1
            count += _round(list(body)) if high > 1 else _repetitions(list(body), inside=inside)
        elif op is codes.SUBPATTERN:
            count += _repetitions(list(argument[-1]), inside=inside)
        elif op is codes.BRANCH:
            if inside:
                raise _Refused("may take too long: alternatives inside of a repetition")
            count += sum(_repetitions(list(branch), inside=inside) for branch in argument[1])
        elif op not in {codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY, codes.AT}:
            raise _Refused("looks around or back, which is not taken here")
    return count


def _round(body: list[Item]) -> int:
    """Judge what is repeated: it must be clear where each round begins or ends."""
    flat = _flat(body)
    count = _repetitions(flat, inside=True)
    if not any(op in _REPEATS and argument[0] != argument[1] for op, argument in flat):
        return count
    first, last = flat[0], flat[-1]
    for mark, rest in ((first, flat[1:]), (last, flat[:-1])):
        others = frozenset().union(*(_characters(item) for item in rest))
        if mark[0] is codes.LITERAL and not _characters(mark) & others:
            return count
    raise _Refused("may take too long: a repetition inside of a repetition")


def _flat(items: list[Item]) -> list[Item]:
    result: list[Item] = []
    for op, argument in items:
        result += _flat(list(argument[-1])) if op is codes.SUBPATTERN else [(op, argument)]
    return result


def _characters(item: Item) -> frozenset[str]:
    """Give the characters (of the first 256) that an item may match; all where it is unclear."""
    op, argument = item
    if op is codes.LITERAL:
        return frozenset({chr(argument)})
    if op in _REPEATS:
        return frozenset().union(*(_characters(one) for one in _flat(list(argument[2]))))
    if op is not codes.IN:
        return CHARACTERS
    found: frozenset[str] = frozenset()
    for kind, value in argument:
        if kind is codes.LITERAL:
            found |= {chr(value)}
        elif kind is codes.RANGE:
            found |= frozenset(map(chr, range(value[0], min(value[1], 255) + 1)))
        elif kind is codes.CATEGORY and value in _CATEGORIES:
            found |= {one for one in CHARACTERS if re.fullmatch(_CATEGORIES[value], one)}
        else:
            return CHARACTERS
    return found
