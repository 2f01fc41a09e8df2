"""Asking for Changes: what is wished, how its card reads, and what is refused with which words."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aaroc_bot.commands import (
    ChangeEffect,
    ChangeState,
    DisableService,
    Draft,
    EnableService,
    FileChange,
    Finding,
    Kind,
    Level,
    Message,
    NewSite,
    NotOpened,
    RollBack,
    SetVariables,
    State,
    UnsetVariable,
    VariableEffect,
    WhyNot,
    Wish,
)
from aaroc_bot.core.text import harmless
from tests.handlers.ports import (
    EXPERT,
    HANDLERS,
    KENET,
    NEWEST,
    UJ,
    Book,
    Channel,
    Described,
    Entries,
    suggested,
    written,
)
from tests.handlers.pulls import APPROVED, CHANGE, DRAFT, PORT, room
from tests.handlers.sample import DEPLOY, DONE, PING, RUNNING, ZA_UJ, channel

REVISION = DONE.revision.sha


@pytest.mark.parametrize(
    ("typed", "wish", "reason"),
    [
        (
            "set ZA-UJ bdii_port=2171 because the firewall blocks 2170",
            SetVariables("ZA-UJ", (("bdii_port", "2171"),)),
            "the firewall blocks 2170",
        ),
        ("set uj a=1 b='x y'", SetVariables("ZA-UJ", (("a", "1"), ("b", "x y"))), ""),
        ("set a=1 at uj because b", SetVariables("ZA-UJ", (("a", "1"),)), "b"),
        ("unset ZA-UJ bdii_port because old", UnsetVariable("ZA-UJ", "bdii_port"), "old"),
        ("unset bdii_port at uj because old", UnsetVariable("ZA-UJ", "bdii_port"), "old"),
        (
            "enable site-bdii at ZA-UJ on wn1.example.org because it is new",
            EnableService("ZA-UJ", "site-bdii", "wn1.example.org"),
            "it is new",
        ),
        ("disable site-bdii at ZA-UJ", DisableService("ZA-UJ", "site-bdii"), ""),
        ("disable site-bdii ZA-UJ because x", DisableService("ZA-UJ", "site-bdii"), "x"),
        (
            "disable site bdii at za-uj on bdii1 because it is old",
            DisableService("ZA-UJ", "site-bdii", "bdii1"),
            "it is old",
        ),
        (
            f"rollback ZA-UJ to {NEWEST.short}",
            RollBack("ZA-UJ", NEWEST.sha, deploys="deploy site-bdii at ZA-UJ port=2171"),
            "",
        ),
        (
            "rollback ZA-UJ to run 12",
            RollBack("ZA-UJ", REVISION, 12, "deploy site-bdii at ZA-UJ port=2171"),
            "",
        ),
        (
            "rollback ZA-UJ",
            RollBack("ZA-UJ", REVISION, 12, "deploy site-bdii at ZA-UJ port=2171"),
            "",
        ),
    ],
)
async def test_a_site_admin_wishes(typed: str, wish: Wish, reason: str) -> None:
    channel = room(past=(REVISION, 12))
    channel.runs = Book([DONE])
    message = await channel.message(UJ, typed)
    assert message.kind is Kind.CARD and message.state == "open"
    assert wishes(channel) == [(wish, reason)]


async def test_an_expert_begins_a_site() -> None:
    channel = room()
    await channel.message(EXPERT, "new site ZA-XYZ like uj")
    assert wishes(channel) == [(NewSite("ZA-XYZ", "ZA-UJ"), "")]


def wishes(channel: Channel) -> list[tuple[Wish, str]]:
    found: list[tuple[Wish, str]] = channel.changes.wishes  # type: ignore[attr-defined]
    return found


async def test_a_card_says_it_all_in_its_first_line() -> None:
    assert (await room().say(UJ, "set ZA-UJ bdii_port=2171")).splitlines() == [
        "#52 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review",
        "`Ansible/group_vars/za-uj.yml:2` one line. In effect on bdii1 of site-bdii.",
        "Because: `the firewall blocks 2170`",
        "Author: uj-admin, asked 14:40 UTC · on 4f2c1d9",
        "[Review 52]",
    ]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"state": ChangeState.OPENING, "number": None}, "Change 7 · {} · being opened"),
        ({"reviews": (APPROVED,)}, "#52 · {} · approved by roc-expert"),
        ({"reviews": (replace(APPROVED, by=UJ),)}, "#52 · {} · waiting for a review"),
        ({"state": ChangeState.MERGED, "by": EXPERT}, "#52 · {} · merged by roc-expert"),
        ({"state": ChangeState.CLOSED, "by": UJ}, "#52 · {} · closed by uj-admin"),
        ({"state": ChangeState.CLOSED}, "#52 · {} · closed"),
        (
            {"state": ChangeState.FAILED, "number": None, "why": "GitHub said no"},
            "Change 7 · {} · not opened: GitHub said no",
        ),
    ],
)
async def test_the_first_line_of_each_state(more: dict[str, object], line: str) -> None:
    said = written(await card(**more))
    assert said.splitlines()[0] == line.format("ZA-UJ bdii_port 2170 → 2171")


async def card(**more: object) -> Message:
    channel = room(replace(CHANGE, **more))  # type: ignore[arg-type]
    return await HANDLERS.cards["change"](channel.desk(), "7", {})


OTHERS: dict[str, object] = {"made": "a" * 40}


async def test_once_others_committed_to_it_the_card_tells_nothing_that_may_be_untrue() -> None:
    assert written(await card(**OTHERS)).splitlines() == [
        "#52 · others have committed to it (opened as ZA-UJ bdii_port 2170 → 2171) · "
        "waiting for a review",
        "What it does now: `review 52`",
        "Because: `the firewall blocks 2170`",
        "Author: uj-admin, asked 14:40 UTC · on 4f2c1d9",
        "[Review 52]",
    ]
    merged = await card(**OTHERS, state=ChangeState.MERGED, by=EXPERT)
    assert "What it did: `change 52`" in written(merged)
    assert suggested(merged) == ["change 52"]
    ended = await told("change-ended", **OTHERS, state=ChangeState.MERGED, by=EXPERT)
    assert ended == "@uj-admin: #52 is merged by roc-expert."
    listed = await room(replace(CHANGE, made="a" * 40)).say(UJ, "changes")
    assert "others have committed to it (opened as ZA-UJ bdii_port 2170 → 2171)" in listed


async def test_once_merged_the_card_offers_plans_of_what_it_reaches() -> None:
    message = await card(state=ChangeState.MERGED, by=EXPERT)
    assert suggested(message) == ["plan site-bdii at ZA-UJ"] * 2
    assert written(message).splitlines()[-2:] == [
        "To see what it would do: `plan site-bdii at ZA-UJ`.",
        "[Plan site-bdii at ZA-UJ]",
    ]
    elsewhere = replace(DRAFT, effects=(replace(DRAFT.effects[0], services=("worker-node",)),))
    assert not suggested(await card(state=ChangeState.MERGED, draft=elsewhere)), "no such deploy"


async def told(name: str, **more: object) -> str:
    channel = room(replace(CHANGE, **more))  # type: ignore[arg-type]
    return written(await HANDLERS.cards[name](channel.desk(), "7", {}))


async def test_whoever_it_waits_for_is_rung_by_a_message_of_its_own() -> None:
    assert await told("change-waits") == "@roc-expert: #52 waits for a review: `review 52`"
    assert await told("change-ended", state=ChangeState.MERGED, by=EXPERT) == (
        "@uj-admin: #52 is merged by roc-expert. "
        "To see what it would do: `plan site-bdii at ZA-UJ`."
    )
    assert await told("change-ended", state=ChangeState.CLOSED, by=EXPERT) == (
        "@uj-admin: #52 is closed by roc-expert."
    )
    failed = {"state": ChangeState.FAILED, "number": None, "why": "GitHub said no"}
    assert await told("change-ended", **failed) == (
        "@uj-admin: Change 7 is not opened: GitHub said no."
    )


async def test_a_rollback_says_which_deploy_follows() -> None:
    wish = RollBack("ZA-UJ", REVISION, 12, "deploy site-bdii at ZA-UJ")
    assert "Once it is merged, this is asked for: `deploy site-bdii at ZA-UJ`" in written(
        await card(wish=wish)
    )
    merged = await card(wish=wish, state=ChangeState.MERGED, deploy=21)
    assert "Its deploy is run 21." in written(merged) and not suggested(merged)
    assert "No deploy follows" in written(await card(wish=replace(wish, deploys="")))


async def test_a_rollback_says_that_its_deploy_is_not_asked_for() -> None:
    wish = RollBack("ZA-UJ", NEWEST.sha, 12, "deploy site-bdii at ZA-UJ")
    why = "its deploy is not asked for: web::uj speaks for uj-admin no more"
    said = written(await card(wish=wish, state=ChangeState.MERGED, by=EXPERT, why=why))
    assert "Its deploy is not asked for: web::uj speaks for uj-admin no more" in said
    assert "Asked for now" not in said


async def test_a_card_of_much_is_cut_and_counted() -> None:
    variables = tuple(replace(PORT, variable=f"v{n}") for n in range(20))
    effects = (
        ChangeEffect("ZA-UJ", variables, joined=(("top-bdii", "bdii1"), ("top-bdii", "bdii2"))),
        ChangeEffect("KE-NAIROBI", unread=True),
    )
    findings = tuple(Finding("a.yml", n, Level.ERROR, "too long") for n in range(1, 9))
    draft = replace(
        DRAFT,
        files=tuple(FileChange(f"f{n}.yml", None, n, new=n == 0, gone=n == 2) for n in range(9)),
        effects=effects,
        findings=findings,
        executing=("a.yml:1 ansible_ssh_common_args",),
    )
    message = await card(draft=draft, reason="x" * 4000)
    said = written(message)
    assert "`f0.yml` is new, 0 lines; `f1.yml` one line; `f2.yml` goes; and 6 files more." in said
    assert "ZA-UJ | + | top-bdii | on bdii1, bdii2" in said
    assert "ZA-UJ | ~ | v0 | `2170` → `2171` on bdii1" in said
    assert "6 of 22 shown; the rest: `review 52`" in said
    assert "6 findings more that it adds." in said
    assert "Executes, and nobody accepted it: `a.yml:1 ansible_ssh_common_args`" in said
    assert len(said.splitlines()) < 20 and all(len(line) < 300 for line in said.splitlines())


async def test_a_secret_is_only_said_to_change() -> None:
    secret = replace(PORT, before="old-word", after="new-word", secret=True)
    draft = replace(DRAFT, title="t", effects=(ChangeEffect("ZA-UJ", (secret,)),))
    said = written(await card(draft=draft))
    assert "a secret, which changes, on bdii1" in said and "-word" not in said


async def test_words_of_others_are_harmless() -> None:
    said = written(await card(reason="a\u202e`@here`\nb", why="x"))
    assert "Because: `a'@here' b`" in said


async def test_the_same_again_is_said_to_be_there() -> None:
    channel = room(replace(CHANGE, asked=replace(CHANGE.asked, event="0")))
    said = await channel.say(UJ, "set ZA-UJ bdii_port=2171")
    assert said == "#52 already asks for this; it is waiting for a review."


async def test_where_there_are_no_changes_the_operators_step_is_said() -> None:
    for typed in ("set ZA-UJ a=1", "changes", "change 52", "review 52", "merge 52", "rollback uj"):
        said = await channel().say(EXPERT, typed)
        assert said.startswith("There are no Changes here: none here."), typed
        assert "AAROC_GITHUB__APP_ID" in said


async def test_a_site_that_two_files_describe_is_not_changed() -> None:
    channel = room()
    channel.sites = Described((replace(ZA_UJ, claimed_by="Ansible/inventories/other"),))
    said = await channel.say(UJ, "set ZA-UJ a=1")
    assert said.startswith("ZA-UJ is described twice") and "inventories/other" in said
    assert not wishes(channel)


async def test_a_reason_is_no_host() -> None:
    channel = room()
    said = await channel.say(UJ, "enable site-bdii at ZA-UJ because")
    assert said.startswith("Which host?") and not wishes(channel)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (99, "There is no run 99."),
        (15, "Run 15 was at KE-NAIROBI, not at ZA-UJ."),
        (13, "Run 13 is failed: only what succeeded is gone back to."),
    ],
)
async def test_a_run_that_is_not_gone_back_to(number: int, words: str) -> None:
    channel = room()
    failed = replace(DONE, number=13, state=State.FAILED)
    channel.runs = Book([DONE, failed, replace(RUNNING, state=State.SUCCEEDED)])
    said = await channel.say(UJ, f"rollback ZA-UJ to run {number}")
    assert said == f"{words}\nWhat ran there: `history ZA-UJ`" and not wishes(channel)


async def test_going_back_to_a_run_that_deployed_nothing_deploys_what_was_last() -> None:
    ping = replace(DONE, number=13, verb="run", word="ping", given=())
    channel = room()
    channel.runs = Book([DONE, ping])
    await channel.say(UJ, "rollback ZA-UJ to run 13")
    assert wishes(channel)[0][0] == RollBack(
        "ZA-UJ", REVISION, 13, "deploy site-bdii at ZA-UJ port=2171"
    )
    channel.runs = Book([ping])
    await channel.say(UJ, f"rollback ZA-UJ {NEWEST.sha}")
    assert wishes(channel)[1][0] == RollBack("ZA-UJ", NEWEST.sha)


async def test_a_revision_that_is_not_on_the_default_branch() -> None:
    channel = room()
    assert await channel.say(UJ, "rollback ZA-UJ to abcdef0") == (
        "`abcdef0` is no revision of the default branch.\n"
        "What ran there, with revisions: `history ZA-UJ`"
    )
    assert not wishes(channel)


async def test_nothing_to_go_back_to() -> None:
    said = await room().say(UJ, "rollback ZA-UJ")
    assert "what to go back to I can't tell" in said


NO = NotOpened(WhyNot.SHARED, "bdii_port", "Ansible/group_vars/all.yml", 3, ("KE-NAIROBI",), "why")


@pytest.mark.parametrize("why", WhyNot)
async def test_every_reason_has_its_words_and_a_next_step(why: WhyNot) -> None:
    for no in (replace(NO, why=why), NotOpened(why)):
        message = await room(became=no).message(UJ, "set ZA-UJ bdii_port=2171")
        assert message.kind is Kind.REFUSAL and len(message.lines) >= 1
        assert "{" not in written(message) and "None" not in written(message)


async def test_a_shared_file_is_named_with_who_reads_it() -> None:
    said = await room(became=NO).say(UJ, "set ZA-UJ bdii_port=2171")
    assert said.splitlines()[0] == (
        "`bdii_port` is decided in `Ansible/group_vars/all.yml:3`, which KE-NAIROBI read too. "
        "Nothing was opened."
    )
    assert said.endswith("which an expert reviews. Experts: roc-expert.")


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        (
            "disable site-bdii at ZA-UJ on wn01",
            "wn01",
            "`wn01` does not run site-bdii; that runs on bdii1.\nTo look: `status ZA-UJ`.",
        ),
        (
            "disable site-bdii at ZA-UJ on bdii1",
            "bdii1",
            "There is no `bdii1` in the files of ZA-UJ to take out.\nTo look: `status ZA-UJ`.",
        ),
    ],
)
async def test_a_service_that_does_not_run_there(typed: str, name: str, said: str) -> None:
    no = NotOpened(WhyNot.NOT_THERE, name, "Ansible/inventories/inventory.za-uj")
    assert await room(became=no).say(UJ, typed) == said


async def test_a_secret_is_told_by_its_name_and_how_it_is_vaulted() -> None:
    no = NotOpened(WhyNot.SECRET, "db_password", "Ansible/group_vars/za-uj.yml")
    said = await room(became=no).say(UJ, "set ZA-UJ db_password=hunter2")
    assert "`db_password` in `Ansible/group_vars/za-uj.yml`" in said and "hunter2" not in said
    assert "`ansible-vault encrypt_string --stdin-name db_password`" in said
    odd = await room(became=replace(no, name="a; rm -rf /")).say(UJ, "set ZA-UJ a=1")
    assert "--stdin-name 'a; rm -rf /'" in odd


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("set ZA-UJ", "With which values? Example: `set ZA-UJ bdii_port=2171`"),
        ("set", "Which site? Example: `set ZA-UJ bdii_port=2171`"),
        ("unset ZA-UJ", "Which variable? Example: `unset ZA-UJ bdii_port`"),
        ("enable", "Which service? Example: `enable site-bdii at ZA-UJ on bdii1`"),
        ("enable site-bdii at ZA-UJ", "Which host? Example: `enable site-bdii at ZA-UJ on bdii1`"),
        ("disable site-bdii", "Which site? Example: `disable site-bdii at ZA-UJ`"),
        ("merge", "Which pull request? It goes by its number. Example: `merge 52`"),
        (
            "change x",
            "change takes the number of a pull request, such as 52; I got `x`."
            "\nExample: `change 52`",
        ),
        ("set a=1", "Which site? Example: `set a=1 at ZA-UJ`"),
        ("set ZA-UF a=1", "No site `ZA-UF`. Near: ZA-UJ."),
        ("rollback", "Which site? Example: `rollback ZA-UJ`"),
        (
            "rollback ZA-UJ to 12",
            "rollback takes 7 to 40 hex digits, as I write them; I got `12`.\n"
            "What ran there, with revisions: `history ZA-UJ`. A run: `rollback ZA-UJ to run 12`",
        ),
        ("new site", "That is for ROC experts."),
        ("new site like ZA-UJ", "That is for ROC experts."),
        ("set uj a = 1", "No space stands around the =: `set uj a=1`"),
        ("set uj a= 1", "No space stands around the =: `set uj a=1`"),
        ("set a =1 at uj", "No space stands around the =: `set a=1 at uj`"),
        ("set uj b='x = y' c", "I don't know what to do with `c`: values are typed name=value."),
        ("set uj because x", "With which values? Example: `set ZA-UJ bdii_port=2171`"),
        ("rollback 1", "Which site? It is typed: `rollback <site> to run 1`"),
        ("rollback to run 1", "Which site? It is typed: `rollback <site> to run 1`"),
        ("close 3", "I close no pull request: who may push, or opened it, closes it on GitHub."),
    ],
)
async def test_what_is_missing_is_asked_for_with_an_example(typed: str, answer: str) -> None:
    assert (await room().say(UJ, typed)).startswith(answer)


@pytest.mark.parametrize(
    "topic",
    ["set", "unset", "enable", "disable", "rollback", "change", "changes", "review", "merge"],
)
async def test_help_of_each_command(topic: str) -> None:
    said = await room().say(UJ, f"help {topic}")
    assert "You may." in said and (topic == "changes" or "Example: " in said)
    assert "Example: `new site ZA-XYZ like" in await room().say(EXPERT, "help new")


async def test_a_new_site_without_its_name() -> None:
    said = await room().say(EXPERT, "new site like uj")
    assert said == "Which name? Example: `new site ZA-XYZ like KE-NAIROBI`"
    said = await room().say(EXPERT, "new site like ZA-UJ")
    assert said == "Which name? Example: `new site ZA-XYZ like ZA-UJ`"


async def test_help_has_an_example_also_where_nothing_waits() -> None:
    assert "Example: `merge 52`" in await room(looks=()).say(UJ, "help merge")
    assert "Example: `welcome new-colleague to ZA-UJ`" in await room().say(UJ, "help welcome")
    assert "Example: `invite new-colleague`" in await room().say(EXPERT, "help invite")
    assert "invite, new site, vouch." in await room().say(UJ, "help")


async def test_a_plan_that_needs_values_is_not_offered() -> None:
    required = replace(DEPLOY, parameters=(replace(DEPLOY.parameters[0], required=True),))
    channel = room(replace(CHANGE, state=ChangeState.MERGED))
    channel.catalogue = Entries((required, PING))
    assert not suggested(await HANDLERS.cards["change"](channel.desk(), "7", {}))


async def test_others_may_not() -> None:
    with pytest.raises(AssertionError, match="is not for"):
        await room().say(KENET, "set ZA-UJ a=1")


WORDS = st.text(max_size=300)
PAIRS = st.lists(st.tuples(WORDS, WORDS), max_size=9).map(tuple)
VALUES = st.builds(
    VariableEffect,
    WORDS,
    st.none() | WORDS,
    st.none() | WORDS,
    st.lists(WORDS, max_size=5).map(tuple),
    st.booleans(),
)
EFFECTS = st.builds(ChangeEffect, WORDS, st.lists(VALUES, max_size=9).map(tuple), PAIRS, PAIRS)


@settings(max_examples=60, deadline=None)
@given(WORDS, st.lists(EFFECTS, max_size=4).map(tuple), WORDS, st.lists(WORDS, max_size=9))
async def test_whatever_a_draft_holds_its_card_is_short_and_harmless(
    title: str, effects: tuple[ChangeEffect, ...], words: str, names: list[str]
) -> None:
    draft = Draft(
        title,
        tuple(FileChange(name, None, 1) for name in names),
        effects,
        tuple(Finding(name, 1, Level.ERROR, words) for name in names),
        tuple(names),
        tuple(names),
        tuple(names),
    )
    message = await card(draft=draft, reason=words, why=words)
    said = written(message)
    assert harmless(said) == said
    assert len(said.splitlines()) < 24 and all(len(line) < 500 for line in said.splitlines())
