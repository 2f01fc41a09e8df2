"""Whether a pull request is merged: facts in, the obstacle out (RULES.md, Changes and merges).

The bot opens pull requests for people, so GitHub's own "not your own" does not hold: the
bot counts the reviews. People are GitHub ids. What could not be told is neither yes nor no.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from aaroc_bot.core.approval import is_expert
from aaroc_bot.core.changes import Change, Draft
from aaroc_bot.core.ports import NotMerged, Obstacle, Verdict
from aaroc_bot.core.pulls import (
    PullRequest,
    PullState,
    Review,
    ReviewState,
    Written,
    last_words,
)
from aaroc_bot.core.rights import Membership, Person, Standing

LAST_PUSH = "Require approval of the most recent reviewable push"
"""GitHub's name of the setting without which no commit is believed that nobody signed."""


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """All that counts of one pull request, read at one moment.

    `asked` is who asked for the Change, or who opened it where it is none; None: GitHub
    does not know. `bounded`: asked for at the machine outside the sandbox. `authors` wrote
    its commits (None among them, or instead: not known); `vouched`: it is certain that they
    did, see `who_wrote`. `last_push`: GitHub itself sees to it that who pushed last is not the
    only one who approves. `paths` are all that it changes,
    None where they could not be read, for the reason `unread`; `shared` are those of them
    that are not one site's own files. `owners` are each path's, by the CODEOWNERS last
    accepted; None: could not be told. `standings` are the reviewers', by GitHub id.
    `reviewers` are who could be asked for a review (experts), for people to read.

    `asker` is how who asked for the Change stands now. `leftover`: made by the bot, for no
    Change that is open. `beyond` says, for people, what it does that an owner of its files
    cannot judge, empty: nothing; `secrets` are the keys of plain secrets that it adds.
    """

    pull: PullRequest
    default_branch: str
    protected: bool | None
    last_push: bool | None
    asked: Person | None
    bounded: bool
    authors: tuple[Person | None, ...] | None
    vouched: bool
    paths: tuple[str, ...] | None
    shared: tuple[str, ...]
    owners: Mapping[str, frozenset[int] | None]
    reviews: tuple[Review, ...]
    standings: Mapping[int, Standing]
    reviewers: tuple[Person, ...] = ()
    unread: str = ""
    asker: Standing | None = None
    leftover: bool = False
    beyond: str = ""
    secrets: tuple[str, ...] = ()


def who_wrote(
    commits: tuple[Written, ...], head: str, change: Change | None
) -> tuple[tuple[Person | None, ...], bool]:
    """Say who wrote a pull request's commits, and whether that is certain.

    Anybody who may push writes anybody's name on a commit, the bot's too. Certain is what the
    bot knows to have made itself, by its sha, and what GitHub verified. Where the head is the
    bot's own, so is all that comes with it.
    """
    made = change.made if change else ""
    if change is not None and made and made == head:
        return (change.asked.by,), True
    people = [p for one in commits if one.sha != made for p in one.people]
    asked = [change.asked.by] if change and any(one.sha == made for one in commits) else []
    vouched = all(one.verified or one.sha == made for one in commits)
    return tuple({p.id if p else None: p for p in (*asked, *people)}.values()), vouched


def beyond(draft: Draft | None, sites: Collection[str]) -> str:
    """Say what a difference in files of `sites` does that takes an expert to review; or nothing."""
    if draft is None or any(effect.unread for effect in draft.effects):
        return "not all that it does could be read, so an expert reviews it"
    others = sorted({one.site for one in draft.effects if not one.empty} - set(sites))
    if others:
        return f"it changes {', '.join(others)} too, so an expert reviews it"
    if draft.executing:
        return "it adds lines that execute, so an expert reviews it"
    return ""


class _May(Enum):
    """Whether somebody may do something; the third answer all the way."""

    YES = 1
    NO = 2
    CANNOT_TELL = 3


def may_merge(facts: MergeFacts, by: Standing) -> NotMerged | None:
    """Say why the pull request is not merged for `by`; None: nothing is in the way.

    `by` is read at GitHub just before: remembered rights do not do.
    """
    return _state(facts) or _merger(facts, by) or _reviews(facts)


