"""What a Change says of itself on GitHub: branch, commit message, pull request.

Nothing that people typed or files hold is in force there: no mention, reference, closing
keyword or link, no markup, and no word that has GitHub skip its checks.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from aaroc_bot.core.changes import (
    Change,
    DisableService,
    Draft,
    Effect,
    EnableService,
    NewSite,
    RollBack,
    SetVariables,
    UnsetVariable,
    Wish,
)
from aaroc_bot.core.run import written
from aaroc_bot.core.text import harmless, quoted

TITLE = 150
"""Characters of a title; GitHub takes 256."""
REASON = 500
"""Characters of a reason in the commit."""
LINE = 200
"""Characters of a line of the pull request's text."""
CELL = 80
"""Characters of a cell of the table of what is in effect."""
LINES = 100
"""Lines of what is in effect, and findings, that the pull request's text shows."""
WORD = 40
"""Characters of a branch's name after the number."""


def typed(wish: Wish) -> str:
    """Write a wish as it is typed."""
    match wish:
        case SetVariables(site, values):
            return f"set {site} " + " ".join(f"{name}={written(value)}" for name, value in values)
        case UnsetVariable(site, name):
            return f"unset {site} {name}"
        case EnableService(site, service, host):
            return f"enable {service} at {site} on {host}"
        case DisableService(site, service, host):
            return f"disable {service} at {site}" + (f" on {host}" if host else "")
        case NewSite(name, like):
            return f"new site {name} like {like}"
        case RollBack(site, revision, run):
            return f"rollback {site} to " + (f"run {run}" if run else revision[:7])


def secret_in(wish: Wish, redact: Callable[[str], str]) -> str | None:
    """Name the variable whose value, as typed, the redaction in force knows for a secret."""
    if not isinstance(wish, SetVariables):
        return None
    return next((name for name, value in wish.values if redact(value) != value), None)


def branch_word(title: str) -> str:
    """Write a title as the last part of a branch's name: lower case, ASCII, no blanks.

    >>> branch_word("ZA-UJ bdii_port 2170 → 2171"), branch_word("…")
    ('za-uj-bdii-port-2170-2171', '')
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)[:WORD].strip("-")


def inert(text: str, limit: int) -> str:
    """Write somebody's words as one line that means nothing to GitHub.

    >>> inert("fixes #3 for @all, see https://x.example [skip ci]", 200)
    'fixes # 3 for @ all, see https: //x.example (skip ci)'
    """
    line = " ".join(harmless(text).replace("`", "'").split())
    line = re.sub(r"([@#])(?=\w)", r"\1 ", line)
    line = re.sub(r"(?i)\b(GH)-(?=\d)", r"\1 ", line)
    line = re.sub(r":(?=//)", ": ", line)
    line = re.sub(r"(?i)\bskip-checks\b", "skip checks", line)
    line = line.translate(str.maketrans("[]<>", "()()"))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def title_of(change: Change) -> str:
    """Give the title of a Change's commit and pull request."""
    return inert(change.draft.title, TITLE)


def message_of(change: Change) -> str:
    """Write the commit's message. The same Change gives the same words for ever."""
    lines = [title_of(change), ""]
    if change.reason:
        lines += [f'"{inert(change.reason, REASON)}"', ""]
    return "\n".join([*lines, f"Asked for {_by(change)}."])


def body_of(change: Change) -> str:
    """Write the pull request's text: who asked where and why, what it does, what was found."""
    parts = [f"Asked for {_by(change)}."]
    if change.reason:
        parts.append(_code([change.reason]))
    parts.append("What it does:\n\n" + _code(_effects(change.draft)))
    files = [f"{one.path}{':' + str(one.line) if one.line else ''}" for one in change.draft.files]
    parts.append("Files:\n\n" + _code(files))
    if change.draft.findings:
        found = [f"{one.path}:{one.line or '?'} {one.what}" for one in change.draft.findings]
        parts.append("Found by reading and yamllint:\n\n" + _code(found))
    if change.draft.untouched:
        parts.append("Shared files that stay as they are:\n\n" + _code(change.draft.untouched))
    return "\n\n".join(parts) + "\n"


def _by(change: Change) -> str:
    asked = change.asked
    place = inert(" ".join(filter(None, (asked.place.chat, asked.place.channel))), 80)
    machine = f", typed at the machine by {inert(asked.operator, 40)}" if asked.operator else ""
    return f"by {inert(asked.by.login, 40)} in {place}{machine} (Change {change.id})"


def _effects(draft: Draft) -> list[str]:
    rows = [row for effect in draft.effects for row in _effect(effect)]
    shown = [tuple(quoted(cell, CELL).text for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    padded = [[cell.ljust(n) for cell, n in zip(row, widths, strict=True)] for row in shown]
    return ["  ".join(row).rstrip() for row in padded] or ["nothing"]


def _effect(effect: Effect) -> list[tuple[str, str, str, str]]:
    """Give a row for each thing: site, what it is about, what becomes of it, on which hosts."""
    site = effect.site
    rows = [(site, "site", "is described", "")] if effect.new else []
    rows += [(site, "site", "is described no more", "")] if effect.gone else []
    for one in effect.variables:
        values = "changes (secret)" if one.secret else f"{_shown(one.before)} → {_shown(one.after)}"
        rows.append((site, one.variable, values, ", ".join(one.hosts)))
    rows += [(site, service, "comes to", host) for service, host in effect.joined]
    rows += [(site, service, "leaves", host) for service, host in effect.left]
    unread = [(site, "site", "could not be read wholly: more may change", "")]
    return [*rows, *unread] if effect.unread else rows


def _shown(value: str | None) -> str:
    return "not set" if value is None else value


def _code(lines: Sequence[str]) -> str:
    """Show lines as a block of code; no backtick is left that could end it."""
    shown = [harmless(line).replace("`", "'").replace("\n", " ") for line in lines[:LINES]]
    cut = [line if len(line) <= LINE else line[: LINE - 1] + "…" for line in shown]
    more = [f"... and {len(lines) - LINES} more"] if len(lines) > LINES else []
    return "\n".join(["```text", *cut, *more, "```"])
