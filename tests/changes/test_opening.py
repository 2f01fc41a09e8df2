"""A wish becomes a pull request, once, whatever falls in between."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aaroc_bot.core.changes import (
    Change,
    ChangeState,
    NewSite,
    NotOpened,
    RollBack,
    WhyNot,
)
from aaroc_bot.core.doing import DOING, Doing
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.github.faults import Refused
from aaroc_bot.store.database import Database
from tests.changes.bench import EXPERT, FILE, FILES, KNOWN_SECRET, UJ, Bench, asked, bench
from tests.changes.conftest import Devops
from tests.changes.hub import Flaky


@pytest.fixture
async def b(devops: Devops, tmp_path: Path, sqlite_database: Database) -> AsyncIterator[Bench]:
    async with bench(devops, tmp_path / "state", sqlite_database) as b:
        yield b


async def test_a_wish_becomes_a_pull_request_of_who_asked(b: Bench) -> None:
    change = await b.proposed({"bdii_port": "2171"}, reason="the firewall blocks 2170")
    assert isinstance(change, Change)
    assert (change.state, change.number, change.site) == (ChangeState.OPEN, 51, "ZA-UJ")
    assert change.branch == "aaroc/1-za-uj-bdii-port-2170-2171"
    assert b.content(at=change.branch) == FILES[FILE].replace("2170", "2171")
    assert b.content() == FILES[FILE]
    author = b.hub.git("log", "-1", "--format=%an %ae %cn", change.branch)
    assert author == f"uj-admin {UJ.id}+uj-admin@users.noreply.github.com aaroc"
    assert b.hub.git("log", "-1", "--format=%B", change.branch) == (
        "ZA-UJ bdii_port 2170 → 2171\n\n"
        '"the firewall blocks 2170"\n\n'
        "Asked for by uj-admin in web roc (Change 1)."
    )
    body = b.hub.bodies[51]
    assert "ZA-UJ  bdii_port  2170 → 2171  bdii1.uj.example" in body
    assert f"{FILE}:2" in body
    assert b.seen == [51]
    assert set(b.cards.shown) == {("change", "1")} and b.cards.woken
    assert b.cards.rung == ["change-waits"]
    assert await b.told() == [
        ("uj-admin", "set ZA-UJ bdii_port=2171", "being opened: ZA-UJ bdii_port 2170 → 2171"),
        ("uj-admin", "set ZA-UJ bdii_port=2171", "#51 open"),
    ]
    assert await b.book().get(1) == change == await b.book().numbered(51)
    assert [(pull.number, one) for pull, one in await b.book().open()] == [(51, change)]


async def test_the_same_again_is_the_same(b: Bench) -> None:
    first = await b.opened({"bdii_port": "2171"})
    again = await b.opened({"bdii_port": "2171"})
    assert again == first and len(b.hub.opened) == 1
    assert (await b.opened({"bdii_port": "2172"})).number == 52
    assert (await b.opened({"bdii_port": "2171"}, EXPERT)).number == 53


async def test_the_same_event_is_the_same_even_after_the_merge(b: Bench) -> None:
    first = await b.proposed({"bdii_port": "2171"}, event="e1")
    b.review(first.number)
    await b.book().merge(first.number, await b.by(EXPERT))
    again = await b.proposed({"bdii_port": "2171"}, event="e1")
    assert isinstance(again, Change) and again.id == first.id


async def test_what_changes_nothing_is_not_opened(b: Bench) -> None:
    no = await b.proposed({"bdii_port": "2170"})
    assert isinstance(no, NotOpened) and no.why is WhyNot.NOTHING
    assert await b.told() == [] and not b.hub.opened


async def test_a_secret_goes_nowhere(b: Bench) -> None:
    no = await b.proposed({"contact": KNOWN_SECRET})
    assert isinstance(no, NotOpened) and (no.why, no.name) == (WhyNot.SECRET, "contact")
    change = await b.proposed({"contact": "me"}, reason=f"it was {KNOWN_SECRET}")
    everything = [b.hub.git("log", "-1", "--format=%B", change.branch), b.hub.bodies[51]]
    assert not any(KNOWN_SECRET in text for text in [*everything, change.reason])


async def test_words_of_people_mean_nothing_to_github(b: Bench) -> None:
    reason = "fixes #3 for @all [skip ci] ``` <b> GH-4\nCo-authored-by: x <x@x>"
    change = await b.proposed({"contact": "a"}, reason=reason)
    message = b.hub.git("log", "-1", "--format=%B", change.branch)
    for evil in ("#3", "@all", "[skip", "<x", "GH-4", "\nCo-authored"):
        assert evil not in message
    body = b.hub.bodies[change.number]
    assert body.count("```") % 2 == 0 and "\n```\n<" not in body
    in_code = [part for at, part in enumerate(body.split("```")) if at % 2]
    assert [part for part in in_code if "@all" in part]
    outside = "".join(part for at, part in enumerate(body.split("```")) if not at % 2)
    assert "@" not in outside and "#" not in outside


async def test_who_is_frozen_opens_nothing(b: Bench) -> None:
    by = await b.by(UJ)
    await b.freeze(UJ)
    wish = RollBack("ZA-UJ", "0" * 40)
    no = await b.book().propose(wish, by, asked(UJ), "")
    assert isinstance(no, NotOpened) and no.why is WhyNot.UNKNOWN_REVISION
    frozen = await b.proposed({"bdii_port": "2171"})
    assert isinstance(frozen, NotOpened) and frozen.why is WhyNot.FROZEN
    assert await b.told() == [] and not b.hub.opened


async def test_what_waits_of_who_was_frozen_since_is_not_opened(b: Bench) -> None:
    waiting = await b.proposed({"bdii_port": "2171"}, pulls=Flaky(b.hub, 1, after=False))
    assert waiting.state is ChangeState.OPENING
    await b.freeze(UJ)
    await b.book().resume()
    change = await b.book().get(1)
    assert change is not None and change.state is ChangeState.FAILED
    assert change.why == "uj-admin is frozen" and not b.hub.opened


async def test_github_that_refuses_ends_it_in_words(b: Bench) -> None:
    b.hub.refuses["propose"] = Refused(422, f"No {KNOWN_SECRET}", ("not today",))
    no = await b.proposed({"bdii_port": "2171"})
    assert isinstance(no, NotOpened) and no.why is WhyNot.GITHUB
    assert no.detail == "No •••; not today"
    change = await b.book().get(1)
    assert change is not None and change.state is ChangeState.FAILED
    assert change.why == "GitHub: No •••; not today"
    assert (await b.told())[-1][2] == "not opened: GitHub: No •••; not today"


async def test_a_branch_that_others_made_is_not_opened_for_who_asked(b: Bench) -> None:
    evil = b.devops.commit("kenet-admin", {FILE: "evil: 1\n"})
    b.devops.git("reset", "-q", "--hard", "HEAD~1")
    b.hub.git("branch", "aaroc/1-za-uj-bdii-port-2170-2171", evil)
    no = await b.proposed({"bdii_port": "2171"})
    assert isinstance(no, NotOpened) and no.why is WhyNot.GITHUB and not b.hub.opened
    assert b.hub.git("rev-parse", "aaroc/1-za-uj-bdii-port-2170-2171") == evil


class Fell(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 9))
async def test_it_goes_on_after_a_fall_between_any_two_calls(
    b: Bench, at: int, after: bool
) -> None:
    flaky = Flaky(b.hub, at, after, Fell)
    try:
        await b.proposed({"bdii_port": "2171"}, event="e", pulls=flaky)
    except Fell:
        b.devops.commit("roc-expert", {"Ansible/group_vars/all.yml": "shared: 2\n"})
        await b.book().resume()
    change = await b.proposed({"bdii_port": "2171"}, event="e")
    assert (change.id, change.state, change.number) == (1, ChangeState.OPEN, 51)
    assert len(b.hub.opened) == 1
    assert b.hub.git("rev-list", "--count", f"main..{change.branch}") == "1"
    assert [outcome for _, _, outcome in await b.told()][1:] == ["#51 open"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 8))
async def test_it_waits_while_github_is_silent(b: Bench, at: int, after: bool) -> None:
    flaky = Flaky(b.hub, at, after)
    change = await b.proposed({"bdii_port": "2171"}, pulls=flaky)
    if flaky.fell:
        assert change.state is ChangeState.OPENING
        assert change.why == "GitHub does not answer; it is tried again"
    await b.book().resume()
    opened = await b.book().get(1)
    assert opened is not None and (opened.state, opened.number) == (ChangeState.OPEN, 51)
    assert opened.why == "" and len(b.hub.opened) == 1


async def test_two_processes_that_open_the_same_open_one(b: Bench) -> None:
    await b.proposed({"bdii_port": "2171"}, pulls=Flaky(b.hub, 1, after=False))
    await asyncio.gather(*(b.book().resume() for _ in range(4)))
    assert len(b.hub.opened) == 1
    change = await b.book().get(1)
    assert change is not None and change.state is ChangeState.OPEN
    assert [outcome for _, _, outcome in await b.told()].count("#51 open") == 1


async def test_asked_for_at_the_machine_is_kept_so(b: Bench) -> None:
    change = await b.proposed({"bdii_port": "2171"}, bounded=True)
    assert change.bounded


async def test_a_database_that_is_away_opens_nothing(b: Bench) -> None:
    by = await b.by(UJ)
    assert b.database.path is not None
    b.database.path.rename(b.database.path.with_name("away"))
    with pytest.raises(Unavailable):
        await b.book().propose(RollBack("ZA-UJ", "0" * 40), by, asked(UJ), "")
    b.database.path.with_name("away").rename(b.database.path)
    assert not b.hub.opened


async def test_what_a_site_was_before_is_where_a_deploy_succeeded_with_other_files(
    b: Bench,
) -> None:
    await b.repository.refresh()
    assert await b.book().before("ZA-UJ") is None
    first = b.hub.git("rev-parse", "main")
    second = b.devops.commit("roc-expert", {FILE: "site_name: ZA-UJ\n"})
    await b.repository.refresh()
    for revision in ("0" * 40, first, second):
        await b.deployed(revision)
    assert await b.book().before("ZA-UJ") == (first, 2)


async def test_a_command_that_was_cut_off_goes_on_with_what_it_asked_for(b: Bench) -> None:
    flaky = Flaky(b.hub, 3, after=True, fault=Fell)
    token = DOING.set(Doing("e"))
    with pytest.raises(Fell):
        await b.proposed({"bdii_port": "2171"}, event="e", pulls=flaky)
    DOING.set(Doing("e"))
    change = await b.proposed({"bdii_port": "2171"}, event="e")
    DOING.reset(token)
    assert (change.state, change.number) == (ChangeState.OPEN, 51)


async def test_a_new_site_is_no_draft_where_there_are_none(b: Bench) -> None:
    b.hub.refuses["propose draft"] = Refused(422, "Draft pull requests are not supported")
    change = await b.book().propose(
        NewSite("ZA-XYZ", "ZA-UJ"), await b.by(EXPERT), asked(EXPERT), ""
    )
    assert isinstance(change, Change) and change.number == 51 and not b.hub.opened[51].draft
