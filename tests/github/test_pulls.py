"""Pull requests against the sandbox's GitHub: made, read, reviewed, merged, and refused."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.pulls import Check, CheckState, PullRequest, PullState, ReviewState, Written
from aaroc_bot.core.rights import Person
from aaroc_bot.github.api import Api, Refused
from aaroc_bot.github.app import app_auth
from aaroc_bot.github.asking import GitHubAway
from aaroc_bot.github.objects import Bot
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.github.repository import Protection as Protected
from aaroc_bot.sandbox.github.people import User
from aaroc_bot.sandbox.github.pull import CheckRun, Protection
from aaroc_bot.sandbox.github.world import Misbehaviour, World
from tests.github.conftest import git

ADMIN = Person(90100101, "uj-admin")
AT = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)
BRANCH = "aaroc/1-ports"


@dataclass
class Hub:
    """The bot's client beside the GitHub that it asks, and the bare repository there."""

    pulls: Pulls
    world: World
    bare: Path

    def user(self, login: str) -> User:
        user = self.world.user(login)
        assert user is not None
        return user

    async def commit(self, **contents: bytes | None) -> str:
        return await self.commit_on("main", **contents)

    async def commit_on(self, base: str, /, **contents: bytes | None) -> str:
        files = {name.replace("_", "/"): content for name, content in contents.items()}
        sha = git(self.bare, "rev-parse", base)
        by = await self.pulls.bot()
        return await self.pulls.commit(sha, files, 'A title\n\n"Because."', ADMIN, AT, by)

    async def opened(self, branch: str = BRANCH, one: bytes = b"changed\n") -> PullRequest:
        sha = await self.commit(one=one)
        await self.pulls.begin(branch, sha)
        return await self.pulls.propose("A title", "A text", branch, "main")

    async def approve(self, pull: PullRequest) -> None:
        await self.world.review(pull.number, self.user("roc-expert"), "APPROVE")


@pytest.fixture
async def hub(api: Api, world: World, bare: Path) -> AsyncIterator[Hub]:
    yield Hub(Pulls(api, "AAROC/DevOps"), world, bare)
    await world.rest()


async def test_a_commit_is_the_askers_and_committed_by_the_bot(hub: Hub) -> None:
    sha = await hub.commit(one=b"changed\xff\x00\n", dir_new=b"", two=None)
    about = git(hub.bare, "show", "-s", "--format=%an %ae %ad|%cn %ce|%B", "--date=iso-strict", sha)
    assert about == (
        "uj-admin 90100101+uj-admin@users.noreply.github.com 2026-06-08T14:00:00+00:00|"
        'aaroc-bot 90100199+aaroc-bot@users.noreply.github.com|A title\n\n"Because."'
    )
    assert await hub.pulls.branch(BRANCH) is None, "no branch moves"
    assert git(hub.bare, "rev-parse", f"{sha}^") == git(hub.bare, "rev-parse", "main")
    tree = {path: (mode, id) for path, mode, id, _ in await hub.pulls.tree(sha)}
    assert set(tree) == {"one", "dir/new"}
    assert await hub.pulls.blob(tree["one"][1]) == b"changed\xff\x00\n"
    assert await hub.pulls.blob(tree["dir/new"][1]) == b""
    assert await hub.commit(one=b"changed\xff\x00\n", dir_new=b"", two=None) == sha, "repeated"


async def test_modes_are_kept_and_links_are_not_written_through(hub: Hub, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(hub.bare), "work")
    work = tmp_path / "work"
    (work / "one").chmod(0o755)
    (work / "link").symlink_to("one")
    git(work, "add", ".")
    git(work, "-c", "user.email=a@b", "-c", "user.name=A", "commit", "-q", "-m", "Link")
    git(work, "push", "-q", "origin", "HEAD:refs/heads/other")
    sha = await hub.commit_on("other", one=b"x")
    tree = {path: mode for path, mode, _, _ in await hub.pulls.tree(sha)}
    assert tree == {"one": "100755", "two": "100644", "link": "120000"}
    with pytest.raises(Refused, match="no plain file"):
        await hub.commit_on("other", link=b"x")


