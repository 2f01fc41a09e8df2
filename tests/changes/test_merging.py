"""Merging: nobody's own, nothing unreviewed, once; and what is written anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from aaroc_bot.core.changes import Change, ChangeState, RollBack
from aaroc_bot.core.ports import Merged, NotMerged, Obstacle, Unavailable
from aaroc_bot.core.pulls import PullRequest, PullState, ReviewState
from aaroc_bot.core.rights import Person
from aaroc_bot.github.faults import Refused
from aaroc_bot.sandbox.github.world import Misbehaviour
from aaroc_bot.store import tables
from aaroc_bot.store.database import Database
from tests.changes.bench import EXPERT, FILE, KENET, SECOND, UJ, Bench, asked, bench
from tests.changes.conftest import Devops
from tests.changes.hub import BOT, Flaky

ALL = "Ansible/group_vars/all.yml"


@pytest.fixture
async def b(devops: Devops, tmp_path: Path, sqlite_database: Database) -> AsyncIterator[Bench]:
    async with bench(devops, tmp_path / "state", sqlite_database) as b:
        yield b


async def merge(b: Bench, number: int, who: Person = EXPERT, pulls: object | None = None) -> object:
    outcome = await b.book(pulls).merge(number, await b.by(who))
    return outcome.obstacle if isinstance(outcome, NotMerged) else outcome


def theirs(b: Bench, login: str, files: dict[str, str]) -> int:
    """A pull request that somebody opened by themselves, and its number."""
    b.devops.git("reset", "-q", "--hard", "main")
    b.devops.git("checkout", "-q", "-b", f"of-{login}")
    who = next(p for p in (UJ, EXPERT, SECOND, KENET) if p.login == login)
    for name, content in files.items():
        (b.devops.path / name).write_text(content)
    b.devops.git("add", ".")
    mail = f"{who.id}+{login}@users.noreply.github.com"
    given = {f"GIT_{one}_{what}": value for one in ("AUTHOR", "COMMITTER")
             for what, value in (("NAME", login), ("EMAIL", mail))}  # fmt: skip
    b.hub.git("commit", "-q", "-m", "By hand", env=given)
    b.hub.signed.add(b.devops.git("rev-parse", "HEAD"))
    b.devops.git("checkout", "-q", "main")
    return b.hub.pull("By hand", f"of-{login}", who).number


async def test_an_expert_merges_what_an_expert_reviewed(b: Bench) -> None:
    change = await b.opened({"bdii_port": "2171"})
    assert change.number is not None
    assert await merge(b, change.number) is Obstacle.NO_REVIEW
    b.review(change.number)
    head = b.hub.git("rev-parse", change.branch)
    outcome = await merge(b, change.number)
    assert outcome == Merged(change.number, b.hub.git("rev-parse", "main"))
    assert "bdii_port: 2171" in b.content()
    assert b.seen[-1] == change.number
    assert (await b.told())[-1] == ("roc-expert", "merge 51", f"merge of #51 at {head} begins")
    title = b.hub.git("log", "-1", "--format=%s", "main")
    assert title == "ZA-UJ bdii_port 2170 → 2171 (#51), merged for roc-expert"
    assert await merge(b, change.number) is Obstacle.ENDED


async def test_who_asked_does_not_merge(b: Bench) -> None:
    change = await b.opened({"bdii_port": "2171"})
    b.review(51)
    assert await merge(b, 51, UJ) is Obstacle.OWN
    mine = await b.opened({"bdii_port": "2172"}, EXPERT)
    b.review(52, EXPERT)
    assert await merge(b, 52, EXPERT) is Obstacle.OWN
    assert await merge(b, 52, SECOND) is Obstacle.NO_REVIEW
    b.review(52, SECOND)
    assert isinstance(await merge(b, 52, SECOND), Merged)
    assert change.id != mine.id


async def test_an_owner_reviews_and_merges(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"}, EXPERT)
    b.review(51, UJ)
    assert isinstance(await merge(b, 51, KENET), Merged)


async def test_who_owns_is_what_was_accepted_not_what_is_proposed(b: Bench) -> None:
    number = theirs(b, "uj-admin", {"CODEOWNERS": "* @kenet-admin\n", ALL: "shared: 2\n"})
    b.review(number, KENET)
    assert await merge(b, number, KENET) is Obstacle.NOT_OWNER
    assert await merge(b, number, EXPERT) is Obstacle.NO_REVIEW


async def test_shared_files_need_an_expert(b: Bench) -> None:
    number = theirs(b, "uj-admin", {FILE: "site_name: ZA-UJ\n", ALL: "shared: 2\n"})
    b.review(number, KENET)
    outcome = await b.book().merge(number, await b.by(EXPERT))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.NO_REVIEW
    assert outcome.paths == (ALL,)
    b.review(number, SECOND)
    assert isinstance(await merge(b, number), Merged)


async def test_of_peoples_own_who_opened_it_asked_for_it(b: Bench) -> None:
    number = theirs(b, "roc-expert", {FILE: "site_name: ZA-UJ\n"})
    b.review(number, SECOND)
    assert await merge(b, number, EXPERT) is Obstacle.OWN
    assert isinstance(await merge(b, number, SECOND), Merged)


async def test_an_author_among_others_is_no_reviewer(b: Bench) -> None:
    number = theirs(b, "roc-second", {FILE: "site_name: ZA-UJ\n"})
    b.hub.opened[number] = replace(b.hub.opened[number], author=UJ)
    b.review(number, SECOND)
    assert await merge(b, number, EXPERT) is Obstacle.NO_REVIEW
    assert await merge(b, number, SECOND) is Obstacle.OWN
    b.hub.unknown = True
    b.review(number, EXPERT)
    assert await merge(b, number, EXPERT) is Obstacle.CANNOT_TELL


def forged(b: Bench, branch: str, person: Person) -> str:
    """A commit on a branch by whoever may push, in somebody's name, committed as the bot."""
    mails = {
        "AUTHOR": f"{person.id}+{person.login}@users.noreply.github.com",
        "COMMITTER": BOT.mail,
    }
    env = {f"GIT_{one}_{what}": mail for one, mail in mails.items() for what in ("NAME", "EMAIL")}
    tip = b.hub.git("commit-tree", f"{branch}^{{tree}}", "-p", branch, "-m", "more", env=env)
    b.hub.git("update-ref", f"refs/heads/{branch}", tip)
    return tip


