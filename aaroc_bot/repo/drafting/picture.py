"""A tree and who reads what of it: each site's files, those that it alone reads, and the shared."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from aaroc_bot.core.effective import Seen
from aaroc_bot.repo.inventory import Reading
from aaroc_bot.repo.layout import of_groups, owners
from aaroc_bot.repo.tree import Tree
from aaroc_bot.repo.view import View

_RANGE = re.compile(r"(?<![\w.-])([\w.-]++)\[")
"""How the name of several hosts begins, as in ``wn[01:03]``."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A tree as read. `reads` gives for each site the paths that it reads, its inventory too.

    Of a site that cannot be read it gives all that it may read.
    """

    tree: Tree
    view: View
    reads: Mapping[str, frozenset[str]]

    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """Give for each path the sites that read it, by name."""
        found: dict[str, list[str]] = defaultdict(list)
        for site, paths in sorted(self.reads.items()):
            for path in paths:
                found[path].append(site)
        return {path: tuple(sites) for path, sites in found.items()}

    def own(self) -> Mapping[str, str]:
        """Give for each path that one site alone reads that site."""
        return {path: sites[0] for path, sites in self.readers().items() if len(sites) == 1}

    def reading(self, site: str) -> Reading:
        """Give the reading of a site. Raises KeyError for an unknown one."""
        return self.view.readings[self.view.sites[site].inventory]

    def seen(self) -> Mapping[str, Seen]:
        """Give every site as it is compared."""
        nodes = self.tree.nodes
        return {
            name: Seen(
                site,
                self.reading(name).variables,
                {path: nodes[path].id for path in self.reads[name] if path in nodes},
                self.reading(name).secrets,
            )
            for name, site in self.view.sites.items()
        }


async def picture(tree: Tree, view: View) -> Picture:
    """See who reads what; Ansible told that of every inventory but the broken ones."""
    broken = [one.inventory for one in view.readings.values() if one.broken]
    texts = await tree.read(broken)
    reads = {}
    for name, site in view.sites.items():
        inventory = site.inventory
        if inventory in broken:
            files = _may_read(view, texts.get(inventory, b"").decode(errors="replace"))
        else:
            files = set(view.readings[inventory].files)
        reads[name] = frozenset({*files, inventory})
    return Picture(tree, view, reads)


def _may_read(view: View, text: str) -> set[str]:
    """Give the variable files whose group or host an inventory that cannot be read may have."""
    words = set(re.split(r"[\s\[\]:,={}\"'#;]+", text)) | {"all", "ungrouped"}
    starts = tuple(word for word in _RANGE.findall(text))
    found = set()
    for path in view.found.variables:
        names = owners(path)
        ranged = not of_groups(path) and any(name.startswith(starts) for name in names)
        if names & words or (starts and ranged):
            found.add(path)
    return found
