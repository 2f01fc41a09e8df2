"""Rights follow GitHub: names that change, people who leave, teams that people make up."""

from datetime import timedelta

from tests.conversations.conversation import Conversation
from tests.conversations.stage import Stage, Ways

WAITS = """
    roc-expert> lock ZA-UJ until 30m
    bot>        ZA-UJ is locked by roc-expert *
    uj-admin>   run ping at ZA-UJ
    (card 1)    Run 1 · run ping at ZA-UJ · queued, *
    uj-admin>   set ZA-UJ bdii_port=2171
    (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
"""
ENDS = """
    (card 1)    Run 1 · run ping at ZA-UJ · expired: uj-admin is no longer a member of AAROC
    (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · closed*
    bot>        uj-admin is no longer a member of AAROC, so nothing is done for them.
                | What they asked for and still waited is over: expired: run 1; closed: #1.
    uj-admin>   status
    bot to uj-admin> You are not a member of AAROC on GitHub. *
    uj-admin>   set ZA-UJ bdii_port=2172
    bot to uj-admin> You are not a member of AAROC on GitHub. *
"""


async def test_who_is_removed_has_no_rights_at_once_where_github_calls(
    called: Conversation,
) -> None:
    await called.play(WAITS)
    called.github.remove_member("uj-admin")
    await called.play(ENDS)
    assert called.github.pull(1).state == "closed"


async def test_who_is_removed_has_no_rights_soon_where_it_does_not(
    stage: Stage, sqlite_url: str
) -> None:
    stage.ways = Ways(often=True)
    async with stage.opened(sqlite_url) as bot:
        await bot.play(WAITS)
        bot.github.remove_member("uj-admin")
        bot.clock.forward(timedelta(minutes=6))
        await bot.play(ENDS)


async def test_rights_are_a_persons_and_not_a_logins(called: Conversation) -> None:
    bot = called
    await bot.play("""
        uj-admin>   set ZA-UJ bdii_port=2171
        (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
    """)
    bot.github.rename("uj-admin", "lindiwe")
    bot.github.add_user(90100666, "uj-admin", "Somebody else", "else@elsewhere.example")
    bot.clock.forward(timedelta(minutes=6))
    await bot.play("""
        uj-admin>   whoami
        bot>        You are lindiwe on GitHub, *
        uj-admin>   set ZA-UJ ce_os_release=7.9
        (card #2)   #2 · ZA-UJ ce_os_release 7.4 → 7.9 · waiting for a review
                    | Author: lindiwe, *
    """)
    made = await bot.github.bare.commit(bot.github.pull(2).head)
    assert made and made.author[1] == "90100101+lindiwe@users.noreply.github.com"


async def test_a_team_that_somebody_made_up_gives_nothing(called: Conversation) -> None:
    bot = called
    team = bot.github.add_team("za-ufs-admins", None, "ZA-UFS")
    kenet = bot.github.user("kenet-admin")
    assert kenet
    team.people.add(kenet.id)
    bot.clock.forward(timedelta(minutes=6))
    await bot.play("""
        kenet-admin> set ZA-UFS bdii_port=2199
        bot to kenet-admin> ZA-UFS is looked after by *
    """)