@pytest.mark.parametrize(
    ("last_push", "obstacle"), [(False, Obstacle.UNPROTECTED), (None, Obstacle.CANNOT_TELL)]
)
async def test_a_name_on_a_commit_proves_nothing(
    b: Bench, last_push: bool | None, obstacle: Obstacle
) -> None:
    change = await b.opened({"bdii_port": "2171"})
    b.hub.last_push = last_push
    tip = forged(b, change.branch, UJ)
    b.review(51, SECOND)  # who may well have pushed it
    assert await merge(b, 51) is obstacle
    assert b.hub.git("rev-parse", "main") != tip
    b.hub.last_push = True
    assert isinstance(await merge(b, 51), Merged)


async def test_the_bots_own_commit_needs_nobodys_word(b: Bench) -> None:
    change = await b.opened({"bdii_port": "2171"})
    made = b.hub.git("rev-parse", change.branch)
    async with b.database.write() as connection:
        await connection.execute(update(tables.changes).values(made=made))
    b.hub.last_push, b.hub.unknown = False, True
    b.review(51, SECOND)
    assert await merge(b, 51, UJ) is Obstacle.OWN
    assert isinstance(await merge(b, 51), Merged)


async def test_a_head_that_moved_after_its_review_is_not_merged(b: Bench) -> None:
    change = await b.opened({"bdii_port": "2171"})
    b.review(51)
    tip = b.hub.git("commit-tree", f"{change.branch}^{{tree}}", "-p", change.branch, "-m", "more",
                    env={f"GIT_{one}_{what}": "x@x" for one in ("AUTHOR", "COMMITTER")
                         for what in ("NAME", "EMAIL")})  # fmt: skip
    b.hub.git("update-ref", f"refs/heads/{change.branch}", tip)
    assert await merge(b, 51) is Obstacle.CANNOT_TELL  # GitHub knows nobody called x
    b.hub.git("update-ref", f"refs/heads/{change.branch}", f"{tip}^")
    b.hub.refuses["merge"] = Refused(409, "Head branch was modified")
    outcome = await b.book().merge(51, await b.by(EXPERT))
    assert outcome == NotMerged(
        Obstacle.MOVED, "Head branch was modified", head=b.hub.git("rev-parse", f"{tip}^")
    )


