"""The words for why no pull request is opened, and what can be done instead."""

import shlex

from aaroc_bot.commands import (
    Call,
    Code,
    DisableService,
    Inline,
    Lacking,
    NotOpened,
    Refusal,
    Site,
    Text,
    WhyNot,
    quoted,
    service_word,
)

from ._sites import to_look
from ._wording import experts, filled, joined, listed, to_type

WHY_NOT = {
    WhyNot.NOTHING: "Nothing would change at {site}, so nothing was opened.",
    WhyNot.SHARED: "{name} is decided in {where}, which {sites} read too. Nothing was opened.",
    WhyNot.NOT_THERE: "There is no {name} in the files of {site} to take out.",
    WhyNot.NOT_PLAIN: "{name} in {where} is a list, a mapping or spread over lines: I change "
    "plain values only.",
    WhyNot.TEMPLATE: "{name} is taken as plain text: no template, YAML tag or line break in it.",
    WhyNot.EXECUTES: "{name} decides how hosts are reached, so it is not changed from here.",
    WhyNot.NAME: "{name} is no name for a variable, host or site.",
    WhyNot.SECRET: "{name} in {where} would be a secret in plain text. Nothing was opened.",
    WhyNot.OTHER_SITES: "That would change {sites} too. Nothing was opened.",
    WhyNot.NO_PLACE: "No file that {site} alone reads could hold {name}. Nothing was opened.",
    WhyNot.RANGE: "{name} stands in a range of hosts in {where}, which I do not take apart.",
    WhyNot.KIND: "I do not edit files of the kind of {where}.",
    WhyNot.UNREADABLE: "{site}, or what it would become, can't be read: {where}.",
    WhyNot.EXISTS: "There is {name} already. Nothing was opened.",
    WhyNot.UNKNOWN_REVISION: "{name} is no revision of the default branch.",
    WhyNot.MOVED: "Others changed the same lines meanwhile. Nothing was opened.",
    WhyNot.GITHUB: "GitHub did not take it. Nothing was opened.",
    WhyNot.FROZEN: "This account asks for nothing any more. Nothing was opened.",
}
"""A sentence for each; `name`, `where`, `site` and `sites` are put in."""

BY_HAND = "It can be done by hand, in a pull request on GitHub, which an expert reviews."
AGAIN = "Say it again: it is worked out anew, on what the default branch is now."

INSTEAD: dict[WhyNot, Text] = {
    WhyNot.SHARED: BY_HAND,
    WhyNot.NOT_PLAIN: BY_HAND,
    WhyNot.TEMPLATE: BY_HAND,
    WhyNot.EXECUTES: joined(BY_HAND, "Such a line counts once an expert accepted it."),
    WhyNot.OTHER_SITES: BY_HAND,
    WhyNot.NO_PLACE: BY_HAND,
    WhyNot.RANGE: BY_HAND,
    WhyNot.KIND: BY_HAND,
    WhyNot.MOVED: AGAIN,
    WhyNot.GITHUB: "It can be said again later; the bot's operator sees why with `doctor`.",
    WhyNot.FROZEN: ("What I know of you: ", to_type("whoami")),
}
"""What to do where that is the same for every site."""

READ_HERE = "If it is the real one, everybody here can read it now: make another."


async def not_opened(call: Call, site: str, no: NotOpened) -> Refusal:
    """Say why nothing was opened for a site, who could do it, and what to type next."""
    parts: dict[str, Inline] = {
        "name": quoted(no.name, 60) if no.name else "it",
        "where": _where(no),
        "site": site,
        "sites": listed(no.sites, 5) or "other sites",
    }
    detail: Text = (quoted(no.detail),) if no.detail else ""
    lacks = Lacking.FREEDOM if no.why is WhyNot.FROZEN else None
    lines = await _instead(call, site, no)
    return Refusal(filled(WHY_NOT[no.why], **parts), detail, *lines, lacks=lacks)


async def not_running(call: Call, site: Site, wish: DisableService, no: NotOpened) -> Refusal:
    """Say that a service does not run on the host, and where it does.

    Where it does run there, by another group that holds its own, the file is what lacks it.
    """
    services = {service_word(group): on for group, on in site.services.items()}
    there = services.get(wish.service, ())
    if there and (wish.host is None or no.name in there):
        return await not_opened(call, site.name, no)
    look = await to_look(call, site.name)
    if not there:
        return Refusal(f"{site.name} runs no {wish.service}.", look)
    runs = f" does not run {wish.service}; that runs on {listed(there, 5)}."
    return Refusal((quoted(no.name, 60), runs), look)


async def _instead(call: Call, site: str, no: NotOpened) -> tuple[Text, ...]:
    match no.why:
        case WhyNot.SECRET:
            return _vaulted(no)
        case WhyNot.UNKNOWN_REVISION:
            return (("What ran there, with revisions: ", to_type(f"history {site}")),)
        case WhyNot.EXISTS:
            return (("What there is: ", to_type("sites")),)
    instead = INSTEAD.get(no.why)
    if instead is None:
        return (await to_look(call, site),)
    return (joined(instead, await experts(call)) if instead is BY_HAND else instead,)


def _vaulted(no: NotOpened) -> tuple[Text, ...]:
    """Say how it is vaulted: where nobody else reads it, and never its value."""
    key = shlex.quote(quoted(no.name.rpartition(".")[2] or "NAME", 60).text)
    return (
        READ_HERE,
        (
            "A secret is vaulted at your own machine: ",
            Code(f"ansible-vault encrypt_string --stdin-name {key}"),
            "; what that prints goes into ",
            _where(no),
            " by hand, in a pull request on GitHub.",
        ),
    )


def _where(no: NotOpened) -> Inline:
    if not no.path:
        return "its files"
    return quoted(f"{no.path}:{no.line}" if no.line else no.path, 90)
