"""Describing a site that is new: `new site` opens a pull request to be filled in by hand."""

from aaroc_bot.commands import Call, Effect, Message, NewSite, Right, command

from ._proposing import changeable, propose


@command(
    "new site <name> like <site>",
    right=Right.EXPERT,
    effect=Effect.ALTERS,
    help="Begin a new site in the shape of another, by a pull request with its values left blank.",
)
async def new_site(call: Call, name: str, site: str) -> Message:
    """Open a pull request with an inventory and variables whose particulars are left blank."""
    described = await changeable(call, site)
    return await propose(call, NewSite(name, described.name), site, None)
