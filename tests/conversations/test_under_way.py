"""Runs under way: waiting behind another, ending one, keeping a site."""

from datetime import timedelta

from tests.conversations.conversation import Conversation
from tests.conversations.stage import Stage


async def test_runs_queue_behind_another_and_a_running_one_ends_by_cancel_now(
    stage: Stage, bot: Conversation
) -> None:
    await stage.lengthen_the_drill()
    await bot.bot.refresh()
    await bot.play("""
        uj-admin>   run drill at ZA-UJ
        (card 1)    Run 1 · run drill at ZA-UJ · running, task 1 (look at the racks), 4 hosts
        roc-expert> run ping at ZA-UJ
        (card 2)    Run 2 · run ping at ZA-UJ · queued, waits for run 1 at ZA-UJ
        uj-admin>   run drill at ZA-UJ
        bot>        Run 1 already asks for this; it is running.
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 3)    Run 3 · deploy site-bdii at ZA-UJ · planning at *, waits for run 1 at ZA-UJ
        uj-admin>   status
        bot>        5 sites: 3 quiet · *
                    | ZA-UJ running run 1, run drill, task * · planning: *
        uj-admin>   cancel 3
        (card 3)    Run 3 · deploy site-bdii at ZA-UJ · cancelled by uj-admin
        uj-admin>   log 1
        bot>        Run 1 has no log: it is running, and its log is kept when it ends.
        kenet-admin> cancel 1 now
        bot to kenet-admin> Run 1 is ended by who asked for it, by ZA-UJ's admins or by an expert.
        uj-admin>   cancel 1
        bot to uj-admin> Run 1 is under way on hosts of ZA-UJ; ending it may leave them half way.
                    | To end it all the same: `cancel 1 now`.
        uj-admin>   [Cancel 1 now]
        (card 1)    Run 1 · run drill at ZA-UJ · cancelled by uj-admin
        (card 2)    Run 2 · run ping at ZA-UJ · succeeded, nothing changed on 4 hosts, *
        uj-admin>   log 1
        bot>        Log of run 1: *
        uj-admin>   cancel 1 now
        bot to uj-admin> Run 1 has ended: cancelled.
        uj-admin>   runs
        bot>        Runs, newest first
                    | * Run 3 · deploy site-bdii at ZA-UJ · cancelled by uj-admin uj-admin *
                    | * Run 2 · run ping at ZA-UJ · succeeded, * roc-expert *
                    | * Run 1 · run drill at ZA-UJ · cancelled by uj-admin uj-admin *
    """)
    await bot.recorded("""
        run uj-admin: run drill at ZA-UJ -> running
        refusal kenet-admin: cancel 1 now -> not the site's admin: Run 1 is ended by *
        run uj-admin: run drill at ZA-UJ -> to be cancelled
        run uj-admin: run drill at ZA-UJ -> cancelled
        run roc-expert: run ping at ZA-UJ -> running
        run roc-expert: run ping at ZA-UJ -> succeeded
    """)


