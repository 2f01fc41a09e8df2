"""Whether anything may be planned or run at a site, as it is described now (RULES.md)."""

from collections.abc import Sequence

from aaroc_bot.core.sites import Executing, Level, Site


def unfit(site: Site, unaccepted: Sequence[Executing]) -> str | None:
    """Say why nothing may be planned or run at a site; None where it may.

    `unaccepted` are its lines that execute and that no expert accepted.

    >>> unfit(Site("ZA-UJ", "inventory.za-uj", claimed_by="inventory.uj"), ())
    'ZA-UJ is described twice, in inventory.za-uj and in inventory.uj'
    """
    if site.broken:
        found = next((f for f in site.findings if f.level is Level.ERROR), None)
        where = f": {found.path}{f':{found.line}' if found.line else ''}" if found else ""
        return f"the description of {site.name} cannot be read{where}"
    if site.claimed_by:
        return f"{site.name} is described twice, in {site.inventory} and in {site.claimed_by}"
    if unaccepted:
        first = unaccepted[0]
        line = f":{first.line}" if first.line else ""
        more = f" and {len(unaccepted) - 1} more" if len(unaccepted) > 1 else ""
        return (
            f"variables of {site.name} that execute are not accepted: "
            f"{first.variable} in {first.path}{line}{more}"
        )
    return None
