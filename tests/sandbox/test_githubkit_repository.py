"""The repository as githubkit reads it: every answer is valid by GitHub's description."""

import base64
from datetime import UTC, datetime

from tests.sandbox.playing import ORG, REPO, Kit, plays, pushed, refused, rows

AT = "/repos/{owner}/{name}"
FILE = "Ansible/group_vars/za-uj.yml"
UJ = "90100101+uj-admin@users.noreply.github.com"


@plays(f"GET {AT}", f"GET {AT}/commits", f"GET {AT}/commits/{{ref}}")
async def test_the_repository_and_its_commits(kit: Kit) -> None:
    repos = kit.bot.rest.repos
    found = (await repos.async_get(ORG, REPO)).parsed_data
    assert found.default_branch == "main" and found.allow_merge_commit
    assert found.permissions and found.permissions.push
    commits = (await repos.async_list_commits(ORG, REPO, path="CODEOWNERS")).parsed_data
    newest = (await repos.async_get_commit(ORG, REPO, commits[0].sha)).parsed_data
    assert newest.files and "CODEOWNERS" in [file.filename for file in newest.files]
    await refused(repos.async_get_commit(ORG, REPO, "f" * 40), 422, "No commit found for SHA")


@plays(f"GET {AT}/branches", f"GET {AT}/branches/{{branch}}", f"GET {AT}/rules/branches/{{branch}}")
async def test_branches_and_what_protects_them(kit: Kit) -> None:
    await pushed(kit.world, "change/one", {"one.txt": b"1\n"})
    repos = kit.bot.rest.repos
    told = {one.name: one.protected for one in rows(await repos.async_list_branches(ORG, REPO))}
    assert told == {"main": True, "change/one": False}
    assert (await repos.async_get_branch(ORG, REPO, "main")).parsed_data.protected
    assert not (await repos.async_get_branch(ORG, REPO, "change/one")).parsed_data.protected
    kit.world.protected["main"].last_push = False
    assert rows(await repos.async_get_branch_rules(ORG, REPO, "main")) == []
    await refused(repos.async_get_branch(ORG, REPO, "none"), 404, "Branch not found")


@plays(f"GET {AT}/compare/{{base}}...{{head}}")
async def test_commits_are_compared(kit: Kit) -> None:
    sha = await pushed(kit.world, "one", {"one.txt": b"1\n"})
    repos = kit.bot.rest.repos
    found = (await repos.async_compare_commits(ORG, REPO, f"main...{sha}")).parsed_data
    main = await kit.world.bare.must("rev-parse", "main")
    assert (found.status, found.ahead_by, found.behind_by) == ("ahead", 1, 0)
    assert found.merge_base_commit.sha == main
    assert found.files and found.files[0].filename == "one.txt"
    await refused(repos.async_compare_commits(ORG, REPO, "main...none"), 404)