async def test_a_lock_lets_its_owner_pass_and_ends_by_itself(bot: Conversation) -> None:
    await bot.play("""
        kenet-admin> lock ZA-UJ until 2h mine
        bot to kenet-admin> ZA-UJ is looked after by its team za-uj: uj-admin.
        outsider>   unlock ZA-UJ
        bot to outsider> You are not a member of AAROC on GitHub. *
        uj-admin>   lock ZA-UJ until 2h switch “maintenance”
        bot>        ZA-UJ is locked by uj-admin until * SAST (* UTC), 2 h: `switch “maintenance”`. Others' runs wait.
                    | To end it earlier: `unlock ZA-UJ`
        roc-expert> lock ZA-UJ until 1h me too
        bot to roc-expert> ZA-UJ is locked by uj-admin until *: `switch “maintenance”`
        roc-expert> run ping at ZA-UJ
        (card 1)    Run 1 · run ping at ZA-UJ · queued, ZA-UJ is locked by uj-admin until * UTC
        uj-admin>   run ping at uj
        (card 2)    Run 2 · run ping at ZA-UJ · succeeded, nothing changed on 4 hosts, *
        uj-admin>   status ZA-UJ
        bot>        ZA-UJ · queued: run 1, run ping, waits for the lock
                    | locked: by uj-admin until * UTC, * left: `switch “maintenance”`
        roc-expert> unlock ZA-UJ
        bot>        ZA-UJ is unlocked; it was locked by uj-admin until *
                    | Runs that waited for it go on. uj-admin is told.
        bot>        @uj-admin: roc-expert unlocked ZA-UJ.
        (card 1)    Run 1 · run ping at ZA-UJ · succeeded, *
        roc-expert> unlock ZA-UJ
        bot>        ZA-UJ is not locked.
        uj-admin>   lock ZA-UJ until 3h
        bot>        ZA-UJ is locked by uj-admin until *, 3 h. Others' runs wait.
        uj-admin>   lock ZA-UJ until 1h shorter
        bot>        ZA-UJ is locked by uj-admin until *, 1 h: `shorter`. Others' runs wait.
        roc-expert> run ping at ZA-UJ
        (card 3)    Run 3 · run ping at ZA-UJ · queued, ZA-UJ is locked by uj-admin until * UTC
        uj-admin>   cancel 3
        (card 3)    Run 3 · run ping at ZA-UJ · cancelled by uj-admin
        roc-expert> run ping at ZA-UJ
        (card 4)    Run 4 · run ping at ZA-UJ · queued, ZA-UJ is locked by uj-admin until * UTC
    """)
    bot.clock.forward(timedelta(minutes=50))
    await bot.play("""
        bot>        @uj-admin: your lock of ZA-UJ ends at * UTC.
                    | To keep it longer: `lock ZA-UJ until 2h shorter`
    """)
    bot.clock.forward(timedelta(minutes=11))
    await bot.play("""
        bot>        @uj-admin: your lock of ZA-UJ has ended.
        (card 4)    Run 4 · run ping at ZA-UJ · succeeded, *
        uj-admin>   lock ZA-UJ until 25h
        bot to uj-admin> A lock lasts 24 hours at most; *
                    | The longest: `lock ZA-UJ until 24h`
        uj-admin>   lock ZA-UJ until teatime
        bot to uj-admin> lock takes a time such as 18:00, 2h or tomorrow 07:00; I got `teatime`.
                    | Example: `lock ZA-UJ until 2h`
    """)
    await bot.recorded("""
        refusal kenet-admin: lock ZA-UJ until 2h mine -> not the site's admin: *
        lock uj-admin:  -> locked until *: switch “maintenance”
        refusal roc-expert: lock ZA-UJ until 1h me too -> ZA-UJ is locked *
        run uj-admin: run ping at ZA-UJ -> running
        lock roc-expert:  -> unlocked, was locked by uj-admin
        run roc-expert: run ping at ZA-UJ -> running
        lock uj-admin:  -> the lock ended
    """)


async def test_who_decides_sees_that_another_locked_the_site(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        roc-second> lock ZA-UJ until 2h
        bot>        ZA-UJ is locked by roc-second until *
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
                    | ZA-UJ is locked by roc-second until * UTC: it starts after that.
        roc-second> unlock ZA-UJ
        bot>        ZA-UJ is unlocked; *
        roc-expert> approve 1
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · succeeded, *
    """)


async def test_what_waits_too_long_is_over(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        kenet-admin> lock KE-NAIROBI until 23h counting
        bot>        KE-NAIROBI is locked by kenet-admin until * EAT (* UTC), 23 h: `counting`. *
        roc-expert> run ping at KE-NAIROBI
        (card 2)    Run 2 · run ping at KE-NAIROBI · queued, KE-NAIROBI is locked by kenet-admin until * UTC
    """)
    bot.clock.forward(timedelta(hours=3, minutes=40))
    await bot.play("""
        bot>        @roc-expert @roc-second: run 1 still waits for an expert, and expires at * UTC.
    """)
    bot.clock.forward(timedelta(minutes=21))
    await bot.play("""
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · expired: nobody approved it in time
                    | [Retry 1]
        bot>        @uj-admin: run 1 is expired.
        (card 2)    Run 2 · run ping at KE-NAIROBI · expired: it could not start in time: KE-NAIROBI is locked by kenet-admin until * UTC
        roc-expert> approve 1
        bot to roc-expert> Run 1 has ended: expired.
    """)
