"""Pull requests of the sandbox's GitHub: what stands in their way, and what a merge leaves."""

import asyncio
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aaroc_bot.sandbox import sample
from aaroc_bot.sandbox.github.pull import Protection
from tests.sandbox.github_client import REPO, ZA_UJ, GitHub


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_it_is_merged_for_real(github: GitHub, method: str) -> None:
    await github.branch("two", {"one.md": "1\n"})
    second = await github.commit({"two.md": "2\n"}, "two")
    await github.yes("PATCH", REPO + "/git/refs/heads/two", {"sha": second})
    await sample.commit(
        github.path, [sample.Commit(datetime.now(UTC), "roc-second", "Go on", {"other.md": "o\n"})]
    )
    base = github.git("rev-parse", "main")
    pull = await github.yes("POST", REPO + "/pulls", {"title": "T", "head": "two", "base": "main"})
    assert (pull["commits"], pull["changed_files"], pull["additions"]) == (2, 2, 2)
    await github.approve(1)
    expert = github.world.act_as("roc-expert")
    body = {"merge_method": method, "sha": second}
    merged = await github.yes("PUT", REPO + "/pulls/1/merge", body, token=expert)
    assert merged["sha"] == github.git("rev-parse", "main")
    names = github.git("ls-tree", "-r", "--name-only", "main").split("\n")
    assert {"one.md", "two.md", "other.md"} <= set(names)
    log = github.git("log", "--format=%p|%an|%cn", f"{base}..main").split("\n")
    if method == "merge":
        assert log[0].count(" ") >= 1 and log[0].endswith("|Amina Haddad|GitHub")
        assert (
            github.git("log", "-1", "--format=%s", "main") == "Merge pull request #1 from AAROC/two"
        )
    elif method == "squash":
        assert len(log) == 1 and log[0].endswith("|aaroc-bot|GitHub")
        assert github.git("log", "-1", "--format=%s", "main") == "T (#1)"
    else:
        assert [row.partition("|")[2] for row in log] == ["aaroc-bot|Amina Haddad"] * 2
    pull = await github.yes("GET", REPO + "/pulls/1")
    assert (pull["state"], pull["merged"], pull["merge_commit_sha"]) == (
        "closed",
        True,
        merged["sha"],
    )
    assert pull["merged_by"]["login"] == "roc-expert"
    assert github.git("rev-parse", "refs/pull/1/head") == second
    for landed in github.git("rev-list", "--no-merges", f"{base}..main").split("\n"):
        of = await github.yes("GET", f"{REPO}/commits/{landed}/pulls")
        assert [one["number"] for one in of] == [1]
    again = await github.ask("PUT", REPO + "/pulls/1/merge")
    assert again.status == 405
    assert github.events("pull_request", "pull_request_review") == [
        "pull_request.opened", "pull_request_review.submitted", "pull_request.closed",
    ]  # fmt: skip


def rebased(path: Path, clone: Path) -> str:
    """Let git itself rebase branch ``b``, and give the trees of its two commits."""
    who = ["-c", "user.name=x", "-c", "user.email=x@x"]
    for command in (
        ["clone", "-q", str(path), str(clone)],
        ["-C", str(clone), "checkout", "-q", "b"],
        [*who, "-C", str(clone), "rebase", "-q", "origin/main"],
    ):
        subprocess.run(["git", *command], check=True, capture_output=True)
    log = ["git", "-C", str(clone), "log", "-2", "--format=%T"]
    return subprocess.run(log, capture_output=True, text=True, check=True).stdout.strip()


async def test_a_rebase_picks_each_commit_as_git_does(github: GitHub, tmp_path: Path) -> None:
    lines = [f"line {n}\n" for n in range(20)]
    start = await github.commit({"notes.md": "".join(lines)})
    github.git("update-ref", "refs/heads/main", start)
    await github.branch("b", {"notes.md": "".join([*lines[:19], "changed\n"]), "new.md": "n\n"})
    tip = await github.commit({"new.md": None, "newer.md": "n\nn\n"}, "b")
    await github.yes("PATCH", REPO + "/git/refs/heads/b", {"sha": tip})
    main = await github.commit({"notes.md": "".join(["first\n", *lines[1:]])})
    github.git("update-ref", "refs/heads/main", main)
    wanted = await asyncio.to_thread(rebased, github.path, tmp_path / "clone")
    await github.yes("POST", REPO + "/pulls", {"title": "T", "head": "b", "base": "main"})
    await github.approve(1)
    await github.yes("PUT", REPO + "/pulls/1/merge", {"merge_method": "rebase"})
    assert github.git("log", "-2", "--format=%T", "main") == wanted


