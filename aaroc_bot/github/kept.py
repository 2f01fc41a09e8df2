"""One answer of GitHub's, kept for the processes that come after this one.

Only what the bot read of it is kept: numbers, logins, names of teams; no profile, no mail.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.github_answers import Answer, GitHubAnswers

log = logging.getLogger(__name__)

T = TypeVar("T")

REPEATED = timedelta(minutes=5)
"""For how long an answer that did not change is not written again."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of an answer: its tag for asking again, and the path of the next page."""

    path: str
    values: tuple[T, ...]
    tag: str | None = None
    next: str | None = None


Form = TypeAdapter[list[Page[T]]]
"""How an answer is written and read."""


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """All pages of an answer (none: there is no such thing), and when GitHub said so."""

    pages: Sequence[Page[T]]
    at: datetime


class Kept(Generic[T]):
    """The last answer to one question."""

    def __init__(self, answers: GitHubAnswers, question: str, form: Form[T]) -> None:
        """Keep it in `answers`, as `form` writes it."""
        self._answers = answers
        self._question = question
        self._form = form
        self._last: Told[T] | None = None

    async def last(self, now: datetime) -> Told[T] | None:
        """Give what an earlier process was told; None where nothing can be made of it."""
        try:
            found = await self._answers.last(self._question)
        except Unavailable as away:
            log.warning("what GitHub answered before is not known: no answer from %s", away.what)
            return None
        # A clock that was wrong must not make an answer count for longer.
        if found is None or found.at > now:
            return None
        try:
            self._last = Told(self._form.validate_json(found.text), found.at)
        except ValueError:  # written by another version
            return None
        return self._last

    def keep(self, told: Told[T]) -> None:
        """Keep what GitHub said now."""
        last = self._last
        if last and last.pages == told.pages and told.at - last.at < REPEATED:
            return
        self._last = told
        text = self._form.dump_json(list(told.pages)).decode()
        self._answers.keep(self._question, Answer(text, told.at))
