"""Asking about one repository and altering it, in the words of the ports."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.github.api import Api, Refused, Reply, Silent

T = TypeVar("T")

PAGES = 10
"""Pages of a list that are read at most, of a hundred each."""
REMEMBERED = 64
"""Answers that are kept to be asked again conditionally: unchanged ones cost nothing."""

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class GitHubAway(Unavailable):
    """GitHub could not tell, for this `reason`; `maybe` what was sent has taken effect."""

    def __init__(self, silent: Silent) -> None:
        """Take over what is known of the silence."""
        super().__init__("GitHub")
        self.silent = silent
        self.reason = str(silent)
        self.maybe = silent.maybe
        self.status = silent.status


@dataclass(frozen=True, slots=True)
class _Seen(Generic[T]):
    """What was read of an answer, with its tag and the path of the next page."""

    tag: str | None
    value: T
    next: str | None


class Asking:
    """What all that is asked of one repository has in common.

    Raises `GitHubAway` where GitHub is silent or its answer is not as described, `Refused`
    where it says no.
    """

    def __init__(self, api: Api, repository: str) -> None:
        """Take the repository as ``owner/name``."""
        self._api = api
        self._repository = repository
        self._root = f"/repos/{quote(repository, safe='/')}"
        self._last: OrderedDict[str, _Seen[object]] = OrderedDict()

    async def _ask(self, path: str) -> Reply:
        try:
            return await self._api.get(path)
        except Silent as silent:
            raise GitHubAway(silent) from silent

    async def _ask_again(self, path: str, kind: TypeAdapter[T]) -> tuple[T, str | None]:
        """Ask for what was asked before, only whether it changed; with the next page's path.

        `kind` is always the same for a path. What is not there is `Refused`.
        """
        last = cast(_Seen[T] | None, self._last.get(path))
        try:
            reply = await self._api.get(path, last.tag if last else None)
        except Silent as silent:
            raise GitHubAway(silent) from silent
        if reply.status != 304 or last is None:
            last = _Seen(reply.tag, parsed(kind, there(reply)), reply.next)
            self._last[path] = cast(_Seen[object], last)
        self._last.move_to_end(path)
        while len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return last.value, last.next

    async def _list(self, path: str, kind: TypeAdapter[list[T]], *, again: bool = False) -> list[T]:
        """Read all pages of a list. One that has too many is refused: a part could mislead."""
        found: list[T] = []
        for _ in range(PAGES):
            if again:
                page, next = await self._ask_again(path, kind)
            else:
                reply = await self._ask(path)
                page, next = parsed(kind, there(reply)), reply.next
            found += page
            if next is None:
                return found
            path = next
        raise Refused(413, f"there are more than {len(found)}")

    async def _send(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> object:
        """Alter something, and give what GitHub says of it."""
        try:
            return (await self._api.send(method, path, body)).body
        except Silent as silent:
            raise GitHubAway(silent) from silent


def checked_sha(text: str) -> str:
    """Give back a sha; a ValueError for anything else, before it is part of a path."""
    if not _SHA.fullmatch(text):
        raise ValueError("not a sha")
    return text


def branch_path(name: str) -> str:
    """Write a branch's name as the end of a path; a ValueError where it would lead elsewhere."""
    if not all(part.strip(".") for part in name.split("/")):
        raise ValueError("not the name of a branch")
    return quote(name, safe="/")


def there(reply: Reply) -> object:
    """Give an answer's body; that there is none is refused."""
    if reply.status == 404:
        raise Refused(404, "there is no such thing, or the bot may not see it")
    return reply.body


def parsed(kind: TypeAdapter[T], body: object) -> T:
    """Give an answer that is as described. Raises `GitHubAway` otherwise."""
    try:
        return kind.validate_python(body)
    except ValidationError:
        # Its text would hold the answer's, which nobody redacted.
        raise GitHubAway(Silent("GitHub's answer cannot be read")) from None
