"""The words for what ends a command before its handler: a name not known, a right missing.

A refusal names the rule, what is missing, who can grant it, and the next step to type. It
goes to the asker alone.
"""

import re

from aaroc_bot.commands import (
    AmbiguousSite,
    Button,
    Call,
    CannotTell,
    Code,
    DoneBefore,
    Effect,
    Fault,
    Gone,
    Lacking,
    Nearest,
    NotForYou,
    Refusal,
    Refused,
    Text,
    TooLong,
    TooMany,
    Unavailable,
    UnknownCommand,
    UnknownEntry,
    UnknownService,
    UnknownSite,
    Why,
    quoted,
    refusal,
    when,
)

from ._identity import decides_later, frozen, how_to_link, waits_for
from ._wording import experts, invitation, joined, logins, to_type

BACK_TO_RUN = re.compile(r"\brollback\s+(?:to\s+)?(?:run\s*)?#?(\d{1,9})$", re.IGNORECASE)

SHOWN = 12
"""Names of a list that one line shows."""


# --- not understood -------------------------------------------------------------------


@refusal(UnknownCommand)
async def unknown_command(call: Call, what: UnknownCommand) -> Refusal:
    """Name the nearest command, else the way to all of them."""
    if not what.typed:
        return Refusal(("I hear you. To see what I do: ", to_type("help"), "."))
    if what.typed.lower() == "close":
        return Refusal(
            "I close no pull request: who may push, or opened it, closes it on GitHub.",
            ("What I do: ", to_type("help")),
        )
    near: Text = f"Near: {', '.join(what.near)}. " if what.near else ""
    return Refusal(
        joined(
            ("I don't know ", quoted(what.typed, 40), "."), near, ("What I do: ", to_type("help"))
        )
    )


@refusal(Nearest)
async def nearest(call: Call, what: Nearest) -> Refusal:
    """Offer the nearest right command: a button only where pressing it alters nothing."""
    typed = what.command.typed
    found = next(c for c in call.commands if what.command.pattern in c.patterns)
    if found.effect is not Effect.READS:
        return Refusal(("Did you mean this? Type it: ", to_type(typed)))
    button = Button(typed, typed, only_for=call.said.account)
    return Refusal(("Did you mean ", to_type(typed), "?"), buttons=(button,))


@refusal(UnknownSite)
async def unknown_site(call: Call, what: UnknownSite) -> Refusal:
    """Name the sites that are near, or ask for the one that was left out."""
    if run := BACK_TO_RUN.search(call.said.text.strip()):
        return Refusal(("Which site? It is typed: ", Code(f"rollback <site> to run {run[1]}")))
    if what.near:
        return Refusal(("No site ", quoted(what.typed, 40), f". Near: {', '.join(what.near)}."))
    return Refusal(("No site ", quoted(what.typed, 40), ". All of them: ", to_type("sites")))


@refusal(AmbiguousSite)
async def ambiguous_site(call: Call, what: AmbiguousSite) -> Refusal:
    """Name the sites that claim the alias."""
    return Refusal((quoted(what.typed, 40), f" could be {' or '.join(what.sites)}. Type which."))


@refusal(UnknownService)
async def unknown_service(call: Call, what: UnknownService) -> Refusal:
    """Name the services that are near, else those there are."""
    return Refusal(("No service ", quoted(what.typed, 40), f". {_names(what.near, what.known)}"))


@refusal(UnknownEntry)
async def unknown_entry(call: Call, what: UnknownEntry) -> Refusal:
    """Name the entries that are near, else those there are."""
    return Refusal(
        ("Nothing in the catalogue is called ", quoted(what.typed, 40)),
        joined(_names(what.near, what.known), ("All of it: ", to_type("playbooks"))),
    )


def _names(near: tuple[str, ...], known: tuple[str, ...]) -> str:
    if near:
        return f"Near: {', '.join(near)}."
    if not known:
        return "There is none yet."
    more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    return f"There is {', '.join(known[:SHOWN])}{more}."


@refusal(TooLong)
async def too_long(call: Call, what: TooLong) -> Refusal:
    """Say how long a command may be."""
    return Refusal(
        f"That has {what.length:,} characters; a command has {what.limit:,} at most. "
        "Nothing was done."
    )


# --- not allowed ----------------------------------------------------------------------


LACKS = {
    Why.NOT_LINKED: Lacking.LINK,
    Why.PENDING: Lacking.MEMBERSHIP,
    Why.OUTSIDER: Lacking.MEMBERSHIP,
    Why.NOT_SITE_ADMIN: Lacking.SITE,
    Why.NOT_EXPERT: Lacking.EXPERT,
    Why.BOUNDED: Lacking.AT_THE_MACHINE,
    Why.FROZEN: Lacking.FREEDOM,
    Why.NEW_ACCOUNT: Lacking.OLD_ACCOUNT,
}


