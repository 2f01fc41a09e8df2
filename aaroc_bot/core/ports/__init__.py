"""The ports: what the commands and the dispatcher ask of the rest, and nothing more.

Each Protocol is filled by one package and put together in `aaroc_bot.app`. Times are
aware and in UTC.
"""

from aaroc_bot.core.ports.changes import (
    Changes,
    Joining,
    JoinOutcome,
    Look,
    Merged,
    MergeOutcome,
    NotJoined,
    NotMerged,
    Obstacle,
    WhyNotJoined,
)
from aaroc_bot.core.ports.chat import (
    Addresses,
    Chat,
    Hear,
    Intake,
    Page,
    Platform,
    Pressed,
    Redaction,
)
from aaroc_bot.core.ports.digest import Digests
from aaroc_bot.core.ports.failing import Later, Lost, Overheard, Shut, Unavailable
from aaroc_bot.core.ports.people import Froze, Linking, Links, LoginCode, People
from aaroc_bot.core.ports.repository import (
    Acceptance,
    Behind,
    Catalogue,
    PendingRules,
    Rules,
    Sites,
)
from aaroc_bot.core.ports.runs import History, Listing, Locks, Record, Request, Runs, Verdict

__all__ = [
    "Acceptance", "Addresses", "Behind", "Catalogue", "Changes", "Chat", "Digests", "Froze", "Hear",
    "History", "Intake", "JoinOutcome", "Joining", "Later", "Linking", "Links", "Listing",
    "Locks", "LoginCode", "Look", "Lost", "MergeOutcome", "Merged", "NotJoined", "NotMerged",
    "Obstacle", "Overheard", "Page", "PendingRules", "People", "Platform", "Pressed", "Record", "Redaction",
    "Request", "Rules", "Runs", "Shut", "Sites", "Unavailable", "Verdict", "WhyNotJoined",
]  # fmt: skip
