"""Merging: look, judge, put on record, ask GitHub once, look what came of it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from weakref import WeakValueDictionary

from aaroc_bot.changes.moves import ChangeMoves, said_by
from aaroc_bot.changes.opening import words_of
from aaroc_bot.changes.rebasing import Rebaser
from aaroc_bot.changes.surveying import Survey, Surveyor
from aaroc_bot.changes.words import TITLE, inert
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.changes import Draft, Effect, NotOpened
from aaroc_bot.core.merge import may_merge, needs_review
from aaroc_bot.core.ports import Merged, MergeOutcome, NotMerged, Obstacle, People, Unavailable
from aaroc_bot.core.pulls import PullRequest, PullState
from aaroc_bot.core.rights import Standing
from aaroc_bot.github.api import Refused
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.repo.drafting import Drafter
from aaroc_bot.repo.repository import Repository
from aaroc_bot.store.audit import append_in
from aaroc_bot.store.database import Database
from aaroc_bot.store.frozen import is_frozen
from aaroc_bot.store.ties import still_speaks

HEAD_MOVED = 409
NOT_ALLOWED = 405

UNTOLD = "GitHub was asked to merge it and does not say whether it did"

LOOKS, PAUSE = 8, 0.5
"""How often, and with how many seconds in between, a pull request is read until GitHub has
worked out whether it conflicts: it begins to when it is asked."""


class Merger:
    """Merges pull requests as RULES.md allows, one at a time each."""

    def __init__(
        self,
        *,
        database: Database,
        pulls: Pulls,
        drafter: Drafter,
        repository: Repository,
        people: People,
        surveyor: Surveyor,
        rebaser: Rebaser,
        moves: ChangeMoves,
        seen: Callable[[int], Awaitable[None]],
    ) -> None:
        """`seen` reads a pull request again after something was done to it."""
        self._database = database
        self._pulls = pulls
        self._drafter = drafter
        self._repository = repository
        self._people = people
        self._surveyor = surveyor
        self._rebaser = rebaser
        self._moves = moves
        self._seen = seen
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def merge(self, number: int, by: Standing) -> MergeOutcome:
        """Merge it, or say what is in the way; `by` is read again at GitHub first."""
        async with self._turns.setdefault(number, asyncio.Lock()):
            outcome = await self._merge(number, by)
        if isinstance(outcome, Merged) or outcome.obstacle is Obstacle.REBASED:
            with suppress(Unavailable, Refused):  # the watcher finds it by itself
                await self._seen(number)
        return outcome

    async def _merge(self, number: int, by: Standing) -> MergeOutcome:
        await self._repository.refresh()
        try:
            await self._worked_out(number)  # before anything is judged: what follows is of now
            by = await self._asked_again(by)
            survey = await self._surveyor.survey(number)
            if survey is None:
                return NotMerged(Obstacle.NO_SUCH)
            draft = None if survey.ours else (await self._surveyor.draft(survey))[0]
            facts = await self._surveyor.facts(survey, draft, now=True)
        except Refused as no:
            return NotMerged(Obstacle.CANNOT_TELL, self._moves.redact(words_of(no)))
        obstacle = may_merge(facts, by)
        if needs_review(obstacle) and (
            survey.pull.mergeable is False or await self._does_else(survey)
        ):
            return await self._conflict(survey, by)
        if obstacle is not None:
            return obstacle
        refused = await self._on_record(survey, by)
        return refused or await self._ask(survey, by)

    async def _worked_out(self, number: int) -> None:
        """Give GitHub the moments that it needs to say whether it conflicts; it may not."""
        for _ in range(LOOKS):
            pull = await self._pulls.read(number)
            if pull is None or pull.state is not PullState.OPEN or pull.mergeable is not None:
                return
            await asyncio.sleep(PAUSE)

    async def _does_else(self, survey: Survey) -> bool:
        """Say whether a Change of ours would do something else now than what was reviewed.

        The default branch moved on: a value may be overridden by now, or a rollback would
        leave a file of its site as others have changed it.
        """
        change, trees = survey.change, survey.trees
        if change is None or trees is None or not survey.ours:
            return False
        newest = await self._repository.newest()
        if newest.sha == trees.base:
            return False
        drafted = await self._drafter.draft(change.wish, newest.sha)
        if isinstance(drafted, NotOpened):
            return True
        return _does(drafted.draft) != _does(change.draft)

    async def _conflict(self, survey: Survey, by: Standing) -> NotMerged:
        """Write a Change of ours anew, before anybody reviews in vain what cannot be merged."""
        if survey.change is None or survey.trees is None:
            return NotMerged(Obstacle.CONFLICT, head=survey.pull.head)
        try:
            return await self._rebaser.rebase(survey.change, survey.pull, survey.trees.base, by)
        except Refused as no:
            return self._told(Obstacle.CONFLICT, survey.pull, no)

    async def _on_record(self, survey: Survey, by: Standing) -> NotMerged | None:
        """Put it on record before GitHub is asked; say if somebody was frozen meanwhile."""
        assert by.person is not None  # `may_merge` lets nobody else through
        pull, asked = survey.pull, survey.asked
        frozen = NotMerged(Obstacle.FROZEN, head=pull.head)
        async with self._database.write() as connection:
            if not await still_speaks(connection, by.person.id, by.link, self._moves.now()):
                return frozen
            if asked is not None and await is_frozen(connection, asked.id):
                return replace(frozen, people=(asked,))
            await append_in(connection, self._event(survey, by))
        return None

    def _event(self, survey: Survey, by: Standing) -> Event:
        pull, change = survey.pull, survey.change
        outcome = f"merge of #{pull.number} at {pull.head} begins"
        person = by.person
        event = Event(
            What.CHANGE,
            self._moves.now(),
            person=person.id if person else None,
            login=person.login if person else "",
            text=f"merge {pull.number}",
            site=change.site if change else "",
            revision=pull.head,
            outcome=outcome,
        )
        return said_by(event, by)

    async def _ask(self, survey: Survey, by: Standing) -> MergeOutcome:
        """Ask GitHub once. An answer that was cut off is found by looking, not asked for again."""
        pull = survey.pull
        try:
            commit = await self._pulls.merge(pull.number, pull.head, _title(survey, by))
        except Refused as no:
            return await self._refused(survey, no, by)
        except Unavailable:
            try:
                merged = await self._merged(pull)
            except Unavailable:  # so nobody is told that nothing was done
                return NotMerged(Obstacle.CANNOT_TELL, UNTOLD, head=pull.head)
            if merged is None:
                raise
            return merged
        return Merged(pull.number, commit)

    async def _refused(self, survey: Survey, no: Refused, by: Standing) -> MergeOutcome:
        pull = survey.pull
        if no.status == HEAD_MOVED:
            return self._told(Obstacle.MOVED, pull, no)
        if no.status == NOT_ALLOWED:
            now = await self._pulls.read(pull.number)
            if now and now.head == pull.head and now.mergeable is False:
                return await self._conflict(replace(survey, pull=now), by)
            merged = await self._merged(pull)
            if merged is not None:
                return merged
        return self._told(Obstacle.PROTECTED, pull, no)

    async def _merged(self, pull: PullRequest) -> Merged | None:
        """Look whether it is merged, at the very head that was asked for."""
        now = await self._pulls.read(pull.number)
        if now is None or now.state is not PullState.MERGED or now.head != pull.head:
            return None
        return Merged(pull.number, now.merge_commit or "")

    def _told(self, obstacle: Obstacle, pull: PullRequest, no: Refused) -> NotMerged:
        return NotMerged(obstacle, self._moves.redact(words_of(no)), head=pull.head)

    async def _asked_again(self, by: Standing) -> Standing:
        """Read the rights once more; how the command was given stays as it was."""
        if by.person is None:
            return by
        return (await self._people.of_person(by.person, now=True)).as_said_by(by)


def _does(draft: Draft) -> tuple[tuple[Effect, ...], set[str]]:
    return draft.effects, {file.path for file in draft.files}


def _title(survey: Survey, by: Standing) -> str:
    """Write the merge commit's first line; the title of what others committed to may not hold."""
    pull, login = survey.pull, by.person.login if by.person else ""
    others = survey.change is not None and not survey.ours
    what = "With commits of others" if others else inert(pull.title, TITLE)
    return f"{what} (#{pull.number}), merged for {login}"
