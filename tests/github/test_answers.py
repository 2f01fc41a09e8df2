"""Answers that are not as GitHub describes them, or that are of odd but possible kinds."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web
from github import Auth
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.pulls import Check, CheckState, ReviewState
from aaroc_bot.core.rights import Person
from aaroc_bot.github import shapes
from aaroc_bot.github.api import Api, Refused
from aaroc_bot.github.asking import GitHubAway, parsed
from aaroc_bot.github.objects import BIGGEST, Bot
from aaroc_bot.github.pulls import Pulls
from tests.github.scripted import Scripted, scripted

ROOT = "/repos/AAROC/DevOps"
SHA = "a" * 40
BOT = {"id": 9, "login": "aaroc-bot"}
AT = "2026-06-08T14:00:00Z"


def end(ref: str, repo: str | None = "AAROC/DevOps") -> dict[str, object]:
    return {"ref": ref, "sha": SHA, "repo": {"full_name": repo} if repo else None}


PULL: dict[str, object] = {
    "number": 5, "title": "A title", "html_url": "https://github.com/AAROC/DevOps/pull/5",
    "state": "open", "draft": False, "user": BOT, "head": end("x"), "base": end("main"),
    "updated_at": AT, "merged_at": None, "merge_commit_sha": "b" * 40,
}  # fmt: skip


@pytest.fixture
async def hub() -> AsyncIterator[Scripted]:
    async with scripted() as server:
        server.says("GET /user", BOT)
        yield server


@pytest.fixture
async def pulls(hub: Scripted) -> AsyncIterator[Pulls]:
    api = Api(hub.url, Auth.Token("sample-token"), seconds=20)
    yield Pulls(api, "AAROC/DevOps")
    api.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"head": {"ref": "x", "sha": "../../etc"}},
        {"head": {"ref": "x", "sha": SHA + "\n"}},
        {"user": {"id": "9", "login": "aaroc-bot"}},
        {"user": {"id": True, "login": "aaroc-bot"}},
        {"user": {"id": 9, "login": "a\nb"}},
        {"number": -1},
        {"html_url": "javascript:alert(1)"},
        {"state": "merged"},
        {"updated_at": "yesterday"},
        {"updated_at": "2026-06-08T14:00:00"},
    ],
)
async def test_a_pull_request_of_another_shape(
    hub: Scripted, pulls: Pulls, wrong: dict[str, object]
) -> None:
    hub.says(f"GET {ROOT}/pulls/5", PULL)
    found = await pulls.read(5)
    assert found is not None and found.merge_commit is None, "GitHub's trial is no merge"
    hub.says(f"GET {ROOT}/pulls/5", PULL | wrong)
    with pytest.raises(GitHubAway, match="GitHub") as away:
        await pulls.read(5)
    assert away.value.reason == "GitHub's answer cannot be read"
    assert away.value.__cause__ is None, "pydantic's words would hold GitHub's"


async def test_a_pull_request_of_nobody_from_a_fork_that_is_gone(
    hub: Scripted, pulls: Pulls
) -> None:
    hub.says(f"GET {ROOT}/pulls/5", PULL | {"user": None, "head": end("x", None)})
    found = await pulls.read(5)
    assert found is not None and found.author is None


async def test_a_forks_branch_of_the_same_name_is_not_ours(hub: Scripted, pulls: Pulls) -> None:
    forks = [PULL | {"head": end("x", "mallory/DevOps")}, PULL | {"head": end("x", None)}]
    hub.says(f"GET {ROOT}/pulls", forks)
    assert await pulls.of_branch("x") is None
    hub.says(f"GET {ROOT}/pulls", [*forks, PULL | {"number": 6}])
    found = await pulls.of_branch("x")
    assert found is not None and found.number == 6


async def test_reviews_of_nobody_and_unfinished_ones_count_for_nothing(
    hub: Scripted, pulls: Pulls
) -> None:
    given = {"user": {"id": 2, "login": "b"}, "commit_id": SHA, "submitted_at": AT}
    hub.says(
        f"GET {ROOT}/pulls/5/reviews",
        [
            given | {"state": "APPROVED"},
            given | {"state": "PENDING"},
            given | {"state": "LIKED"},
            given | {"state": "APPROVED", "user": None},
            given | {"state": "APPROVED", "commit_id": None},
            given | {"state": "CHANGES_REQUESTED"},
        ],
    )
    assert [one.state for one in await pulls.reviews(5)] == [
        ReviewState.APPROVED,
        ReviewState.CHANGES_REQUESTED,
    ]


async def test_a_list_without_end_is_refused_and_not_cut(hub: Scripted, pulls: Pulls) -> None:
    more = {"link": f'<{hub.url}{ROOT}/pulls/5/reviews>; rel="next"'}
    hub.says(f"GET {ROOT}/pulls/5/reviews", [], headers=more)
    with pytest.raises(Refused) as no:
        await pulls.reviews(5)
    assert no.value.status == 413


async def test_checks_of_all_pages(hub: Scripted, pulls: Pulls) -> None:
    commit = f"{ROOT}/commits/{SHA}"

    def run(name: str) -> dict[str, object]:
        one = {"name": name, "status": "completed", "conclusion": "failure"}
        return {"total_count": 2, "check_runs": [one]}

    more = {"link": f'<{hub.url}{ROOT}/more>; rel="next"'}
    hub.says(f"GET {commit}/check-runs", run("first"), headers=more)
    hub.says(f"GET {ROOT}/more", run("second"))
    hub.says(f"GET {commit}/status", {"statuses": []})
    failed = CheckState.FAILED
    assert await pulls.checks(SHA) == (Check("first", failed), Check("second", failed))
    hub.says(f"GET {ROOT}/more", run("second"), headers=more)
    with pytest.raises(Refused):  # there is no end
        await pulls.checks(SHA)


async def test_who_wrote_the_commits(hub: Scripted, pulls: Pulls) -> None:
    ann, ben, web = (
        {"id": n, "login": name} for n, name in ((1, "ann"), (2, "ben"), (3, "web-flow"))
    )

    def commit(author: object, committer: object, verified: bool = False) -> dict[str, object]:
        return {
            "sha": SHA, "author": author, "committer": committer,
            "commit": {"verification": {"verified": verified}},
        }  # fmt: skip

    async def authors(*commits: dict[str, object]) -> list[tuple[Person | None, ...]]:
        hub.says(f"GET {ROOT}/pulls/5/commits", list(commits))
        return [one.people for one in await pulls.written(5)]

    one, two = Person(1, "ann"), Person(2, "ben")
    assert await authors(commit(ann, BOT), commit(ann, ben)) == [(one,), (one, two)]
    assert await authors(commit(ann, web, True)) == [(one,)]
    assert await authors(commit(ann, web)) == [(one, Person(3, "web-flow"))]
    assert await authors(commit(None, ann), commit({}, ben)) == [(None, one), (None, two)]
    assert await authors(commit(BOT, BOT)) == [(Person(9, "aaroc-bot"),)]
    assert await authors(commit(ann, None)) == [(one, None)]
    with pytest.raises(Refused):  # GitHub lists no more than these
        await authors(*[commit(ann, BOT)] * 250)
    hub.says(f"GET {ROOT}/pulls/5/commits", [commit(ann, ann, True), commit(ann, ann)])
    assert [commit.verified for commit in await pulls.written(5)] == [True, False]


async def test_a_tree_that_was_cut_short_is_refused(hub: Scripted, pulls: Pulls) -> None:
    entries = [
        {"path": "a", "mode": "040000", "type": "tree", "sha": SHA},
        {"path": "a/b", "mode": "100644", "type": "blob", "sha": SHA, "size": 3},
        {"path": "roles/x", "mode": "160000", "type": "commit", "sha": SHA},
    ]
    body = {"sha": SHA, "tree": entries, "truncated": False}
    hub.says(f"GET {ROOT}/git/trees/{SHA}", body)
    assert await pulls.tree(SHA) == [("a/b", "100644", SHA, 3), ("roles/x", "160000", SHA, 0)]
    hub.says(f"GET {ROOT}/git/trees/{SHA}", body | {"truncated": True})
    with pytest.raises(Refused, match="too big"):
        await pulls.tree(SHA)


def id_of(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content)).hexdigest()


async def test_a_file_is_what_its_id_says(hub: Scripted, pulls: Pulls) -> None:
    def says(id: str, content: bytes) -> None:
        body = {"sha": id, "encoding": "base64", "content": base64.encodebytes(content).decode()}
        hub.says(f"GET {ROOT}/git/blobs/{id}", body)

    good, big = id_of(b"good"), id_of(b"x" * (BIGGEST + 1))
    says(good, b"good")
    assert await pulls.blob(good) == b"good"
    says(good, b"another")
    with pytest.raises(GitHubAway):
        await pulls.blob(good)
    hub.says(f"GET {ROOT}/git/blobs/{good}", {"sha": good, "encoding": "base64", "content": "*"})
    with pytest.raises(GitHubAway):
        await pulls.blob(good)
    says(big, b"x" * (BIGGEST + 1))
    with pytest.raises(Refused, match="too big"):
        await pulls.blob(big)
    with pytest.raises(Refused, match="no such"):
        await pulls.blob("c" * 40)


async def test_a_file_that_was_kept_otherwise_is_in_no_commit(hub: Scripted, pulls: Pulls) -> None:
    hub.says(f"GET {ROOT}/git/commits/{SHA}", {"sha": SHA, "tree": {"sha": SHA}})
    hub.says(f"GET {ROOT}/git/trees/{SHA}", {"sha": SHA, "tree": [], "truncated": False})
    hub.says(f"POST {ROOT}/git/blobs", {"sha": id_of(b"another")}, 201)
    ann, at = Person(1, "ann"), datetime(2026, 6, 8, tzinfo=UTC)
    with pytest.raises(Unavailable):
        await pulls.commit(SHA, {"a": b"good"}, "A title", ann, at, Bot("b", "b@c"))
    assert hub.times(f"POST {ROOT}/git/trees") == 0


async def test_a_merge_that_was_none(hub: Scripted, pulls: Pulls) -> None:
    about = {"full_name": "AAROC/DevOps", "default_branch": "main"}
    hub.says(f"GET {ROOT}", about)
    hub.says(f"PUT {ROOT}/pulls/5/merge", {"sha": SHA, "merged": False, "message": "no"})
    with pytest.raises(Refused):
        await pulls.merge(5, SHA, "A title")
    hub.says(f"GET {ROOT}", about | {f"allow_{way}": False for way in (
        "merge_commit", "rebase_merge", "squash_merge",
    )})  # fmt: skip
    with pytest.raises(Refused, match="no way of merging"):
        await pulls.merge(5, SHA, "A title")
    assert hub.times(f"PUT {ROOT}/pulls/5/merge") == 1


async def test_names_cannot_lead_elsewhere(hub: Scripted, pulls: Pulls) -> None:
    for name in ("../../../../../../user", "a/../b", "", "a//b", "./a", ".."):
        for wish in (pulls.branch(name), pulls.checks(name), pulls.blob(name), pulls.tree(name)):
            with pytest.raises(ValueError, match="not"):
                await wish
    assert not hub.asked
    await pulls.branch("a?b#c/d%2e%2e")
    assert hub.asked == [f"GET {ROOT}/git/ref/heads/a?b#c/d%2e%2e"]


async def test_what_was_asked_is_asked_again_conditionally(hub: Scripted, pulls: Pulls) -> None:
    tags: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        tags.append(request.headers.get("If-None-Match"))
        if tags[-1]:
            return web.Response(status=304, headers={"ETag": '"1"'})
        return web.json_response([PULL], headers={"ETag": '"1"'})

    hub.answers[f"GET {ROOT}/pulls"] = answer
    assert await pulls.newest() == await pulls.newest() != []
    assert tags == [None, '"1"']


ANY = [value for value in vars(shapes).values() if isinstance(value, TypeAdapter)]
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(PULL)), inner, max_size=5)
    ),
    max_leaves=8,
)


@given(st.sampled_from(ANY), BODIES)
def test_whatever_comes_is_read_or_cannot_be_told(kind: TypeAdapter[object], body: object) -> None:
    try:
        parsed(kind, json.loads(json.dumps(body)))
    except GitHubAway as away:
        assert away.reason
