"""A drafter for tests that draft often: one variables file of one site, edited by line.

The real one takes a second for each draft (it runs Ansible's inventory and yamllint);
`test_on_github.py` plays with that.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aaroc_bot.core.changes import (
    Draft,
    Effect,
    FileChange,
    NewSite,
    NotOpened,
    RollBack,
    SetVariables,
    VariableEffect,
    WhyNot,
    Wish,
)
from aaroc_bot.core.sites import Revision, Site
from aaroc_bot.repo.drafting import Drafted
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.rulebook import Rulebook, read_rulebook
from aaroc_bot.repo.tree import Tree

FILE = "Ansible/group_vars/za-uj.yml"
OWN = {FILE: "ZA-UJ", "Ansible/group_vars/ke-nairobi.yml": "KE-NAIROBI"}


@dataclass
class QuickDrafter:
    """Does what `aaroc_bot.repo.drafting.Drafter` does, for some wishes about ZA-UJ."""

    repository: Repository

    async def draft(self, wish: Wish, base: str) -> Drafted | NotOpened:
        revision = await self.repository.mirror.revision(base)
        assert revision is not None
        text = old = await self._text(base)
        effects = []
        if isinstance(wish, RollBack):
            if not await self.repository.mirror.contains(wish.revision):
                return NotOpened(WhyNot.UNKNOWN_REVISION)
            text, title = await self._text(wish.revision), f"ZA-UJ back to {wish.revision[:7]}"
        elif isinstance(wish, NewSite):
            text, title = f"{text}# {wish.name}\n", f"New site {wish.name} like {wish.like}"
        else:
            assert isinstance(wish, SetVariables)
            title = "ZA-UJ"
            for name, value in wish.values:
                line = re.search(rf"^{name}: (.*)$", text, re.MULTILINE)
                before = line[1] if line else None
                added = f"{text}{name}: {value}\n"
                text = text.replace(line[0], f"{name}: {value}") if line else added
                title += f" {name} {before} → {value}"
                effects.append(VariableEffect(name, before, value, ("bdii1.uj.example",)))
        if text == old:
            return NotOpened(WhyNot.NOTHING)
        draft = Draft(title, (FileChange(FILE, 2, 1),), (Effect("ZA-UJ", tuple(effects)),))
        return Drafted(revision, {FILE: text.encode()}, draft)

    async def compare(self, before: str, after: Tree) -> Draft:
        await after.read(after.nodes)
        return Draft("compared", (), ())

    async def own(self, sha: str) -> Mapping[str, str]:
        return OWN

    async def sharing(self, paths: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((path, (OWN.get(path, "all"),)) for path in paths)

    async def touched_by(
        self, paths: Sequence[str], limit: int = 5
    ) -> tuple[tuple[str, datetime], ...]:
        return (("Amina Haddad", datetime(2026, 6, 8, tzinfo=UTC)),)

    async def same_files(self, site: str, sha: str) -> bool:
        newest = await self.repository.newest()
        return await self._text(sha) == await self._text(newest.sha)

    async def _text(self, sha: str) -> str:
        tree = await self.repository.mirror.tree(sha)
        return (await tree.read([FILE])).get(FILE, b"").decode()


class QuickRepository(Repository):
    """Reads no site: Ansible's inventory takes a second for each."""

    async def refresh(self) -> bool:
        return await self.mirror.refresh()

    async def newest(self) -> Revision:
        return await self.mirror.newest()

    async def all(self) -> Sequence[Site]:
        return [Site("ZA-UJ", "Ansible/inventories/inventory.za-uj", team="za-uj")]

    async def rulebook(self, sha: str | None = None) -> Rulebook:
        newest = (await self.mirror.newest()).sha
        return await read_rulebook(await self.mirror.tree(sha or newest))
