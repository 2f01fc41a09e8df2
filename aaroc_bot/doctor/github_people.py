"""GitHub: whether the bot is shown who people are, and whether it may invite them."""

from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from aaroc_bot.doctor.finding import Finding, failed, ok, warning
from aaroc_bot.doctor.github_asking import DOCS, Way
from aaroc_bot.doctor.limiting import limited, together
from aaroc_bot.github.api import Silent
from aaroc_bot.settings import GitHub

EXPERTS, SITES = "GitHub experts' team", "GitHub sites' team"
MEMBERS, INVITATIONS = "GitHub memberships", "GitHub invitations"
ACCOUNT = "GitHub account"
READ, WRITE = (
    "Organization permissions, Members: read",
    "Organization permissions, Members: read and write",
)
HIDDEN = (403, 404)
"""Statuses of what the bot may not see."""


async def examine_people(way: Way, github: GitHub) -> list[Finding]:
    """Look at the teams, at memberships, and at invitations."""
    apart = () if way.app else (limited(ACCOUNT, _account(way, github)),)
    return await together(
        *apart,
        limited(EXPERTS, _team(way, EXPERTS, "EXPERTS", github.experts_team)),
        limited(SITES, _team(way, SITES, "SITES", github.sites_team)),
        limited(MEMBERS, _memberships(way, github.experts_team)),
        limited(INVITATIONS, _by_app(way) if way.app else _by_token(way)),
    )


async def _account(way: Way, github: GitHub) -> Finding:
    """See whether the token's account is the bot's alone: Changes are opened in its name.

    A team's members are those of its children too, so the sites' team has all sites' people.
    """
    user = await way.get(ACCOUNT, "/user")
    login = str(user.get("login")) if isinstance(user, dict) else ""
    for slug in (github.experts_team, github.sites_team):
        team = f"{way.root}/teams/{quote(slug, safe='')}"
        people = await way.get(ACCOUNT, f"{team}/members?per_page=100")
        if people is None:
            what = f"whether {login} has rights here cannot be told without the team {slug}"
            return warning(ACCOUNT, what, reading(way))
        there = cast(list[Mapping[str, object]], people)
        if login.casefold() in {str(one["login"]).casefold() for one in there}:
            what = (
                f"the token is {login}'s, who is in {slug}: Changes would be opened as by {login}"
            )
            do = f"take a GitHub App, or a token of an account that is the bot's alone ({DOCS})"
            return warning(ACCOUNT, what, do)
    return ok(ACCOUNT, f"{login} is neither an expert's nor a site's")


async def _team(way: Way, check: str, setting: str, slug: str) -> Finding:
    """See whether a team is there for the bot. Only the inside is shown teams."""
    if await way.get(check, f"{way.root}/teams/{quote(slug, safe='')}") is None:
        do = f"make the team, name it in AAROC_GITHUB__{setting}_TEAM, or {reading(way)}"
        return failed(check, f"no team {slug} is shown", do)
    return ok(check, f"{slug} is shown")


async def _memberships(way: Way, experts: str) -> Finding:
    """Ask about an expert's membership as for every command: GitHub hides it by "not found"."""
    people = await way.get(
        MEMBERS, f"{way.root}/teams/{quote(experts, safe='')}/members?per_page=100"
    )
    if people is None:
        return warning(MEMBERS, "cannot be told without the experts' team", reading(way))
    logins = [str(cast(Mapping[str, object], one)["login"]) for one in cast(list[object], people)]
    if not logins:
        return warning(MEMBERS, f"nobody is in {experts}: nobody can approve", "add the experts")
    if await way.get(MEMBERS, f"{way.root}/memberships/{quote(logins[0], safe='')}") is None:
        what = f"not even the one of {logins[0]}, an expert, is shown"
        return failed(MEMBERS, what, reading(way))
    more = "" if len(logins) > 1 else "; with one expert, nobody approves what that one asks for"
    return ok(MEMBERS, f"are shown{more}")


async def _by_app(way: Way) -> Finding:
    """See whether the App may invite; without that everything else works."""
    try:
        permissions = await way.api.permissions() or {}
    except Silent as silent:
        return way.not_told(INVITATIONS, silent)
    if permissions.get("members") != "write":
        return _none(way, "the App may send none")
    return ok(INVITATIONS, "the App may send them")


async def _by_token(way: Way) -> Finding:
    """See whether invitations are shown: GitHub does not tell whether a token may send one."""
    try:
        reply = await way.api.get(f"{way.root}/invitations?per_page=1")
    except Silent as silent:
        if silent.status not in HIDDEN:
            return way.not_told(INVITATIONS, silent)
        return _none(way, "the token is shown none")
    if reply.status in HIDDEN:
        return _none(way, "the token is shown none")
    return ok(INVITATIONS, "are shown; whether the token may send one is seen with the first")


def _none(way: Way, what: str) -> Finding:
    return warning(INVITATIONS, f"{what}: `invite` and `welcome` come to nothing", way.grant(WRITE))


def reading(way: Way) -> str:
    """Say how the bot is given the right to read members and teams."""
    return way.grant(READ if way.app else f"{READ} (of a classic token: read:org)")
