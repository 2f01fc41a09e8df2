"""GitHub: whether the bot may work in the DevOps repository, and whether that is guarded."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from aaroc_bot.core.merge import LAST_PUSH
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.doctor.devops import head
from aaroc_bot.doctor.finding import Finding, Level, failed, ok, warning
from aaroc_bot.doctor.github_asking import DOCS, Way
from aaroc_bot.doctor.limiting import Unfit, limited, together
from aaroc_bot.github.api import Refused, Silent
from aaroc_bot.github.asking import GitHubAway
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.repo.credential import Credential
from aaroc_bot.settings import Settings

REPOSITORY, WRITING = "GitHub repository", "GitHub writing"
PULLS, PROTECTION, SAME = "GitHub pull requests", "GitHub protection", "GitHub and the mirror"
NEEDED = {"contents": "Contents", "pull_requests": "Pull requests"}
"""What Changes are written with: GitHub's name of each permission, and the one on its pages."""
PAGES = 10
"""Pages of repositories that are looked through, of a hundred each."""
PROTECT = (
    "the repository's Settings, Rules: for the default branch require a pull request with"
    f" one approval before merging ({DOCS})"
)
Question = Coroutine[Any, Any, Finding]


@dataclass(frozen=True, slots=True)
class Place:
    """The repository on GitHub; `named` is where the mirror fetches from, None: nowhere."""

    way: Way
    name: str
    named: str | None
    web_url: str
    pulls: Pulls

    @property
    def root(self) -> str:
        """Its path."""
        return f"/repos/{quote(self.name, safe='/')}"


async def examine_place(way: Way, settings: Settings) -> list[Finding]:
    """Look at the repository; where it is not shown, at nothing more."""
    name, web_url = settings.github_repository, settings.github.web_url
    if not name:
        do = "set AAROC_GITHUB__REPOSITORY (owner/name)"
        return [warning(REPOSITORY, "none is named: nobody can change or merge anything", do)]
    place = Place(way, name, settings.repository, web_url, Pulls(way.api, name))
    told: list[Mapping[str, object]] = []
    first = await limited(REPOSITORY, _shown(place, told))
    if first.level is not Level.OK:
        return [first]
    writing = _app_writes(place) if way.app else _token_writes(place, told[0])
    return [first] + await together(
        limited(WRITING, writing),
        limited(PULLS, _asked(way, PULLS, lambda: _pulls(place))),
        limited(PROTECTION, _asked(way, PROTECTION, lambda: _protection(place))),
        limited(SAME, _asked(way, SAME, lambda: _same(place))),
    )


async def _asked(way: Way, check: str, question: Callable[[], Question]) -> Finding:
    """Ask with the bot's own client, and say what GitHub did not tell."""
    try:
        return await question()
    except GitHubAway as away:
        raise Unfit(way.not_told(check, away.silent)) from None
    except Refused as no:
        do = way.grant("Contents and Pull requests: read and write")
        raise Unfit(failed(check, f"GitHub refuses: {no}", do)) from None


async def _shown(place: Place, told: list[Mapping[str, object]]) -> Finding:
    """See whether it is shown; what GitHub says of it goes into `told`."""
    body = await place.way.get(REPOSITORY, place.root)
    if not isinstance(body, dict):
        do = f"see AAROC_GITHUB__REPOSITORY, or let {place.way.who} reach the repository ({DOCS})"
        return failed(REPOSITORY, f"{place.name} is not shown", do)
    told.append(body)
    return ok(REPOSITORY, f"{place.name} is shown")


async def _token_writes(place: Place, told: Mapping[str, object]) -> Finding:
    """See what GitHub says of the right to push: of more it does not tell beforehand."""
    permissions = told.get("permissions")
    push = permissions.get("push") if isinstance(permissions, dict) else None
    do = place.way.grant("Contents and Pull requests: read and write")
    if push is None:
        return warning(WRITING, "GitHub does not tell whether the token may write", do)
    if not push:
        do = f"give its account the role Write in the repository, and {do}"
        return failed(WRITING, "the token may not: nobody can change or merge anything", do)
    return ok(WRITING, "the token may push branches")