@plays(
    f"GET {AT}/git/blobs/{{sha}}",
    f"POST {AT}/git/blobs",
    f"GET {AT}/git/trees/{{sha}}",
    f"POST {AT}/git/trees",
    f"GET {AT}/git/commits/{{sha}}",
    f"POST {AT}/git/commits",
)
async def test_a_commit_is_written_object_by_object(kit: Kit) -> None:
    git = kit.bot.rest.git
    main = await kit.world.bare.must("rev-parse", "main")
    base = (await git.async_get_commit(ORG, REPO, main)).parsed_data
    content = base64.b64encode(b"bdii_port: 2171\n").decode()
    made = await git.async_create_blob(ORG, REPO, content=content, encoding="base64")
    blob = (await git.async_get_blob(ORG, REPO, made.parsed_data.sha)).parsed_data
    assert base64.b64decode(blob.content) == b"bdii_port: 2171\n" and blob.size == 16
    written = await git.async_create_tree(
        ORG,
        REPO,
        base_tree=base.tree.sha,
        tree=[
            {"path": FILE, "mode": "100644", "type": "blob", "sha": blob.sha},
            {"path": "README.md", "mode": "100644", "type": "blob", "sha": None},
        ],
    )
    tree = written.parsed_data
    listed = (await git.async_get_tree(ORG, REPO, tree.sha, recursive="1")).parsed_data
    files = {entry.path: entry for entry in listed.tree}
    assert files[FILE].sha == blob.sha and files[FILE].size == 16 and "README.md" not in files
    signed = await git.async_create_commit(
        ORG,
        REPO,
        message="ZA-UJ bdii_port 2170 → 2171",
        tree=tree.sha,
        parents=[main],
        author={"name": "uj-admin", "email": UJ, "date": datetime(2026, 6, 8, 14, tzinfo=UTC)},
        committer={"name": "aaroc-bot", "email": "90100199+aaroc-bot@users.noreply.github.com"},
    )
    commit = signed.parsed_data
    assert (commit.author.email, commit.committer.name) == (UJ, "aaroc-bot")
    told = (await kit.bot.rest.repos.async_get_commit(ORG, REPO, commit.sha)).parsed_data
    assert told.author and told.author.login == "uj-admin"  # type: ignore[union-attr]
    await refused(git.async_get_blob(ORG, REPO, "f" * 40), 404, "Not Found")


@plays(
    f"GET {AT}/git/ref/{{ref}}",
    f"GET {AT}/git/matching-refs/{{ref}}",
    f"POST {AT}/git/refs",
    f"PATCH {AT}/git/refs/{{ref}}",
    f"DELETE {AT}/git/refs/{{ref}}",
)
async def test_a_branch_is_made_moved_and_deleted(kit: Kit) -> None:
    git, bare = kit.bot.rest.git, kit.world.bare
    main, before = await bare.must("rev-parse", "main"), await bare.must("rev-parse", "main~1")
    ref = "heads/change/one"
    made = await git.async_create_ref(ORG, REPO, ref=f"refs/{ref}", sha=before)
    assert made.parsed_data.object_.sha == before
    moved = await git.async_update_ref(ORG, REPO, ref, sha=main)
    assert moved.parsed_data.object_.sha == main
    await refused(git.async_update_ref(ORG, REPO, ref, sha=before), 422, "not a fast forward")
    await git.async_update_ref(ORG, REPO, ref, sha=before, force=True)
    assert (await git.async_get_ref(ORG, REPO, ref)).parsed_data.object_.sha == before
    listed = rows(await git.async_list_matching_refs(ORG, REPO, "heads/change/"))
    assert [one.ref for one in listed] == [f"refs/{ref}"]
    assert (await git.async_delete_ref(ORG, REPO, ref)).status_code == 204
    await refused(git.async_get_ref(ORG, REPO, ref), 404)
    await refused(git.async_update_ref(ORG, REPO, "heads/main", sha=before, force=True), 422)


@plays(
    f"POST {AT}/statuses/{{sha}}",
    f"GET {AT}/commits/{{ref}}/status",
    f"GET {AT}/commits/{{ref}}/statuses",
    f"GET {AT}/commits/{{ref}}/check-runs",
)
async def test_checks_of_a_commit(kit: Kit) -> None:
    repos = kit.bot.rest.repos
    sha = await pushed(kit.world, "one", {"one.txt": b"1\n"})
    await kit.world.open_pull(kit.world.bot, "One", "one", "main")
    made = await repos.async_create_commit_status(
        ORG, REPO, sha, state="failure", context="syntax", description="No."
    )
    assert made.parsed_data.state == "failure"
    combined = (await repos.async_get_combined_status_for_ref(ORG, REPO, sha)).parsed_data
    assert combined.state == "failure"
    assert {one.context for one in combined.statuses} == {"lint", "syntax"}
    listed = rows(await repos.async_list_commit_statuses_for_ref(ORG, REPO, sha))
    assert [one.context for one in listed] == ["syntax", "lint"]
    runs = (await kit.bot.rest.checks.async_list_for_ref(ORG, REPO, sha)).parsed_data
    assert runs.total_count == len(runs.check_runs)
