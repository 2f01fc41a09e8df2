"""Changing variables of a site: `set` and `unset`. Each opens a pull request."""

from aaroc_bot.commands import (
    Call,
    Effect,
    Message,
    Right,
    SetVariables,
    UnsetVariable,
    command,
)

from ._proposing import changeable, propose


@command(
    "set <site> <parameters...> [because <reason...>]",
    "set <parameters...> at <site> [because <reason...>]",
    right=Right.SITE_ADMIN,
    effect=Effect.ALTERS,
    help="Give variables of a site new values, by a pull request in your name.",
)
async def set(
    call: Call, site: str, parameters: tuple[tuple[str, str], ...], reason: str | None = None
) -> Message:
    """Open a pull request that sets variables in a file which this site alone reads."""
    described = await changeable(call, site)
    return await propose(call, SetVariables(described.name, parameters), site, reason)


@command(
    "unset <site> <variable> [because <reason...>]",
    "unset <variable> at <site> [because <reason...>]",
    right=Right.SITE_ADMIN,
    effect=Effect.ALTERS,
    help="Take a variable out of a site's own files, by a pull request in your name.",
)
async def unset(call: Call, site: str, variable: str, reason: str | None = None) -> Message:
    """Open a pull request that takes a variable out."""
    described = await changeable(call, site)
    return await propose(call, UnsetVariable(described.name, variable), site, reason)
