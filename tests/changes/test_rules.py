"""A merge gives no rights: rules and lines that execute count once an expert accepted them."""

from aaroc_bot.core.ports import Acceptance
from aaroc_bot.sandbox.github.world import Misbehaviour
from tests.changes.conftest import VARIABLES, Desk, person

EXPERT, SECOND = person("roc-expert"), person("roc-second")
LOOKUP = "site_name: ZA-UJ\nbdii_port: 2170\nmotd: \"{{ lookup('pipe', 'id') }}\"\n"


async def test_the_first_start_accepts_what_it_finds(desk: Desk) -> None:
    assert await desk.acceptances.sha() is None
    newest = await desk.repository.newest()
    assert await desk.rules.accepted() == newest
    assert await desk.rules.pending() is None
    assert await desk.rules.accept_rules(newest.sha, EXPERT) is Acceptance.NOTHING
    assert len(await desk.rules.unaccepted("ZA-UJ")) == 1
    assert await desk.rules.begin("root")
    assert await desk.acceptances.sha() == newest.sha
    assert await desk.rules.unaccepted("ZA-UJ") == ()
    assert not await desk.rules.begin("mallory"), "there is one first start"
    assert await desk.told() == [
        ("", "", "rules accepted at the first start"),
        ("", "ZA-UJ", "1 line that executes accepted at the first start"),
    ]


async def test_newer_rules_wait_for_another_expert(desk: Desk) -> None:
    first = await desk.repository.newest()
    await desk.rules.begin("root")
    sha = desk.devops.rules("roc-expert", "mine")
    await desk.refresh()
    pending = await desk.rules.pending()
    assert pending is not None and pending.revision.sha == sha
    assert [commit.sha for commit in pending.commits] == [sha]
    assert pending.authors == {sha: EXPERT.id}
    assert "+  ZA-UJ: {team: mine}" in pending.difference
    assert [site.team for site in await desk.repository.all()] == ["za-uj"]
    assert await desk.rules.accept_rules(sha, EXPERT) is Acceptance.AUTHOR
    assert await desk.rules.accepted() == first
    assert await desk.rules.accept_rules(sha[:7].upper(), SECOND) is Acceptance.ACCEPTED
    assert (await desk.rules.accepted()).sha == sha
    assert [site.team for site in await desk.repository.all()] == ["mine"]
    assert await desk.rules.pending() is None
    assert await desk.rules.accept_rules(sha, SECOND) is Acceptance.NOTHING
    assert (await desk.told())[-1] == ("roc-second", "", "rules accepted")


async def test_only_exactly_the_pending_revision(desk: Desk) -> None:
    first = await desk.repository.newest()
    await desk.rules.begin("root")
    older = desk.devops.rules("roc-expert", "one")
    newer = desk.devops.rules("roc-expert", "two")
    await desk.refresh()
    wrong = (
        "",
        newer[:6],
        first.sha,
        older,
        "main",
        "HEAD",
        "0" * 40,
        f"{newer}^",
        "--help",
        "é" * 7,
    )
    for revision in wrong:
        assert await desk.rules.accept_rules(revision, SECOND) is Acceptance.NOT_THAT, revision
    assert await desk.rules.accepted() == first


async def test_who_wrote_any_commit_in_between_may_not(desk: Desk) -> None:
    await desk.rules.begin("root")
    desk.devops.rules("roc-second", "one")
    newer = desk.devops.rules("roc-expert", "two")
    await desk.refresh()
    assert await desk.rules.accept_rules(newer, SECOND) is Acceptance.AUTHOR
    assert await desk.rules.accept_rules(newer, EXPERT) is Acceptance.AUTHOR


async def test_other_merges_do_not_move_what_is_pending(desk: Desk) -> None:
    await desk.rules.begin("root")
    sha = desk.devops.rules("roc-expert", "mine")
    desk.devops.commit("roc-second", {"notes.md": "A note.\n"})
    await desk.refresh()
    pending = await desk.rules.pending()
    assert pending is not None and pending.revision.sha == sha
    assert await desk.rules.accept_rules(sha, SECOND) is Acceptance.ACCEPTED
    assert await desk.rules.pending() is None


async def test_rules_that_were_taken_back_are_not_pending(desk: Desk) -> None:
    await desk.rules.begin("root")
    desk.devops.rules("roc-expert", "mine")
    desk.devops.rules("roc-expert", "za-uj")
    await desk.refresh()
    assert await desk.rules.pending() is None


async def test_an_unknown_author_and_a_silent_github_are_no_yes(desk: Desk) -> None:
    await desk.rules.begin("root")
    sha = desk.devops.rules("somebody-without-account", "mine")
    await desk.refresh()
    assert await desk.rules.accept_rules(sha, SECOND) is Acceptance.CANNOT_TELL
    newer = desk.devops.rules("roc-expert", "other")
    await desk.refresh()
    desk.world.misbehave(Misbehaviour(status=500))
    pending = await desk.rules.pending()
    assert pending is not None and set(pending.authors.values()) == {None}
    assert await desk.rules.accept_rules(newer, SECOND) is Acceptance.CANNOT_TELL


async def test_the_author_is_who_github_says_not_the_mail(desk: Desk) -> None:
    await desk.rules.begin("root")
    sha = desk.devops.rules("kenet-admin", "mine")
    await desk.refresh()
    user = desk.world.user("kenet-admin")
    assert user is not None
    user.mail, second = "", desk.world.user("roc-second")
    assert second is not None
    second.mail = "wanjiru@kenet.example"
    assert await desk.rules.accept_rules(sha, SECOND) is Acceptance.AUTHOR


