"""Asking for a Change: what is common to all commands that open a pull request."""

from aaroc_bot.commands import (
    Call,
    Change,
    ChangeState,
    DisableService,
    Message,
    NotOpened,
    Refusal,
    Site,
    WhyNot,
    Wish,
    quoted,
)

from ._asked import asked
from ._change_wording import named, state_line
from ._not_opened import not_opened, not_running
from ._sites import site_named, to_look
from .change_card import change_message

SETS = (
    "The operator names the repository (AAROC_GITHUB__REPOSITORY) and a GitHub App "
    "(AAROC_GITHUB__APP_ID, AAROC_GITHUB__APP_KEY_FILE) or a token that may write."
)
"""What it takes to open pull requests."""


def possible(call: Call) -> None:
    """Refuse where the bot has no pull requests to open or to look at."""
    if call.changes.possible:
        why = quoted(call.changes.possible).text.rstrip(".")
        raise Refusal(f"There are no Changes here: {why}.", SETS)


async def changeable(call: Call, name: str) -> Site:
    """Give a site whose files may be changed: one that two descriptions claim may not."""
    site = await site_named(call, name)
    if site.claimed_by is None:
        return site
    files = (quoted(site.inventory, 90), " and ", quoted(site.claimed_by, 90))
    raise Refusal(
        (f"{name} is described twice, so it is read and not changed: by ", *files, "."),
        await to_look(call, name),
    )


async def propose(call: Call, wish: Wish, site: str, reason: str | None) -> Message:
    """Open a pull request for what somebody wishes of a site, and show how far it is."""
    possible(call)
    became = await call.changes.propose(wish, call.standing, asked(call), reason or "")
    if isinstance(became, NotOpened):
        if isinstance(wish, DisableService) and became.why is WhyNot.NOT_THERE:
            raise await not_running(call, await site_named(call, site), wish, became)
        raise await not_opened(call, site, became)
    if became.asked.event != call.said.event and not became.state.ended:
        return Message((named(call, became), f" already asks for this; {_doing(became)}."))
    return await change_message(call, became)


def _doing(change: Change) -> str:
    if change.state is ChangeState.OPENING:
        return "it is being opened"
    state = state_line(change)
    return f"it is {state}" if not state.startswith("changes") else f"{state}"
