"""Going back: by a pull request, whose merge asks for the deployment by itself."""

from tests.conversations.conversation import Conversation, git
from tests.conversations.github_page import acts, approves

BDII = "bdii1.uj.example"
CONF = "etc/bdii/bdii.conf"
VARIABLES = "Ansible/group_vars/za-uj.yml"


async def test_a_change_is_deployed_and_taken_back(called: Conversation) -> None:
    bot = called
    before = bot.at_newest(VARIABLES)
    first = git(bot.box.repository, "rev-parse", "--short", "main").strip()
    await bot.play("""
        uj-admin>   rollback ZA-UJ
        bot to uj-admin> No run on record succeeded at ZA-UJ with other files, *
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        roc-expert> [Approve 1]
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · succeeded, *
        uj-admin>   set bdii_port=2171 ce_os_release=7.9 at ZA-UJ
        (card #1)   #1 · ZA-UJ * · waiting for a review
    """)
    conf = bot.on_host(BDII, CONF)
    await approves(bot, "roc-expert", 1)
    await bot.play("""
        roc-expert> merge 1
        (card #1)   #1 · ZA-UJ * · merged by roc-expert
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 2)    Run 2 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        roc-second> [Approve 2]
        (card 2)    Run 2 · deploy site-bdii at ZA-UJ · succeeded, *
    """)
    assert "2171" in bot.on_host(BDII, CONF)
    await bot.play("""
        uj-admin>   rollback ZA-UJ
        (card #2)   #2 · ZA-UJ back to * (run 1) · waiting for a review
                    | Once it is merged, this is asked for: `deploy site-bdii at ZA-UJ`
    """)
    await approves(bot, "roc-second", 2)
    await bot.play("""
        roc-second> merge 2
        bot>        #2 was merged by roc-second: *
        (card #2)   #2 · ZA-UJ * · merged by roc-second
        (card 3)    Run 3 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        (card #2)   #2 · ZA-UJ * · merged by roc-second
                    | Its deploy is run 3.
        uj-admin>   approve 3
        bot to uj-admin> You asked for run 3, *
        roc-expert> [Approve 3]
        (card 3)    Run 3 · deploy site-bdii at ZA-UJ · succeeded, *
    """)
    assert (bot.at_newest(VARIABLES), bot.on_host(BDII, CONF)) == (before, conf)
    await bot.play(f"""
        uj-admin>   rollback ZA-UJ to run 1
        bot to uj-admin> Nothing would change at ZA-UJ, so nothing was opened.
        uj-admin>   rollback ZA-UJ {first}
        bot to uj-admin> Nothing would change at ZA-UJ, so nothing was opened.
        uj-admin>   rollback ZA-UJ to run 2
        (card #3)   #3 · ZA-UJ back to * (run 2) · waiting for a review
        kenet-admin> rollback ZA-UJ to run 2
        bot to kenet-admin> ZA-UJ is looked after by its team za-uj: uj-admin.
    """)
    assert await acts(bot, "uj-admin", 3, "close") == 200
    await bot.play("""
        (card #3)   #3 · ZA-UJ * · closed*
        uj-admin>   history ZA-UJ
        bot>        ZA-UJ, newest first
                    | * uj-admin opened #3 · `rollback ZA-UJ to run 2`
                    | * run 3 deploy site-bdii · succeeded, * · uj-admin, approved by roc-expert · *
                    | * #2 merged by roc-second · `Ansible/group_vars/za-uj.yml`
                    | * uj-admin opened #2 · `rollback ZA-UJ to run 1`
        roc-expert> rollback ZA-UJ abcdef1
        bot to roc-expert> `abcdef1` is no revision of the default branch.
    """)