async def test_who_merges_without_choosing_is_no_author(desk: Desk) -> None:
    await desk.rules.begin("root")
    desk.devops.git("checkout", "-q", "-b", "change")
    sha = desk.devops.rules("roc-expert", "mine")
    desk.devops.git("checkout", "-q", "main")
    desk.devops.commit("uj-admin", {"notes.md": "A note.\n"})
    desk.devops.git("merge", "-q", "--no-edit", "change", login="roc-second")
    await desk.refresh()
    pending = await desk.rules.pending()
    assert pending is not None and [commit.sha for commit in pending.commits] == [sha]
    assert await desk.rules.accept_rules(sha, SECOND) is Acceptance.ACCEPTED
    assert [site.team for site in await desk.repository.all()] == ["mine"]


async def test_who_undoes_by_merging_is_an_author(desk: Desk) -> None:
    """A merge that takes the older side brings back rules that nobody may accept alone."""
    desk.devops.git("checkout", "-q", "-b", "old")
    desk.devops.commit("uj-admin", {"notes.md": "A note.\n"})
    desk.devops.git("checkout", "-q", "main")
    desk.devops.rules("roc-expert", "tight")
    await desk.refresh()
    await desk.rules.begin("root")
    desk.devops.git("checkout", "-q", "old")
    desk.devops.git("merge", "-q", "-s", "ours", "--no-edit", "main", login="roc-second")
    desk.devops.git("branch", "-f", "main", "old")
    desk.devops.git("checkout", "-q", "main")
    await desk.refresh()
    pending = await desk.rules.pending()
    assert pending is not None and "+  ZA-UJ: {team: za-uj}" in pending.difference
    assert await desk.rules.accept_rules(pending.revision.sha, SECOND) is Acceptance.AUTHOR
    assert await desk.rules.accept_rules(pending.revision.sha, EXPERT) is Acceptance.ACCEPTED


async def test_a_forced_push_that_takes_rules_away(desk: Desk) -> None:
    old = desk.devops.git("rev-parse", "HEAD")
    desk.devops.rules("roc-expert", "tight")
    await desk.refresh()
    await desk.rules.begin("root")
    desk.devops.git("reset", "-q", "--hard", old)
    await desk.refresh()
    pending = await desk.rules.pending()
    assert pending is not None and pending.revision.sha == old
    assert await desk.rules.accept_rules(old, EXPERT) is Acceptance.AUTHOR
    assert await desk.rules.accept_rules(old, SECOND) is Acceptance.ACCEPTED


async def test_lines_that_execute_wait_for_an_expert_who_did_not_write_them(desk: Desk) -> None:
    await desk.rules.begin("root")
    desk.devops.commit("roc-expert", {VARIABLES: LOOKUP})
    desk.devops.commit("roc-second", {"notes.md": "A note.\n"})
    await desk.refresh()
    lines = await desk.rules.unaccepted("ZA-UJ")
    assert [(line.path, line.line, line.variable) for line in lines] == [(VARIABLES, 3, "motd")]
    digests = [line.digest for line in lines]
    assert await desk.rules.accept_lines("ZA-UJ", digests, EXPERT) is Acceptance.AUTHOR
    assert await desk.rules.accept_lines("ZA-UJ", [], SECOND) is Acceptance.NOT_THAT
    assert await desk.rules.accept_lines("ZA-UJ", [*digests, "x"], SECOND) is Acceptance.NOT_THAT
    assert await desk.rules.accept_lines("ZA-UF", digests, SECOND) is Acceptance.NOTHING
    assert await desk.rules.accept_lines("ZA-UJ", digests, SECOND) is Acceptance.ACCEPTED
    assert await desk.rules.unaccepted("ZA-UJ") == ()
    assert await desk.rules.accept_lines("ZA-UJ", digests, SECOND) is Acceptance.NOTHING
    assert (await desk.told())[-1] == (
        "roc-second",
        "ZA-UJ",
        f"1 line that executes accepted: {VARIABLES}:3 motd",
    )
    desk.devops.commit("roc-expert", {VARIABLES: LOOKUP.replace("'id'", "'rm'")})
    await desk.refresh()
    assert len(await desk.rules.unaccepted("ZA-UJ")) == 1, "another value is another line"


async def test_a_rewrite_of_spaces_makes_nobody_the_author(desk: Desk) -> None:
    await desk.rules.begin("root")
    desk.devops.commit("roc-expert", {VARIABLES: LOOKUP})
    desk.devops.commit("roc-second", {VARIABLES: LOOKUP.replace("motd: ", "motd:   ")})
    await desk.refresh()
    digests = [line.digest for line in await desk.rules.unaccepted("ZA-UJ")]
    assert await desk.rules.accept_lines("ZA-UJ", digests, EXPERT) is Acceptance.AUTHOR


async def test_the_author_of_a_line_cannot_be_told(desk: Desk) -> None:
    await desk.rules.begin("root")
    desk.devops.commit("kenet-admin", {VARIABLES: LOOKUP})
    await desk.refresh()
    digests = [line.digest for line in await desk.rules.unaccepted("ZA-UJ")]
    desk.world.misbehave(Misbehaviour(limited="primary"))
    assert await desk.rules.accept_lines("ZA-UJ", digests, SECOND) is Acceptance.CANNOT_TELL


async def test_the_line_of_a_vanished_site(desk: Desk) -> None:
    await desk.rules.begin("root")
    assert await desk.rules.unaccepted("ZA-GONE") == ()
