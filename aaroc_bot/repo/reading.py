"""Reading inventories: two at a time, each once for the same content.

A broken inventory or variable file is a finding with file and line; the rest goes on.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.core.text import quoted
from aaroc_bot.repo.ansible_inventory import Busy, Listed, NotListed, listed
from aaroc_bot.repo.assignments import Described, of_inventory, of_variables
from aaroc_bot.repo.cache import Cache
from aaroc_bot.repo.inventory import (
    Reading,
    Source,
    broken,
    line_of,
    reading_of,
    refused,
    unusable,
)
from aaroc_bot.repo.layout import Found, parent, read_by, variables_base
from aaroc_bot.repo.opening import open_all
from aaroc_bot.repo.tree import BIGGEST, Tree

Passwords = Callable[[Sequence[str]], Path | None]
"""Gives the vault password's file of a site that may bear these names, None if there is none."""


def vault_passwords(file: Path | None, folder: Path | None) -> Passwords:
    """Give the operator's one password for all, or one a site in a folder, by its name."""

    def password(names: Sequence[str]) -> Path | None:
        if file is not None or folder is None:
            return file
        there = {path.name.casefold(): path for path in folder.glob("*") if path.is_file()}
        return next((there[name.casefold()] for name in names if name.casefold() in there), None)

    return password


class Reader:
    """Reads the inventories of trees, two at a time, each once for the same content."""

    def __init__(self, state: Path, passwords: Passwords) -> None:
        """Keep readings in the state folder."""
        self._readings = Cache(state / "readings", Reading)
        self._names = Cache(state / "names", tuple[tuple[str, ...], tuple[str, ...]])
        self._passwords = passwords
        self._described: dict[tuple[str, str], Described] = {}
        self._asked: set[tuple[str, str]] = set()
        self._turn = asyncio.Semaphore(2)

    async def read(
        self, tree: Tree, found: Found, names: Mapping[str, Sequence[str]]
    ) -> dict[str, Reading]:
        """Read every inventory of a tree; `names` are what the site of each may be called."""
        contents = await tree.read([*found.inventories, *found.variables])
        sources = [
            self._source(found, inventory, contents, self._passwords(names[inventory]))
            for inventory in found.inventories
        ]
        readings = await asyncio.gather(*map(self._read, sources))
        return dict(zip(found.inventories, readings, strict=True))

    def keep_only_used(self) -> None:
        """Drop from memory what was not asked for since this was called last."""
        self._readings.forget_unused()
        self._names.forget_unused()
        self._described = {at: self._described[at] for at in self._asked & set(self._described)}
        self._asked = set()

    def describe(self, path: str, content: bytes) -> Described:
        """Give what the text of a variable file or inventory says, parsed once for the same."""
        at = (path, hashlib.sha256(content).hexdigest())
        self._asked.add(at)
        known = self._described.get(at)  # kept here: what is unused may be dropped meanwhile
        if known is None:
            read = of_inventory if variables_base(path) is None else of_variables
            known = self._described[at] = read(path, content)
        return known

    def _source(
        self, found: Found, inventory: str, contents: Mapping[str, bytes], password: Path | None
    ) -> Source:
        bases = {found.playbooks, parent(inventory)}
        mine = [path for path in found.variables if variables_base(path) in bases]
        return Source(
            inventory,
            contents.get(inventory, b""),
            found.playbooks,
            {path: contents[path] for path in mine if path in contents},
            tuple(path for path in (inventory, *mine) if path not in contents),
            password if password and os.access(password, os.R_OK) else None,
        )

    async def _read(self, source: Source) -> Reading:
        if source.inventory in source.too_big:
            big = Finding(source.inventory, None, Level.ERROR, f"is bigger than {BIGGEST} bytes")
            return broken(source, big)
        async with self._turn:
            known = await asyncio.to_thread(self._cached, source)
            if known is not None:
                return known
            try:
                reading = await self._fresh(source)
            except Busy:
                late = Finding(source.inventory, None, Level.ERROR, "took too long to be read")
                return broken(source, late)
            if reading.broken and source.too_big:
                return reading  # what it depends on is not known, so it is not kept
            if reading.broken:
                self._names.put(source.bare_key(), ((), ()), disk=True)
            key = await asyncio.to_thread(source.key, reading.files)
            # What was decrypted is not written to the disk.
            self._readings.put(key, reading, disk=source.password is None)
            return reading

    def _cached(self, source: Source) -> Reading | None:
        names = self._names.get(source.bare_key())
        if names is None or read_by(source.too_big, *names):
            return None
        return self._readings.get(source.key(read_by(source.files, *names)))

    async def _fresh(self, source: Source) -> Reading:
        described = await asyncio.to_thread(self.describe, source.inventory, source.content)
        if described.problem:
            return broken(source, described.problem)
        texts = await asyncio.to_thread(
            lambda: {path: self.describe(path, content) for path, content in source.files.items()}
        )
        findings: dict[str, Finding] = {}
        usable = dict(source.files)
        for path, text in texts.items():
            if problem := unusable(path, text, source.password):
                findings[path] = problem
                del usable[path]
        try:
            result = await self._listed(source, usable, texts, findings)
        except NotListed as reason:
            line = line_of(reason.clue, source.content)
            what = f"cannot be read: {quoted(str(reason)).text}"
            return broken(source, Finding(source.inventory, line, Level.ERROR, what))
        names = (tuple(result.groups), tuple(result.variables))
        self._names.put(source.bare_key(), names, disk=True)
        texts[source.inventory] = described
        secrets = await self._open(source, texts, findings, result)
        return await asyncio.to_thread(reading_of, source, texts, findings, result, secrets)

    async def _open(
        self,
        source: Source,
        texts: dict[str, Described],
        findings: dict[str, Finding],
        result: Listed,
    ) -> frozenset[str]:
        """Put in `texts` what is in the vaults that this inventory reads; give what is secret."""
        if source.password is None:
            return frozenset()
        files = {source.inventory: source.content, **source.files}
        mine = [source.inventory, *read_by(source.files, result.groups, result.variables)]
        mine = [path for path in mine if path not in findings]
        opened = await open_all(
            source.password,
            {path: files[path] for path in mine if texts[path].vault},
            [one for path in mine for one in texts[path].assignments],
        )
        for path, text in opened.files.items():
            if text is None:
                what = "is a vault in which I cannot read"
                findings[path] = Finding(path, None, Level.WARNING, what)
            else:
                texts[path] = text
        return opened.secrets

    async def _listed(
        self,
        source: Source,
        usable: dict[str, bytes],
        texts: Mapping[str, Described],
        findings: dict[str, Finding],
    ) -> Listed:
        """Have Ansible read it, without the variable files that make it fail."""
        first = await self._try(source, usable)
        if isinstance(first, Listed):
            return first
        if first.inventory:
            raise first
        bare = await self._try(source, {})
        if isinstance(bare, NotListed):
            raise bare
        mine = read_by(usable, bare.groups, bare.variables)
        for paths in (
            [path for path in mine if texts[path].vault],
            [path for path in mine if not texts[path].vault],
        ):
            for path in paths:
                alone = await self._try(source, {path: usable[path]})
                if isinstance(alone, NotListed):
                    findings[path] = refused(path, texts[path], alone)
                    del usable[path]
            rest = await self._try(source, usable)
            if isinstance(rest, Listed):
                return rest
        return bare

    async def _try(self, source: Source, files: Mapping[str, bytes]) -> Listed | NotListed:
        try:
            return await listed(
                source.inventory,
                source.playbooks,
                {**files, source.inventory: source.content},
                source.password,
            )
        except NotListed as reason:
            return reason
