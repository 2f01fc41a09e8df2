"""All about one pull request, for `change` and `review`: what an expert needs to judge it."""

from aaroc_bot.commands import (
    Call,
    CheckState,
    Code,
    Inline,
    Look,
    Message,
    PullState,
    Text,
    duration,
    last_words,
    quoted,
    when,
)

from ._change_wording import NAMED, effect_rows, files, flaws, reviewed
from ._lists import shortened
from ._obstacles import hinders, way_out
from ._sites import decides
from ._wording import count, joined, listed, logins, pull, sha, to_type

ROWS = 12
"""Rows of what it does; a file has all where there are more."""

LINES = 8
"""Lines about what is wrong with it."""


async def look_message(call: Call, look: Look, *, deep: bool) -> Message:
    """Tell all about a pull request; what is not known of it is told so."""
    number = look.pull.number
    rows = effect_rows(look.draft) if look.draft else []
    top = shortened(rows, limit=ROWS, name=f"effect-{number}.txt")
    deeper: Text = "" if deep else _deeper(look)
    return Message(
        (pull(call, number), " · ", quoted(look.pull.title, 100), f" · {state(look)}"),
        lines=(*_effect(look, bool(rows)), *(flaws(look.draft, LINES) if look.draft else ())),
        table=top.table,
        fields=_fields(call, look),
        notes=tuple(filter(None, (*top.notes, *await _next(call, look), deeper))),
        file=top.file,
    )


def state(look: Look) -> str:
    """Say how far it is in a word or two; of an open one, what its reviews come to."""
    one = look.pull
    if one.state is PullState.OPEN:
        part = _part(look)
        counted = [r for r in look.reviews if r.commit == one.head and r.by.id not in part]
        return "a draft" if one.draft else reviewed(counted)
    by = (look.change.by if look.change else None) or one.merged_by  # GitHub names the bot
    return f"{one.state}{f' by {by.login}' if by else ''}"


def _effect(look: Look, shown: bool) -> list[Text]:
    if look.draft is None:
        why: Text = (": ", quoted(look.unread)) if look.unread else ""
        return [("What it does could not be told", *why, ".")]
    return [] if shown else ["No site's effective variables or services change."]


def _fields(call: Call, look: Look) -> tuple[tuple[str, Text], ...]:
    found: list[tuple[str, Text]] = []
    if look.change is not None:
        asked = look.change.asked
        found.append(("asked by", (f"{asked.by.login} ", when(asked.at, call.now))))
        if look.change.reason:
            found.append(("because", (quoted(look.change.reason),)))
    found += [("author", _authors(look)), ("head", _head(call, look))]
    found += [("checks", _checks(look)), ("reviews", _reviews(call, look))]
    changed = files(look.draft.files) if look.draft else _paths(look.paths)
    found.append(("files", changed or "none"))
    if shared := [(path, sites) for path, sites in look.sharing if len(sites) > 1]:
        found.append(("read by several", _sharing(shared)))
    if look.touched_by:
        found.append(("changed before by", _touched(call, look)))
    return tuple(found)


def _authors(look: Look) -> str:
    """Name who wrote its commits; who opened it where they are not known."""
    known = sorted({person.login for person in look.authors if person is not None})
    if None in look.authors:
        known.append("somebody whom GitHub does not know")
    if not known and look.pull.author is not None:
        known = [look.pull.author.login]
    return listed(known, 5) or "can't tell"


def _head(call: Call, look: Look) -> Text:
    return joined((sha(call, look.pull.head),), ("of ", quoted(look.pull.branch, 60)))


def _checks(look: Look) -> str:
    """Count its checks by how they stand, and name those that failed."""
    if look.checks is None:
        return "can't tell"
    told = []
    for state in (CheckState.PASSED, CheckState.RUNNING, CheckState.FAILED):
        names = [check.name for check in look.checks if check.state is state]
        which = f" ({quoted(listed(names, 3), 90).text})" if state is CheckState.FAILED else ""
        told += [f"{len(names)} {state}{which}"] if names else []
    return ", ".join(told) or "none"


def _reviews(call: Call, look: Look) -> str:
    """Say each person's last word, and whether it was said of the head or of an older one."""
    told = [
        f"{review.state} by {review.by.login}"
        + ("" if review.commit == look.pull.head else " (of an older head)")
        for review in last_words(look.reviews)
    ]
    return listed(told, 5) or "none"


def _paths(paths: tuple[str, ...]) -> Text:
    told: list[Inline] = []
    for path in paths[:NAMED]:
        told += [", "] if told else []
        told.append(quoted(path, 90))
    more = len(paths) - NAMED
    return (*told, f" and {count(more, 'file')} more" if more > 0 else "")


def _sharing(shared: list[tuple[str, tuple[str, ...]]]) -> Text:
    told: list[Inline] = []
    for path, sites in shared[:NAMED]:
        told += ["; "] if told else []
        told += [quoted(path, 90), f" by {listed(sites, 5)}"]
    more = len(shared) - NAMED
    return (*told, f"; {count(more, 'file')} more" if more > 0 else "")


def _touched(call: Call, look: Look) -> Text:
    told: list[Inline] = []
    for author, at in look.touched_by:
        told += [", "] if told else []
        told += [quoted(author, 40), f" {duration(call.now - at)} ago"]
    return tuple(told)


async def _next(call: Call, look: Look) -> list[Text]:
    """Say what hinders its merge and who can help, else who merges it."""
    number = look.pull.number
    if look.pull.state is not PullState.OPEN:
        return [("Those that are open: ", to_type("changes"))]
    person = call.standing.person
    theirs = decides(call) and person is not None and person.id not in _part(look)
    if look.hindrance is not None:
        no = look.hindrance
        return [
            hinders(call, number, no),
            await way_out(call, number, no, again=theirs, looks=True),
        ]
    typed = f"merge {number}"
    if theirs:
        return [("Nothing hinders its merge: ", to_type(typed))]
    experts = await call.people.experts() or ()
    others = [expert for expert in experts if person is None or expert.id != person.id]
    who = f" Experts: {logins(others)}." if others else ""
    whose = "Nothing hinders its merge, by an expert or by who owns all of its files: "
    return [(whose, Code(typed), f".{who}")]


def _part(look: Look) -> set[int]:
    """Give who asked for it, opened it or wrote one of its commits: others decide about it."""
    asked = look.change.asked.by if look.change else look.pull.author
    return {person.id for person in (asked, *look.authors) if person is not None}


def _deeper(look: Look) -> Text:
    return ("Who reads and who changed its files: ", to_type(f"review {look.pull.number}"))
