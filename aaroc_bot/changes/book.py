"""Fills the port `Changes`: what people wish of the repository, as pull requests."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from aaroc_bot.changes.closing import Closer
from aaroc_bot.changes.looking import Looker
from aaroc_bot.changes.merging import Merger
from aaroc_bot.changes.moves import ChangeMoves
from aaroc_bot.changes.opening import Opener
from aaroc_bot.changes.owning import Owning
from aaroc_bot.changes.rebasing import Rebaser
from aaroc_bot.changes.surveying import Surveyor
from aaroc_bot.changes.words import branch_word, secret_in
from aaroc_bot.core.changes import Change, ChangeState, NotOpened, WhyNot, Wish
from aaroc_bot.core.doing import DOING
from aaroc_bot.core.ports import Look, MergeOutcome, People, Unavailable
from aaroc_bot.core.pulls import PullRequest
from aaroc_bot.core.rights import Person, Standing
from aaroc_bot.core.run import Asked
from aaroc_bot.github.api import Refused
from aaroc_bot.github.directory import Directory
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.repo.drafting import Drafter
from aaroc_bot.repo.repository import Repository
from aaroc_bot.store import changes
from aaroc_bot.store.database import Database
from aaroc_bot.store.storable import storable
from aaroc_bot.store.ties import still_speaks

log = logging.getLogger(__name__)


@contextmanager
def _away() -> Iterator[None]:
    """Say that GitHub is away where it refuses to show what there is."""
    try:
        yield
    except Refused as no:
        log.warning("GitHub shows no pull requests (%s)", no.status)
        raise Unavailable("GitHub") from no


class ChangeBook:
    """Everything about Changes that a command can ask for, put together from its parts."""

    possible = ""

    def __init__(
        self,
        *,
        database: Database,
        drafter: Drafter,
        pulls: Pulls,
        repository: Repository,
        people: People,
        directory: Directory,
        moves: ChangeMoves,
        seen: Callable[[int], Awaitable[None]],
    ) -> None:
        """`directory` finds the owners of paths; `seen` reads a pull request again."""
        self._database = database
        self._drafter = drafter
        self._pulls = pulls
        self._repository = repository
        self._moves = moves
        owning = Owning(repository, directory, people.organisation())
        surveyor = Surveyor(database, pulls, drafter, repository, owning, people)
        self._looker = Looker(surveyor, pulls, drafter)
        self._opener = Opener(
            database=database, drafter=drafter, pulls=pulls, moves=moves, seen=seen
        )
        rebaser = Rebaser(database, drafter, pulls, repository, moves, self._opener)
        self._merger = Merger(
            database=database,
            pulls=pulls,
            drafter=drafter,
            repository=repository,
            people=people,
            surveyor=surveyor,
            rebaser=rebaser,
            moves=moves,
            seen=seen,
        )
        self._closer = Closer(database=database, pulls=pulls, moves=moves, opener=self._opener)

    async def propose(
        self, wish: Wish, by: Standing, asked: Asked, reason: str
    ) -> Change | NotOpened:
        """Open a pull request for a wish; the same one that is open already comes back.

        What was asked for by the very same event, before a fall, is that Change.
        """
        secret = secret_in(wish, self._moves.redact)
        if secret is not None:
            return NotOpened(WhyNot.SECRET, name=secret)
        known = await self._asked_before(asked)
        if known is not None:
            return await self._opener.open(known.id)
        await self._repository.refresh()
        base = (await self._repository.newest()).sha
        drafted = await self._drafter.draft(wish, base)
        if isinstance(drafted, NotOpened):
            return drafted
        new = changes.NewChange(
            wish=wish,
            draft=replace(drafted.draft, title=self._moves.redact(drafted.draft.title)),
            reason=storable(self._moves.redact(reason)),
            asked=asked,
            bounded=by.bounded,
            base=base,
            at=self._moves.now(),
        )
        change = await self._on_record(new, by)
        if isinstance(change, NotOpened):
            return change
        return await self._opener.open(change.id, drafted if change.base == base else None)

    async def get(self, id: int) -> Change | None:
        """Give a Change by our id, as it was known last."""
        async with self._database.read() as connection:
            return await changes.load(connection, id)

    async def numbered(self, number: int) -> Change | None:
        """Give the Change that is this pull request; None: not opened by the bot."""
        async with self._database.read() as connection:
            return await changes.of_number(connection, number)

    async def open(self) -> Sequence[tuple[PullRequest, Change | None]]:
        """Give every open pull request, newest first, with the Change that it is if it is one."""
        with _away():
            found = await self._pulls.open()
        pulls = sorted(found, key=lambda pull: pull.number, reverse=True)
        async with self._database.read() as connection:
            ours = {change.number: change for change in await changes.open_ones(connection)}
        return [(pull, ours.get(pull.number)) for pull in pulls]

    async def look(self, number: int, *, deep: bool = False) -> Look | None:
        """Read a pull request now; `deep` adds who shares and who touched the files last."""
        with _away():
            return await self._looker.look(number, deep=deep)

    async def merge(self, number: int, by: Standing) -> MergeOutcome:
        """Merge it if rules and reviews allow that; `by` is read again at GitHub first."""
        return await self._merger.merge(number, by)

    async def before(self, site: str) -> tuple[str, int] | None:
        """Give the revision and number of the last run that succeeded with other files."""
        async with self._database.read() as connection:
            deployed = await changes.deployed(connection, site)
        for revision, run in deployed:
            if not await self._repository.mirror.contains(revision):
                continue  # a forced push took it away
            if not await self._drafter.same_files(site, revision):
                return revision, run
        return None

    async def close_all_of(self, person: Person, why: str) -> Sequence[int]:
        """Close what somebody asked for who left or is frozen; give the pull requests' numbers.

        Raises `Unavailable` where GitHub is silent: what was not closed yet is found again.
        """
        return await self._closer.close_all_of(person, why)

    async def resume(self) -> None:
        """Open what a fall, or GitHub's silence, left as being opened."""
        async with self._database.read() as connection:
            waiting = await changes.open_ones(connection)
        for change in waiting:
            if change.state is ChangeState.OPENING:
                try:
                    await self._opener.open(change.id)
                except Unavailable:
                    raise
                except Exception:
                    log.exception("Change %s could not be opened", change.id)

    async def _on_record(self, new: changes.NewChange, by: Standing) -> Change | NotOpened:
        """Keep a Change with its card and its event, or find the one that it is already."""
        asked = new.asked
        async with self._database.write() as connection:
            await changes.take_turns(connection)
            known = await changes.of_event(connection, asked.event)
            if known is not None:
                return known
            if not await still_speaks(connection, asked.by.id, by.link, self._moves.now()):
                return NotOpened(WhyNot.FROZEN)
            same = await changes.same(connection, new)
            if same is not None:
                return same
            change = await changes.add(connection, new, branch_word(new.draft.title))
            await self._moves.begin(connection, change)
        self._moves.box.wake()
        return change

    async def _asked_before(self, asked: Asked) -> Change | None:
        """Find what this event asked for: drafted again it might change nothing any more.

        Its effect is on record with it already, so going on with it is no second one.
        """
        async with self._database.read() as connection:
            known = await changes.of_event(connection, asked.event)
        doing = DOING.get()
        if known is not None and doing is not None:
            doing.noted = True
        return known
