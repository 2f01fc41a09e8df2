"""The repository itself: its default branch, and what protects that."""

from urllib.parse import quote

from aaroc_bot.github.asking import Asking, GitHubAway, parsed
from aaroc_bot.github.shapes import BRANCH, REPOSITORY, RULES, Repository

HIDDEN = (403, 404)
"""Statuses of what is not shown to the bot."""


class RepositoryAsking(Asking):
    """Asks about the repository."""

    async def default_branch(self) -> str:
        """Give the name of the default branch, as it is now."""
        return (await self._about()).default_branch

    async def protected(self, branch: str) -> bool | None:
        """Say whether a branch takes nothing but pull requests; None: it cannot be told.

        There are two kinds of rules on GitHub; either does.
        """
        name = quote(branch, safe="")
        old = await self._shown(f"{self._root}/branches/{name}")
        if old is not None and parsed(BRANCH, old).protected:
            return True
        new = await self._shown(f"{self._root}/rules/branches/{name}?per_page=100")
        if new is not None and any(rule.type == "pull_request" for rule in parsed(RULES, new)):
            return True
        return None if old is None or new is None else False

    async def _about(self) -> Repository:
        return (await self._ask_again(self._root, REPOSITORY))[0]

    async def _shown(self, path: str) -> object | None:
        """Ask for what may be hidden from the bot: None if it is."""
        try:
            reply = await self._ask(path)
        except GitHubAway as away:
            if away.status in HIDDEN:
                return None
            raise
        return None if reply.status == 404 else reply.body
