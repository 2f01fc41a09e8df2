"""What needs two experts, what the digest tells of it, and a ground that moves meanwhile."""

from aaroc_bot.core.audit import What
from tests.conversations.stage import Stage

VARIABLES = "Ansible/group_vars/za-uj.yml"


async def test_two_experts_agree_and_what_moves_meanwhile_is_named(
    stage: Stage, sqlite_url: str, chat: str
) -> None:
    async with stage.opened(sqlite_url, chat, AAROC_POLICY__MIN_APPROVALS="2") as bot:
        await bot.play("""
            uj-admin>   digest
            bot>        Digest, *: 5 sites, *
                        | Record: * events, head *
            uj-admin>   deploy site-bdii at ZA-UJ
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for 2 of 2 experts, 4 items on 1 host
            roc-expert> [Approve 1]
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for 1 of 2 experts, 4 items on 1 host
            roc-expert> approve 1
            bot to roc-expert> *
            kenet-admin> digest
            bot>        Digest, *: 5 sites, *
                        | Waiting: run 1 at ZA-UJ for an expert (*) for *
            outsider>   digest
            bot to outsider> You are not a member of AAROC on GitHub. *
        """)
        before = bot.at_newest(VARIABLES)
        await bot.push("uj-admin", "Another port", {VARIABLES: before.replace("2170", "2180")})
        await bot.play(f"""
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · expired: {VARIABLES} has changed
            roc-second> approve 1
            bot to roc-second> Run 1 has ended: expired.
            uj-admin>   [Retry 1]
            (card 2)    Run 2 · deploy site-bdii at ZA-UJ · waiting for 2 of 2 experts, *
            roc-second> approve 2
            (card 2)    Run 2 · deploy site-bdii at ZA-UJ · waiting for 1 of 2 experts, *
            roc-expert> [Approve 2]
            (card 2)    Run 2 · deploy site-bdii at ZA-UJ · succeeded, 4 changed on 1 host, *
            uj-admin>   digest
            bot>        Digest, *: 5 sites, *
                        | *2 runs (1 succeeded, 1 expired)*
        """)
        assert "BDII_PORT=2180" in bot.on_host("bdii1.uj.example", "etc/bdii/bdii.conf")
        yes = [e.login for e in await bot.record() if e.what is What.APPROVAL and e.run == 2]
        assert yes == ["roc-second", "roc-expert"]
