"""Who merges what: the bot opens pull requests for people, so it counts their reviews itself."""

from datetime import timedelta

import pytest

from aaroc_bot.sandbox.github.pull import Protection
from aaroc_bot.sandbox.github.world import Misbehaviour
from aaroc_bot.sandbox.persons import SamplePerson
from tests.conversations.conversation import Conversation
from tests.conversations.github_page import acts, adds, approves, opens
from tests.conversations.stage import Stage, Ways
from tests.conversations.transcript import Shown

VARIABLES = "Ansible/group_vars/za-uj.yml"
SECOND = SamplePerson(90100201, "uj-second", "Pieter Maree", "pieter@uj.example", teams=("za-uj",))


async def test_only_what_others_reviewed_as_it_is_is_merged(stage: Stage, sqlite_url: str) -> None:
    stage.guests, stage.ways = (SECOND,), Ways(called=True)
    async with stage.opened(sqlite_url) as bot:
        await bot.play("""
            uj-admin>   set ZA-UJ bdii_port=2171
            (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
            roc-expert> merge 99
            bot to roc-expert> There is no pull request #99.
            roc-expert> merge 1
            bot to roc-expert> #1 waits for a review: nobody who may has approved it.
        """)
        await approves(bot, "uj-admin", 1)
        await approves(bot, "kenet-admin", 1)
        await bot.play("""
            roc-expert> merge 1
            bot to roc-expert> #1 waits for a review: nobody who may has approved it.
            uj-admin>   merge 1
            bot to uj-admin> Nobody merges #1 who asked for it or wrote one of its commits.
            kenet-admin> merge 1
            bot to kenet-admin> #1 is merged by an expert, or by who owns all files that it changes. *
            outsider>   merge 1
            bot to outsider> You are not a member of AAROC on GitHub. *
        """)
        await approves(bot, "uj-second", 1)
        await adds(bot, "roc-second", 1, {VARIABLES: bot.at_newest(VARIABLES) + "more: 1\n"})
        await bot.play("""
            uj-second>  merge 1
            bot to uj-second> #1 changed since it was approved, *
        """)
        await approves(bot, "roc-second", 1)
        await bot.play("""
            uj-second>  merge 1
            bot to uj-second> #1 changed since it was approved, *
            roc-second> merge 1
            bot to roc-second> Nobody merges #1 who asked for it or wrote one of its commits.
        """)
        assert await acts(bot, "roc-expert", 1, "request", "Why more?") == 200
        await approves(bot, "uj-second", 1)
        await bot.play("""
            uj-second>  merge 1
            bot to uj-second> roc-expert asks for changes in #1.
        """)
        await approves(bot, "roc-expert", 1)
        bot.github.protected.clear()
        bot.clock.forward(timedelta(minutes=6))
        await bot.play("""
            uj-second>  merge 1
            bot to uj-second> The default branch is not protected on GitHub, *
        """)
        bot.github.protected["main"] = Protection(reviews=9)
        await bot.play("""
            uj-second>  merge 1
            bot to uj-second> GitHub does not allow #1 to be merged. *
        """)
        bot.github.protected["main"] = Protection()
        await bot.play("""
            uj-second>  merge 1
            bot>        #1 was merged by uj-second*
            (card #1)   #1 · others have committed to it (opened as ZA-UJ bdii_port 2170 → 2171) · merged by uj-second
            roc-expert> merge 1
            bot to roc-expert> #1 is merged or closed already.
        """)
        assert "more: 1" in bot.at_newest(VARIABLES)
        await bot.recorded("""
            refusal roc-expert: merge 1 -> #1 waits for a review: *
            refusal uj-admin: merge 1 -> own request: *
            refusal kenet-admin: merge 1 -> not an expert: *
            change uj-second: merge 1 -> merge of #1 at * begins
            change uj-second: #1 -> #1 merged by uj-second: Ansible/group_vars/za-uj.yml
        """)


async def test_a_github_that_fails_at_the_worst_moments(stage: Stage, sqlite_url: str) -> None:
    stage.ways = Ways(called=True, often=True)
    async with stage.opened(sqlite_url) as bot:
        await _failing(bot, "/repos/AAROC/DevOps/pulls")