@refusal(Refused)
async def refused(call: Call, what: Refused) -> Refusal:
    """Name the rule, who could, and what this person can do instead."""
    refusal = await _refused(call, what)
    refusal.lacks = LACKS[what.why]
    return refusal


async def _refused(call: Call, what: Refused) -> Refusal:
    match what.why:
        case Why.NOT_LINKED:
            return Refusal(
                joined("I don't know who you are on GitHub yet.", how_to_link(call)),
                await waits_for(call),
            )
        case Why.OUTSIDER:
            where = call.people.organisation()
            who = logins(await call.people.experts() or ())
            can = f" Experts can invite you: {who}." if who else ""
            ask: Text = "" if call.joining.possible else ("To ask them: ", to_type("join"), ".")
            return Refusal(f"You are not a member of {where} on GitHub.{can}", ask)
        case Why.PENDING:
            where = call.people.organisation()
            there = invitation(call, "there")
            return Refusal(
                (
                    f"You are invited to {where} on GitHub, but have not accepted yet. "
                    "Accept the invitation ",
                    there,
                    ", then say it again.",
                )
            )
        case Why.NOT_SITE_ADMIN:
            return await _not_site_admin(call, what.site)
        case Why.NOT_EXPERT:
            return Refusal("That is for ROC experts.", await experts(call))
        case Why.BOUNDED:
            return Refusal(
                "Decisions are not taken at the machine. An expert takes them in the chat.",
                await experts(call),
            )

        case Why.FROZEN:
            return Refusal(frozen(call), await experts(call))
        case Why.NEW_ACCOUNT:
            return Refusal(decides_later(call), await experts(call))


async def _not_site_admin(call: Call, site: str | None) -> Refusal:
    if site is None:
        return Refusal("That is for a site's admins and ROC experts.", await experts(call))
    team = next((s.team for s in await call.sites.all() if s.name == site), None)
    admins = await call.people.admins(site)
    look: Text = ("To look: ", to_type(f"status {site}"), ".")
    if admins:
        named = f" {team}" if team else ""
        return Refusal(f"{site} is looked after by its team{named}: {logins(admins)}.", look)
    return Refusal(f"{site} has no site admin on GitHub yet. {await experts(call)}", look)


@refusal(CannotTell)
async def cannot_tell(call: Call, what: CannotTell) -> Refusal:
    """Say that GitHub is silent: neither yes nor no."""
    if what.since is None:
        why = call.standing.reason or "GitHub does not answer"
        return Refusal(
            f"I can't check what you may alter: {why}. Nothing was started.", lacks=Lacking.KNOWN
        )
    return Refusal(
        (
            "GitHub has not answered since ",
            when(what.since, call.now),
            ", so I can't check what you may alter. Nothing was started. Reading works.",
        ),
        lacks=Lacking.KNOWN,
    )


@refusal(DoneBefore)
async def done_before(call: Call, what: DoneBefore) -> Refusal:
    """Say that it is done: the answer was cut off, and doing it again could undo others' work."""
    return Refusal(
        (quoted(call.said.text, 60), " took effect before I was cut off; I did not do it again."),
        ("How things stand: ", to_type("status"), "."),
    )


# --- not now --------------------------------------------------------------------------


@refusal(TooMany)
async def too_many(call: Call, what: TooMany) -> Refusal:
    """Say once that it is too fast."""
    return Refusal(
        f"That was more than {what.limit} commands in a minute. "
        "I listen again in a minute; what you type until then is only counted."
    )


@refusal(Gone)
async def gone(call: Call, what: Gone) -> Refusal:
    """Say that the card is old."""
    return Refusal(("That button's card is old. What there is now: ", to_type("runs"), "."))


@refusal(NotForYou)
async def not_for_you(call: Call, what: NotForYou) -> Refusal:
    """Say whose button it is."""
    return Refusal("That button is for the one who typed the command.")


@refusal(Unavailable)
async def unavailable(call: Call, what: Unavailable) -> Refusal:
    """Say what does not answer."""
    since: Text = (" since ", when(what.since, call.now)) if what.since else ""
    return Refusal(
        (
            f"{what.what[:1].upper()}{what.what[1:]} does not answer",
            *since,
            ". Nothing was done; say it again later.",
        )
    )


@refusal(Fault)
async def fault(call: Call, what: Fault) -> Refusal:
    """Give the reference under which the operator finds it."""
    return Refusal(
        f"Something went wrong on my side. Reference {what.reference} stands in the log."
    )
