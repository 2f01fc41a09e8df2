"""Conversations on PostgreSQL: one that touches each kind of command, and one about a Change."""

from tests.conversations.stage import Stage, Ways
from tests.conversations.test_changes import goes_its_way


async def test_a_change_on_postgres(stage: Stage, postgres_url: str) -> None:
    stage.ways = Ways(called=True)
    async with stage.opened(postgres_url) as bot:
        await goes_its_way(bot)


async def test_each_kind_of_command_on_postgres(stage: Stage, postgres_url: str) -> None:
    await stage.lengthen_the_drill()
    async with stage.opened(postgres_url) as bot:
        await bot.play("""
            uj-admin>   help
            bot>        What you may do, uj-admin:
            stranger>   whoami
            bot>        I don't know who you are on GitHub yet.*
            outsider>   status
            bot to outsider> You are not a member of AAROC on GitHub. *
            uj-admin>   sites
            bot>        5 sites at *
            uj-admin>   playbooks
            bot>        The catalogue: 7 entries
            uj-admin>   diff ZA-UJ KE-NAIROBI
            bot>        ZA-UJ and KE-NAIROBI: * of 25 variables differ, 4 secrets not compared
            uj-admin>   staus za-uj
            bot to uj-admin> Did you mean `status ZA-UJ`?
            uj-admin>   [status ZA-UJ]
            bot>        ZA-UJ · quiet, no run on record yet
            uj-admin>   deploy site-bdii at ZA-UJ port=seventy
            bot to uj-admin> port takes a number from 1 to 65535; I got `seventy`.
            uj-admin>   deploy site-bdii at ZA-UJ
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, 4 items on 1 host
            uj-admin>   [Approve 1]
            bot to uj-admin> You asked for run 1, so somebody else decides.
            roc-second> lock ZA-UJ until 2h switch “maintenance”
            bot>        ZA-UJ is locked by roc-second until *: `switch “maintenance”`. Others' runs wait.
            roc-expert> [Approve 1]
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · queued, ZA-UJ is locked by roc-second until * UTC
            uj-admin>   unlock ZA-UJ
            bot>        @roc-second: uj-admin unlocked ZA-UJ.
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · succeeded, 4 changed on 1 host, *
            uj-admin>   log 1
            bot>        Log of run 1: *
            uj-admin>   plan site-bdii at ZA-UJ port=2171
            (card 2)    Run 2 · plan site-bdii at ZA-UJ port=2171 · planned, 3 items on 1 host
            roc-expert> deny 2
            bot to roc-expert> Run 2 has ended: planned.
            uj-admin>   run drill at ZA-UJ
            (card 3)    Run 3 · run drill at ZA-UJ · running, task *
            roc-expert> run ping at ZA-UJ
            (card 4)    Run 4 · run ping at ZA-UJ · queued, waits for run 3 at ZA-UJ
            uj-admin>   cancel 3 now
            (card 3)    Run 3 · run drill at ZA-UJ · cancelled by uj-admin
            (card 4)    Run 4 · run ping at ZA-UJ · succeeded, *
            roc-expert> accept rules
            bot>        No newer rules wait; *
            roc-expert> accept ZA-UJ
            bot>        Nothing at ZA-UJ waits to be accepted.
            uj-admin>   runs
            bot>        Runs, newest first
                        | * Run 1 · deploy site-bdii at ZA-UJ · succeeded, *
            uj-admin>   history ZA-UJ
            bot>        ZA-UJ, newest first
                        | * run 1 deploy site-bdii · succeeded, * · uj-admin, approved by roc-expert · *
        """)
