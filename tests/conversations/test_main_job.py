"""The main job from end to end."""

from aaroc_bot.core.audit import What
from tests.conversations.conversation import Conversation

BDII = "bdii1.uj.example"
CONF = "etc/bdii/bdii.conf"


async def test_a_deploy_is_planned_approved_run_and_told(bot: Conversation) -> None:
    assert "BDII_PORT=2135" in bot.on_host(BDII, CONF)
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, 4 items on 1 host
                    | 6 of 6 tasks checked
                    | ~ bdii1.uj.example site-bdii : configure port *bdii.conf `BDII_PORT=2135` → `BDII_PORT=2170`
                    | ~ bdii1.uj.example site-bdii : restart bdii (handler) *
                    | Asked by uj-admin *UTC · revision * `za-uj: publish on the usual port`
                    | Must be approved by *UTC.
                    | [Approve 1]
                    | [Deny 1]
                    | [Cancel 1]
        bot>        @roc-expert @roc-second: run 1 waits for an expert, 4 items on 1 host.
        uj-admin>   deploy site-bdii at za_uj
        bot>        Run 1 already asks for this; it waits for an expert.
        uj-admin>   [Approve 1]
        bot to uj-admin> You asked for run 1, so somebody else decides.
                    | Experts: roc-expert, roc-second.
        kenet-admin> [Approve 1]
        bot to kenet-admin> Run 1 is for ROC experts to decide.
                    | To look: `status ZA-UJ`.
        kenet-admin> deny 1 no
        bot to kenet-admin> Run 1 is for ROC experts to decide.
                    | To look: `status ZA-UJ`.
        kenet-admin> cancel 1
        bot to kenet-admin> Run 1 is ended by who asked for it, by ZA-UJ's admins or by an expert.
                    | To look: `status ZA-UJ`.
        kenet-admin> deploy site-bdii at ZA-UJ
        bot to kenet-admin> ZA-UJ is looked after by its team za-uj: uj-admin.
                    | To look: `status ZA-UJ`.
        outsider>   deploy site-bdii at ZA-UJ
        bot to outsider> You are not a member of AAROC on GitHub. Experts can invite you: roc-expert, roc-second.
        outsider>   [Approve 1]
        bot to outsider> You are not a member of AAROC on GitHub. *
        stranger>   deploy site-bdii at ZA-UJ
        bot to stranger> I don't know who you are on GitHub yet.*
        roc-expert> approve
        bot to roc-expert> Approve which? Waiting: 1 (deploy site-bdii at ZA-UJ, asked by uj-admin).
                    | Type it with its number: `approve 1`.
        uj-admin>   approve
        bot to uj-admin> Approve which? Waiting: 1 (deploy site-bdii at ZA-UJ, asked by uj-admin).
    """)
    assert "BDII_PORT=2135" in bot.on_host(BDII, CONF), "check mode changed the host"
    refused = [e for e in await bot.record() if e.what is What.REFUSAL and e.text == "approve 1"]
    assert refused and all((e.site, e.run) == ("ZA-UJ", 1) and e.revision for e in refused)
    old = await bot.button("roc-expert", "Approve 1")
    await bot.play("""
        roc-expert> [Approve 1]
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · running*
                    | Approved by roc-expert *UTC.*
                    | [Cancel 1 now]
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · succeeded, 4 changed on 1 host, *
                    | As planned; nothing else changed.
                    | Approved by roc-expert *UTC. `log 1` · `history ZA-UJ`
        bot>        @uj-admin: run 1 succeeded.
    """)
    assert "BDII_PORT=2170" in bot.on_host(BDII, CONF)
    assert "ZA-UJ listens on 2170" in bot.on_host(BDII, "var/run/bdii")
    await bot.press("roc-second", old)
    await bot.play("""
        bot to roc-second> Run 1 has ended: succeeded.
        roc-expert> approve 1
        bot to roc-expert> Run 1 has ended: succeeded.
                    | To ask for it again: `retry 1`.
        uj-admin>   cancel 1
        bot to uj-admin> Run 1 has ended: succeeded.
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 2)    Run 2 · deploy site-bdii at ZA-UJ · succeeded, nothing to change (checked only)
        uj-admin>   log 2
        bot>        Run 2 has no log: it was checked only, for there was nothing to change.
        kenet-admin> log 1
        bot>        Log of run 1: the last 20 of * lines; the whole is * kB.
                    | PLAY RECAP *
                    | bdii1.uj.example *ok=6 *changed=4 *
                    | run-1.log
        outsider>   log 1
        bot to outsider> You are not a member of AAROC on GitHub. *
        uj-admin>   status ZA-UJ
        bot>        ZA-UJ · quiet, run 2 succeeded (checked only) * ago at * (nothing newer)
        uj-admin>   history ZA-UJ
        bot>        ZA-UJ, newest first
                    | * run 2 deploy site-bdii · succeeded, nothing to change (checked only) · uj-admin · *
                    | * run 1 deploy site-bdii · succeeded, 4 changed on 1 host, * · uj-admin, approved by roc-expert · *
                    | * was refused `deploy site-bdii at ZA-UJ` (not linked)
                    | * outsider was refused `deploy site-bdii at ZA-UJ` (not a member)
                    | * kenet-admin was refused `deploy site-bdii at ZA-UJ` (not ZA-UJ's admin)
    """)
    await bot.recorded("""
        acceptance -:  -> rules accepted at the first start
        command uj-admin: deploy site-bdii at ZA-UJ
        run uj-admin: deploy site-bdii at ZA-UJ -> planning
        run uj-admin: deploy site-bdii at ZA-UJ -> waiting
        command uj-admin: approve 1
        refusal uj-admin: approve 1 -> own request: You asked for run 1, so somebody else decides.
        refusal outsider: deploy site-bdii at ZA-UJ -> not a member: You are not a member of AAROC on GitHub. *
        refusal outsider: approve 1 -> not a member: You are not a member of AAROC on GitHub. *
        command roc-expert: approve 1
        approval roc-expert: deploy site-bdii at ZA-UJ -> queued
        run uj-admin: deploy site-bdii at ZA-UJ -> running
        run uj-admin: deploy site-bdii at ZA-UJ -> succeeded
        refusal roc-second: approve 1 -> Run 1 has ended: succeeded.
        run uj-admin: deploy site-bdii at ZA-UJ -> succeeded
    """)
    assert bot.suggestions.seen >= {
        "approve 1", "deny 1", "cancel 1", "cancel 1 now", "retry 1", "log 1", "history ZA-UJ",
        "status ZA-UJ",
    }  # fmt: skip


async def test_what_waits_is_denied_tried_again_cancelled_and_planned_alone(
    bot: Conversation,
) -> None:
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        roc-expert> deny 1 not “today”, c'est trop tôt
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · denied by roc-expert: `not “today”, c'est trop tôt`
        bot>        @uj-admin: run 1 was denied by roc-expert.
        uj-admin>   cancel 1
        bot to uj-admin> Run 1 has ended: denied.
        kenet-admin> retry 1
        bot to kenet-admin> ZA-UJ is looked after by its team za-uj: uj-admin.
        uj-admin>   deploy worker-node at ZA-UJ channel=testing
        (card 2)    Run 2 · deploy worker-node at ZA-UJ channel=testing · waiting for an expert, * on 3 hosts; * will run unseen
                    | ~ *wn01.uj.example* worker-node : name the middleware repository *
                    | ? *wn01.uj.example* yaim : run yaim a command; check mode does not play it
        uj-admin>   cancel 2
        (card 2)    Run 2 · deploy worker-node at ZA-UJ channel=testing · cancelled by uj-admin
        uj-admin>   plan site-bdii at ZA-UJ port=2171
        (card 3)    Run 3 · plan site-bdii at ZA-UJ port=2171 · planned, 4 items on 1 host
                    | To run it: `deploy site-bdii at ZA-UJ port=2171`
        kenet-admin> plan site-bdii at ZA-UJ
        bot to kenet-admin> ZA-UJ is looked after by its team za-uj: uj-admin.
        roc-expert> approve 3
        bot to roc-expert> Run 3 has ended: planned.
    """)
    sha = await bot.push("roc-expert", "README: say hello", {"README.md": "Hello.\n"})
    await bot.play(f"""
        uj-admin>   retry 3
        (card 4)    Run 4 · plan site-bdii at ZA-UJ port=2171 · *
                    | Asked by uj-admin *UTC · revision {sha[:7]} `README: say hello`
        (card 4)    Run 4 · plan site-bdii at ZA-UJ port=2171 · planned, 4 items on 1 host
        uj-admin>   retry 1
        (card 5)    Run 5 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        uj-admin>   retry 5
        bot to uj-admin> Run 5 has not ended: it is waiting.
        uj-admin>   [Cancel 5]
        (card 5)    Run 5 · deploy site-bdii at ZA-UJ · cancelled by uj-admin
    """)
    assert "BDII_PORT=2135" in bot.on_host("bdii1.uj.example", "etc/bdii/bdii.conf")
    await bot.recorded("""
        approval roc-expert: deploy site-bdii at ZA-UJ -> denied: not “today”, c'est trop tôt
        refusal kenet-admin: retry 1 -> not the site's admin: ZA-UJ is looked after by its team za-uj: uj-admin.
        run uj-admin: deploy worker-node at ZA-UJ channel=testing -> cancelled
        run uj-admin: plan site-bdii at ZA-UJ port=2171 -> planned
        run uj-admin: deploy site-bdii at ZA-UJ -> cancelled
    """)
