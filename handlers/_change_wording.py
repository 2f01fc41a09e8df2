"""How a Change reads: its first line, its files, what it does. Plain functions over a draft."""

from collections.abc import Iterable, Sequence

from aaroc_bot.commands import (
    Change,
    ChangeEffect,
    ChangeState,
    Desk,
    Draft,
    FileChange,
    Inline,
    Review,
    ReviewState,
    Text,
    VariableEffect,
    last_words,
    quoted,
)

from ._lists import Row
from ._sites import where
from ._wording import count, hosts, joined, listed, logins, pull

TITLE = 120
"""Characters of a title in a first line."""

CELL = 40
"""Characters of a value before or after."""

NAME = 60
"""Characters of a host's, service's or site's name: a pull request's tree may hold any."""

NAMED = 3
"""Files, findings or lines that are named; the rest is counted."""


def named(desk: Desk, change: Change) -> Inline:
    """Name a Change: by its pull request (linked), before there is one by our number."""
    return f"Change {change.id}" if change.number is None else pull(desk, change.number)


def first_line(desk: Desk, change: Change) -> Text:
    """Give the line that says it all: number, what changes, how far it is."""
    return (named(desk, change), f" · {titled(change)} · ", state_line(change))


def titled(change: Change) -> str:
    """Say what it changes; once others committed to it, only what it was opened as is known."""
    title = quoted(change.draft.title, TITLE).text
    return f"others have committed to it (opened as {title})" if change.of_others else title


def state_line(change: Change) -> str:
    """Say how far it is, and who decided or for what it waits."""
    match change.state:
        case ChangeState.OPEN:
            return reviewed([r for r in change.reviews if r.by.id != change.asked.by.id])
        case ChangeState.MERGED | ChangeState.CLOSED:
            return f"{change.state}{f' by {change.by.login}' if change.by else ''}"
        case ChangeState.FAILED if change.why:
            return f"{change.state}: {quoted(change.why, TITLE).text}"
    return change.state.value


def reviewed(reviews: Sequence[Review]) -> str:
    """Say what reviews of the head come to; an objection goes before any approval."""
    said = last_words(tuple(reviews))
    for state in (ReviewState.CHANGES_REQUESTED, ReviewState.APPROVED):
        if by := [review.by for review in said if review.state is state]:
            return f"{state} by {logins(by)}"
    return "waiting for a review"


def files(changed: Sequence[FileChange]) -> Text:
    """Name the files that change, each with its first line and how many; most are counted."""
    told: list[Text] = [joined((quoted(_place(one), 90),), _extent(one)) for one in changed[:NAMED]]
    more = len(changed) - NAMED
    told += [f"and {count(more, 'file')} more"] if more > 0 else []
    return _chained(told)


def _place(one: FileChange) -> str:
    return f"{one.path}:{one.line}" if one.line else one.path


def _extent(one: FileChange) -> str:
    if one.gone:
        return "goes"
    lines = "one line" if one.lines == 1 else count(one.lines, "line")
    return f"is new, {lines}" if one.new else lines


def _chained(told: Sequence[Text]) -> Text:
    found: list[Inline] = []
    for text in told:
        found += ["; "] if found else []
        found += [text] if isinstance(text, str) else text
    return tuple(found)


def in_effect(draft: Draft) -> str:
    """Say where the one variable that changes takes effect; empty where there is more to tell.

    The title has its value before and after then.
    """
    effects = [effect for effect in draft.effects if not effect.empty]
    if len(effects) != 1 or len(effects[0].variables) != 1:
        return ""
    (effect,), (one,) = effects, effects[0].variables
    alone = not (effect.joined or effect.left or effect.new or effect.gone or effect.unread)
    if not alone or one.secret or f"{one.before} → {one.after}" not in draft.title:
        return ""
    of = f" of {listed(_cut(effect.services), NAMED)}" if effect.services else ""
    return f"In effect on {hosts(_cut(one.hosts))}{of}."


def _cut(names: Iterable[str]) -> list[str]:
    """Write names that somebody else chose so that they are harmless in a line of ours."""
    return [quoted(name, NAME).text for name in names]


def effect_rows(draft: Draft) -> list[Row]:
    """List what changes on which hosts; the site stands before it where there are several."""
    effects = [effect for effect in draft.effects if not effect.empty]
    rows: list[Row] = []
    for effect in effects:
        several = _cut([effect.site]) if len(effects) > 1 else ()
        rows += [(*several, *row) for row in _rows(effect)]
    return rows


def _rows(effect: ChangeEffect) -> list[Row]:
    rows: list[Row] = []
    if effect.new:
        rows.append(("+", *_cut([effect.site]), "a site that is new"))
    if effect.gone:
        rows.append(("-", *_cut([effect.site]), "the site goes"))
    rows += [("+", word, f"on {there}") for word, there in _by_service(effect.joined)]
    rows += [("-", word, f"no more on {there}") for word, there in _by_service(effect.left)]
    rows += [("~", quoted(one.variable, CELL).text, _values(one)) for one in effect.variables]
    if effect.unread:
        rows.append(("?", *_cut([effect.site]), "could not be read: more may change than is shown"))
    return rows


def _by_service(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pair each service's word with its hosts: named if few, else counted."""
    found: dict[str, list[str]] = {}
    for word, host in pairs:
        found.setdefault(quoted(word, NAME).text, []).append(host)
    return [(word, hosts(_cut(there))) for word, there in found.items()]


def _values(one: VariableEffect) -> Text:
    on = f"on {hosts(_cut(one.hosts))}"
    if one.secret:
        return f"a secret, which changes, {on}"
    return joined(_value(one.before), "→", _value(one.after), on)


def _value(value: str | None) -> Text:
    return "not set" if value is None else (quoted(value, CELL),)


def flaws(draft: Draft, limit: int) -> list[Text]:
    """Tell what an expert must not overlook: secrets, what executes, findings that it adds.

    Of the findings so many lines are shown that there are `limit` in all; the rest is counted.
    """
    told: list[Text] = []
    told += _named("Adds a plain secret", draft.secrets)
    told += _named("Executes, and nobody accepted it", draft.executing)
    told += _named("Differs too and is left as it is, for other sites read it", draft.untouched)
    shown = draft.findings[: max(limit - len(told), 1)]
    told += [
        joined(("Adds: ", quoted(where(one), 90)), quoted(one.what, 120).text) for one in shown
    ]
    more = len(draft.findings) - len(shown)
    return [*told, *([f"{count(more, 'finding')} more that it adds."] if more else [])]


def _named(what: str, names: Sequence[str]) -> list[Text]:
    """Name the first of them as others' words on a line, the rest counted; no line for none."""
    if not names:
        return []
    parts: list[Inline] = []
    for name in names[:NAMED]:
        parts += [", " if parts else f"{what}: ", quoted(name, 90)]
    more = len(names) - NAMED
    return [(*parts, f" and {more:,} more" if more > 0 else "")]
