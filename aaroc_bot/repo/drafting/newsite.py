"""`new site ZA-XYZ like ZA-UJ`: the shape of a site, with its particulars left blank."""

from aaroc_bot.core.changes import NewSite, NotOpened, WhyNot
from aaroc_bot.core.lexicon import key, lexicon
from aaroc_bot.repo.assignments import VAULT
from aaroc_bot.repo.drafting.overlay import Contents
from aaroc_bot.repo.drafting.placing import Ground, group_folder, home, umbrella
from aaroc_bot.repo.drafting.written import NotDrafted, Written, not_opened
from aaroc_bot.repo.editing import CannotEdit, add_variable, blank_inventory, blank_variables
from aaroc_bot.repo.editing.typed import is_no_hosts_own
from aaroc_bot.repo.layout import parent, suffix
from aaroc_bot.repo.naming import SITE_NAME
from aaroc_bot.repo.rulebook import NAME

_RESERVED = frozenset({"all", "ungrouped", "children", "vars", "hosts", "codeowners"})
"""Ansible's own groups, parts of an inventory's headers, and a file that gives rights."""


def new_site(wish: NewSite, ground: Ground) -> Written:
    """Write an inventory and a file of variables after those of a site, which `ground` is.

    Raises `NotDrafted`; not for the loop.
    """
    if not _is_name(wish.name):
        raise NotDrafted(NotOpened(WhyNot.NAME, wish.name))
    old = umbrella(ground)
    if old is None:
        raise NotDrafted(NotOpened(WhyNot.NO_PLACE, wish.like))
    model = suffix(ground.inventory)
    new = wish.name.lower() if model == model.lower() else wish.name
    inventory = _named(ground.inventory, model, new)
    source = home(ground, old)
    variables = _named(source, old, new)
    _check_free(wish.name, new, ground, (inventory, variables))
    content = ground.contents.get(source, b"")
    if content.startswith(VAULT):
        raise NotDrafted(NotOpened(WhyNot.KIND, wish.like, source))
    try:
        contents: Contents = {
            inventory: blank_inventory(inventory, ground.contents[ground.inventory], old, new),
            variables: blank_variables(variables, content, wish.name)
            if content
            else add_variable(variables, b"", SITE_NAME, wish.name).content,
        }
    except CannotEdit as reason:
        raise NotDrafted(not_opened(reason, ground.inventory)) from None
    return Written(contents)


def _is_name(name: str) -> bool:
    reserved = name.casefold() in _RESERVED or is_no_hosts_own(name)
    return NAME.fullmatch(name) is not None and not reserved


def _named(path: str, old: str, new: str) -> str:
    """Write a path for the new name as it is written for the old one."""
    folder, name = parent(path), path.rpartition("/")[2]
    if old not in name:  # a file in a folder of the group's name
        folder = "/".join(new if part == old else part for part in folder.split("/"))
        return f"{folder}/{name}" if folder else name
    start, _, end = name.rpartition(old)
    return f"{folder}/{start}{new}{end}" if folder else f"{start}{new}{end}"


def _check_free(name: str, group: str, ground: Ground, paths: tuple[str, str]) -> None:
    """Refuse a name that is taken, as a site, an alias, a group or a file. Raises `NotDrafted`."""
    view, nodes = ground.picture.view, ground.picture.tree.nodes
    known = lexicon(view.sites.values(), ())
    sites = known.site(name) or known.site(group)
    if sites:
        taken = view.sites[sites[0]].inventory
        raise NotDrafted(NotOpened(WhyNot.EXISTS, sites[0], taken))
    there = {path.casefold(): path for path in nodes}
    groups = {key(one) for reading in view.readings.values() for one in reading.groups}
    for path in paths:
        if path.casefold() in there or path.rpartition("/")[0] in nodes:
            raise NotDrafted(NotOpened(WhyNot.EXISTS, name, there.get(path.casefold(), path)))
    stems = {path.rpartition("/")[2].partition(".")[0] for path in view.found.variables}
    if key(group) in groups | {key(stem) for stem in stems}:
        raise NotDrafted(NotOpened(WhyNot.EXISTS, group, group_folder(ground)))
