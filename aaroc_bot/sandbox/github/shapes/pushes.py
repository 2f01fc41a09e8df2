"""The shape of a push, as a webhook tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aaroc_bot.sandbox.github.bare import Commit
from aaroc_bot.sandbox.github.people import User, Where

NOTHING = "0" * 40
"""The sha that stands for a branch which is not there."""
MOST = 20
"""Commits that GitHub tells of in one push."""


@dataclass(frozen=True, slots=True)
class Push:
    """A branch that moved from `old` to `new`, of which None is no branch; `head` is the new tip."""

    ref: str
    old: str | None
    new: str | None
    brought: Sequence[Commit]
    head: Commit | None
    forced: bool


def push_body(where: Where, push: Push, by: User) -> dict[str, object]:
    """Shape a push by a user."""
    old, new = push.old or NOTHING, push.new or NOTHING
    return {
        "ref": push.ref,
        "before": old,
        "after": new,
        "created": push.old is None,
        "deleted": push.new is None,
        "forced": push.forced,
        "base_ref": None,
        "compare": f"{where.web}/compare/{old[:12]}...{new[:12]}",
        "commits": [_commit(where, one) for one in push.brought[-MOST:]],
        "head_commit": _commit(where, push.head) if push.head else None,
        "pusher": {"name": by.login, "email": by.address},
    }


def _commit(where: Where, commit: Commit) -> dict[str, object]:
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": commit.committer[2],
        "url": f"{where.web}/commit/{commit.sha}",
        "author": {"name": commit.author[0], "email": commit.author[1]},
        "committer": {"name": commit.committer[0], "email": commit.committer[1]},
        "added": [],
        "removed": [],
        "modified": [],
    }
