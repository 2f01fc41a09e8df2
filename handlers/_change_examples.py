"""What stands in a made-up Change: a variable, a host, a service of a site, a pull request."""

from collections.abc import Mapping, Sequence

from aaroc_bot.commands import Call, Given, Site, Slot, SlotKind, Unavailable, service_word

VARIABLE = "bdii_port"
VALUE = "2171"
SITE = "ZA-XYZ"
"""A name that no site bears, for one that is new."""


def made_up(slot: Slot, values: Mapping[str, Given], sites: Sequence[Site]) -> Given:
    """Fill a slot of a command about a site that is already in `values`; None: nothing fits."""
    site = next((site for site in sites if site.name == values.get("site")), None)
    match slot.kind, slot.name:
        case SlotKind.PARAMETERS, _:
            return ((VARIABLE, VALUE),)
        case SlotKind.WORD, "variable":
            return VARIABLE
        case SlotKind.WORD, "name":
            return SITE
        case SlotKind.SERVICE, _ if site is not None:
            return next(iter(sorted(map(service_word, site.services))), None)
        case SlotKind.WORD, "host" if site is not None:
            return next(iter(site.hosts), None)
    return None


async def pull_request(call: Call) -> int | None:
    """Give the number of a pull request that is open, if one is at hand."""
    if call.changes.possible:
        return None
    try:
        found = await call.changes.open()
    except Unavailable:
        return None
    return found[0][0].number if found else None
