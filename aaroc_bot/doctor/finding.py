"""What the doctor finds: one line for each thing that was looked at, and what to do."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from aaroc_bot.core.redaction import Redactor
from aaroc_bot.core.text import quoted

LONGEST = 400
"""Characters of a line: much of it may be somebody else's words."""


class Level(Enum):
    """How it stands; the value is the word that begins its line."""

    OK = "ok"
    WARNING = "warn"
    FAILED = "FAIL"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `what` was found, and what to `do` where it is not well."""

    check: str
    level: Level
    what: str
    do: str = ""


def ok(check: str, what: str) -> Finding:
    """Find it well."""
    return Finding(check, Level.OK, what)


def warning(check: str, what: str, do: str) -> Finding:
    """Find what works and should not stay so, or what cannot be told."""
    return Finding(check, Level.WARNING, what, do)


def failed(check: str, what: str, do: str) -> Finding:
    """Find what keeps the bot from its work."""
    return Finding(check, Level.FAILED, what, do)


def off(check: str) -> Finding:
    """Find that it is not configured, which is no fault."""
    return Finding(check, Level.OFF, "not configured")


def harmless(finding: Finding, secrets: Redactor) -> Finding:
    """Take secrets and unseen characters out of it: names and errors are others' words."""
    what, do = (quoted(secrets.text(text), LONGEST).text for text in (finding.what, finding.do))
    return replace(finding, what=what, do=do)


def healthy(findings: Iterable[Finding]) -> bool:
    """Say whether nothing failed; a warning is no failure."""
    return all(finding.level is not Level.FAILED for finding in findings)


def as_text(finding: Finding) -> str:
    """Write it for people: a line, and one below it with what to do.

    >>> print(as_text(failed("git", "git cannot be started", "install git")))
    FAIL git: git cannot be started
         do: install git
    """
    line = f"{finding.level.value:<4} {finding.check}: {finding.what}"
    return f"{line}\n     do: {finding.do}" if finding.do else line


def as_json(finding: Finding) -> str:
    """Write it as one object; `ok` is null for a warning and for what is not configured."""
    well = {Level.OK: True, Level.FAILED: False}.get(finding.level)
    return json.dumps(
        {"check": finding.check, "ok": well, "what": finding.what, "do": finding.do},
        ensure_ascii=False,
    )
