"""Looking: who may, what is shown, and what never is."""

from datetime import timedelta

import pytest

from tests.conversations.conversation import SECRETS, Conversation, git
from tests.conversations.stage import Stage

READING = (
    "sites", "status", "status all", "status ZA-UJ", "diff ZA-UJ KE-NAIROBI", "playbooks",
    "runs", "history ZA-UJ", "log 1",
)  # fmt: skip


@pytest.mark.chats("web", "telegram")
async def test_members_look_and_outsiders_do_not(bot: Conversation) -> None:
    await bot.play("""
        kenet-admin> help
        bot>        What you may do, kenet-admin:
                    | To deploy and run: `deploy <service> at <site> [name=value ...]` · *
                    | To stop and to keep: `cancel <run> [now]` · *`unlock <site>`
                    | For experts: accept, approve, deny, freeze, invite, new site, vouch.
                    | Experts: roc-expert, roc-second.
        kenet-admin> help deploy
        bot>        `deploy <service> at <site> [name=value ...]`  *
                    | deploy site-bdii KE-NAIROBI an expert's port (a number from 1 to 65535)
                    | Example: `deploy site-bdii at KE-NAIROBI`
                    | Not yours to run: *deploy top-bdii (for experts)*
        kenet-admin> help approve
        bot>        `approve [<run>]`  *
                    | For ROC experts: roc-expert, roc-second.
        roc-expert> help
        bot>        What you may do, roc-expert:
                    | To decide: `accept <site> [<digest>]` · `accept rules [<revision>]` · `approve [<run>]` · *
        outsider>   help
        bot>        You are not a member of AAROC on GitHub, so this is what you may do.
                    | For members: cancel, change, changes, diff, digest, history, log, *status.
                    | Experts can invite you: roc-expert, roc-second.
        stranger>   help deploy
        bot>        `deploy <service> at <site> [name=value ...]`  *
                    | I don't know who you are on GitHub yet. Type `login`*
        outsider>   help deploy
        bot>        `deploy <service> at <site> [name=value ...]`  *
                    | You are not a member of AAROC on GitHub. Experts can invite you: roc-expert, roc-second.
        kenet-admin> whoami
        bot>        You are kenet-admin on GitHub, a member of AAROC, looking after KE-NAIROBI.
                    | account: *
                    | teams: ke-nairobi
        outsider>   whoami
        bot>        You are outsider on GitHub, not a member of AAROC.
        stranger>   whoami
        bot>        I don't know who you are on GitHub yet.*
        kenet-admin> sites
        bot>        5 sites at * `za-uj: publish on the usual port`
                    | ZA-UJ 4 hosts site-bdii, worker-node uj
        kenet-admin> status
        bot>        5 sites: 4 quiet · 1 read in part
                    | maren in part Ansible/group_vars/identity-maren is a vault and I have no password for it
                    | 4 quiet: `status all`
        kenet-admin> status all
        bot>        5 sites: *
                    | ZA-UJ quiet no run on record yet
        kenet-admin> status maren
        bot>        maren · in part: *
        kenet-admin> diff ZA-UJ KE-NAIROBI
        bot>        ZA-UJ and KE-NAIROBI: 18 of 25 variables differ, 4 secrets not compared
                    | site_name `ZA-UJ` `KE-NAIROBI`
                    | Left out at KE-NAIROBI, for they bear another site's name: ui.kenet.example (of local).
        kenet-admin> diff ZA-UJ KE-NAIROBI site-bdii
        bot>        ZA-UJ and KE-NAIROBI, site-bdii: 15 of 25 variables differ, 3 secrets not compared
                    | ce_os_release `7.4` `6.9`
                    | Only ZA-UJ: *cidr_networks · only KE-NAIROBI: *site_other_wlcg_tier
        kenet-admin> diff ZA-UJ maren
        bot>        ZA-UJ and maren: *
                    | maren is read in part, so more may differ: `status maren`
        kenet-admin> playbooks
        bot>        The catalogue: 7 entries
                    | run ping members nobody's not played the bot's none
                    | deploy site-bdii the site's admins an expert's predicts it .aaroc/catalogue.yml:2 *
        kenet-admin> runs
        bot>        There is no run yet.
        kenet-admin> log 1
        bot to kenet-admin> There is no run 1.
    """)
    for command in READING:
        bot.clock.forward(timedelta(minutes=1))  # a stranger may give five a minute
        await bot.say("outsider", command)
        await bot.play("bot to outsider> You are not a member of AAROC on GitHub. *")
        await bot.say("stranger", command)
        await bot.play("bot to stranger> I don't know who you are on GitHub yet.*")
    await bot.play("""
        kenet-admin> history ZA-UJ
        bot>        ZA-UJ, newest first
                    | * was refused `history ZA-UJ` (not linked)
                    | * outsider was refused `status ZA-UJ` (not a member)
    """)


@pytest.mark.chats("web", "slack", "telegram")
async def test_lists_are_paged(bot: Conversation) -> None:
    for number in range(1, 13):
        await bot.say("outsider", f"lock ZA-UJ until {number}h")
        await bot.play("bot to outsider> You are not a member of AAROC on GitHub. *")
        await bot.play(f"""
            roc-expert> deploy worker-node at ZA-UFS
            (card {number}) Run {number} · deploy worker-node at ZA-UFS · *
            roc-expert> cancel {number}
            (card {number}) * cancelled by roc-expert
        """)
    await bot.play("""
        uj-admin>   history ZA-UJ
        bot>        ZA-UJ, newest first
                    | 3 more: `history ZA-UJ page 2`
        uj-admin>   [History ZA-UJ page 2]
        bot>        ZA-UJ, newest first, page 2
                    | * the operator, accepted 2 lines that execute at the first start: `status ZA-UJ`
        uj-admin>   runs
        bot>        Runs, newest first
                    | * Run 12 · *
                    | 2 more: `runs page 2`
        uj-admin>   [Runs page 2]
        bot>        Runs, newest first, page 2
                    | * Run 1 · *
        uj-admin>   runs page 9
        bot>        Nothing stands on page 9.
                    | The newest: `runs`
    """)


async def test_what_is_typed_as_a_secret_stays_with_who_typed_it(bot: Conversation) -> None:
    """The sample's own secrets are looked for in every conversation."""
    secret = "ubuntu-ngumuntu-4"
    await bot.play(f"""
        uj-admin>   lock ZA-UJ until 1h the database has {secret} now
        bot>        ZA-UJ is locked by uj-admin until *, 1 h: `the database has *now`. *
        uj-admin>   deploy site-bdii at ZA-UJ port={secret}
        bot to uj-admin> port takes a number from 1 to 65535; I got *
        uj-admin>   status {secret}
        bot to uj-admin> No site *
        uj-admin>   status ZA-UJ
        bot>        ZA-UJ · locked: by uj-admin until *: `the database has *now`
        uj-admin>   history ZA-UJ
        bot>        ZA-UJ, newest first
                    | * uj-admin locked it until *: `the database has *now`
    """)


async def test_the_secrets_that_are_looked_for_are_the_samples(stage: Stage) -> None:
    box = stage.state / "sandbox" / "devops.git"
    everything = git(box, "grep", "-h", "", stage.first)
    assert [secret for secret in SECRETS if secret not in everything] == []