async def test_whether_it_can_be_merged_is_found_out_in_the_background(github: GitHub) -> None:
    text = github.git("show", f"main:{ZA_UJ}")
    for name, port in (("one", "2171"), ("two", "2172")):
        pull = await github.propose(name, {ZA_UJ: text.replace("2170", port)})
        assert pull["mergeable"] is None
        assert (await github.yes("GET", f"{REPO}/pulls/{pull['number']}"))[
            "mergeable_state"
        ] == "unknown"
    pull = await github.judged(1)
    assert (pull["mergeable"], pull["mergeable_state"]) == (True, "blocked")
    await github.approve(1)
    await github.approve(2)
    assert (await github.judged(2))["mergeable_state"] == "clean"
    await github.yes("PUT", REPO + "/pulls/1/merge")
    assert (await github.yes("GET", REPO + "/pulls/2"))["mergeable"] is None
    pull = await github.judged(2)
    assert (pull["mergeable"], pull["mergeable_state"]) == (False, "dirty")
    refused = await github.ask("PUT", REPO + "/pulls/2/merge")
    assert (refused.status, refused.body["message"]) == (405, "Pull Request is not mergeable")


async def test_what_stands_in_the_way_of_a_merge(github: GitHub) -> None:
    await github.propose("one", {"one.md": "1\n"})
    outsider = github.world.act_as("outsider")
    expert = github.world.act_as("roc-expert")

    async def refused(status: int, words: str, body: object = None, token: str = expert) -> None:
        answer = await github.ask("PUT", REPO + "/pulls/1/merge", body, token=token)
        assert answer.status == status and words in answer.body["message"], answer

    await refused(405, "At least 1 approving review is required")
    await refused(403, "not accessible", token=outsider)
    await github.world.review(1, github.user("outsider"), "APPROVE")
    await refused(405, "At least 1 approving review is required")
    await github.world.review(1, github.user("roc-second"), "REQUEST_CHANGES", "No.")
    await github.approve(1)
    await refused(405, "Changes have been requested")
    await github.approve(1, "roc-second")
    await refused(409, "Head branch was modified", {"sha": "0" * 40})
    await refused(422, "merge_method", {"merge_method": "fast"})
    github.world.allowed.squash = False
    await refused(405, "Squash merges are not allowed", {"merge_method": "squash"})
    github.world.pull(1).draft = True
    await refused(405, "draft")
    github.world.pull(1).draft = False
    github.world.protected["main"] = Protection(reviews=3)
    await refused(405, "At least 3 approving reviews are required")
    await github.world.close(1, github.user("roc-expert"))
    await refused(405, "not mergeable")


async def test_who_pushed_last_is_not_who_approves_that(github: GitHub) -> None:
    await github.branch("mine", {"one.md": "1\n"})
    token = github.world.act_as("uj-admin")
    body = {"title": "Mine", "head": "AAROC:mine", "base": "main"}
    await github.yes("POST", REPO + "/pulls", body, token=token)
    await github.approve(1)
    head = github.git("rev-parse", "mine")
    pushed = github.git("commit-tree", f"{head}^{{tree}}", "-p", head, "-m", "In another's name")
    expert = github.world.act_as("roc-expert")
    await github.yes("PATCH", REPO + "/git/refs/heads/mine", {"sha": pushed}, token=expert)
    for _ in range(2):
        refused = await github.ask("PUT", REPO + "/pulls/1/merge")
        assert refused.status == 405 and "other than the last pusher" in refused.body["message"]
        await github.approve(1)  # by who pushed it
    await github.approve(1, "roc-second")
    assert (await github.ask("PUT", REPO + "/pulls/1/merge")).status == 200


async def test_nobody_approves_their_own(github: GitHub) -> None:
    await github.branch("mine", {"one.md": "1\n"})
    token = github.world.act_as("uj-admin")
    body = {"title": "Mine", "head": "AAROC:mine", "base": "main"}
    await github.yes("POST", REPO + "/pulls", body, token=token)
    for event in ("APPROVE", "REQUEST_CHANGES"):
        told = {"event": event, "body": "Fine"}
        answer = await github.ask("POST", REPO + "/pulls/1/reviews", told, token=token)
        assert answer.status == 422 and "your own pull request" in answer.body["errors"][0]
    assert (await github.yes("GET", REPO + "/pulls/1"))["user"]["login"] == "uj-admin"


