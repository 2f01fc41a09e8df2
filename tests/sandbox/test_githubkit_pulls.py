"""Pull requests as githubkit reads them: every answer is valid by GitHub's description."""

import asyncio

from aaroc_bot.sandbox.github.pull import CheckRun
from tests.sandbox.playing import ORG, REPO, Kit, plays, pushed, refused, rows

AT = "/repos/{owner}/{name}"
PULL = f"{AT}/pulls/{{number}}"


@plays(
    f"GET {AT}/pulls", f"POST {AT}/pulls", f"GET {PULL}", f"PATCH {PULL}",
    f"GET {PULL}/commits", f"GET {PULL}/files",
)  # fmt: skip
async def test_a_pull_request_is_opened_told_of_and_closed(kit: Kit) -> None:
    pulls = kit.bot.rest.pulls
    head = await pushed(kit.world, "one", {"one.txt": b"1\n", "binary": bytes(range(256))})
    made = await pulls.async_create(
        ORG, REPO, title="One", head="one", base="main", body="Because.", draft=False
    )
    assert made.parsed_data.head.sha == head and made.parsed_data.state == "open"
    again = pulls.async_create(ORG, REPO, title="One", head="one", base="main")
    await refused(again, 422, "Validation Failed")
    nothing = pulls.async_create(ORG, REPO, title="None", head="main", base="main")
    await refused(nothing, 422, "Validation Failed")
    found = rows(await pulls.async_list(ORG, REPO, head=f"{ORG}:one", state="all"))
    assert [one.number for one in found] == [1]
    assert [one.sha for one in rows(await pulls.async_list_commits(ORG, REPO, 1))] == [head]
    files = rows(await pulls.async_list_files(ORG, REPO, 1))
    assert {one.filename: one.status for one in files} == {"binary": "added", "one.txt": "added"}
    closed = await pulls.async_update(ORG, REPO, 1, state="closed", title="Not one")
    assert (closed.parsed_data.state, closed.parsed_data.title) == ("closed", "Not one")
    assert (await pulls.async_get(ORG, REPO, 1)).parsed_data.merged is False
    await refused(pulls.async_get(ORG, REPO, 2), 404, "Not Found")


@plays(
    f"GET {PULL}/reviews", f"POST {PULL}/reviews", f"GET {PULL}/reviews/{{id}}",
    f"PUT {PULL}/reviews/{{id}}/dismissals",
)  # fmt: skip
async def test_it_is_reviewed_by_others(kit: Kit) -> None:
    head = await pushed(kit.world, "one", {"one.txt": b"1\n"})
    await kit.world.open_pull(kit.world.bot, "One", "one", "main")
    pulls = kit.speaking(kit.world.act_as("roc-expert")).rest.pulls
    made = await pulls.async_create_review(
        ORG, REPO, 1, event="APPROVE", body="Right.", commit_id=head
    )
    assert made.parsed_data.state == "APPROVED"
    assert made.parsed_data.user and made.parsed_data.user.login == "roc-expert"
    listed = rows(await pulls.async_list_reviews(ORG, REPO, 1))
    assert [(one.id, one.commit_id) for one in listed] == [(made.parsed_data.id, head)]
    one = await pulls.async_get_review(ORG, REPO, 1, made.parsed_data.id)
    assert one.parsed_data.body == "Right."
    gone = await pulls.async_dismiss_review(ORG, REPO, 1, made.parsed_data.id, message="No.")
    assert gone.parsed_data.state == "DISMISSED"
    own = kit.bot.rest.pulls.async_create_review(ORG, REPO, 1, event="APPROVE")
    await refused(own, 422, "Unprocessable Entity")


@plays(f"GET {PULL}", f"GET {PULL}/merge", f"PUT {PULL}/merge", f"GET {AT}/commits/{{ref}}/pulls")
async def test_it_is_merged_once_it_may_be(kit: Kit) -> None:
    head = await pushed(kit.world, "one", {"one.txt": b"1\n"})
    await kit.world.open_pull(kit.world.bot, "One", "one", "main")
    pulls = kit.bot.rest.pulls
    assert (await pulls.async_get(ORG, REPO, 1)).parsed_data.mergeable is None
    async with asyncio.timeout(20):
        while (await pulls.async_get(ORG, REPO, 1)).parsed_data.mergeable is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await refused(pulls.async_check_if_merged(ORG, REPO, 1), 404)
    await refused(pulls.async_merge(ORG, REPO, 1, sha=head), 405, "At least 1 approving review")
    expert = kit.speaking(kit.world.act_as("roc-expert")).rest.pulls
    await expert.async_create_review(ORG, REPO, 1, event="APPROVE")
    assert (await pulls.async_get(ORG, REPO, 1)).parsed_data.mergeable_state == "clean"
    await refused(pulls.async_merge(ORG, REPO, 1, sha="f" * 40), 409, "Head branch was modified")
    merged = (await pulls.async_merge(ORG, REPO, 1, sha=head)).parsed_data
    assert merged.merged
    assert (await pulls.async_check_if_merged(ORG, REPO, 1)).status_code == 204
    whole = (await pulls.async_get(ORG, REPO, 1)).parsed_data
    assert whole.merged and whole.merged_by and whole.merged_by.login == "aaroc-bot"
    repos = kit.bot.rest.repos
    for sha in (head, merged.sha):
        of = rows(await repos.async_list_pull_requests_associated_with_commit(ORG, REPO, sha))
        assert [one.number for one in of] == [1]


@plays(f"GET {AT}/commits/{{ref}}/check-runs")
async def test_check_runs_of_apps(kit: Kit) -> None:
    sha = await pushed(kit.world, "one", {"one.txt": b"1\n"})
    now = kit.world.now()
    kit.world.check_runs[sha] = [
        CheckRun(1, "molecule", "completed", "failure", now),
        CheckRun(2, "docs", "in_progress", None, now),
    ]
    found = (await kit.bot.rest.checks.async_list_for_ref(ORG, REPO, sha)).parsed_data
    assert {one.name: one.conclusion for one in found.check_runs} == {
        "molecule": "failure", "docs": None,
    }  # fmt: skip
