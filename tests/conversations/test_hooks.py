"""GitHub calls: a hint which thing to read again, if it is GitHub and says something new."""

import json
import uuid

import aiohttp

from aaroc_bot.sandbox.github.calling import signature
from tests.conversations.github_page import acts, approves, opens
from tests.conversations.stage import Stage, Ways

VARIABLES = "Ansible/group_vars/za-uj.yml"


async def calls(ways: Ways, event: str, body: object, *, secret: str = "", id: str = "") -> int:
    """Call the bot as GitHub would, or nearly."""
    sent = json.dumps(body).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": id or str(uuid.uuid4()),
        "X-Hub-Signature-256": signature(secret or ways.secret, sent),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(ways.address, data=sent, headers=headers) as answer,
    ):
        return answer.status


async def test_what_is_told_is_read_again_and_told_once(stage: Stage, sqlite_url: str) -> None:
    stage.ways = ways = Ways(called=True)
    async with stage.opened(sqlite_url) as bot:
        await bot.play("""
            uj-admin>   set ZA-UJ bdii_port=2171
            (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
        """)
        merged = {
            "action": "closed",
            "number": 1,
            "pull_request": {"number": 1, "merged": True, "merged_by": {"login": "roc-expert"}},
        }
        assert await calls(ways, "pull_request", merged, secret="guessed") == 401
        id = str(uuid.uuid4())
        assert await calls(ways, "pull_request", merged, id=id) == 202
        assert await calls(ways, "pull_request", merged, id=id) == 200
        assert await calls(ways, "pull_request", merged) == 200
        gone = {"action": "member_removed", "membership": {"user": {"login": "uj-admin"}}}
        assert await calls(ways, "organization", gone) == 202
        await bot.play("""
            uj-admin>   change 1
            bot>        #1 · `ZA-UJ bdii_port 2170 → 2171` · waiting for a review
        """)
        text = bot.at_newest(VARIABLES).replace("ce_os_release: 7.4", "ce_os_release: 7.9")
        number = await opens(
            bot, "roc-second", "newer", "ZA-UJ: <!channel> newer", {VARIABLES: text}
        )
        await approves(bot, "roc-expert", number)
        assert await acts(bot, "roc-expert", number, "merge") == 200
        await bot.play("""
            bot>        #2 `ZA-UJ: * newer` was merged by roc-expert.
                        | Files: `Ansible/group_vars/za-uj.yml`.
                        | Sites that changed: ZA-UJ.
                        | * To look: `change 2`
            uj-admin>   history ZA-UJ
            bot>        ZA-UJ, newest first
                        | * #2 merged by roc-expert · `Ansible/group_vars/za-uj.yml`
        """)
        assert bot.calls
        await bot.calls.sent()
        for delivery in tuple(bot.calls.deliveries):
            await bot.calls.send(delivery)
        await bot.push("uj-admin", "za-uj: by hand", {VARIABLES: text + "more: 1\n"})
        await calls(ways, "push", {"ref": "refs/heads/main", "x": 1})
        await bot.play("""
            bot>        The default branch moved without a pull request: *
                        | Sites that changed: ZA-UJ.
        """)
        told = [seen.first for seen in await bot.messages() if "was merged by" in seen.first]
        assert len(told) == 1


async def test_without_calls_the_same_is_found_by_looking(stage: Stage, sqlite_url: str) -> None:
    stage.ways = Ways(often=True)
    async with stage.opened(sqlite_url) as bot:
        assert bot.bot.upstream.hook is None
        await bot.play("""
            uj-admin>   set ZA-UJ bdii_port=2171
            (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
        """)
        await approves(bot, "roc-expert", 1)
        await bot.play("(card #1) #1 · ZA-UJ bdii_port 2170 → 2171 · approved by roc-expert")
        assert await acts(bot, "roc-expert", 1, "merge") == 200
        await bot.play("(card #1) #1 · ZA-UJ bdii_port 2170 → 2171 · merged by roc-expert")
