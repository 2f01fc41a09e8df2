"""What comes of reading one inventory: its text and Ansible's list, judged together."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aaroc_bot.core.redaction import MARK, Redactor, is_secret_name, secret_values
from aaroc_bot.core.sites import Executing, Finding, Level
from aaroc_bot.core.text import quoted
from aaroc_bot.repo.ansible_inventory import Listed, NotListed
from aaroc_bot.repo.assignments import Assignment, Described
from aaroc_bot.repo.cache import key
from aaroc_bot.repo.executing import in_effect, in_files, not_seen
from aaroc_bot.repo.layout import read_by
from aaroc_bot.repo.tree import BIGGEST

FORMAT = 3
"""Of what is cached; to be raised when reading finds more, or something else."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One inventory as read. `files` are the variable files that its hosts read.

    `secrets` is what its vaults hold, whatever the names: a reading that has some must
    not be written to the disk.
    """

    inventory: str
    groups: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, Mapping[str, Any]]
    files: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    executing: tuple[Executing, ...] = ()
    partial: bool = False
    broken: bool = False
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """What an inventory is read from: its text and every variable file that might be its."""

    inventory: str
    content: bytes
    playbooks: str
    files: Mapping[str, bytes]
    too_big: tuple[str, ...]
    password: Path | None

    def bare_key(self) -> str:
        """Hash what this inventory's hosts and groups depend on; no password is part of it."""
        return key(FORMAT, self.inventory, self.content, self.playbooks)

    def key(self, files: Iterable[str]) -> str:
        """Hash what reading this inventory with these files depends on."""
        password = self.password.read_bytes() if self.password else b""
        contents = [(path, self.files.get(path, b"")) for path in sorted(files)]
        return key(FORMAT, self.inventory, self.content, self.playbooks, contents, password)


def unusable(path: str, text: Described, password: Path | None) -> Finding | None:
    """Say why a variable file is not handed to Ansible, None if it is."""
    if text.vault and password is None:
        return Finding(path, None, Level.WARNING, "is a vault and I have no password for it")
    return text.problem


def refused(path: str, text: Described, reason: NotListed) -> Finding:
    """Say why Ansible would not take a variable file."""
    if text.vault:
        what = "is a vault that the password I have does not open"
        return Finding(path, None, Level.WARNING, what)
    return Finding(path, None, Level.ERROR, f"cannot be read: {quoted(str(reason)).text}")


def broken(source: Source, finding: Finding) -> Reading:
    """Give the reading of an inventory of which nothing could be read."""
    return Reading(source.inventory, {}, {}, (), (finding,), broken=True)


def line_of(reason: str, content: bytes) -> int | None:
    """Find the line that Ansible means, by the word that it quotes: it tells no line."""
    quotes = re.findall(r"'([^']+)'|got: (\S+)", reason)
    words = [first or second for first, second in quotes]
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        if line.strip()[:1] not in ("#", ";") and any(word in line for word in words):
            return number
    return None


def reading_of(
    source: Source,
    texts: Mapping[str, Described],
    findings: Mapping[str, Finding],
    result: Listed,
    secrets: frozenset[str],
) -> Reading:
    """Put together what Ansible listed and what the texts say.

    `texts` is what the inventory and every variable file say, vaults opened; `findings`
    the files that were left out or stay closed; `secrets` what the vaults hold.
    """
    if source.inventory in findings:
        return broken(source, findings[source.inventory])
    files = read_by((*source.files, *source.too_big), result.groups, result.variables)
    odd = _odd_name((*result.groups, *result.variables))
    if odd:
        what = f"`{quoted(odd, 60).text}` cannot be the name of a host or group"
        line = line_of(f"'{odd}'", source.content)
        return broken(source, Finding(source.inventory, line, Level.ERROR, what))
    big = [path for path in files if path in source.too_big]
    if big:  # nobody looked at what it executes, so the site is not run either
        what = f"is bigger than {BIGGEST} bytes and was not read"
        return broken(source, Finding(big[0], None, Level.ERROR, what))
    told = [findings[path] for path in files if path in findings]
    told += [one for path in files if path in texts for one in texts[path].findings]
    assignments = [*texts[source.inventory].assignments]
    for path in files:
        if path in texts:
            assignments += texts[path].assignments
    redact = _redact(result.variables, assignments, secrets)
    in_text = in_files(assignments, redact)
    unexplained = in_effect(source.inventory, result.variables, in_text, redact)
    unseen = [not_seen(path, source.files[path]) for path in files if path in findings]
    return Reading(
        source.inventory,
        result.groups,
        result.variables,
        files,
        tuple(told),
        tuple(in_text + unexplained + unseen),
        partial=bool(unseen),
        secrets=secrets,
    )


def _odd_name(names: Iterable[str]) -> str | None:
    """Find a name that would be a path or a template to Ansible, or an option to ssh."""
    odd = re.compile(r"[-.]|.*[/\\`$;|&<>{}\"'\s]", re.DOTALL)
    return next((name for name in names if odd.match(name) or not name.isprintable()), None)


def _redact(
    variables: Mapping[str, Mapping[str, object]],
    assignments: Iterable[Assignment],
    secrets: frozenset[str],
) -> Callable[[str, str], str]:
    values = {*secrets, *(one for host in variables.values() for one in secret_values(host))}
    for assignment in assignments:
        values |= secret_values({assignment.name: assignment.value})
    redactor = Redactor(values)
    return lambda name, text: MARK if is_secret_name(name) else redactor.text(text)
