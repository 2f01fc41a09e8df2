"""What must be true of a wish's difference before anybody is asked to look at it (RULES.md)."""

from aaroc_bot.core.changes import Effect, NotOpened, WhyNot
from aaroc_bot.core.sites import Level, Site
from aaroc_bot.repo.drafting.judging import Judged, Sides


def why_not(site: str, sides: Sides, judged: Judged) -> NotOpened | None:
    """Say why no pull request is opened for what somebody wished of a site; None where one is."""
    return (
        _unread(site, sides)
        or _executes(judged)
        or _others(site, sides, judged)
        or _nothing(site, judged)
    )


def unread(site: Site) -> NotOpened | None:
    """Say why a site can be read only, or not even that; None where it can be changed."""
    if site.broken:
        found = next((one for one in site.findings if one.level is Level.ERROR), None)
        if found is None:
            return NotOpened(WhyNot.UNREADABLE, site.name, site.inventory)
        return NotOpened(WhyNot.UNREADABLE, site.name, found.path, found.line, detail=found.what)
    if site.claimed_by:
        sites = f"is described twice, in {site.inventory} and in {site.claimed_by}"
        return NotOpened(WhyNot.UNREADABLE, site.name, site.inventory, detail=sites)
    return None


def _unread(site: str, sides: Sides) -> NotOpened | None:
    """Find what cannot be read any more: the site, or an error in a file that changes."""
    there = sides.after.view.sites.get(site)
    if there is None:
        path = next(iter(sides.new), "")
        return NotOpened(WhyNot.UNREADABLE, site, path)
    if why := unread(there):
        return why
    known = {one for each in sides.before.view.sites.values() for one in each.findings}
    for one in there.findings:
        if one.level is Level.ERROR and one.path in sides.new and one not in known:
            return NotOpened(WhyNot.UNREADABLE, site, one.path, one.line, detail=one.what)
    return None


def _executes(judged: Judged) -> NotOpened | None:
    if not judged.executing:
        return None
    where, _, name = judged.executing[0].rpartition(": ")
    path, _, line = where.partition(":")
    return NotOpened(WhyNot.EXECUTES, name, path, int(line) if line.isdigit() else None)


def _others(site: str, sides: Sides, judged: Judged) -> NotOpened | None:
    """Find other sites that are touched; a host that two describe touches both."""
    others = {one.site for one in judged.effects} - {site}
    for effect in judged.effects:
        hosts = _hosts(effect)
        for picture in (sides.before, sides.after):
            if one := picture.view.sites.get(effect.site):
                others |= {other for host, other in one.shared.items() if host in hosts}
    others -= {site}
    return NotOpened(WhyNot.OTHER_SITES, sites=tuple(sorted(others))) if others else None


def _hosts(effect: Effect) -> set[str]:
    """Give the hosts that an effect reaches."""
    by_variable = {host for one in effect.variables for host in one.hosts}
    return by_variable | {host for _, host in (*effect.joined, *effect.left)}


def _nothing(site: str, judged: Judged) -> NotOpened | None:
    there = any(one.site == site for one in judged.effects)
    return None if there else NotOpened(WhyNot.NOTHING, site)
