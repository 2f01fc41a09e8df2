"""`set` and `unset`: which of a site's own files change, so that the wish comes true.

The value that counts is Ansible's to say, so what is written is read again; where another
file has the last word, the next place is tried, and a shared file ends it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aaroc_bot.core.changes import NotOpened, SetVariables, UnsetVariable, WhyNot
from aaroc_bot.core.effective import same
from aaroc_bot.core.nearest import distance, near
from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.repo.assignments import VAULT
from aaroc_bot.repo.drafting.overlay import Contents
from aaroc_bot.repo.drafting.placing import (
    Ground,
    assignments,
    home,
    hosts_of,
    read_by_host,
    standing,
    umbrella,
    vaulted,
)
from aaroc_bot.repo.drafting.written import NotDrafted, Written, not_opened
from aaroc_bot.repo.editing import (
    CannotEdit,
    Edit,
    add_variable,
    set_variable,
    unset_variable,
)
from aaroc_bot.repo.inventory import Reading

ROUNDS = 4
"""Readings of a site until every variable has its place."""

SLIPS = 2
"""Letters in which a name may differ from one that was meant."""

Look = Callable[[Contents], Awaitable[Reading]]
"""Reads the site with these files changed."""

_MISSING = object()


@dataclass(slots=True)
class _Place:
    """The places in which a variable may be set, the likeliest first, and what came of them."""

    name: str
    typed: str
    paths: list[str]
    refused: list[NotOpened] = field(default_factory=list)
    edit: Edit | None = None
    value: object = None

    @property
    def path(self) -> str:
        return self.paths[len(self.refused)]

    def refuse(self, why: NotOpened) -> None:
        """Go on to the next place. Raises `NotDrafted` with the first reason if there is none."""
        self.refused.append(why)
        if len(self.refused) == len(self.paths):
            raise NotDrafted(self.refused[0])


async def set_variables(wish: SetVariables, ground: Ground, look: Look) -> Written:
    """Write the values where they come into effect. Raises `NotDrafted`."""
    places = [
        _Place(name, typed, await asyncio.to_thread(_paths, ground, name))
        for name, typed in dict(wish.values).items()
    ]
    for _ in range(ROUNDS):
        contents = await asyncio.to_thread(_write, ground, places)
        if not contents:
            raise NotDrafted(NotOpened(WhyNot.NOTHING, ", ".join(place.name for place in places)))
        reading = await look(contents)
        wrong = await asyncio.to_thread(_wrong, ground, places, contents, reading)
        if not wrong:
            told = tuple(_told(place) for place in places if place.edit)
            return Written(contents, told, _mistyped(ground, places))
        for place, why in wrong:
            place.refuse(why)
    raise NotDrafted(wrong[0][1])


def _told(place: _Place) -> tuple[str, str | None, str | None]:
    assert place.edit is not None
    return place.name, place.edit.before, place.edit.after


def _mistyped(ground: Ground, places: Sequence[_Place]) -> tuple[Finding, ...]:
    """Find variables that no host had, where a name that one has is a slip away from theirs."""
    known = {name for host in ground.reading.variables.values() for name in host}
    found = []
    for place in places:
        name = place.name
        if place.edit is None or place.edit.before is not None or name in known:
            continue
        meant = [one for one in near(name, known) if distance(name, one, SLIPS) <= SLIPS]
        if meant:
            what = f"{name} is a new variable; near: {', '.join(meant)}"
            found.append(Finding(place.path, place.edit.line, Level.WARNING, what))
    return tuple(found)


def _paths(ground: Ground, name: str) -> list[str]:
    """Give the own files that say something of a variable, else the one to which it is added."""
    counts: dict[str, int] = {}
    for path in ground.own():
        if one := standing(ground, path, name):
            values = [host.get(name, _MISSING) for host in ground.reading.variables.values()]
            counts[path] = sum(same(value, one.value) for value in values)
    if counts:
        return sorted(counts, key=lambda path: (-counts[path], path == ground.inventory, path))
    group = umbrella(ground)
    if group is None:
        raise NotDrafted(NotOpened(WhyNot.NO_PLACE, name))
    path = home(ground, group)
    content = ground.contents.get(path)
    not_its_own = path in ground.picture.tree.nodes and path not in ground.own()
    if not_its_own or (content is not None and content.startswith(VAULT)):
        raise NotDrafted(NotOpened(WhyNot.KIND, name, path))
    return [path]


def _write(ground: Ground, places: list[_Place]) -> dict[str, bytes | None]:
    contents: dict[str, bytes | None] = {}
    for place in places:
        place.edit = None
        while True:
            content = contents.get(place.path)
            content = ground.contents.get(place.path, b"") if content is None else content
            there = assignments(ground, place.path, place.name, content)
            write = set_variable if there else add_variable
            try:
                edit = write(place.path, content, place.name, place.typed)
            except CannotEdit as reason:
                place.refuse(not_opened(reason, place.path))
            else:
                break
        place.value = _value(ground, place, edit)
        if edit.content != content and not _is_so(ground, place, edit):
            place.edit = edit
            contents[place.path] = edit.content
    return contents


def _value(ground: Ground, place: _Place, edit: Edit) -> object:
    """Give the value that the edited line has to Ansible."""
    mine = assignments(ground, place.path, place.name, edit.content)
    if not mine:
        raise NotDrafted(NotOpened(WhyNot.UNREADABLE, place.name, place.path, edit.line))
    return next((one for one in mine if one.line == edit.line), mine[-1]).value


def _is_so(ground: Ground, place: _Place, edit: Edit) -> bool:
    """Whether every host that would read the value has it already."""
    hosts = hosts_of(place.path, edit.line, edit.content, ground.reading)
    variables = ground.reading.variables
    return bool(hosts) and all(
        same(variables[host].get(place.name, _MISSING), place.value) for host in hosts
    )


def _wrong(
    ground: Ground, places: list[_Place], contents: Contents, reading: Reading
) -> list[tuple[_Place, NotOpened]]:
    """Give the variables whose new value does not count, with what has the last word."""
    wrong = []
    for place in places:
        if place.edit is None:
            continue
        hosts = hosts_of(place.path, place.edit.line, place.edit.content, reading)
        off = [
            host
            for host in hosts
            if not same(reading.variables[host].get(place.name, _MISSING), place.value)
        ]
        if not off:
            continue
        others = [path for path in (*reading.files, reading.inventory) if path != place.path]
        changed = {path: contents.get(path) for path in others}
        last = [_last_word(ground, place.name, host, reading, changed) for host in off]
        shared = next((why for why in last if why and why.why is WhyNot.SHARED), None)
        if shared or len(off) == len(hosts):
            hidden = NotOpened(WhyNot.UNREADABLE, place.name, vaulted(ground) or place.path)
            wrong.append((place, shared or last[0] or hidden))
    return wrong


def _last_word(
    ground: Ground, name: str, host: str, reading: Reading, others: Contents
) -> NotOpened | None:
    """Say which of other files (None: as it was) gives a host its value, a shared one first."""
    own = set(ground.own())
    effective = reading.variables[host].get(name, _MISSING)
    for path in sorted(others, key=lambda path: path in own):
        said = assignments(ground, path, name, others[path])
        fitting = [one.line for one in said if same(one.value, effective)]
        if fitting and read_by_host(path, host, reading):
            if path in own:
                return NotOpened(WhyNot.KIND, name, path, fitting[-1])
            return NotOpened(WhyNot.SHARED, name, path, fitting[-1], ground.sharing(path))
    return None


def unset(wish: UnsetVariable, ground: Ground) -> Written:
    """Take a variable out of all of a site's own files. Raises `NotDrafted`; not for the loop."""
    contents: dict[str, bytes | None] = {}
    before = None
    for path in ground.own():
        if standing(ground, path, wish.name):
            try:
                edit = unset_variable(path, ground.contents[path], wish.name)
            except CannotEdit as reason:
                raise NotDrafted(not_opened(reason, path)) from None
            contents[path], before = edit.content, before or edit.before
    if contents:
        return Written(contents, ((wish.name, before, None),))
    raise NotDrafted(_not_own(ground, wish.name))


def _not_own(ground: Ground, name: str) -> NotOpened:
    """Say where a variable is that stands in none of a site's own files."""
    for path in sorted(ground.contents):
        if one := standing(ground, path, name):
            return NotOpened(WhyNot.SHARED, name, path, one.line, ground.sharing(path))
    hidden = vaulted(ground)
    if hidden and any(name in host for host in ground.reading.variables.values()):
        return NotOpened(WhyNot.KIND, name, hidden)
    return NotOpened(WhyNot.NOT_THERE, name)