async def test_branches(hub: Hub) -> None:
    first, second = await hub.commit(one=b"1"), await hub.commit(one=b"2")
    await hub.pulls.begin(BRANCH, first)
    assert await hub.pulls.branch(BRANCH) == first
    with pytest.raises(Refused) as no:
        await hub.pulls.begin(BRANCH, second)
    assert no.value.status == 422
    await hub.pulls.move(BRANCH, second)
    assert await hub.pulls.branch(BRANCH) == second
    assert await hub.pulls.merge_base("main", second) == git(hub.bare, "rev-parse", "main")
    for _ in range(2):
        await hub.pulls.drop(BRANCH)
    assert await hub.pulls.branch(BRANCH) is None
    main = git(hub.bare, "rev-parse", "main")
    for wish in (hub.pulls.move("main", second), hub.pulls.drop("main")):
        with pytest.raises(ValueError, match="default branch"):
            await wish
    assert git(hub.bare, "rev-parse", "main") == main


async def test_a_pull_request_is_opened_and_read(hub: Hub) -> None:
    pull = await hub.opened()
    main = git(hub.bare, "rev-parse", "main")
    assert (pull.title, pull.state, pull.draft) == ("A title", PullState.OPEN, False)
    assert (pull.branch, pull.base, pull.base_sha) == (BRANCH, "main", main)
    assert pull.author == Person(90100199, "aaroc-bot") and pull.url.endswith(f"/{pull.number}")
    assert pull.merge_commit is None and pull.updated_at.tzinfo is not None
    read = await hub.pulls.read(pull.number)
    assert read is not None and (read.number, read.head) == (pull.number, pull.head)
    assert await hub.pulls.read(9999) is None
    assert [one.number for one in await hub.pulls.open()] == [pull.number]
    assert [one.number for one in await hub.pulls.newest()] == [pull.number]
    found = await hub.pulls.of_branch(BRANCH)
    assert found is not None and found.number == pull.number
    assert await hub.pulls.of_branch("another") is None
    (commit,) = await hub.pulls.written(pull.number)
    assert commit == Written(pull.head, (ADMIN,)), "the bot only committed, and nobody signed"
    hub.world.verified.add(pull.head)
    assert (await hub.pulls.written(pull.number))[0].verified
    with pytest.raises(Refused) as no:
        await hub.pulls.propose("Again", "", BRANCH, "main")
    assert no.value.status == 422 and "already exists" in no.value.errors[0]


async def test_whether_it_can_be_merged_is_known_after_a_while(hub: Hub) -> None:
    pull = await hub.opened()
    seen = [(await hub.pulls.read(pull.number)) for _ in range(2)]
    while (last := seen[-1]) is not None and last.mergeable is None:
        seen.append(await hub.pulls.read(pull.number))
    assert last is not None and last.mergeable is True


async def test_lists_that_did_not_change_are_free(hub: Hub, api: Api) -> None:
    await hub.opened()
    first = await hub.pulls.newest(), await hub.pulls.open()
    before = api.limit
    assert (await hub.pulls.newest(), await hub.pulls.open()) == first
    assert before and api.limit and api.limit.remaining == before.remaining
    number = (await hub.opened("aaroc/2-more", b"x")).number
    assert [one.number for one in await hub.pulls.newest()] == [number, number - 1]


async def test_a_merge_with_reviews(hub: Hub) -> None:
    pull = await hub.opened()
    with pytest.raises(Refused) as no:
        await hub.pulls.merge(pull.number, pull.head, "A title (#1)")
    assert no.value.status == 405 and "approving" in no.value.message
    await hub.approve(pull)
    reviews = await hub.pulls.reviews(pull.number)
    assert [(one.by.login, one.state, one.commit) for one in reviews] == [
        ("roc-expert", ReviewState.APPROVED, pull.head)
    ]
    with pytest.raises(Refused) as no:
        await hub.pulls.merge(pull.number, "0" * 40, "A title (#1)")
    assert no.value.status == 409
    commit = await hub.pulls.merge(pull.number, pull.head, "A title (#1)")
    assert git(hub.bare, "rev-parse", "main") == commit
    assert git(hub.bare, "show", "-s", "--format=%s %P", commit) == (
        f"A title (#1) {pull.base_sha} {pull.head}"
    )
    read = await hub.pulls.read(pull.number)
    assert read is not None and read.state is PullState.MERGED and read.merge_commit == commit
    assert read.merged_by == Person(90100199, "aaroc-bot") and read.merged_at is not None
    assert await hub.pulls.pulls_of(commit) == [pull.number]
    assert await hub.pulls.pulls_of(pull.base_sha) == []


