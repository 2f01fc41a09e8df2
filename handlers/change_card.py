"""The card of a Change, edited as it goes on: what it does, how far it is, what comes next."""

from collections.abc import Mapping
from typing import Any

from aaroc_bot.commands import (
    Button,
    Change,
    ChangeState,
    Desk,
    Draft,
    Entry,
    Inline,
    Kind,
    Mention,
    Message,
    NewSite,
    RollBack,
    Table,
    Text,
    Unavailable,
    card,
    entry_of,
    quoted,
    service_word,
    when,
)

from ._change_wording import (
    effect_rows,
    files,
    first_line,
    flaws,
    in_effect,
    named,
    state_line,
)
from ._lists import Row
from ._wording import joined, listed, sha, to_type

ROWS = 6
"""Rows of what it does on a card: more would not fit a phone's screen."""

LINES = 3
"""Lines about what is wrong with it on a card."""

BLANK = (
    "Its values are blank and marked: they are filled in on GitHub, in this pull request, "
    "which is then marked as ready."
)

PLANS = 3
"""Plans that a card offers once it is merged."""


@card("change")
async def change(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Show a Change as it stands now."""
    found = await desk.changes.get(int(subject))
    if found is None:
        return Message(f"Change {subject} is no longer on record.", kind=Kind.CARD)
    return await change_message(desk, found)


async def change_message(desk: Desk, change: Change) -> Message:
    """Write the card of a Change."""
    lines, rows = _does(change)
    merged = change.state is ChangeState.MERGED
    plans = await _plans(desk, change) if merged else []
    return Message(
        first_line(desk, change),
        lines=lines,
        table=Table((), rows[:ROWS]) if rows else None,
        notes=tuple(filter(None, (*_notes(desk, change, len(rows)), to_plan(plans)))),
        buttons=_buttons(change, plans),
        kind=Kind.CARD,
        state=change.state.value,
    )


def _does(change: Change) -> tuple[tuple[Text, ...], tuple[Row, ...]]:
    """Say in lines, and rows, what it does. Of what others made of it nothing is known here."""
    if change.of_others:
        if change.number is None:
            return (), ()
        ended = change.state.ended
        typed = f"change {change.number}" if ended else f"review {change.number}"
        return ((f"What it {'did' if ended else 'does now'}: ", to_type(typed)),), ()
    told = in_effect(change.draft)
    rows = () if told else tuple(effect_rows(change.draft))
    lines = (joined(_files(change.draft), told), *flaws(change.draft, LINES))
    return tuple(filter(None, lines)), rows


@card("change-waits")
async def change_waits(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell the experts that a pull request waits for a review."""
    found = await desk.changes.get(int(subject))
    if found is None:
        return Message(f"Change {subject} is no longer on record.")
    told: list[Inline] = []
    for expert in await desk.people.experts() or ():
        if expert.id != found.asked.by.id:
            told += [Mention(expert.login, expert.id), " "]
    typed = to_type(f"review {found.number}")
    return Message(
        (*told[:-1], ": " if told else "", named(desk, found), " waits for a review: ", typed)
    )


@card("change-ended")
async def change_ended(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell who asked how their Change ended, and what follows."""
    found = await desk.changes.get(int(subject))
    if found is None:
        return Message(f"Change {subject} is no longer on record.")
    asker = found.asked.by
    merged = found.state is ChangeState.MERGED
    then = deploys(found) or to_plan(await _plans(desk, found)) if merged else ""
    told = (Mention(asker.login, asker.id), ": ", named(desk, found), f" is {state_line(found)}.")
    return Message(joined(told, then))


def _files(draft: Draft) -> Text:
    told = files(draft.files)
    return (*told, ".") if told else ""


def _notes(desk: Desk, change: Change, rows: int) -> list[Text]:
    """Say why, who asked and on what it stands; of what was cut, how to see it."""
    by = change.asked.by.login
    said = f" (said at the machine by {change.asked.operator})" if change.asked.operator else ""
    left: Text = f"{ROWS} of {rows} shown" if rows > ROWS else ""
    if left and change.number is not None and not change.state.ended:
        left = (f"{left}; the rest: ", to_type(f"review {change.number}"))
    return [
        left,
        ("Because: ", quoted(change.reason)) if change.reason else "",
        _stands(change),
        (
            f"Author: {by}{said}, asked ",
            when(change.asked.at, desk.clock()),
            " · on ",
            sha(desk, change.base),
        ),
        deploys(change),
        BLANK if isinstance(change.wish, NewSite) and change.state is ChangeState.OPEN else "",
    ]


def _stands(change: Change) -> str:
    """Say why it is where it is; why one was not opened stands in its first line."""
    if not change.why or change.state is ChangeState.FAILED:
        return ""
    why = quoted(change.why).text
    return f"Closed: {why}" if change.state is ChangeState.CLOSED else f"{why[:1].upper()}{why[1:]}"


def deploys(change: Change) -> Text:
    """Say of a rollback which deployment follows its merge; empty of anything else."""
    wish = change.wish
    if change.state is ChangeState.MERGED and change.why:
        return ""  # which says that it is not asked for
    if not isinstance(wish, RollBack) or change.state in {ChangeState.CLOSED, ChangeState.FAILED}:
        return ""
    if change.deploy is not None:
        return f"Its deploy is run {change.deploy}."
    if not wish.deploys:
        return "No deploy follows: none at the site is on record that succeeded."
    merged = change.state is ChangeState.MERGED
    then = "Asked for now: " if merged else "Once it is merged, this is asked for: "
    return (then, quoted(wish.deploys))


async def plans_of(desk: Desk, draft: Draft) -> list[tuple[Entry, str]]:
    """Give the deployments that a draft reaches, each with its site: what is worth a plan."""
    try:
        entries, sites = await desk.catalogue.entries(), await desk.sites.all()
    except Unavailable:
        return []
    here = {site.name: set(map(service_word, site.services)) for site in sites}
    found: list[tuple[Entry, str]] = []
    for effect in draft.effects:
        came = dict(effect.joined)
        for word in dict.fromkeys((*effect.services, *came)):
            entry = entry_of(entries, "deploy", word)
            there = word in here.get(effect.site, ()) or word in came
            if entry and there and not any(p.required for p in entry.parameters):
                found.append((entry, effect.site))
    return found


async def _plans(desk: Desk, change: Change) -> list[str]:
    """Write the plans to offer; a rollback's own deploy is planned anyway.

    Of what others committed to, the channel is told what it really touched, with its plans.
    """
    if change.of_others or (isinstance(change.wish, RollBack) and change.wish.deploys):
        return []
    return [f"plan {entry.word} at {site}" for entry, site in await plans_of(desk, change.draft)]


def to_plan(plans: list[str]) -> Text:
    """Say how to see what it would do on the hosts; services that are left out are named."""
    if not plans:
        return ""
    more = plans[PLANS:]
    rest = f" Also reached: {listed([plan.removeprefix('plan ') for plan in more], 5)}."
    return ("To see what it would do: ", to_type(plans[0]), "." + (rest if more else ""))


def _buttons(change: Change, plans: list[str]) -> tuple[Button, ...]:
    if change.state is ChangeState.OPEN and change.number is not None:
        return (Button(f"Review {change.number}", f"review {change.number}"),)
    return plan_buttons(plans)


def plan_buttons(plans: list[str]) -> tuple[Button, ...]:
    """Give a button for each of the first plans."""
    return tuple(Button(plan[:1].upper() + plan[1:], plan) for plan in plans[:PLANS])