async def _failing(bot: Conversation, pulls: str) -> None:
    bot.github.misbehave(Misbehaviour(pulls, status=500, method="POST"))
    await bot.play("""
        uj-admin>   set ZA-UJ bdii_port=2171
        bot>        Change 1 · ZA-UJ bdii_port 2170 → 2171 · being opened
                    | GitHub does not answer; it is tried again
    """)
    bot.github.behave()
    await bot.play("""
        (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
    """)
    bot.github.misbehave(Misbehaviour(pulls, status=500, method="POST", after=True))
    await bot.play("""
        uj-admin>   set ZA-UJ ce_os_release=7.9
        bot>        Change 2 · ZA-UJ ce_os_release 7.4 → 7.9 · being opened
                    | GitHub does not answer; it is tried again
    """)
    bot.github.behave()
    await bot.play("""
        (card #2)   #2 · ZA-UJ ce_os_release 7.4 → 7.9 · waiting for a review
    """)
    bot.github.behave()
    await approves(bot, "roc-expert", 1)
    await approves(bot, "roc-expert", 2)
    bot.github.misbehave(Misbehaviour(f"{pulls}/1/merge", status=500))
    await bot.play("""
        roc-expert> merge 1
        bot to roc-expert> GitHub does not answer. Nothing was done; say it again later.
    """)
    bot.github.behave()
    bot.github.misbehave(Misbehaviour(f"{pulls}/1/merge", status=502, after=True))
    await bot.play("""
        roc-expert> merge 1
        bot>        #1 was merged by roc-expert: *
    """)
    bot.github.behave()
    bot.github.misbehave(Misbehaviour(f"{pulls}/2/merge", limited="primary", times=1))
    await bot.play("""
        roc-expert> merge 2
        bot to roc-expert> *
    """)
    assert bot.github.pull(2).state == "open"


async def test_what_gives_itself_rights_counts_once_it_is_accepted(called: Conversation) -> None:
    bot = called
    rules = bot.at_newest(".aaroc.yml").replace("team: za-uj", "team: ke-nairobi")
    owners = bot.at_newest("CODEOWNERS") + f"/{VARIABLES} @AAROC/ke-nairobi\n"
    files = {".aaroc.yml": rules, "CODEOWNERS": owners}
    number = await opens(bot, "kenet-admin", "more-rights", "Tidy up", files)
    await bot.play(f"""
        kenet-admin> merge {number}
        bot to kenet-admin> Nobody merges #1 who asked for it *
        uj-admin>   merge {number}
        bot to uj-admin> #1 is merged by an expert, *
    """)
    await approves(bot, "roc-expert", number)
    await bot.play("""
        roc-expert> merge 1
        bot>        #1 was merged by roc-expert: *
        bot>        #1 `Tidy up` was merged by roc-expert.
        kenet-admin> set ZA-UJ bdii_port=2171
        bot to kenet-admin> ZA-UJ is looked after by its team za-uj: uj-admin.
        uj-admin>   set ZA-UJ bdii_port=2171
        (card #2)   #2 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
    """)
    await approves(bot, "kenet-admin", 2)
    await bot.play("""
        kenet-admin> merge 2
        bot to kenet-admin> #2 is merged by an expert, or by who owns all files that it changes. *
        roc-expert> status
        bot>        5 sites: *
                    | Rules newer than those in force wait for an expert *
    """)


TEN = tuple(
    SamplePerson(90100300 + n, f"admin-{word}", word, f"{word}@uj.example", teams=("za-uj",))
    for n, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
)
LINES = [
    "bdii_port",
    "vo_sw_dir",
    "site_email",
    "site_support_email",
    "site_latitude",
    "site_longitude",
    "site_website",
    "site_domain",
    "ce_os_release",
    "ce_cpu_model",
]


@pytest.mark.chaos  # every edit of ten is kept in tests/changes too, without a bot around it
async def test_ten_who_change_the_same_file_at_once_lose_no_edit(
    stage: Stage, sqlite_url: str
) -> None:
    stage.guests, stage.ways = TEN, Ways(called=True)
    async with stage.opened(sqlite_url) as bot:
        for number, (who, name) in enumerate(zip(TEN, LINES, strict=True)):
            await bot.say(who.login, f"set ZA-UJ {name}=new{number}")
        for number in range(1, 11):
            await bot.play(f"(card #{number}) #{number} · ZA-UJ * · waiting for a review")
        left = list(range(1, 11))
        while left:
            number = left.pop(0)
            await approves(bot, "roc-expert", number)
            await bot.say("roc-expert", f"merge {number}")
            seen = await bot.sees(Shown(f"#{number} was *"))
            if "written anew" in seen.first:
                left.append(number)
        text = bot.at_newest(VARIABLES)
        for number, name in enumerate(LINES):
            assert f"\n{name}: new{number}\n" in text.replace('"', "")