async def _app_writes(place: Place) -> Finding:
    """Look at the App's permissions, and whether it was given this repository."""
    way = place.way
    try:
        permissions = await way.api.permissions() or {}
    except Silent as silent:
        return way.not_told(WRITING, silent)
    missing = [word for name, word in NEEDED.items() if permissions.get(name) != "write"]
    if missing:
        do = way.grant(f"{' and '.join(missing)}: read and write")
        return failed(WRITING, f"the App may not write {' and '.join(missing).lower()}", do)
    if not await _is_given(place):
        do = "the organisation's Settings, GitHub Apps, Configure: add the repository"
        return failed(WRITING, f"the App was not given {place.name}", do)
    return ok(WRITING, "the App may write branches and pull requests")


async def _is_given(place: Place) -> bool:
    """Look whether the repository, which everybody may see if it is public, is the App's."""
    wanted = place.name.casefold()
    for page in range(1, PAGES + 1):
        path = f"/installation/repositories?per_page=100&page={page}"
        body = await place.way.get(WRITING, path)
        told = body.get("repositories") if isinstance(body, dict) else None
        found = cast(list[Mapping[str, object]], told or [])
        if any(str(one["full_name"]).casefold() == wanted for one in found):
            return True
        if len(found) < 100:
            return False
    return False


async def _pulls(place: Place) -> Finding:
    """Read the newest pull requests, and the checks of the default branch's head."""
    await place.pulls.newest(1)
    sha = await place.pulls.branch(await place.pulls.default_branch())
    if sha is not None and await place.pulls.checks(sha) is None:
        do = place.way.grant("Checks and Commit statuses: read")
        return warning(PULLS, "are shown, but not how their checks stand", do)
    return ok(PULLS, "are shown")


async def _protection(place: Place) -> Finding:
    """See what `merge` insists on."""
    branch = await place.pulls.default_branch()
    found = await place.pulls.protection(branch)
    if found.protected is None:
        what = f"whether {branch} is protected cannot be told, so `merge` is refused"
        return warning(PROTECTION, what, place.way.grant("Metadata and Contents: read"))
    if not found.protected:
        return failed(PROTECTION, f"{branch} is not protected, so `merge` is refused", PROTECT)
    if not found.last_push:
        what = f"whoever pushed last to what goes into {branch} may approve it, as far as GitHub"
        what += " says, so `merge` refuses all with a commit that nobody signed but the bot's own"
        return warning(PROTECTION, what, f"in a rule for {branch}, turn on: {LAST_PUSH}")
    return ok(PROTECTION, f"{branch} takes nothing but pull requests")


async def _same(place: Place) -> Finding:
    """Compare the repository that is read with the one that is changed."""
    if place.named is None:
        do = f"set AAROC_REPOSITORY, to the address of {place.name}"
        return warning(SAME, "no repository is mirrored: nobody can change anything", do)
    try:
        ours = await head(place.named, Credential(place.web_url, place.way.api.token))
    except Unavailable:
        return warning(SAME, "cannot be compared", "see the line on the DevOps repository")
    theirs = await place.pulls.branch(await place.pulls.default_branch())
    if ours == theirs:
        return ok(SAME, f"are both at {ours[:7]}")
    do = f"AAROC_REPOSITORY: name what {place.name} is, best by its address on GitHub"
    known = ours and await place.way.get(SAME, f"{place.root}/git/commits/{ours}")
    if not known:
        return failed(SAME, f"AAROC_REPOSITORY is not {place.name}", do)
    what = f"AAROC_REPOSITORY is at {ours[:7]}, {place.name} at {(theirs or '')[:7]}"
    return warning(SAME, what, do)