@pytest.mark.parametrize("hidden", [False, True])
async def test_it_merges_as_the_repository_allows(
    hub: Hub, hidden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull = await hub.opened()
    await hub.approve(pull)
    hub.world.allowed.merge = hub.world.allowed.rebase = False
    if hidden:
        ways = ("allow_merge_commit", "allow_rebase_merge", "allow_squash_merge")
        about = (await hub.pulls._about()).model_copy(update=dict.fromkeys(ways))
        monkeypatch.setattr(hub.pulls, "_about", AsyncMock(return_value=about))
    commit = await hub.pulls.merge(pull.number, pull.head, "A title (#1)")
    assert git(hub.bare, "show", "-s", "--format=%s|%P", commit) == f"A title (#1)|{pull.base_sha}"


async def test_a_pull_request_is_closed(hub: Hub) -> None:
    pull = await hub.opened()
    await hub.pulls.close(pull.number)
    read = await hub.pulls.read(pull.number)
    assert read is not None and read.state is PullState.CLOSED and not await hub.pulls.open()


async def test_protection_of_both_kinds(hub: Hub) -> None:
    world, protection = hub.world, hub.pulls.protection
    assert await hub.pulls.default_branch() == "main"
    assert await protection("main") == Protected(True, True)
    world.protected["main"] = Protection(last_push=False)
    assert await protection("main") == Protected(True, False)
    world.protected.clear()
    assert await protection("main") == Protected(False, False)
    world.ruled["main"] = Protection()
    assert await protection("main") == Protected(True, True)
    world.ruled["main"] = Protection(reviews=0)
    assert await protection("main") == Protected(True, False), "nobody's approval is nobody's"
    world.ruled.clear()
    world.misbehave(Misbehaviour("/repos/AAROC/DevOps/branches/", status=403))
    assert await protection("main") == Protected(None, False), "what is hidden proves nothing"
    world.misbehave(Misbehaviour("/repos/AAROC/DevOps/rules/", status=403))
    assert await protection("main") == Protected(None, None)
    world.misbehave(Misbehaviour("/repos/AAROC/DevOps/rules/", status=500))
    with pytest.raises(Unavailable):
        await protection("main")


async def test_checks_and_statuses_together(hub: Hub) -> None:
    pull = await hub.opened()
    checks = await hub.pulls.checks(pull.head)
    assert checks is not None
    hub.world.check_runs[pull.head] = [
        CheckRun(1, "molecule", "in_progress", None, AT),
        CheckRun(2, "docs", "completed", "skipped", AT),
        CheckRun(3, "ansible", "completed", "timed_out", AT),
    ]
    assert await hub.pulls.checks(pull.head) == (
        Check("molecule", CheckState.RUNNING),
        Check("docs", CheckState.PASSED),
        Check("ansible", CheckState.FAILED),
        *checks,
    )
    for path in ("check-runs", "status"):
        where = f"/repos/AAROC/DevOps/commits/{pull.head}/{path}"
        hub.world.misbehave(Misbehaviour(where, status=403))
        assert await hub.pulls.checks(pull.head) is None


async def test_an_app_commits_as_its_bot(url: str, hub: Hub) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    app = hub.world.install_app(public.decode())
    api = Api(url, app_auth(url, app.id, private.decode(), "AAROC"), seconds=20)
    hub.pulls = Pulls(api, "AAROC/DevOps")
    mail = f"{app.user}+aaroc-bot[bot]@users.noreply.github.com"
    assert await hub.pulls.bot() == Bot("aaroc-bot[bot]", mail)
    pull = await hub.opened()
    assert pull.author == Person(app.user, "aaroc-bot[bot]")
    assert [one.people for one in await hub.pulls.written(pull.number)] == [(ADMIN,)]
    api.close()


async def test_a_write_that_was_done_without_an_answer(hub: Hub) -> None:
    sha = await hub.commit(one=b"x")
    hub.world.misbehave(
        Misbehaviour("/repos/AAROC/DevOps/git/refs", status=502, method="POST", after=True)
    )
    with pytest.raises(GitHubAway) as away:
        await hub.pulls.begin(BRANCH, sha)
    assert away.value.maybe and away.value.what == "GitHub"
    hub.world.behave()
    assert await hub.pulls.branch(BRANCH) == sha, "who looks finds it"


async def test_a_token_without_rights(url: str, hub: Hub) -> None:
    pull = await hub.opened()
    api = Api(url, Auth.Token(hub.world.act_as("uj-admin", frozenset())), seconds=20)
    hub.pulls = Pulls(api, "AAROC/DevOps")
    for wish in (
        hub.pulls.begin("aaroc/3", pull.head),
        hub.pulls.propose("A title", "", "main", "main"),
        hub.pulls.merge(pull.number, pull.head, "x"),
        hub.pulls.close(pull.number),
    ):
        with pytest.raises(Refused) as no:
            await wish
        assert no.value.status in {403, 404}
    api.close()
