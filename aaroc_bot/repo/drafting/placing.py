"""Where a site's variable stands, and where one that stands nowhere yet belongs."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aaroc_bot.core.sites import Site, service_word
from aaroc_bot.repo.assignments import VAULT, Assignment, Described
from aaroc_bot.repo.drafting.picture import Picture
from aaroc_bot.repo.inventory import Reading
from aaroc_bot.repo.layout import VARIABLES, of_groups, owners, suffix
from aaroc_bot.repo.naming import SITE_NAME

_SECTION = re.compile(r"\s*\[([^:\]\s]+)(?::(\w+))?\]")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a wish is drafted on: the site, and the content of every file that it reads."""

    picture: Picture
    site: Site
    contents: Mapping[str, bytes]
    describe: Callable[[str, bytes], Described]

    @property
    def reading(self) -> Reading:
        """Give the site's reading."""
        return self.picture.reading(self.site.name)

    @property
    def inventory(self) -> str:
        """Give the path of its inventory."""
        return self.site.inventory

    def own(self) -> list[str]:
        """Give the paths that this site alone reads."""
        own = self.picture.own()
        return sorted(path for path in self.contents if own.get(path) == self.site.name)

    def sharing(self, path: str) -> tuple[str, ...]:
        """Give the sites that read a path."""
        return self.picture.readers().get(path, ())


def assignments(
    ground: Ground, path: str, name: str, content: bytes | None = None
) -> list[Assignment]:
    """Give all that a file says of a variable; `content` is what it says now, if that changed."""
    text = ground.contents.get(path, b"") if content is None else content
    return [one for one in ground.describe(path, text).assignments if one.name == name]


def standing(ground: Ground, path: str, name: str) -> Assignment | None:
    """Give what a file says of a variable, the last of it; None if nothing."""
    found = assignments(ground, path, name)
    return found[-1] if found else None


def hosts_of(path: str, line: int, content: bytes, reading: Reading) -> tuple[str, ...]:
    """Give the hosts for which a line of a file counts: an inventory's is a section's."""
    if path == reading.inventory:
        section = section_at(content, line)
        groups = {section} if section else set()
    elif of_groups(path):
        groups = set(owners(path))
    else:
        return tuple(host for host in reading.variables if host in owners(path))
    if "all" in groups:
        return tuple(reading.variables)
    return tuple(sorted({host for one in groups for host in reading.groups.get(one, ())}))


def section_at(content: bytes, line: int) -> str | None:
    """Give the group in whose section a line of an inventory stands."""
    for text in reversed(content.decode(errors="replace").splitlines()[:line]):
        if found := _SECTION.match(text):
            return found[1]
    return None


def read_by_host(path: str, host: str, reading: Reading) -> bool:
    """Whether a host reads a file that its inventory's reading names."""
    if path == reading.inventory:
        return True
    if not of_groups(path):
        return host in owners(path)
    groups = owners(path)
    return bool(groups & {"all"}) or any(host in reading.groups.get(one, ()) for one in groups)


def umbrella(ground: Ground) -> str | None:
    """Give the group of the site's own that holds all of its hosts, None if it has none.

    Hosts that do not bear the site's name are not its own: they stand outside of it.
    Of several the one whose file says `site_name`, then the one that is called as the site.
    """
    site, reading = ground.site, ground.reading
    others = {
        group
        for path, one in ground.picture.view.readings.items()
        if path != site.inventory
        for group in one.groups
    }
    hosts = set(site.hosts) - site.foreign.keys()
    fitting = [
        group
        for group, those in reading.groups.items()
        if group not in others | {"all", "ungrouped"} and hosts <= set(those)
    ]
    return min(fitting, key=lambda group: _fit(ground, group), default=None)


def _fit(ground: Ground, group: str) -> tuple[bool, bool, bool, bool, str]:
    """Rank a group that may be the umbrella, the best lowest."""
    names = {ground.site.name.casefold(), suffix(ground.inventory).casefold()}
    files = group_files(ground, group)
    return (
        not any(standing(ground, path, SITE_NAME) for path in files),
        group.casefold() not in names,
        not any(name in group.casefold() for name in names),
        not files,
        group,
    )


def group_files(ground: Ground, group: str) -> list[str]:
    """Give the site's own variable files of a group."""
    own = [path for path in ground.own() if path != ground.inventory]
    return [path for path in own if of_groups(path) and group in owners(path)]


def home(ground: Ground, group: str) -> str:
    """Give the file to which a variable of a group is added; it may not be there yet."""
    files = group_files(ground, group)
    if files:
        return min(files, key=lambda path: (not standing(ground, path, SITE_NAME), path))
    return f"{group_folder(ground)}/{group}.yml"


def group_folder(ground: Ground) -> str:
    """Give the folder of variables of groups in which most of them lie."""
    found = ground.picture.view.found
    folders = Counter(
        "/".join(parts[: parts.index(VARIABLES[0]) + 1])
        for path in found.variables
        if of_groups(path) and (parts := path.split("/"))
    )
    default = f"{found.playbooks}/{VARIABLES[0]}" if found.playbooks else VARIABLES[0]
    return min(folders, key=lambda folder: (-folders[folder], folder), default=default)


def vaulted(ground: Ground) -> str | None:
    """Give the first of the site's own files that is a vault as a whole."""
    return next((path for path in ground.own() if ground.contents[path].startswith(VAULT)), None)


def group_of(ground: Ground, word: str) -> str:
    """Give the inventory group that a service's word stands for at a site.

    The site's own spelling goes first, be the group empty, then that of other sites.
    """
    mine = [*ground.site.services, *sections(ground.contents.get(ground.inventory, b""))]
    others = [group for one in ground.picture.view.readings.values() for group in one.groups]
    fitting = [group for group in (*mine, *sorted(others)) if service_word(group) == word]
    return fitting[0] if fitting else f"{word}s"


def sections(content: bytes) -> Iterator[str]:
    """Give the groups whose hosts an INI inventory may list."""
    for line in content.decode(errors="replace").splitlines():
        if (found := _SECTION.match(line)) and found[2] in {None, "hosts"}:
            yield found[1]
