"""Whose a path is, as people: the CODEOWNERS last accepted, its logins and teams looked up."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aaroc_bot.core.owners import codeowners
from aaroc_bot.github.cache import CannotTell
from aaroc_bot.github.directory import Directory
from aaroc_bot.repo.repository import Repository

Ids = frozenset[int]


@dataclass(frozen=True, slots=True)
class Owning:
    """Looks up owners in the organisation `org`; another's teams and mail addresses are nobody.

    A login, or a team's slug, that changed hands since it was first asked about is nobody's.
    Whether who owns a path is a member is not asked here: whoever acts is asked that.
    """

    repository: Repository
    directory: Directory
    org: str

    async def of(self, paths: Iterable[str], *, now: bool) -> Mapping[str, Ids | None]:
        """Give the GitHub ids of who owns each path; None where that cannot be told.

        `now` asks GitHub again, and takes nothing that it said earlier for an answer.
        """
        rules = await self.repository.rulebook()
        lines = await asyncio.to_thread(codeowners, rules.owners)
        owners = {path: lines.owners_of(path) for path in paths}
        words = sorted({word for found in owners.values() for word in found})
        told = await asyncio.gather(*(self._ids(word, now) for word in words))
        ids = dict(zip(words, told, strict=True))
        return {path: _joined([ids[word] for word in found]) for path, found in owners.items()}

    async def _ids(self, word: str, now: bool) -> Ids | None:
        if not word.startswith("@"):
            return frozenset()
        org, slash, slug = word[1:].partition("/")
        try:
            if not slash:
                return await self._user(org, now)
            if org.casefold() != self.org.casefold():
                return frozenset()
            return await self._team(slug.lower(), now)
        except CannotTell:
            return None

    async def _user(self, login: str, now: bool) -> Ids | None:
        known = await self.directory.owner(login, now=now)
        if now and known.silent_since is not None:
            return None
        return frozenset(person.id for person in known.values or ())

    async def _team(self, slug: str, now: bool) -> Ids | None:
        """Give who is in a team; one that took the slug of another that was there is none."""
        named = await self.directory.named(slug, now=now)
        if now and named.silent_since is not None:
            return None
        if not named.values:
            return frozenset()
        known = await self.directory.members(named.values[0].slug, now=now)
        if known.values is None or (now and known.silent_since is not None):
            return None
        return frozenset(person.id for person in known.values)


def _joined(parts: list[Ids | None]) -> Ids | None:
    known = [part for part in parts if part is not None]
    return frozenset[int]().union(*known) if len(known) == len(parts) else None
