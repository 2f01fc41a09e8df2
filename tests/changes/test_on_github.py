"""Changes on the sandbox's GitHub over HTTP; the `whole` stories with the real drafter too."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aaroc_bot.changes.book import ChangeBook
from aaroc_bot.changes.owning import Owning
from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.changes import Change, NewSite, NotOpened, RollBack, WhyNot, Wish
from aaroc_bot.core.ports import Merged, NotMerged, Obstacle, Unavailable
from aaroc_bot.core.pulls import ReviewState
from aaroc_bot.core.rights import Person
from aaroc_bot.github.pulls import Pulls
from aaroc_bot.sandbox.github.pull import Protection
from aaroc_bot.sandbox.github.world import Misbehaviour
from aaroc_bot.store.acceptances import Acceptances
from aaroc_bot.store.database import Database
from tests.changes.bench import AT, EXPERT, FILE, FILES, KENET, SECOND, UJ, Bench, asked, bench
from tests.changes.conftest import Devops


@dataclass
class Story:
    """A bench whose pull requests are on the sandbox's GitHub."""

    b: Bench
    pulls: Pulls

    def book(self, pulls: Pulls | None = None) -> ChangeBook:
        return self.b.book(pulls or self.pulls)

    async def wish(self, wish: Wish, who: Person = UJ) -> Change | NotOpened:
        return await self.book().propose(wish, await self.b.by(who), asked(who), "")

    async def opened(self, **values: str) -> Change:
        change = await self.b.proposed(values, pulls=self.pulls)
        assert isinstance(change, Change) and change.number is not None, change
        return change

    async def review(self, number: int | None, who: Person = EXPERT) -> None:
        user = self.b.world.user(who.login)
        assert user is not None and number is not None
        await self.b.world.review(number, user, "APPROVE")

    async def merge(self, number: int | None, who: Person = EXPERT) -> object:
        assert number is not None
        outcome = await self.book().merge(number, await self.b.by(who))
        return outcome.obstacle if isinstance(outcome, NotMerged) else outcome


@pytest.fixture
async def story(
    request: pytest.FixtureRequest, devops: Devops, tmp_path: Path, sqlite_database: Database
) -> AsyncIterator[Story]:
    real = getattr(request, "param", "") == "whole"
    async with bench(devops, tmp_path / "state", sqlite_database, real=real) as b:
        yield Story(b, Pulls(b.api, "AAROC/DevOps"))


@pytest.mark.parametrize("story", ["whole"], indirect=True)
async def test_from_a_wish_to_the_merge_and_back(story: Story) -> None:
    first = story.b.hub.git("rev-parse", "main")
    change = await story.opened(bdii_port="2171")
    look = await story.book().look(change.number or 0, deep=True)
    assert look is not None and look.draft is not None
    assert look.draft.effects == change.draft.effects and look.paths == (FILE,)
    assert look.authors == (UJ,) and look.change is not None and look.change.id == change.id
    assert look.hindrance is not None and look.hindrance.obstacle is Obstacle.NO_REVIEW
    assert await story.merge(change.number) is Obstacle.NO_REVIEW
    await story.review(change.number)
    assert await story.merge(change.number, UJ) is Obstacle.OWN
    merged = await story.merge(change.number, SECOND)
    assert merged == Merged(change.number or 0, story.b.hub.git("rev-parse", "main"))
    assert story.b.content() == FILES[FILE].replace("2170", "2171")
    told = story.b.hub.git("log", "-1", "--format=%an %ae", f"{merged.commit}^2")
    assert told == f"uj-admin {UJ.id}+uj-admin@users.noreply.github.com"
    ended = await story.book().look(change.number or 0)
    assert ended is not None and ended.paths == (FILE,)
    back = await story.wish(RollBack("ZA-UJ", first))
    assert isinstance(back, Change) and back.number is not None
    await story.review(back.number)
    assert isinstance(await story.merge(back.number), Merged)
    assert story.b.content() == FILES[FILE]


@pytest.mark.parametrize("story", ["whole"], indirect=True)
async def test_neighbours_lines_that_conflict_are_written_anew(story: Story) -> None:
    one, two = await story.opened(option_3="30"), await story.opened(option_4="40")
    for change in (one, two):
        await story.review(change.number)
    assert isinstance(await story.merge(one.number), Merged)
    assert await story.merge(two.number) is Obstacle.REBASED
    assert await story.merge(two.number) is Obstacle.OLD_REVIEW
    await story.review(two.number)
    assert isinstance(await story.merge(two.number), Merged)
    assert "option_3: 30\noption_4: 40\n" in story.b.content()


@pytest.mark.parametrize("story", ["whole"], indirect=True)
async def test_a_rollback_is_of_all_files_as_they_are_now(story: Story) -> None:
    b = story.b
    first = b.hub.git("rev-parse", "main")
    b.devops.commit("roc-expert", {FILE: b.content().replace("2170", "2171")})
    change = await story.wish(RollBack("ZA-UJ", first))
    assert isinstance(change, Change) and change.number is not None, change
    await story.review(change.number)
    hosts = "Ansible/inventories/inventory.za-uj"
    b.devops.commit("roc-expert", {hosts: FILES[hosts].replace("bdii1", "bdii2")})
    outcome = await story.book().merge(change.number, await b.by(SECOND))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.CONFLICT
    assert outcome.detail == WhyNot.MOVED.value


