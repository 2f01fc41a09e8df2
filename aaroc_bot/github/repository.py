"""The repository itself: its default branch, and what protects that."""

from dataclasses import dataclass
from urllib.parse import quote

from aaroc_bot.github.api import Refused
from aaroc_bot.github.asking import PAGES, Asking, GitHubAway, parsed
from aaroc_bot.github.shapes import BRANCH, REPOSITORY, RULES, Repository

HIDDEN = (403, 404)
"""Statuses of what is not shown to the bot."""


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects a branch; None: it cannot be told.

    `protected`: it takes nothing but pull requests. `last_push`: GitHub wants an approval by
    somebody else than who pushed last ("Require approval of the most recent reviewable
    push"). The older kind of rules may ask that too, but does not say so to the bot.
    """

    protected: bool | None
    last_push: bool | None


class RepositoryAsking(Asking):
    """Asks about the repository."""

    async def default_branch(self) -> str:
        """Give the name of the default branch, as it is now."""
        return (await self._about()).default_branch

    async def protection(self, branch: str) -> Protection:
        """Say what protects a branch. There are two kinds of rules on GitHub; either does."""
        name = quote(branch, safe="")
        old = await self._shown(f"{self._root}/branches/{name}")
        new = await self._shown(f"{self._root}/rules/branches/{name}?per_page=100")
        rules = [] if new is None else parsed(RULES, new)
        ruled = [rule.parameters for rule in rules if rule.type == "pull_request"]
        last_push = any(one is not None and one.last_push for one in ruled)
        protected = bool(ruled) or (old is not None and parsed(BRANCH, old).protected)
        return Protection(
            protected or (None if old is None or new is None else False),
            None if new is None else last_push,
        )

    async def _about(self) -> Repository:
        return (await self._ask_again(self._root, REPOSITORY))[0]

    async def _shown_all(self, path: str) -> list[object] | None:
        """Ask for all pages of what may be hidden from the bot: None if it is.

        With more pages than are read it is `Refused`: a part could mislead.
        """
        found: list[object] = []
        for _ in range(PAGES):
            try:
                reply = await self._ask(path)
            except GitHubAway as away:
                if away.status in HIDDEN:
                    return None
                raise
            if reply.status == 404:
                return None
            found.append(reply.body)
            if reply.next is None:
                return found
            path = reply.next
        raise Refused(413, f"there are more than {len(found)} pages")

    async def _shown(self, path: str) -> object | None:
        """Ask for what may be hidden from the bot: None if it is."""
        try:
            reply = await self._ask(path)
        except GitHubAway as away:
            if away.status in HIDDEN:
                return None
            raise
        return None if reply.status == 404 else reply.body