def hindrance(facts: MergeFacts) -> NotMerged | None:
    """Say why nobody can merge it now; None: whoever has the right may."""
    return _state(facts) or _unknown(facts) or _reviews(facts)


def needs_review(found: NotMerged | None) -> bool:
    """Whether a review is all that is missing, or nothing is."""
    return found is None or found.obstacle in {Obstacle.NO_REVIEW, Obstacle.OLD_REVIEW}


def _state(facts: MergeFacts) -> NotMerged | None:
    pull = facts.pull
    if pull.state is not PullState.OPEN:
        return _no(facts, Obstacle.ENDED)
    if facts.leftover:
        return _no(facts, Obstacle.LEFTOVER)
    if pull.draft:
        return _no(facts, Obstacle.DRAFT)
    if pull.base != facts.default_branch:
        return _no(facts, Obstacle.OTHER_BRANCH)
    if facts.protected is None:
        return _no(facts, Obstacle.CANNOT_TELL, f"whether {pull.base} is protected")
    return None if facts.protected else _no(facts, Obstacle.UNPROTECTED)


def _unknown(facts: MergeFacts) -> NotMerged | None:
    """Say what of the pull request itself could not be told."""
    if facts.paths is None:
        return _no(facts, Obstacle.CANNOT_TELL, facts.unread or "what it changes")
    if facts.asked is None:
        return _no(facts, Obstacle.CANNOT_TELL, "who asked for it")
    if not facts.authors or None in facts.authors:
        return _no(facts, Obstacle.CANNOT_TELL, "who wrote its commits")
    if not facts.vouched and not facts.last_push:
        off = facts.last_push is False
        obstacle = Obstacle.UNPROTECTED if off else Obstacle.CANNOT_TELL
        return _no(facts, obstacle, f"{'off' if off else 'not known to be on'}: {LAST_PUSH}")
    if facts.secrets:
        return _no(facts, Obstacle.SECRET, ", ".join(facts.secrets))
    return _asker(facts)


def _asker(facts: MergeFacts) -> NotMerged | None:
    """Say whether who asked for the Change has left, or is frozen."""
    asker = facts.asker
    if asker is None or facts.asked is None:
        return None
    if asker.frozen or asker.membership in {Membership.OUTSIDER, Membership.PENDING}:
        return _no(facts, Obstacle.FROZEN, people=(facts.asked,))
    if asker.membership is not Membership.MEMBER or not asker.fresh:
        return _no(facts, Obstacle.CANNOT_TELL, f"whether {facts.asked.login} is still a member")
    return None


def _merger(facts: MergeFacts, by: Standing) -> NotMerged | None:
    if by.person is None or by.frozen:
        return _no(facts, Obstacle.FROZEN)
    if by.person.id in _concerned(facts):
        return _no(facts, Obstacle.OWN, people=(by.person,))
    if by.bounded:
        return _no(facts, Obstacle.NOT_OWNER, "nothing is merged at the machine")
    unknown = _unknown(facts)
    if unknown is not None:
        return unknown
    if by.expert and by.decides_from:
        return _no(facts, Obstacle.NOT_OWNER, "an expert by an account that is new")
    match _may_review(facts, by, expert_only=False):
        case _May.YES:
            return None
        case _May.NO:
            missing = tuple(sorted(_not_owned(facts, by.person.id)))
            return _no(facts, Obstacle.NOT_OWNER, people=facts.reviewers, paths=missing)
        case _May.CANNOT_TELL:
            return _no(facts, Obstacle.CANNOT_TELL, f"what {by.person.login} may")


