"""From a wish, or a pull request's tree, to what it does: the files that change, and a Draft.

The same wish at the same commit gives the same bytes. Nothing here is written anywhere but
to a temporary folder, and nothing that is read is executed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aaroc_bot.core.changes import Draft, NotOpened, Wish
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.sites import Revision
from aaroc_bot.repo.drafting.comparing import Look, compare
from aaroc_bot.repo.drafting.rollback import differing
from aaroc_bot.repo.drafting.wishing import Wishing
from aaroc_bot.repo.drafting.written import NotDrafted
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.tree import Tree

LATELY = 200
"""Commits of a file that are looked at for who touched it."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What comes of a wish: whole files at `base`, None for one that goes, and what that does."""

    base: Revision
    contents: Mapping[str, bytes | None]
    draft: Draft


class Drafter:
    """Drafts Changes and compares trees, under the rules that are in force."""

    def __init__(
        self, repository: Repository, outsiders: Reader, redact: Callable[[str], str]
    ) -> None:
        """Read the default branch by `repository`, pull requests' trees by `outsiders`.

        `outsiders` must have no vault password: who opens a pull request chooses what is read.
        """
        self._repository = repository
        self._mirror = repository.mirror
        self._wishing = Wishing(repository, redact)
        self._outsiders = outsiders
        self._redact = redact

    async def draft(self, wish: Wish, base: str) -> Drafted | NotOpened:
        """Draft a wish at a commit that the mirror has, by its whole sha.

        Raises `Unavailable`, also for a commit that is unknown.
        """
        revision = await self._mirror.revision(base)
        if revision is None:
            raise Unavailable(f"revision {base[:7]}")
        try:
            contents, draft = await self._wishing.draft(wish, await self._wishing.picture(base))
        except NotDrafted as no:
            return no.why
        return Drafted(revision, contents, draft)

    async def compare(self, before: str, after: Tree) -> Draft:
        """Say what a pull request's tree does to the one that it left at `before`.

        It is read as data, without any password, and only as much of it as `comparing`
        allows; with more every site is said to be unread. Raises `Unavailable`.
        """
        tree = await self._mirror.tree(before)
        look = Look(self._outsiders, await self._repository.rulebook())
        draft = await compare(await look.picture(tree), after, look, self._redact)
        self._outsiders.keep_only_used()
        return draft

    async def own(self, sha: str) -> Mapping[str, str]:
        """Give the paths that one site alone read at a commit, each with that site."""
        return (await self._wishing.picture(sha)).own()

    async def sharing(self, paths: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give for each path the sites that read it now."""
        newest = await self._repository.newest()
        readers = (await self._wishing.picture(newest.sha)).readers()
        return tuple((path, readers.get(path, ())) for path in paths)

    async def touched_by(
        self, paths: Sequence[str], limit: int = 5
    ) -> tuple[tuple[str, datetime], ...]:
        """Give who changed any of these paths last, newest first, each author's name once."""
        if not paths:
            return ()
        newest = await self._repository.newest()
        output = await self._mirror.git(
            "log", "--no-merges", f"--max-count={LATELY}", "--no-show-signature",
            "--format=%an%x00%ct", newest.sha, "--", *paths,
        )  # fmt: skip
        found: dict[str, datetime] = {}
        for line in output.decode(errors="replace").splitlines():
            name, _, at = line.partition("\0")
            found.setdefault(self._redact(name), datetime.fromtimestamp(int(at), UTC))
        return tuple(found.items())[:limit]

    async def same_files(self, site: str, sha: str) -> bool:
        """Whether the site's own files at a commit of the default branch are as they are now.

        No where that cannot be told: the commit is unknown, or had no such site.
        """
        if not await self._mirror.contains(sha):
            return False
        newest = await self._repository.newest()
        now, then = await self._wishing.picture(newest.sha), await self._wishing.picture(sha)
        if site not in now.view.sites or site not in then.view.sites:
            return False
        return not differing(site, now, then).own
