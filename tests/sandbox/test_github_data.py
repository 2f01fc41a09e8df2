"""The Git data API of the sandbox's GitHub: what is written is git's, and hostile input is not."""

import base64

import pytest

from tests.sandbox.github_client import REPO, ZA_UJ, GitHub


async def test_a_commit_is_made_piece_by_piece(github: GitHub) -> None:
    main = github.git("rev-parse", "main")
    content = base64.b64encode(b"\x00\xff binary").decode()
    blob = await github.yes("POST", REPO + "/git/blobs", {"content": content, "encoding": "base64"})
    got = await github.yes("GET", f"{REPO}/git/blobs/{blob['sha']}")
    assert base64.b64decode(got["content"]) == b"\x00\xff binary" and got["size"] == 9
    rows = [
        {"path": "bin/run", "mode": "100755", "type": "blob", "sha": blob["sha"]},
        {"path": "notes/é.md", "mode": "100644", "type": "blob", "content": "é\n"},
        {"path": ZA_UJ, "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = await github.yes("POST", REPO + "/git/trees", {"base_tree": main, "tree": rows})
    body = {
        "message": "Say é\n\nBecause.\n", "tree": tree["sha"], "parents": [main],
        "author": {
            "name": "uj-admin", "email": "90100101+old-login@users.noreply.github.com",
            "date": "2026-06-08T14:00:00+02:00",
        },
        "committer": {"name": "aaroc-bot", "email": "aaroc-bot@users.noreply.github.com"},
    }  # fmt: skip
    made = await github.yes("POST", REPO + "/git/commits", body)
    assert made["author"]["date"] == "2026-06-08T12:00:00Z"
    assert github.git("rev-parse", "main") == main, "no branch moved"
    shown = await github.yes("GET", f"{REPO}/commits/{made['sha']}")
    assert (shown["author"]["login"], shown["committer"]["login"]) == ("uj-admin", "aaroc-bot")
    assert {one["filename"]: one["status"] for one in shown["files"]} == {
        ZA_UJ: "removed", "bin/run": "added", "notes/é.md": "added",
    }  # fmt: skip
    github.git("fsck", "--strict", "--no-dangling")
    listed = await github.yes("GET", f"{REPO}/git/trees/{made['sha']}?recursive=1")
    modes = {one["path"]: (one["mode"], one.get("size")) for one in listed["tree"]}
    assert modes["bin/run"] == ("100755", 9) and ZA_UJ not in modes
    assert modes["bin"] == ("040000", None) and not listed["truncated"]


async def test_without_a_committer_the_author_is_it(github: GitHub) -> None:
    author = {"name": "Lindiwe", "email": "lindiwe@uj.example"}
    sha = await github.commit({"one.md": "1\n"}, author=author)
    assert github.git("log", "-1", "--format=%cn %ce", sha) == "Lindiwe lindiwe@uj.example"
    plain = await github.commit({"one.md": "1\n"})
    assert github.git("log", "-1", "--format=%an", plain) == "aaroc-bot"


async def test_names_cannot_forge_a_commit(github: GitHub) -> None:
    author = {"name": "A\ncommitter B <b@b> 0 +0000", "email": "a@a>\nparent 0"}
    sha = await github.commit({"one.md": "1\n"}, author=author, message="M\x1e\x1f\x00end")
    shown = await github.yes("GET", f"{REPO}/commits/{sha}")
    assert shown["commit"]["author"]["name"] == "Acommitter B b@b 0 +0000"
    assert shown["commit"]["message"] == "M\x1e\x1fend"
    assert len(shown["parents"]) == 1


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../up", "a/../b", "a//b", ".git/config", "a/.GIT/x", "a/", "a\x00b"],
)
async def test_a_hostile_path_is_refused(github: GitHub, path: str) -> None:
    row = {"path": path, "mode": "100644", "type": "blob", "content": "x"}
    answer = await github.ask("POST", REPO + "/git/trees", {"tree": [row]})
    assert answer.status == 422 and "malformed path" in answer.body["message"]


async def test_what_is_no_tree_is_refused(github: GitHub) -> None:
    main = github.git("rev-parse", "main")
    good = {"path": "a", "mode": "100644", "type": "blob", "content": "x"}
    bodies: tuple[dict[str, object], ...] = (
        {"tree": []},
        {"tree": "x"},
        {"tree": [None]},
        {"tree": [good], "base_tree": "0" * 40},
        {"tree": [good], "base_tree": "--help"},
        {"tree": [{**good, "mode": "100600"}]},
        {"tree": [{**good, "mode": "040000"}]},
        {"tree": [{"path": "a", "mode": "100644", "type": "blob", "sha": "0" * 39 + "1"}]},
        {"tree": [{"path": "a", "mode": "100644", "type": "blob", "sha": main}]},
        {"tree": [{"path": "absent", "mode": "100644", "sha": None}], "base_tree": main},
        {"tree": [{**good, "sha": main}]},
    )
    for body in bodies:
        answer = await github.ask("POST", REPO + "/git/trees", body)
        assert answer.status == 422, body


async def test_a_tree_takes_the_place_of_another(github: GitHub) -> None:
    main = github.git("rev-parse", "main")
    small = await github.yes("POST", REPO + "/git/trees", {
        "tree": [{"path": "only.md", "mode": "100644", "type": "blob", "content": "x\n"}],
    })  # fmt: skip
    rows = [{"path": "Ansible", "mode": "040000", "type": "tree", "sha": small["sha"]}]
    tree = await github.yes("POST", REPO + "/git/trees", {"base_tree": main, "tree": rows})
    names = github.git("ls-tree", "-r", "--name-only", tree["sha"]).split("\n")
    assert "Ansible/only.md" in names and ZA_UJ not in names and "README.md" in names


async def test_a_listing_that_is_cut_short_says_so(github: GitHub) -> None:
    github.world.most_entries = 3
    tree = await github.yes("GET", REPO + "/git/trees/main?recursive=1")
    assert tree["truncated"] and len(tree["tree"]) == 3
    assert (await github.ask("GET", REPO + "/git/trees/absent")).status == 404


async def test_what_is_sent_is_checked(github: GitHub) -> None:
    for path, body, status in (
        ("/git/blobs", {"content": "???", "encoding": "base64"}, 422),
        ("/git/blobs", {"content": 1}, 422),
        ("/git/blobs", [], 400),
        ("/git/commits", {"message": "M", "tree": "0" * 40}, 422),
        ("/git/commits", {"message": "", "tree": "0" * 40}, 422),
        ("/git/refs", {"ref": "refs/heads/a", "sha": "main"}, 422),
        ("/git/refs", {"ref": "refs/heads/a", "sha": "0" * 40}, 422),
    ):
        assert (await github.ask("POST", REPO + path, body)).status == status, (path, body)
    async with github.session.post(
        github.url + REPO + "/git/blobs", data=b"{", headers={"Authorization": "token sample-token"}
    ) as answer:
        assert answer.status == 400
        assert (await answer.json())["message"] == "Problems parsing JSON"


async def test_branches_are_made_moved_and_deleted(github: GitHub) -> None:
    main = github.git("rev-parse", "main")
    before = github.git("rev-parse", "main~1")

    async def refused(method: str, path: str, words: str, body: object = None) -> None:
        answer = await github.ask(method, REPO + path, body)
        assert answer.status == 422 and words in answer.body["message"], answer

    made = await github.yes("POST", REPO + "/git/refs", {"ref": "refs/heads/a/b", "sha": main})
    assert made["object"]["sha"] == main
    for name, words in (
        ("refs/heads/a/b", "already exists"), ("heads/x", "must start with"),
        ("refs/heads/a..b", "not a valid ref"), ("refs/heads/a", "in the way"),
        ("refs/pull/1/head", "not a valid ref"), ("refs/heads/--x y", "not a valid ref"),
    ):  # fmt: skip
        await refused("POST", "/git/refs", words, {"ref": name, "sha": main})
    await refused("PATCH", "/git/refs/heads/a/b", "not a fast forward", {"sha": before})
    await github.yes("PATCH", REPO + "/git/refs/heads/a/b", {"sha": before, "force": True})
    assert (await github.yes("GET", REPO + "/git/ref/heads/a/b"))["object"]["sha"] == before
    await refused("PATCH", "/git/refs/heads/main", "through a pull request", {"sha": before})
    await refused("DELETE", "/git/refs/heads/main", "protected")
    await refused("PATCH", "/git/refs/heads/absent", "does not exist", {"sha": main})
    await github.yes("DELETE", REPO + "/git/refs/heads/a/b")
    await refused("DELETE", "/git/refs/heads/a/b", "does not exist")
    assert (await github.ask("GET", REPO + "/git/ref/heads/a/b")).status == 404
    assert [one["forced"] for event, one in github.told if event == "push"] == [False, True, False]


async def test_commits_are_compared(github: GitHub) -> None:
    await github.branch("one", {"one.md": "1\n", ZA_UJ: None})
    behind = github.git("rev-parse", "main~2")
    both = await github.yes("GET", REPO + "/compare/main...one")
    assert (both["status"], both["ahead_by"], both["behind_by"]) == ("ahead", 1, 0)
    assert both["merge_base_commit"]["sha"] == github.git("rev-parse", "main")
    files = {one["filename"]: one for one in both["files"]}
    assert files["one.md"]["patch"] == "@@ -0,0 +1 @@\n+1"
    assert (files[ZA_UJ]["status"], files[ZA_UJ]["additions"]) == ("removed", 0)
    back = await github.yes("GET", f"{REPO}/compare/one...AAROC:{behind}")
    assert (back["status"], back["ahead_by"], back["behind_by"], back["files"]) == (
        "behind",
        0,
        3,
        [],
    )
    for odd in ("main...absent", "--all...main", "main...-x"):
        assert (await github.ask("GET", f"{REPO}/compare/{odd}")).status == 404


async def test_a_difference_of_all_kinds(github: GitHub) -> None:
    await github.branch("a", {"old.md": "same\n" * 20, "odd": "@@ -1 +1 @@\ndiff --git a/x b/x\n"})
    blob = (await github.yes("POST", REPO + "/git/blobs", {"content": "old.md"}))["sha"]
    rows = [
        {"path": "old.md", "mode": "100644", "sha": None},
        {"path": "new\tname.md", "mode": "100644", "content": "same\n" * 20 + "x\n"},
        {"path": "odd", "mode": "120000", "type": "blob", "sha": blob},
        {"path": "bin", "mode": "100644", "content": "\x00\x01"},
        {"path": "z.md", "mode": "100644", "content": "last\n"},
    ]  # fmt: skip
    tip = github.git("rev-parse", "a")
    tree = await github.yes("POST", REPO + "/git/trees", {"base_tree": tip, "tree": rows})
    body = {"message": "M", "tree": tree["sha"], "parents": [tip]}
    sha = (await github.yes("POST", REPO + "/git/commits", body))["sha"]
    shown = await github.yes("GET", f"{REPO}/commits/{sha}")
    files = {one["filename"]: one for one in shown["files"]}
    assert {name: one["status"] for name, one in files.items()} == {
        "bin": "added", "new\tname.md": "renamed", "odd": "changed", "z.md": "added",
    }  # fmt: skip
    assert files["new\tname.md"]["previous_filename"] == "old.md"
    assert "patch" not in files["bin"] and files["z.md"]["patch"] == "@@ -0,0 +1 @@\n+last"


async def test_branches_say_what_protects_them(github: GitHub) -> None:
    assert (await github.yes("GET", REPO + "/branches/main"))["protected"]
    (rule,) = await github.yes("GET", REPO + "/rules/branches/main")
    assert rule["parameters"]["require_last_push_approval"]
    github.world.protected["main"].last_push = False
    assert await github.yes("GET", REPO + "/rules/branches/main") == []
    github.world.ruled["main"] = github.world.protected.pop("main")
    assert not (await github.yes("GET", REPO + "/branches/main"))["protected"]
    rule = (await github.yes("GET", REPO + "/rules/branches/main"))[0]
    assert rule["type"] == "pull_request"
    assert (await github.ask("GET", REPO + "/branches/absent")).status == 404
