"""Pull requests, reviews, statuses and branch protection: what GitHub keeps of them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

State = Literal["open", "closed"]


@dataclass(slots=True)
class Review:
    """A review of the commit `commit` by the user `by`; `state` in GitHub's words."""

    id: int
    by: int
    state: str
    body: str
    commit: str
    at: datetime


@dataclass(slots=True)
class Pull:
    """A pull request; people are users' ids, `head` and `base_sha` are shas.

    `base_sha` is where the base branch was when the pull request was opened or last pushed
    to. `commits` and the counts after it are of the difference from there. `mergeable` is
    what was found for the pair `judged` (the tips of base and head), if that still holds.
    `landed` are the commits that its merge put on the base branch.
    """

    number: int
    title: str
    body: str | None
    author: int
    branch: str
    base: str
    head: str
    base_sha: str
    created: datetime
    updated: datetime
    draft: bool = False
    state: State = "open"
    closed: datetime | None = None
    merged: datetime | None = None
    merged_by: int | None = None
    merge_commit: str | None = None
    landed: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    commits: int = 0
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0
    mergeable: bool | None = None
    judged: tuple[str, str] | None = None


@dataclass(slots=True)
class Status:
    """A commit's status, by a user; `state` is error, failure, pending or success."""

    id: int
    context: str
    state: str
    description: str | None
    target_url: str | None
    by: int
    at: datetime


@dataclass(slots=True)
class CheckRun:
    """A check of a commit by some App; `conclusion` is None until it is completed."""

    id: int
    name: str
    status: str
    conclusion: str | None
    at: datetime


@dataclass(slots=True)
class Protection:
    """What a protected branch wants: this many approving reviews of people with write access.

    `last_push`: one of them of the head, by somebody else than who pushed that. Only a
    ruleset tells of it.
    """

    reviews: int = 1
    last_push: bool = True


def approvals(pull: Pull, writers: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Give who approves, and who still requests changes, of those whose review counts.

    Each one's last word counts; a comment takes nothing back.
    """
    last: dict[int, str] = {}
    for review in pull.reviews:
        if review.state in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}:
            last[review.by] = review.state
    counted = {by: state for by, state in last.items() if by in writers and by != pull.author}
    return (
        frozenset(by for by, state in counted.items() if state == "APPROVED"),
        frozenset(by for by, state in counted.items() if state == "CHANGES_REQUESTED"),
    )


def approves_push(pull: Pull, approving: frozenset[int], pusher: int | None) -> bool:
    """Say whether somebody of `approving` approved the head, other than who pushed it."""
    return any(
        review.state == "APPROVED"
        and review.commit == pull.head
        and review.by in approving - {pusher}
        for review in pull.reviews
    )
