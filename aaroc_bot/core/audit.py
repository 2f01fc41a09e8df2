"""The record: what an audit event holds, and the chain that its rows make."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

GENESIS = "0" * 64
"""What the first row hashes as the row before it."""


class What(StrEnum):
    """What an audit event tells of."""

    COMMAND = "command"
    REFUSAL = "refusal"
    OUTCOME = "outcome"
    RUN = "run"
    APPROVAL = "approval"
    LOCK = "lock"
    ACCEPTANCE = "acceptance"
    LINK = "link"
    CHANGE = "change"
    JOINING = "joining"
    LIMIT = "limit"
    SYSTEM = "system"


class Lacking(StrEnum):
    """The right that somebody lacked. The outcome of such a refusal begins with it: `lacking`.

    A site's history tells of these refusals only; who mistyped is nobody's business later.
    """

    LINK = "not linked"
    MEMBERSHIP = "not a member"
    SITE = "not the site's admin"
    EXPERT = "not an expert"
    OWN_REQUEST = "own request"
    OWN_WORDS = "wrote it"
    AT_THE_MACHINE = "at the machine"
    KNOWN = "could not be told"
    OLD_ACCOUNT = "by a new account"
    FREEDOM = "frozen"


def lacking(outcome: str) -> Lacking | None:
    """Give the right that was lacking by a refusal's outcome; None if it was no matter of rights.

    >>> lacking("not an expert: That is for ROC experts.")
    <Lacking.EXPERT: 'not an expert'>
    """
    word, colon, _ = outcome.partition(": ")
    return Lacking(word) if colon and word in set(Lacking) else None


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the record, before it is chained. All text is redacted already.

    `account` is ``chat:workspace:user``; `person` the GitHub id, `login` as written then.
    `text` is the command as typed. `outcome` is a word or a short sentence: the state a
    run went to, the rule that refused, ``locked until ...``.
    """

    what: What
    at: datetime
    account: str = ""
    person: int | None = None
    login: str = ""
    operator: str = ""
    place: str = ""
    text: str = ""
    site: str = ""
    run: int | None = None
    revision: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the record, with its number and its link in the chain."""

    id: int
    event: Event
    before: str
    hash: str


def chained(id: int, event: Event, before: str) -> str:
    """Hash an event onto the row before it: SHA-256 over canonical JSON, in hex.

    The id is part of it, so that rows can be neither reordered nor renumbered.
    """
    body = {f.name: getattr(event, f.name) for f in fields(event)}
    body["at"] = event.at.isoformat(timespec="microseconds")
    text = json.dumps([id, before, body], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
