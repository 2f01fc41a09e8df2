"""What the bot knows of sites where no DevOps repository is configured: nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.ports import Behind, Unavailable
from aaroc_bot.core.sites import Finding, Revision, Site
from aaroc_bot.repo.catalogue import Floor, catalogue

WHAT = "the DevOps repository (AAROC_REPOSITORY is not set)"


class NoRepository:
    """Fills the `Sites` port: no site, and no revision that anything could run at."""

    async def newest(self) -> Revision:
        """Raise `Unavailable`."""
        raise Unavailable(WHAT)

    async def all(self) -> Sequence[Site]:
        """Give no site."""
        return ()

    async def variables(self, site: str) -> Mapping[str, Mapping[str, object]]:
        """Raise `Unavailable`."""
        raise Unavailable(WHAT)

    async def revision_named(self, typed: str) -> Revision | None:
        """Raise `Unavailable`."""
        raise Unavailable(WHAT)

    async def behind(self, site: str, sha: str) -> Behind:
        """Say that it is unknown."""
        return Behind(None, None)

    async def findings(self) -> Sequence[Finding]:
        """Find nothing."""
        return ()


class OwnCatalogue:
    """Fills the `Catalogue` port with the bot's own entries alone."""

    def __init__(self, own: Path, floor: Floor) -> None:
        """Read the folder `own` now: it changes with the bot's version only."""
        self._entries, self._findings = catalogue(own, None, lambda _: False, floor)

    async def entries(self) -> Sequence[Entry]:
        """Give the bot's own entries."""
        return self._entries

    async def findings(self) -> Sequence[Finding]:
        """Give those of them that were refused."""
        return self._findings
