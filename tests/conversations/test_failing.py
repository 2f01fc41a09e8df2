"""Runs that fail, and runs whose ground has moved."""

from tests.conversations.conversation import Conversation

BDIIS = "Ansible/site-bdiis.yml"
PACKAGE_GONE = "top2.meraka.example/var/cache/packages"


async def test_a_failure_names_host_role_task_and_message_first(bot: Conversation) -> None:
    await bot.play("""
        roc-expert> deploy top-bdii at ZA-MERAKA
        (card 1)    Run 1 · deploy top-bdii at ZA-MERAKA · waiting for an expert, *
        roc-expert> [Approve 1]
        bot to roc-expert> You asked for run 1, so somebody else decides.
        roc-second> [Approve 1]
        (card 1)    Run 1 · deploy top-bdii at ZA-MERAKA · failed on 1 of 2 hosts
                    | top2.meraka.example · top-bdii : *: `*lcg-CA*`
                    | top1.meraka.example * changed · top2.meraka.example * changed before that
                    | [Retry 1]
        bot>        @roc-expert: run 1 failed.
        uj-admin>   log 1
        bot>        Log of run 1: *
                    | *lcg-CA*
        uj-admin>   status
        bot>        5 sites: 3 quiet · *
                    | ZA-MERAKA failed run 1, deploy top-bdii, * ago
        uj-admin>   retry 1
        bot to uj-admin> That is for ROC experts.
    """)
    packages = bot.box.hosts / PACKAGE_GONE
    packages.write_text(packages.read_text() + "lcg-CA\n")
    await bot.play("""
        roc-second> [Retry 1]
        (card 2)    Run 2 · deploy top-bdii at ZA-MERAKA · waiting for an expert, *
        roc-expert> approve 2
        (card 2)    Run 2 · deploy top-bdii at ZA-MERAKA · succeeded, *
        uj-admin>   history ZA-MERAKA
        bot>        ZA-MERAKA, newest first
                    | * run 2 deploy top-bdii · succeeded, * · roc-second, approved by roc-expert · *
                    | * run 1 deploy top-bdii · failed on 1 of 2 hosts · roc-expert, approved by roc-second · *
    """)


async def test_a_plan_that_cannot_be_made_asks_nobody_and_is_tried_at_a_newer_revision(
    bot: Conversation,
) -> None:
    good = bot.at_newest(BDIIS)
    broken = await bot.push("roc-expert", "Break it", {BDIIS: good.replace("common", "commmon")})
    await bot.play(f"""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · failed: missing role: commmon
                    | Asked by uj-admin *UTC · revision {broken[:7]} `Break it`
                    | [Retry 1]
    """)
    await bot.push("roc-expert", "Break it again", {BDIIS: "- hosts: [site-bdiis\n"})
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 2)    Run 2 · deploy site-bdii at ZA-UJ · failed: *
    """)
    mended = await bot.push("roc-second", "Mend it", {BDIIS: good})
    await bot.play(f"""
        uj-admin>   retry 2
        (card 3)    Run 3 · deploy site-bdii at ZA-UJ · waiting for an expert, *
                    | Asked by uj-admin *UTC · revision {mended[:7]} `Mend it`
        roc-expert> log 1
        bot>        Run 1 has no log: *
    """)


async def test_what_a_run_reads_voids_its_approval_and_another_site_does_not(
    bot: Conversation,
) -> None:
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        kenet-admin> deploy site-bdii at KE-NAIROBI
        (card 2)    Run 2 · deploy site-bdii at KE-NAIROBI · waiting for an expert, *
    """)
    variables = "Ansible/group_vars/za-uj.yml"
    before = bot.at_newest(variables)
    sha = await bot.push(
        "uj-admin", "za-uj: another port", {variables: before.replace("2170", "2180")}
    )
    await bot.play("""
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · expired: Ansible/group_vars/za-uj.yml has changed
                    | [Retry 1]
        bot>        @uj-admin: run 1 is expired.
        roc-expert> approve 1
        bot to roc-expert> Run 1 has ended: expired.
        roc-expert> approve 2
        (card 2)    Run 2 · deploy site-bdii at KE-NAIROBI · succeeded, 4 changed on 1 host, *
    """)
    assert "BDII_PORT=2135" in bot.on_host("bdii1.uj.example", "etc/bdii/bdii.conf")
    assert "BDII_PORT=2170" in bot.on_host("bdii1.kenet.example", "etc/bdii/bdii.conf")
    await bot.play(f"""
        kenet-admin> status KE-NAIROBI
        bot>        KE-NAIROBI · quiet, run 2 succeeded * ago at *, asked by kenet-admin, approved by roc-expert (1 commit behind, 0 touch KE-NAIROBI)
        uj-admin>   [Retry 1]
        (card 3)    Run 3 · deploy site-bdii at ZA-UJ · waiting for an expert, *
                    | ~ bdii1.uj.example site-bdii : configure port * → `BDII_PORT=2180`
                    | Asked by uj-admin *UTC · revision {sha[:7]} `za-uj: another port`
    """)
    bot.github.remove_member("uj-admin")
    await bot.play("""
        roc-expert> approve 3
        (card 3)    Run 3 · deploy site-bdii at ZA-UJ · expired: uj-admin may not run this any more
        uj-admin>   deploy site-bdii at ZA-UJ
        bot to uj-admin> You are not a member of AAROC on GitHub. *
    """)
    await bot.recorded("""
        run uj-admin: deploy site-bdii at ZA-UJ -> expired: Ansible/group_vars/za-uj.yml has changed
        run uj-admin: deploy site-bdii at ZA-UJ -> expired: uj-admin may not run this any more
    """)
