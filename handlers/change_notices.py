"""What is told of the repository and its people: merges of others' work, commits, who left."""

from collections.abc import Mapping
from typing import Any

from aaroc_bot.commands import ChangeEffect, Desk, Draft, Inline, Message, Text, card, quoted

from ._change_wording import NAMED
from ._wording import count, joined, listed, pull, sha, to_type
from .change_card import plan_buttons, plans_of, to_plan


@card("change-merged")
async def change_merged(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell everybody who merged what: a pull request that the bot did not open, or that others
    committed to.
    """
    number, by = int(data["number"]), f" was merged by {_by(data['by'])}"
    others = bool(data.get("others"))
    what: tuple[Inline, ...] = (by,) if others else (" ", quoted(data["title"], 80), by)
    look: Text = ("To look: ", to_type(f"change {number}"))
    plans = await _plans(desk, data.get("services", []))
    return Message(
        (pull(desk, number), *what, "; others had committed to it." if others else "."),
        lines=tuple(filter(None, (_paths(data["paths"]), _sites(data["sites"])))),
        notes=tuple(
            filter(
                None, (look if others else joined(_author(data["author"]), look), to_plan(plans))
            )
        ),
        buttons=plan_buttons(plans),
    )


async def _plans(desk: Desk, services: list[list[str]]) -> list[str]:
    """Write the plans of what was touched: pairs of a site and a service's word."""
    effects = tuple(ChangeEffect(site, services=(word,)) for site, word in services)
    return [f"plan {entry.word} at {site}" for entry, site in
            await plans_of(desk, Draft("", (), effects))]  # fmt: skip


@card("branch-moved")
async def branch_moved(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell everybody of commits that no pull request brought to the default branch."""
    old, new = sha(desk, data["old"]), sha(desk, data["new"])
    forced, many = bool(data["forced"]), int(data["commits"]) + int(data["unseen"])
    how = "was moved by force" if forced else "moved without a pull request"
    last = "the last of " + count(many, "commit") if not forced and many > 1 else "commit"
    return Message(
        (f"The default branch {how}: ", old, " → ", new, "."),
        lines=tuple(filter(None, (_sites(data["sites"]),))),
        notes=(
            joined(
                (f"{last[:1].upper()}{last[1:]}: ", quoted(data["subject"], 80), "."),
                _author(data["author"]),
            ),
        ),
    )


@card("member-left")
async def member_left(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Tell everybody what ended because somebody left, or is frozen."""
    runs, changes = data["runs"], data["changes"]
    ended = []
    if runs:
        noun = "run" if len(runs) == 1 else "runs"
        ended.append(f"expired: {noun} {listed([str(run) for run in runs])}")
    if changes:
        ended.append(f"closed: {listed([f'#{number}' for number in changes])}")
    told = f"What they asked for and still waited is over: {'; '.join(ended)}." if ended else ""
    return Message(
        f"{data['why']}, so nothing is done for them.",
        lines=(told,) if told else (),
    )


def _by(login: str | None) -> str:
    return login or "somebody whom GitHub does not name"


def _author(author: str | None) -> Text:
    return ("Author: ", quoted(author, 40), ".") if author else ""


def _sites(sites: list[str]) -> str:
    return f"Sites that changed: {listed(sites, 8)}." if sites else "No site changed."


def _paths(paths: list[str]) -> Text:
    told: list[Inline] = []
    for path in paths[:NAMED]:
        told += [", " if told else "Files: ", quoted(path, 90)]
    more = len(paths) - NAMED
    return (*told, f" and {more:,} more." if more > 0 else ".") if told else ""