async def test_a_pull_request_that_cannot_be_opened(github: GitHub) -> None:
    sha = github.git("rev-parse", "main")
    await github.yes("POST", REPO + "/git/refs", {"ref": "refs/heads/same", "sha": sha})
    await github.propose("one", {"one.md": "1\n"})

    async def refused(words: str, **body: object) -> None:
        whole = {"title": "T", "head": "one", "base": "main", **body}
        answer = await github.ask("POST", REPO + "/pulls", whole)
        assert answer.status == 422 and words in str(answer.body["errors"]), answer

    await refused("A pull request already exists for AAROC:one.")
    await refused("No commits between main and same", head="same")
    await refused("'field': 'head'", head="absent")
    await refused("'field': 'head'", head="other:one")
    await refused("'field': 'base'", base="absent")
    await refused("missing_field", title="")
    await refused("missing_field", title=None)


async def test_what_is_pushed_past_the_server_is_noticed(github: GitHub) -> None:
    await github.propose("one", {"one.md": "1\n"})
    await github.propose("two", {"two.md": "2\n"})
    await github.propose("three", {"three.md": "3\n"})
    await github.approve(1)
    newer = await github.commit({"one.md": "1\n1\n"}, "one")
    github.git("update-ref", "refs/heads/one", newer)
    github.git("update-ref", "refs/heads/main", github.git("rev-parse", "two"))
    github.git("update-ref", "-d", "refs/heads/three")
    github.told.clear()
    pulls = await github.yes("GET", REPO + "/pulls?state=all&sort=created&direction=asc")
    assert [(one["state"], one["merged_at"] is not None) for one in pulls] == [
        ("open", False), ("closed", True), ("closed", False),
    ]  # fmt: skip
    assert pulls[0]["head"]["sha"] == newer == github.git("rev-parse", "refs/pull/1/head")
    reviews = await github.yes("GET", REPO + "/pulls/1/reviews")
    assert reviews[0]["commit_id"] != newer
    assert sorted(github.events()) == [
        "pull_request.closed", "pull_request.closed", "pull_request.synchronize",
        "push", "push", "push",
    ]  # fmt: skip
    status = await github.yes("GET", f"{REPO}/commits/{newer}/status")
    assert [one["context"] for one in status["statuses"]] == ["lint"]


async def test_the_list_is_sorted_and_searched(github: GitHub) -> None:
    for name in ("one", "two", "three"):
        await github.propose(name, {f"{name}.md": "x\n"})
    await github.yes("PATCH", REPO + "/pulls/1", {"title": "Newest of all"})
    await github.world.close(2, github.user("roc-expert"))

    async def numbers(query: str) -> list[int]:
        return [one["number"] for one in await github.yes("GET", f"{REPO}/pulls?{query}")]

    assert await numbers("") == [3, 1]
    assert await numbers("state=all&sort=updated&direction=desc") == [2, 1, 3]
    assert await numbers("state=closed") == [2]
    assert await numbers("head=AAROC:three") == [3]
    assert await numbers("head=AAROC:absent") == []
    assert await numbers("state=all&per_page=1&page=3") == [1]
    tag = (await github.ask("GET", REPO + "/pulls")).headers["ETag"]
    again = await github.ask("GET", REPO + "/pulls", If_None_Match=tag)
    assert again.status == 304
    await github.yes("PATCH", REPO + "/pulls/2", {"state": "open"})
    assert (await github.ask("GET", REPO + "/pulls", If_None_Match=tag)).status == 200


async def test_what_can_be_opened_again(github: GitHub) -> None:
    await github.propose("one", {"one.md": "1\n"})
    await github.world.close(1, github.user("roc-expert"))
    await github.yes("DELETE", REPO + "/git/refs/heads/one")
    answer = await github.ask("PATCH", REPO + "/pulls/1", {"state": "open"})
    assert answer.status == 422


async def test_many_at_once_lose_nothing(github: GitHub) -> None:
    names = [f"branch-{n}" for n in range(8)]
    lines = "".join(f"line {n}\n" for n in range(100))
    start = await github.commit({"notes.md": lines})
    github.git("update-ref", "refs/heads/main", start)
    await asyncio.gather(*(
        github.propose(name, {"notes.md": lines.replace(f"line {n * 12}\n", f"by {name}\n")})
        for n, name in enumerate(names)
    ))  # fmt: skip
    assert sorted(github.world.pulls) == list(range(1, 9))
    for number in github.world.pulls:
        await github.approve(number)
    merged = await asyncio.gather(
        *(github.ask("PUT", f"{REPO}/pulls/{n}/merge") for n in github.world.pulls)
    )
    assert [one.status for one in merged] == [200] * 8
    text = github.git("show", "main:notes.md")
    assert all(f"by {name}" in text for name in names)
