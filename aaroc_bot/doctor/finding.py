"""What the doctor finds: one line for each thing that was looked at, and what to do."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from aaroc_bot.core.redaction import Redactor
from aaroc_bot.core.text import harmless

LONGEST = 400
"""Characters of what was found, and of what to do: names and errors have no limit of ours."""


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


def cleaned(finding: Finding, secrets: Redactor) -> Finding:
    """Take secrets, line breaks and unseen characters out of it: much of it is others' words.

    What to do are our words: names of secrets in them are names of settings.
    """

    def line(text: str) -> str:
        return " ".join(harmless(text).split())[:LONGEST]

    return replace(finding, what=line(secrets.text(finding.what)), do=line(finding.do))


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
