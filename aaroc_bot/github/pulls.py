"""Pull requests of one repository: read, opened, reviewed, checked, merged, closed."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from aaroc_bot.core.pulls import Check, PullRequest, Review, Written
from aaroc_bot.core.rights import Person
from aaroc_bot.github.api import Api, Refused, Silent
from aaroc_bot.github.asking import GitHubAway, checked_sha, parsed, there
from aaroc_bot.github.objects import NO_REPLY, Bot, Objects
from aaroc_bot.github.shapes import (
    CHECK_RUNS,
    COMMITS,
    MERGE_RESULT,
    PULL,
    PULL_NUMBERS,
    PULLS,
    REVIEWS,
    STATUSES,
    USER,
    Commit,
    Pull,
    User,
)

MOST_COMMITS = 250
"""Commits of a pull request that GitHub lists at most."""
GITHUB_ITSELF = "web-flow"
"""Who commits what people do on GitHub's pages; nobody can be called so."""
NOT_THAT_WAY = "not allowed"
"""What GitHub's refusal of one way of merging says."""


class Pulls(Objects):
    """Asks about pull requests and alters them, with the git objects that they are made of.

    Everything raises `GitHubAway` (an `Unavailable`) where GitHub is silent or its answer is
    not as described, and `Refused` where it says no. Titles are as people wrote them.
    """

    def __init__(self, api: Api, repository: str) -> None:
        """Take the repository as ``owner/name``."""
        super().__init__(api, repository)
        self._pulls = f"{self._root}/pulls"

    async def newest(self, limit: int = 50) -> Sequence[PullRequest]:
        """Give the newest of any state, by their last update; free while nothing changed."""
        order = f"state=all&sort=updated&direction=desc&per_page={min(limit, 100)}"
        found, _ = await self._ask_again(f"{self._pulls}?{order}", PULLS)
        return [one.pull for one in found]

    async def open(self) -> Sequence[PullRequest]:
        """Give all that are open, newest first."""
        order = "state=open&sort=created&direction=desc&per_page=100"
        found = await self._list(f"{self._pulls}?{order}", PULLS, again=True)
        return [one.pull for one in found]

    async def read(self, number: int) -> PullRequest | None:
        """Read one as it is now, with whether it can be merged; None: there is none."""
        reply = await self._ask(f"{self._pulls}/{number}")
        return None if reply.status == 404 else parsed(PULL, reply.body).pull

    async def reviews(self, number: int) -> tuple[Review, ...]:
        """Read all reviews that were given, oldest first."""
        found = await self._list(f"{self._pulls}/{number}/reviews?per_page=100", REVIEWS)
        return tuple(review for one in found if (review := one.review))

    async def written(self, number: int) -> tuple[Written, ...]:
        """Give its commits with whom they name as author and committer.

        Left out are the bot and GitHub itself where they only committed. More commits than
        GitHub lists are `Refused`.
        """
        bot = (await self._bot()).id
        commits = await self._list(f"{self._pulls}/{number}/commits?per_page=100", COMMITS)
        if len(commits) >= MOST_COMMITS:
            raise Refused(413, f"GitHub lists only {MOST_COMMITS} of its commits")
        return tuple(
            Written(commit.sha, tuple(dict.fromkeys(_writers(commit, bot))), _verified(commit))
            for commit in commits
        )

    async def checks(self, sha: str) -> tuple[Check, ...] | None:
        """Give a commit's checks and statuses; None where the bot may not see them."""
        commit = f"{self._root}/commits/{checked_sha(sha)}"
        runs = await self._shown_all(f"{commit}/check-runs?per_page=100")
        statuses = await self._shown_all(f"{commit}/status?per_page=100")
        if runs is None or statuses is None:
            return None
        ran = (one for page in runs for one in parsed(CHECK_RUNS, page).check_runs)
        told = (one for page in statuses for one in parsed(STATUSES, page).statuses)
        return (
            *(Check(one.name, one.state) for one in ran),
            *(Check(one.context, one.check) for one in told),
        )

    async def propose(
        self, title: str, body: str, branch: str, base: str, *, draft: bool = False
    ) -> PullRequest:
        """Open one; where the branch has one that is open it is `Refused` (422)."""
        wish = {"title": title, "body": body, "head": branch, "base": base, "draft": draft}
        return parsed(PULL, await self._send("POST", self._pulls, wish)).pull

    async def of_branch(self, branch: str) -> PullRequest | None:
        """Give the newest of a branch of this repository (not of a fork's), in any state."""
        head = quote(f"{self._repository.partition('/')[0]}:{branch}", safe="")
        order = f"state=all&head={head}&sort=created&direction=desc&per_page=100"
        found = parsed(PULLS, there(await self._ask(f"{self._pulls}?{order}")))
        return next((one.pull for one in found if self._is_of(one, branch)), None)

    async def merge(self, number: int, head: str, title: str) -> str:
        """Merge it if it still ends at `head`, and give the commit on the default branch.

        By a merge commit where the repository allows that, else rebased, else squashed.
        `Refused` with 409: its head moved; 405: GitHub does not allow it.
        """
        about = await self._about()
        ways = {
            "merge": about.allow_merge_commit,
            "rebase": about.allow_rebase_merge,
            "squash": about.allow_squash_merge,
        }
        refusal = Refused(405, "the repository allows no way of merging")
        for way in (way for way, allowed in ways.items() if allowed is not False):
            wish = {"sha": head, "merge_method": way} | (
                {} if way == "rebase" else {"commit_title": title}
            )
            try:
                done = await self._send("PUT", f"{self._pulls}/{number}/merge", wish)
            except GitHubAway:
                self._api.again()  # whether it was merged is looked at now, not in a while
                raise
            except Refused as refused:
                # Where the ways are not shown to the bot, it learns them so.
                if ways[way] or refused.status != 405 or NOT_THAT_WAY not in refused.message:
                    raise
                refusal = refused
            else:
                return self._merged(done)
        raise refusal

    async def close(self, number: int) -> None:
        """Close it without merging."""
        await self._send("PATCH", f"{self._pulls}/{number}", {"state": "closed"})

    async def pulls_of(self, sha: str) -> Sequence[int]:
        """Give the merged pull requests that brought a commit."""
        path = f"{self._root}/commits/{checked_sha(sha)}/pulls?per_page=100"
        found = await self._list(path, PULL_NUMBERS)
        return [one.number for one in found if one.merged_at is not None]

    async def bot(self) -> Bot:
        """Give the name and address by which the bot commits."""
        user = await self._bot()
        return Bot(user.login, f"{user.id}+{user.login}@{NO_REPLY}")

    async def _bot(self) -> User:
        """Ask which user the bot is: the token's, or the one that GitHub made for the App."""
        try:
            slug = await self._api.app()
        except Silent as silent:
            raise GitHubAway(silent) from silent
        path = "/user" if slug is None else f"/users/{quote(f'{slug}[bot]', safe='')}"
        return (await self._ask_again(path, USER))[0]

    def _is_of(self, pull: Pull, branch: str) -> bool:
        """Whether it is of a branch here: GitHub's filter is not relied on."""
        repo = pull.head.repo
        here = repo is not None and repo.full_name.casefold() == self._repository.casefold()
        return here and pull.head.ref == branch

    def _merged(self, body: object) -> str:
        result = parsed(MERGE_RESULT, body)
        if not result.merged:
            raise Refused(405, "GitHub says that it was not merged")
        return result.sha


def _writers(commit: Commit, bot: int) -> Iterable[Person | None]:
    """Give a commit's author, and its committer where that is somebody else's doing."""
    author, committer = commit.author, commit.committer
    yield author.person if isinstance(author, User) else None
    if not isinstance(committer, User):
        yield None
        return
    if committer.id != bot and not (committer.login == GITHUB_ITSELF and _verified(commit)):
        yield committer.person


def _verified(commit: Commit) -> bool:
    verification = commit.commit.verification
    return verification is not None and verification.verified
