"""The seal: the hash of everything that an approval is bound to."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aaroc_bot.core.entries import Entry, Value
from aaroc_bot.core.plan import Plan


def seal(
    *,
    site: str,
    inputs: str,
    entry: Entry,
    ansible: str,
    parameters: Sequence[tuple[str, Value]],
    plan: Plan,
) -> str:
    """Hash what a run would do, and from what: SHA-256 over canonical JSON, in hex.

    `inputs` is the digest of the files that it reads, those outside the repository
    included. The revision is not part of it: another site's merge changes nothing here.
    """
    body = {
        "site": site,
        "inputs": inputs,
        "entry": _terms(entry),
        "ansible": ansible,
        "parameters": [list(pair) for pair in parameters],
        "plan": asdict(plan),
    }
    text = json.dumps(
        body, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain
    )
    return hashlib.sha256(text.encode()).hexdigest()


def same_terms(one: Entry, other: Entry) -> bool:
    """Say whether two entries mean the same, wherever in its file each stands."""
    return _terms(one) == _terms(other)


def _terms(entry: Entry) -> dict[str, Any]:
    terms = asdict(entry)
    del terms["line"]  # a comment above it changes nothing
    return terms


def _plain(value: object) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no canonical form")
