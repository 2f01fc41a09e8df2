"""Looking at pull requests and merging them: what is told, what hinders, who can help."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aaroc_bot.commands import (
    ChangeState,
    Event,
    Finding,
    Kind,
    Lacking,
    Level,
    Look,
    Merged,
    NotMerged,
    Obstacle,
    Person,
    PullState,
    Refusal,
    ReviewState,
    Right,
    RollBack,
    What,
)
from tests.handlers.ports import (
    EXPERT,
    HANDLERS,
    KENET,
    NEWEST,
    NOW,
    UJ,
    Channel,
    Entries,
    Proposed,
    suggested,
    written,
)
from tests.handlers.pulls import APPROVED, CHANGE, DRAFT, LOOK, PATH, PULL, room
from tests.handlers.recorded import Memory
from tests.handlers.sample import DEPLOY, channel

COMMIT = "9b8a7c6" + "0" * 33
FOREIGN = replace(
    LOOK, change=None, pull=replace(PULL, number=53, title="`docs` @all", author=KENET), authors=()
)


def looking(*looks: Look) -> Channel:
    return channel(changes=Proposed(looks=looks))


async def test_changes_lists_what_is_open() -> None:
    older = replace(CHANGE, asked=replace(CHANGE.asked, at=NOW - timedelta(days=2)))
    ours = replace(LOOK, change=replace(older, reviews=(APPROVED,)))
    said = await looking(FOREIGN, ours).say(UJ, "changes")
    assert said.splitlines() == [
        "2 pull requests are open",
        " | title | by | state | age",
        "#53 | `'docs' @all` | kenet-admin | not the bot's | changed 2 h ago",
        "#52 | `ZA-UJ bdii_port 2170 → 2171` | uj-admin | approved by roc-expert | 2 days",
        "All about one: `change 53`",
    ]
    assert await looking().say(UJ, "changes") == "No pull request is open."
    many = await looking(*[LOOK] * 20).message(UJ, "changes")
    assert many.file is not None and "15 of 20 shown" in written(many)


async def test_review_tells_what_an_expert_needs() -> None:
    look = replace(
        LOOK,
        reviews=(replace(APPROVED, commit="0" * 40),),
        sharing=((PATH, ("ZA-UJ", "KE-NAIROBI")), ("other", ("ZA-UJ",))),
        touched_by=(("Uli `U`", NOW - timedelta(days=3)),),
        draft=replace(
            DRAFT,
            findings=(Finding(PATH, 2, Level.WARNING, "too many spaces"),),
            secrets=(f"{PATH}: db_password",),
        ),
        hindrance=NotMerged(Obstacle.OLD_REVIEW, people=(EXPERT,)),
    )
    said = await looking(look).say(EXPERT, "review 52")
    assert said.splitlines() == [
        "#52 · `ZA-UJ bdii_port 2170 → 2171` · waiting for a review",
        f"Adds a plain secret: `{PATH}: db_password`",
        f"Adds: `{PATH}:2` too many spaces",
        "~ | bdii_port | `2170` → `2171` on bdii1",
        "asked by: uj-admin 14:40 UTC",
        "because: `the firewall blocks 2170`",
        "author: uj-admin",
        "head: 5d3e2f1 of `aaroc/7`",
        "checks: 1 passed, 1 failed (docs)",
        "reviews: approved by roc-expert (of an older head)",
        f"files: `{PATH}:2` one line",
        f"read by several: `{PATH}` by ZA-UJ, KE-NAIROBI",
        "changed before by: `Uli 'U'` 3 days ago",
        "#52 changed since it was approved, so it waits for a review again.",
        "Who may review it, on GitHub: roc-expert. Then: `merge 52`.",
    ]


async def test_what_is_not_known_is_told_so() -> None:
    look = replace(FOREIGN, draft=None, unread="a file is too big", checks=None, authors=(None,))
    said = await looking(look).say(UJ, "change 53")
    assert "What it does could not be told: `a file is too big`." in said
    assert "checks: can't tell" in said and "reviews: none" in said
    assert "author: somebody whom GitHub does not know" in said
    assert said.endswith("Who reads and who changed its files: `review 53`")
    assert "There is no pull request #9." in await looking().say(UJ, "change 9")


async def test_merge_is_suggested_to_who_may_merge_it() -> None:
    free = replace(LOOK, reviews=(APPROVED,))
    assert "merge 52" in suggested(await looking(free).message(EXPERT, "review 52"))
    message = await looking(free).message(UJ, "review 52")
    assert "merge 52" not in suggested(message)
    assert "by who owns all of its files: `merge 52`. Experts: roc-expert." in written(message)
    wrote = replace(free, authors=(EXPERT,))
    assert "merge 52" not in suggested(await looking(wrote).message(EXPERT, "change 52"))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"state": PullState.MERGED, "merged_by": EXPERT}, "merged by roc-expert"),
        ({"state": PullState.CLOSED}, "closed"),
        ({"draft": True}, "a draft"),
    ],
)
async def test_the_state_of_a_pull_request(more: dict[str, Any], words: str) -> None:
    look = replace(LOOK, pull=replace(PULL, **more))
    said = await looking(look).say(UJ, "change 52")
    assert said.splitlines()[0].endswith(f" · {words}")


async def test_an_objection_goes_before_an_approval() -> None:
    no = replace(APPROVED, by=KENET, state=ReviewState.CHANGES_REQUESTED)
    said = await looking(replace(LOOK, reviews=(APPROVED, no))).say(UJ, "change 52")
    assert said.splitlines()[0].endswith("· changes requested by kenet-admin")


@pytest.mark.parametrize("obstacle", Obstacle)
async def test_every_obstacle_has_its_words_and_a_way_out(obstacle: Obstacle) -> None:
    for people in ((EXPERT,), ()):
        no = NotMerged(obstacle, "GitHub's `words`", people, (PATH,) if people else ())
        refused = await room(merging=no).message(KENET, "merge 52")
        assert refused.kind is Kind.REFUSAL and refused.lines
        assert "{" not in written(refused) and "GitHub's 'words'" in written(refused)
        hindered = replace(LOOK, hindrance=no)
        assert len((await looking(hindered).message(UJ, "change 52")).notes) >= 2


@pytest.mark.parametrize(
    ("no", "lacks", "said"),
    [
        (
            NotMerged(Obstacle.OWN, people=(UJ,)),
            Lacking.OWN_REQUEST,
            "Nobody merges #52 who asked for it or wrote one of its commits.\n"
            "Experts: roc-expert. To look: `review 52`.",
        ),
        (
            NotMerged(Obstacle.NOT_OWNER, people=(EXPERT,), paths=("a", "b")),
            Lacking.EXPERT,
            "#52 is merged by an expert, or by who owns all files that it changes. "
            "Not yours: `a, b`.\nExperts: roc-expert. To look: `review 52`.",
        ),
        (
            NotMerged(Obstacle.NO_REVIEW, people=(EXPERT,)),
            None,
            "#52 waits for a review: nobody who may has approved it.\n"
            "Who may review it, on GitHub: roc-expert. To look: `review 52`. Then: `merge 52`.",
        ),
    ],
)
async def test_who_could_merge_it(no: NotMerged, lacks: Lacking | None, said: str) -> None:
    channel = room(merging=no)
    assert await channel.say(UJ, "merge 52") == said
    command = next(c for c in HANDLERS.commands if c.name == "merge")
    with pytest.raises(Refusal) as refused:
        await command.handler(channel.call(await standing_of(channel), "merge 52"), change=52)
    assert refused.value.lacks is lacks


async def standing_of(channel: Channel) -> Any:
    return await channel.people.of_person(UJ)


async def test_what_was_merged_can_be_planned_by_who_may() -> None:
    merged = replace(CHANGE, state=ChangeState.MERGED)
    channel = room(merged, merging=Merged(52, COMMIT))
    assert (await channel.say(EXPERT, "merge 52")).splitlines() == [
        "#52 was merged by roc-expert: 9b8a7c6.",
        "To see what it would do: `plan site-bdii at ZA-UJ`",
        "[Plan site-bdii at ZA-UJ]",
    ]
    channel.catalogue = Entries((replace(DEPLOY, may_run=Right.EXPERT),))
    assert await channel.say(UJ, "merge 52") == "#52 was merged by uj-admin: 9b8a7c6."
    back = replace(merged, wish=RollBack("ZA-UJ", NEWEST.sha, 12, "deploy site-bdii at ZA-UJ"))
    said = await room(back, merging=Merged(52, COMMIT)).say(EXPERT, "merge 52")
    assert said.endswith("Asked for now: `deploy site-bdii at ZA-UJ`")
    foreign = looking()
    foreign.changes = Proposed(merging=Merged(53, COMMIT))
    assert await foreign.say(EXPERT, "merge 53") == "#53 was merged by roc-expert: 9b8a7c6."


async def test_what_others_wrote_is_planned_by_what_it_does() -> None:
    others = looking(FOREIGN)
    others.changes = Proposed(looks=[FOREIGN], merging=Merged(53, COMMIT))
    assert "`plan site-bdii at ZA-UJ`" in await others.say(EXPERT, "merge 53")
    nothing = replace(DRAFT, effects=())
    change = replace(CHANGE, state=ChangeState.MERGED, made="a" * 40, head="b" * 40)
    channel = room(change, merging=Merged(52, COMMIT))
    channel.changes.looks = [replace(LOOK, draft=nothing)]  # type: ignore[attr-defined]
    assert "plan" not in await channel.say(EXPERT, "merge 52")


async def test_who_merged_is_who_said_so_and_not_the_bot() -> None:
    change = replace(CHANGE, state=ChangeState.MERGED, by=EXPERT)
    bot = replace(PULL, state=PullState.MERGED, merged_by=Person(1, "aaroc-bot"))
    said = await looking(replace(LOOK, change=change, pull=bot)).say(UJ, "change 52")
    assert said.splitlines()[0].endswith(" · merged by roc-expert")


NOTICES: Mapping[str, Mapping[str, Any]] = {
    "change-merged": {
        "number": 53,
        "title": "enable `UMD` @here",
        "by": "roc-expert",
        "sites": ["ZA-UJ"],
        "paths": ["a.yml", "b.yml", "c.yml", "d.yml"],
        "author": "kenet-admin",
    },
    "branch-moved": {
        "old": COMMIT,
        "new": NEWEST.sha,
        "subject": "bdii `port`",
        "author": "Uli",
        "sites": [],
        "forced": False,
        "commits": 2,
        "unseen": 1,
    },
    "member-left": {
        "login": "uj-admin",
        "why": "uj-admin is no longer a member of AAROC",
        "runs": [12, 13],
        "changes": [52],
    },
}


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        (
            "change-merged",
            {},
            "#53 `enable 'UMD' @here` was merged by roc-expert.\n"
            "Files: `a.yml`, `b.yml`, `c.yml` and 1 more.\nSites that changed: ZA-UJ.\n"
            "Author: `kenet-admin`. To look: `change 53`",
        ),
        (
            "change-merged",
            {"by": "", "author": "", "paths": [], "sites": []},
            "#53 `enable 'UMD' @here` was merged by somebody whom GitHub does not name.\n"
            "No site changed.\nTo look: `change 53`",
        ),
        (
            "change-merged",
            {"others": True, "services": [["ZA-UJ", "site-bdii"], ["ZA-UJ", "worker-node"]]},
            "#53 was merged by roc-expert; others had committed to it.\n"
            "Files: `a.yml`, `b.yml`, `c.yml` and 1 more.\nSites that changed: ZA-UJ.\n"
            "To look: `change 53`\n"
            "To see what it would do: `plan site-bdii at ZA-UJ`.\n[Plan site-bdii at ZA-UJ]",
        ),
        (
            "branch-moved",
            {},
            "The default branch moved without a pull request: 9b8a7c6 → 4f2c1d9.\n"
            "No site changed.\nThe last of 3 commits: `bdii 'port'`. Author: `Uli`.",
        ),
        (
            "branch-moved",
            {"forced": True, "commits": 0, "unseen": 0, "sites": ["ZA-UJ"]},
            "The default branch was moved by force: 9b8a7c6 → 4f2c1d9.\n"
            "Sites that changed: ZA-UJ.\nCommit: `bdii 'port'`. Author: `Uli`.",
        ),
        (
            "member-left",
            {},
            "uj-admin is no longer a member of AAROC, so nothing is done for them.\n"
            "What they asked for and still waited is over: expired: runs 12, 13; closed: #52.",
        ),
        (
            "member-left",
            {"runs": [], "changes": []},
            "uj-admin is no longer a member of AAROC, so nothing is done for them.",
        ),
    ],
)
async def test_notices(name: str, more: dict[str, Any], said: str) -> None:
    data = {**NOTICES[name], **more}
    assert written(await HANDLERS.cards[name](channel().desk(), "x", data)) == said


async def test_history_tells_of_changes_in_a_line_each() -> None:
    def event(outcome: str, login: str = "") -> Event:
        text = "set ZA-UJ bdii_port=2171"
        return Event(What.CHANGE, NOW, login=login, text=text, site="ZA-UJ", outcome=outcome)

    events = (
        event("4f2c1d9 without a pull request, by Uli: port"),
        event(f"#41 merged by roc-expert: {PATH}", "roc-expert"),
        event("#42 closed: uj-admin left `us`"),
        event("#41 open", "uj-admin"),
    )
    said = await channel(record=Memory(events)).say(UJ, "history ZA-UJ")
    assert said.splitlines()[1:] == [
        "14:40 UTC | `4f2c1d9 without a pull request, by Uli: port`",
        f"14:40 UTC | #41 merged by roc-expert · `{PATH}`",
        "14:40 UTC | #42 closed · `uj-admin left 'us'`",
        "14:40 UTC | uj-admin opened #41 · `set ZA-UJ bdii_port=2171`",
    ]