def _reviews(facts: MergeFacts) -> NotMerged | None:
    """Count the reviews: an objection first, then a yes to exactly this head."""
    concerned = _concerned(facts)
    words = [word for word in last_words(facts.reviews) if word.by.id not in concerned]
    objections = [w for w in words if w.state is ReviewState.CHANGES_REQUESTED]
    objecting = [(w.by, _reviewer(facts, w.by, expert_only=False)) for w in objections]
    if people := tuple(person for person, may in objecting if may is _May.YES):
        return _no(facts, Obstacle.OBJECTION, people=people)
    if people := tuple(person for person, may in objecting if may is _May.CANNOT_TELL):
        return _no(facts, Obstacle.CANNOT_TELL, "whether an objection counts", people)
    expert_only = facts.bounded or bool(facts.shared or facts.beyond)
    yes = [w for w in words if w.state is ReviewState.APPROVED]
    approving = [(w, _reviewer(facts, w.by, expert_only=expert_only)) for w in yes]
    at_head = [(w.by, may) for w, may in approving if w.commit == facts.pull.head]
    counted = [person for person, may in at_head if may is _May.YES]
    if counted and not _may_be_the_pushers(facts, len(counted)):
        return None
    if counted:
        return _no(facts, Obstacle.CANNOT_TELL, "which of its approvals is who pushed it", ())
    if people := tuple(person for person, may in at_head if may is _May.CANNOT_TELL):
        return _no(facts, Obstacle.CANNOT_TELL, "whether a review counts", people)
    old = any(may is _May.YES for w, may in approving)
    missing = Obstacle.OLD_REVIEW if old else Obstacle.NO_REVIEW
    paths = facts.shared if expert_only and facts.shared else facts.paths or ()
    reviewers = tuple(person for person in facts.reviewers if person.id not in concerned)
    return _no(facts, missing, facts.beyond, people=reviewers, paths=paths)


def _may_be_the_pushers(facts: MergeFacts, counted: int) -> bool:
    """Say whether the only review that counts may be by who pushed, under another's name.

    GitHub sees to it that somebody else approved, but not that this is anybody who counts.
    """
    if facts.vouched or counted > 1:
        return False
    words = last_words(facts.reviews)
    approving = [w for w in words if w.state is ReviewState.APPROVED]
    return len([w for w in approving if w.commit == facts.pull.head]) > counted


def _concerned(facts: MergeFacts) -> frozenset[int]:
    """Give who asked for it and who wrote it: they neither review nor merge it."""
    return frozenset(one.id for one in (facts.asked, *(facts.authors or ())) if one is not None)


def _reviewer(facts: MergeFacts, person: Person, *, expert_only: bool) -> _May:
    standing = facts.standings.get(person.id)
    if standing is None or standing.person is None or standing.person.id != person.id:
        return _May.CANNOT_TELL
    return _may_review(facts, standing, expert_only=expert_only)


def _may_review(facts: MergeFacts, by: Standing, *, expert_only: bool) -> _May:
    """Say whether `by` is an expert, or owns every changed path where that is enough."""
    assert by.person is not None
    if by.frozen or by.membership in {Membership.OUTSIDER, Membership.PENDING}:
        return _May.NO
    if by.membership is not Membership.MEMBER or not by.fresh:
        return _May.CANNOT_TELL
    expert = is_expert(by)
    if expert is Verdict.YES:
        return _May.YES
    owns = _May.NO if expert_only else _owns(facts, by.person.id)
    if owns is not _May.NO:
        return owns
    return _May.CANNOT_TELL if expert is Verdict.CANNOT_TELL else _May.NO


def _owns(facts: MergeFacts, person: int) -> _May:
    """Say whether a person owns every changed path; nobody owns a change of nothing."""
    if not facts.paths:
        return _May.NO
    owners = [facts.owners.get(path, frozenset()) for path in facts.paths]
    if any(of is not None and person not in of for of in owners):
        return _May.NO
    return _May.CANNOT_TELL if None in owners else _May.YES


def _not_owned(facts: MergeFacts, person: int) -> list[str]:
    return [path for path in facts.paths or () if person not in (facts.owners.get(path) or ())]


def _no(
    facts: MergeFacts,
    obstacle: Obstacle,
    detail: str = "",
    people: tuple[Person, ...] = (),
    paths: tuple[str, ...] = (),
) -> NotMerged:
    return NotMerged(obstacle, detail, people, paths, facts.pull.head)