async def test_what_protection_refuses_is_told_in_its_words(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    b.hub.refuses["merge"] = Refused(405, "Required status check is failing")
    outcome = await b.book().merge(51, await b.by(EXPERT))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.PROTECTED
    assert outcome.detail == "Required status check is failing"
    b.hub.guarded = False
    assert await merge(b, 51) is Obstacle.UNPROTECTED
    b.hub.guarded = None
    assert await merge(b, 51) is Obstacle.CANNOT_TELL
    assert await merge(b, 99) is Obstacle.NO_SUCH


async def test_a_tree_that_cannot_be_read_is_not_merged(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    b.hub.refuses["tree"] = Refused(413, "the tree is too big to be listed")
    outcome = await b.book().merge(51, await b.by(EXPERT))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.CANNOT_TELL
    look = await b.book().look(51)
    assert look is not None and look.draft is None and "too big" in look.unread


async def test_what_is_said_while_github_works_it_out_counts(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    read, reads = b.hub.read, 0

    async def working(number: int) -> PullRequest | None:
        nonlocal reads
        reads += 1
        if reads == 2:
            b.review(51, EXPERT, ReviewState.DISMISSED)
        pull = await read(number)
        return replace(pull, mergeable=None) if pull and reads == 1 else pull

    b.hub.read = working  # type: ignore[method-assign]
    assert await merge(b, 51, SECOND) is Obstacle.NO_REVIEW


async def test_what_somebody_asked_for_who_left_is_not_merged(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    b.world.remove_member("uj-admin")
    outcome = await b.book().merge(51, await b.by(EXPERT))
    assert isinstance(outcome, NotMerged)
    assert (outcome.obstacle, outcome.people) == (Obstacle.FROZEN, (UJ,))


async def test_what_the_bot_made_for_nothing_that_is_open_is_not_merged(b: Bench) -> None:
    change = await b.opened({"bdii_port": "2171"})
    async with b.database.write() as connection:
        closed = update(tables.changes).values(state=ChangeState.CLOSED.value)
        await connection.execute(closed)
    b.hub.git("branch", "of-somebody", change.branch)
    b.hub.git("branch", "aaroc/9-adopted", change.branch)
    b.hub.pull("By the bot", "of-somebody", Person(1, "AAROC"))
    b.hub.pull("From its branch", "aaroc/9-adopted", KENET)
    for number in (51, 52, 53):
        b.review(number)
        assert await merge(b, number, SECOND) is Obstacle.LEFTOVER
        look = await b.book().look(number)
        assert look is not None and look.hindrance is not None
        assert look.hindrance.obstacle is Obstacle.LEFTOVER


async def test_what_would_do_nothing_any_more_is_not_merged(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    b.devops.commit("roc-expert", {FILE: b.content().replace("2170", "2171")})
    assert await merge(b, 51) is Obstacle.CONFLICT


async def test_an_objection_stops_it(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    b.review(51, SECOND, ReviewState.CHANGES_REQUESTED)
    outcome = await b.book().merge(51, await b.by(EXPERT))
    assert isinstance(outcome, NotMerged)
    assert (outcome.obstacle, outcome.people) == (Obstacle.OBJECTION, (SECOND,))


async def test_rights_are_read_at_the_moment_of_the_merge(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51, SECOND)
    by = await b.by(EXPERT)
    b.world.misbehave(Misbehaviour("/orgs/AAROC/teams", status=500))
    silent = await b.book().merge(51, by)
    assert isinstance(silent, NotMerged) and silent.obstacle is Obstacle.CANNOT_TELL


@pytest.mark.parametrize("gone", [False, True])
async def test_rights_are_those_of_the_merge_not_of_the_command(b: Bench, gone: bool) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51, SECOND)
    by = await b.by(EXPERT)
    assert by.expert
    if gone:
        b.world.remove_member("roc-expert")
    else:
        b.world.teams["experts"].people.discard(EXPERT.id)
    outcome = await b.book().merge(51, by)
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.NOT_OWNER
    assert b.hub.opened[51].state is PullState.OPEN


async def test_who_is_frozen_merges_nothing_and_nothing_of_theirs_is_merged(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    by = await b.by(SECOND)
    await b.freeze(SECOND)
    outcome = await b.book().merge(51, by)
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.FROZEN
    await b.freeze(UJ)
    outcome = await b.book().merge(51, await b.by(EXPERT))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.FROZEN
    assert b.hub.opened[51].state is PullState.OPEN


@pytest.mark.parametrize("who", [SECOND, EXPERT])
async def test_a_frozen_reviewer_counts_for_nothing(b: Bench, who: Person) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51, who)
    await b.freeze(who)
    other = EXPERT if who is SECOND else SECOND
    assert await merge(b, 51, other) is Obstacle.NO_REVIEW


async def test_a_merge_whose_answer_was_cut_off_is_found_by_looking(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    for at in range(1, 40):
        flaky = Flaky(b.hub, at, after=True)
        with_merge = await _merged_or_silent(b, flaky)
        if b.hub.opened[51].state is PullState.MERGED:
            break
    assert isinstance(with_merge, Merged)
    assert b.hub.git("rev-list", "--count", "--merges", "main") == "1"


async def _merged_or_silent(b: Bench, flaky: Flaky) -> object:
    try:
        return await merge(b, 51, pulls=flaky)
    except Unavailable:
        return None


async def test_two_who_merge_at_once_merge_once(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    b.review(51)
    book = b.book()
    by = [await b.by(EXPERT), await b.by(SECOND)]
    found = await asyncio.gather(*(book.merge(51, one) for one in by))
    assert sorted(type(one).__name__ for one in found) == ["Merged", "NotMerged"]


async def test_ten_who_change_the_same_file_at_once_lose_no_edit(b: Bench) -> None:
    people = [(UJ, EXPERT, SECOND, KENET)[n % 4] for n in range(10)]
    wishes = (b.opened({f"option_{n}": f"{n}0"}, who) for n, who in enumerate(people))
    left = {c.number: c.asked.by for c in await asyncio.gather(*wishes) if c.number is not None}
    assert len(left) == 10
    rebased = 0

    async def merged(number: int) -> object:
        who = SECOND if left[number] == EXPERT else EXPERT
        b.review(number, who)
        return await merge(b, number, who)

    for _ in range(20):
        told = await asyncio.gather(*map(merged, left))
        rebased += told.count(Obstacle.REBASED)
        left = {n: who for (n, who), one in zip(left.items(), told, strict=True)
                if not isinstance(one, Merged)}  # fmt: skip
        if not left:
            break
    assert not left and rebased
    for n in range(10):
        assert f"option_{n}: {n}0\n" in b.content()


async def test_it_is_written_anew_before_anybody_reviews_in_vain(b: Bench) -> None:
    change = await b.opened({"option_3": "30"})
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_4: 4", "option_4: 40")})
    look = await b.book().look(51)
    assert look is not None and look.hindrance is not None
    assert look.hindrance.obstacle is Obstacle.CONFLICT
    outcome = await b.book().merge(51, await b.by(EXPERT))
    head = b.hub.git("rev-parse", change.branch)
    assert outcome == NotMerged(Obstacle.REBASED, head=head)
    assert b.hub.git("rev-parse", f"{change.branch}^2") == b.hub.git("rev-parse", "main")
    now = await b.book().get(change.id)
    assert now is not None and now.base == b.hub.git("rev-parse", "main")
    assert (await b.told())[-1][2] == f"#51 is written anew onto {now.base[:7]}"


async def test_who_asked_does_not_have_it_written_anew(b: Bench) -> None:
    await b.opened({"option_3": "30"})
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_4: 4", "option_4: 40")})
    assert await merge(b, 51, UJ) is Obstacle.OWN


async def test_a_rebase_that_was_cut_off_is_gone_on_with(b: Bench) -> None:
    change = await b.opened({"option_3": "30"})
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_4: 4", "option_4: 40")})
    for at in range(1, 60):
        flaky = Flaky(b.hub, at, after=True)
        with suppress(Unavailable):
            await b.book(flaky).merge(51, await b.by(EXPERT))
        if not flaky.fell:
            break
    assert b.hub.git("rev-list", "--count", f"main..{change.branch}") == "2"
    b.review(51)
    assert isinstance(await merge(b, 51), Merged)
    assert "option_3: 30\noption_4: 40\n" in b.content()


async def test_a_branch_to_which_others_committed_is_never_thrown_away(b: Bench) -> None:
    change = await b.opened({"option_3": "30"})
    who = {f"GIT_{one}_{what}": value for one in ("AUTHOR", "COMMITTER") for what, value in
           (("NAME", "k"), ("EMAIL", f"{KENET.id}+k@x"))}  # fmt: skip
    tree = f"{change.branch}^{{tree}}"
    tip = b.hub.git("commit-tree", tree, "-p", change.branch, "-m", "more", env=who)
    b.hub.git("update-ref", f"refs/heads/{change.branch}", tip)
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_4: 4", "option_4: 40")})
    outcome = await b.book().merge(51, await b.by(EXPERT))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.CONFLICT
    assert outcome.detail == "others have committed to its branch"
    assert b.hub.git("rev-parse", change.branch) == tip


async def test_a_value_that_another_changed_meanwhile_is_not_written_over(b: Bench) -> None:
    await b.opened({"option_3": "30"})
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_3: 3", "option_3: 31")})
    outcome = await b.book().merge(51, await b.by(EXPERT))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.CONFLICT
    assert outcome.detail == "the same lines were changed by others meanwhile"
    again = await b.opened({"option_3": "30"})  # whoever wishes it still, says so anew
    assert again.number == 52 and again.draft.title == "ZA-UJ option_3 31 → 30"


async def test_peoples_own_that_conflict_are_theirs_to_mend(b: Bench) -> None:
    number = theirs(b, "uj-admin", {FILE: "a: 1\n"})
    b.devops.commit("roc-expert", {FILE: "a: 2\n"})
    b.review(number)
    assert await merge(b, number) is Obstacle.CONFLICT


async def test_a_look_tells_what_is_needed_to_judge(b: Bench) -> None:
    change = await b.opened({"bdii_port": "2171"})
    look = await b.book().look(51, deep=True)
    assert look is not None
    assert look.change == change and look.paths == (FILE,) and look.authors == (UJ,)
    assert look.draft is not None and look.checks == ()
    assert look.sharing == ((FILE, ("ZA-UJ",)),) and look.touched_by
    assert look.hindrance is not None and look.hindrance.obstacle is Obstacle.NO_REVIEW
    b.review(51)
    look = await b.book().look(51)
    assert look is not None and look.hindrance is None and look.sharing == ()
    assert await b.book().look(99) is None


async def test_what_somebody_asked_for_is_closed_when_they_leave(b: Bench) -> None:
    await b.opened({"bdii_port": "2171"})
    await b.opened({"bdii_port": "2172"})
    other = await b.opened({"bdii_port": "2173"}, EXPERT)
    waiting = await b.proposed({"contact": "me"}, pulls=Flaky(b.hub, 1, after=False))
    with pytest.raises(Unavailable):
        await b.book(Flaky(b.hub, 1, after=True)).close_all_of(UJ, "uj-admin left AAROC")
    assert await b.book().close_all_of(UJ, "uj-admin left AAROC") == [51, 52]
    assert await b.book().close_all_of(UJ, "uj-admin left AAROC") == []
    states = {n: pull.state for n, pull in b.hub.opened.items()}
    assert states == {51: PullState.CLOSED, 52: PullState.CLOSED, 53: PullState.OPEN}
    for id in (1, 2, waiting.id):
        change = await b.book().get(id)
        assert change is not None and change.state is ChangeState.CLOSED
        assert change.why == "uj-admin left AAROC"
    kept = await b.book().get(other.id)
    assert kept is not None and kept.state is ChangeState.OPEN
    await b.book().resume()
    assert len(b.hub.opened) == 3


async def test_a_rollback_is_not_written_anew_over_others_edits(b: Bench) -> None:
    first = b.hub.git("rev-parse", "main")
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_3: 3", "option_3: 30")})
    wish = RollBack("ZA-UJ", first)
    change = await b.book().propose(wish, await b.by(UJ), asked(UJ), "")
    assert isinstance(change, Change) and change.branch.startswith("aaroc/1-za-uj-back-to-")
    b.devops.commit("roc-expert", {FILE: b.content().replace("option_3: 30", "option_3: 31")})
    assert await merge(b, 51) is Obstacle.CONFLICT
