"""A whole tree as the bot sees it: its sites, what they read, and what belongs to no site."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aaroc_bot.core.sites import Finding, Site
from aaroc_bot.repo.inventory import Reading
from aaroc_bot.repo.layout import Found, find, of_groups, owners, suffix
from aaroc_bot.repo.naming import SITE_NAME, sites_of, unknown_rules
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.rulebook import Rulebook
from aaroc_bot.repo.tree import Tree


@dataclass(frozen=True, slots=True)
class View:
    """Sites by name, their readings by inventory, and findings that belong to none."""

    sites: Mapping[str, Site]
    readings: Mapping[str, Reading]
    found: Found
    findings: tuple[Finding, ...]


async def view(tree: Tree, rules: Rulebook, reader: Reader) -> View:
    """Read a tree under the rules that are in force."""
    found = find(tree, rules)
    said = await _said(tree, found, reader)
    names = {inventory: _names(inventory, said, rules) for inventory in found.inventories}
    readings = await reader.read(tree, found, names)
    sites = await asyncio.to_thread(sites_of, readings, said, rules)
    return View(
        {site.name: site for site in sites},
        readings,
        found,
        (*rules.findings, *found.findings, *unknown_rules(sites, rules)),
    )


def _names(inventory: str, said: Mapping[str, str], rules: Rulebook) -> list[str]:
    """Give what the site of an inventory may be called, before it was read; the surest first."""
    file = suffix(inventory)
    outright = [name for name, rule in rules.sites.items() if rule.inventory == inventory]
    by_group = [name for path, name in said.items() if file in owners(path)]
    return [*outright, *by_group, file]


async def _said(tree: Tree, found: Found, reader: Reader) -> dict[str, str]:
    """Give the `site_name` that the variables file of each inventory's own group says."""
    files = {suffix(inventory).casefold() for inventory in found.inventories}
    wanted = [
        path
        for path in found.variables
        if of_groups(path) and files & {name.casefold() for name in owners(path)}
    ]
    contents = await tree.read(wanted)

    def look() -> dict[str, str]:
        names = {}
        for path, content in contents.items():
            for one in reader.describe(path, content).assignments:
                if one.name == SITE_NAME and isinstance(one.value, str):
                    names[path] = one.value
        return names

    return await asyncio.to_thread(look)
