"""Which host runs which service: `enable` and `disable`. Each opens a pull request."""

from aaroc_bot.commands import (
    Call,
    DisableService,
    Effect,
    EnableService,
    Message,
    Refusal,
    Right,
    command,
)

from ._proposing import changeable, propose
from ._wording import listed, to_type


@command(
    "enable <service> at <site> on <host> [because <reason...>]",
    right=Right.SITE_ADMIN,
    effect=Effect.ALTERS,
    help="Let a host of a site run a service, by a pull request in your name.",
)
async def enable(
    call: Call, service: str, site: str, host: str, reason: str | None = None
) -> Message:
    """Open a pull request that puts a host into the group of a service."""
    described = await changeable(call, site)
    if host.lower() == "because":  # the host was left out, so its reason was read as one
        known = f"{site} has {listed(described.hosts, 5)}." if described.hosts else ""
        raise Refusal("Which host?", known, ("To look: ", to_type(f"status {site}")))
    return await propose(call, EnableService(described.name, service, host), site, reason)


@command(
    "disable <service> at <site> [on <host>] [because <reason...>]",
    right=Right.SITE_ADMIN,
    effect=Effect.ALTERS,
    help="Take a service off a host, or off the whole site, by a pull request in your name.",
)
async def disable(
    call: Call, service: str, site: str, host: str | None = None, reason: str | None = None
) -> Message:
    """Open a pull request that takes one host, or all, out of the group of a service."""
    described = await changeable(call, site)
    return await propose(call, DisableService(described.name, service, host), site, reason)
