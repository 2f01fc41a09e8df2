"""Pull requests as GitHub tells of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aaroc_bot.core.rights import Person


class PullState(StrEnum):
    """Where a pull request is; GitHub itself says closed of merged ones too."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request. `author` opened it: for a Change that is the bot.

    `head` and `base_sha` are shas, `base` the branch that it goes into. `mergeable` is None
    while GitHub has not worked it out. `merge_commit` is on the default branch once merged.
    """

    number: int
    title: str
    url: str
    state: PullState
    draft: bool
    author: Person | None
    head: str
    branch: str
    base: str
    base_sha: str
    updated_at: datetime
    mergeable: bool | None = None
    merged_at: datetime | None = None
    merged_by: Person | None = None
    merge_commit: str | None = None


class ReviewState(StrEnum):
    """What a review says."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes requested"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Review:
    """A person's review, of the commit that they saw."""

    by: Person
    state: ReviewState
    commit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """A commit of a pull request, and whom it names as author and committer.

    Anybody can write anybody's name and address into a commit: only of a `verified` one
    GitHub knows that it is so. None among `people`: somebody whom GitHub does not know.
    """

    sha: str
    people: tuple[Person | None, ...]
    verified: bool = False


class CheckState(StrEnum):
    """How a check of a commit stands."""

    PASSED = "passed"
    FAILED = "failed"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Check:
    """A check or status of a commit on GitHub, by its name."""

    name: str
    state: CheckState


def last_words(reviews: tuple[Review, ...]) -> tuple[Review, ...]:
    """Give what counts of each person: their last approval, request or dismissal.

    A comment takes nothing back, as on GitHub.
    """
    last: dict[int, Review] = {}
    for review in sorted(reviews, key=lambda one: one.at):
        if review.state is not ReviewState.COMMENTED:
            last[review.by.id] = review
    return tuple(last.values())
