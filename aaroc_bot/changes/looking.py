"""Looking at a pull request: everything that an expert needs to judge it."""

import asyncio
from dataclasses import dataclass, replace

from aaroc_bot.changes.merged import who_asked
from aaroc_bot.changes.surveying import Survey, Surveyor
from aaroc_bot.core.changes import Draft
from aaroc_bot.core.merge import hindrance, needs_review
from aaroc_bot.core.ports import Look, NotMerged, Obstacle
from aaroc_bot.core.pulls import Check, PullRequest, PullState
from aaroc_bot.github.api import Refused
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.repo.drafting import Drafter


@dataclass(frozen=True, slots=True)
class Looker:
    """Puts a `Look` together. Raises `Unavailable` where GitHub does not answer at all."""

    surveyor: Surveyor
    pulls: Pulls
    drafter: Drafter

    async def look(self, number: int, *, deep: bool) -> Look | None:
        """Read a pull request now; None if there is none of this number."""
        survey = await self.surveyor.survey(number)
        if survey is None:
            return None
        checks, (draft, unread) = await asyncio.gather(
            self._checks(survey.pull.head), self.surveyor.draft(survey)
        )
        look = Look(
            pull=await self._at_whose_word(survey),
            change=survey.change,
            reviews=survey.reviews,
            checks=checks,
            paths=survey.trees.paths if survey.trees else (),
            draft=draft,
            unread=unread,
            authors=survey.wrote[0] or (),
            hindrance=await self._hindrance(survey, draft),
        )
        if not deep or not look.paths:
            return look
        sharing, touched_by = await asyncio.gather(
            self.drafter.sharing(look.paths), self.drafter.touched_by(look.paths)
        )
        return replace(look, sharing=sharing, touched_by=touched_by)

    async def _at_whose_word(self, survey: Survey) -> PullRequest:
        """Name who merged it; of what the bot merged, the person on whose word it did."""
        pull, by = survey.pull, survey.pull.merged_by
        if pull.state is not PullState.MERGED or survey.change is not None or by is None:
            return pull
        if by.login.casefold() != (await self.pulls.bot()).name.casefold():
            return pull
        return replace(pull, merged_by=await who_asked(self.surveyor.database, pull, ()) or by)

    async def _checks(self, head: str) -> tuple[Check, ...] | None:
        try:
            return await self.pulls.checks(head)
        except Refused:
            return None

    async def _hindrance(self, survey: Survey, draft: Draft | None) -> NotMerged | None:
        found = hindrance(await self.surveyor.facts(survey, draft, now=False))
        conflicts = survey.pull.state is PullState.OPEN and survey.pull.mergeable is False
        if conflicts and needs_review(found):
            return NotMerged(Obstacle.CONFLICT, head=survey.pull.head)
        return found