@pytest.mark.parametrize("story", ["whole"], indirect=True)
async def test_peoples_own_are_read_as_they_would_be_merged_now(story: Story) -> None:
    b = story.b
    b.devops.git("checkout", "-q", "-b", "mine")
    mine = b.content().replace("2170", "2171") + "option_12: 12\n"
    b.devops.commit("uj-admin", {FILE: mine})
    b.devops.git("checkout", "-q", "main")
    b.devops.commit("roc-expert", {FILE: b.content().replace("2170", "2171")})
    user = b.world.user("uj-admin")
    assert user is not None
    pull = await b.world.open_pull(user, "Mine", "mine", "main")
    await b.repository.refresh()
    look = await story.book().look(pull.number)
    assert look is not None and look.draft is not None, look
    (effect,) = look.draft.effects
    assert [one.variable for one in effect.variables] == ["option_12"]
    b.devops.git("checkout", "-q", "mine")
    b.devops.commit("uj-admin", {FILE: mine + "site_password: Tr0ub4dor3x\n"})
    b.devops.git("checkout", "-q", "main")
    await story.review(pull.number)
    outcome = await story.book().merge(pull.number, await b.by(SECOND))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.SECRET
    assert outcome.detail == f"{FILE}: site_password"


@pytest.mark.parametrize("story", ["whole"], indirect=True)
async def test_a_new_site_begins_as_a_draft(story: Story) -> None:
    change = await story.wish(NewSite("ZA-XYZ", "ZA-UJ"), EXPERT)
    assert isinstance(change, Change) and change.number is not None, change
    assert story.b.world.pull(change.number).draft
    assert await story.merge(change.number, SECOND) is Obstacle.DRAFT


async def test_protection_that_wants_more_is_told_in_githubs_words(story: Story) -> None:
    change = await story.opened(bdii_port="2171")
    await story.review(change.number)
    story.b.world.protected["main"] = Protection(reviews=3)
    outcome = await story.book().merge(change.number or 0, await story.b.by(EXPERT))
    assert isinstance(outcome, NotMerged) and outcome.obstacle is Obstacle.PROTECTED
    assert "3 approving reviews" in outcome.detail
    story.b.world.protected.clear()
    assert await story.merge(change.number) is Obstacle.UNPROTECTED


@pytest.mark.parametrize("after", [False, True])
async def test_a_github_that_fails_at_the_merge(story: Story, after: bool) -> None:
    change = await story.opened(bdii_port="2171")
    await story.review(change.number)
    story.b.world.misbehave(Misbehaviour("/repos", status=500, method="PUT", after=after, times=1))
    try:
        outcome = await story.merge(change.number)
    except Unavailable:
        story.b.world.behave()
        outcome = await story.merge(change.number)
    assert isinstance(outcome, Merged) or (after and outcome is Obstacle.ENDED)
    assert story.b.hub.git("rev-list", "--count", "--merges", "main") == "1"


async def test_a_renamed_reviewer_and_a_removed_one(story: Story) -> None:
    change = await story.opened(bdii_port="2171")
    await story.review(change.number)
    story.b.world.rename("roc-expert", "roc-renamed")
    merged = await story.merge(change.number, Person(EXPERT.id, "roc-renamed"))
    assert isinstance(merged, Merged)
    other = await story.opened(contact="me")
    await story.review(other.number, SECOND)
    story.b.world.remove_member("roc-second")
    assert await story.merge(other.number, Person(EXPERT.id, "roc-renamed")) is Obstacle.NO_REVIEW


@pytest.mark.parametrize("story", ["whole"], indirect=True)
async def test_what_gives_itself_rights_is_merged_by_nobody_alone(story: Story) -> None:
    """And merged by an expert it gives none, until an expert has accepted it."""
    b = story.b
    await b.repository.refresh()
    first = (await b.repository.newest()).sha
    await Acceptances(b.database).begin(first, {}, "root", [Event(What.ACCEPTANCE, AT)])
    rules = "sites:\n  ZA-UJ: {team: ke-nairobi}\n"
    story.b.devops.git("checkout", "-q", "-b", "evil")
    story.b.devops.commit("uj-admin", {".aaroc.yml": rules, "CODEOWNERS": "* @uj-admin\n"})
    story.b.devops.git("checkout", "-q", "main")
    user = story.b.world.user("uj-admin")
    assert user is not None
    pull = await story.b.world.open_pull(user, "Rights", "evil", "main")
    assert await story.merge(pull.number, UJ) is Obstacle.OWN
    look = await story.book().look(pull.number)
    assert look is not None and set(look.paths) == {".aaroc.yml", "CODEOWNERS"}
    await story.review(pull.number, SECOND)
    assert isinstance(await story.merge(pull.number), Merged)
    reviews = await story.pulls.reviews(pull.number)
    assert [one.state for one in reviews] == [ReviewState.APPROVED]
    look = await story.book().look(pull.number)
    assert look is not None and look.pull.merged_by == EXPERT, "not the bot, on whose word it was"
    await b.repository.refresh()
    assert (await b.repository.newest()).sha != first
    assert (await b.people.of_person(KENET, now=True)).sites == frozenset({"KE-NAIROBI"})
    assert (await b.people.of_person(UJ, now=True)).sites == frozenset({"ZA-UJ"})
    owners = await Owning(b.repository, b.directory, "AAROC").of(["CODEOWNERS", FILE], now=True)
    assert owners == {"CODEOWNERS": frozenset(), FILE: frozenset({UJ.id, KENET.id})}
