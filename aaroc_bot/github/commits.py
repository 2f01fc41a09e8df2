"""Who wrote a commit, by GitHub's account of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast
from urllib.parse import quote

from aaroc_bot.github.api import Api
from aaroc_bot.github.cache import Cached, CannotTell


class Commits:
    """Asks about the commits of one repository."""

    def __init__(self, api: Api, repository: str, clock: Callable[[], datetime]) -> None:
        """Take the repository as ``owner/name``."""
        self._api = api
        self._repository = quote(repository, safe="/")
        self._clock = clock
        self._known: dict[str, Cached[int]] = {}

    async def author_of(self, sha: str) -> int | None:
        """Give the author's GitHub id; None where GitHub is silent or knows no such user."""
        path = f"/repos/{self._repository}/commits/{quote(sha, safe='')}"
        cached = self._known.setdefault(sha, Cached(self._api, path, _author, self._clock))
        try:
            known = await cached.read()
        except CannotTell:
            return None
        return next(iter(known.values or ()), None)


def _author(body: object) -> tuple[int, ...]:
    author = cast(Mapping[str, object], body)["author"]
    if author is None or author == {}:
        return ()
    id = cast(Mapping[str, object], author)["id"]
    if not isinstance(id, int):
        raise TypeError("not an id")
    return (id,)
