"""Who is speaking: proven at GitHub by the device flow, through its real page and API."""

from datetime import timedelta

import pytest

from aaroc_bot.sandbox.github.world import Misbehaviour
from tests.conversations.conversation import Conversation
from tests.conversations.github_page import code_for, enters, logs_in


@pytest.mark.chats("web", "slack", "telegram")
async def test_a_stranger_logs_in_and_out(bot: Conversation) -> None:
    bot.github.add_user(90100150, "newcomer")
    bot.github.members[90100150] = "active"
    bot.github.granting.interval = 1
    await bot.play("""
        stranger>   status
        bot to stranger> I don't know who you are on GitHub yet. Type `login`*
        stranger to bot> login
        bot to stranger> Enter `*` at http://127.0.0.1:*/login/device.
                    | Whoever enters it gives this chat account their rights. Never enter a code that somebody sent you.
                    | It is good until * UTC. *
    """)
    bot.clock.forward(timedelta(minutes=2))
    again = await code_for(bot, "stranger")
    assert str(await bot.messages()).count(again) == 2, "the same code while one waits"
    await enters(bot, again, "newcomer")
    await bot.play("""
        bot to stranger> This account speaks for newcomer on GitHub until * UTC.
        bot>        * account linked to newcomer.
                    | If newcomer knows nothing of it, an expert types `freeze newcomer`.
        stranger>   whoami
        bot>        You are newcomer on GitHub, a member of AAROC.
                    | linked: since * UTC, until * UTC
        stranger to bot> login
        bot to stranger> This account speaks for newcomer until * UTC.
                    | To link it to somebody else, first: `logout`
        stranger>   logout
        bot to stranger> This account speaks for nobody any more.
    """)
    await bot.recorded("""
        link newcomer:  -> linked
        link newcomer:  -> logged out
    """)
    assert await bot.bot.linking.waiting(bot.screen.accounts["stranger"]) is None
    assert "gho_" not in await bot.kept()


@pytest.mark.chats("slack", "telegram", only=True)
async def test_no_code_is_told_where_others_read_it(bot: Conversation) -> None:
    await bot.play("""
        stranger>   login
        bot to stranger> Type `login` to me in a direct message.
        uj-admin>   login
        bot to uj-admin> This account speaks for uj-admin until * UTC.
    """)
    assert "/login/device" not in await bot.kept()


async def test_a_login_that_is_denied_or_not_entered_is_told(bot: Conversation) -> None:
    bot.github.granting.interval = 1
    await enters(bot, await code_for(bot, "stranger"), "uj-admin", "deny")
    await bot.play("""
        bot to stranger> GitHub was told no, so this account speaks for nobody.
                    | To try again: `login`
    """)
    await code_for(bot, "stranger")
    bot.clock.forward(timedelta(minutes=16))
    await bot.play("""
        bot to stranger> The code was not entered in time, *
    """)


@pytest.mark.chats("web", "slack", "telegram")
async def test_a_second_account_is_confirmed_by_the_first(bot: Conversation) -> None:
    await logs_in(bot, "stranger", "uj-admin")
    await bot.play("""
        bot to stranger> uj-admin has an account here already; *
        bot to uj-admin> A further account wants to speak for you: *
        stranger>   status
        bot to stranger> I don't know who you are on GitHub yet. *
                    | This account speaks for uj-admin once another account of theirs confirms it.
        kenet-admin> confirm abcdefgh
        bot to kenet-admin> No other account of yours waits for `abcdefgh`.
        uj-admin>   [Confirm *]
        bot to uj-admin> * speaks for uj-admin from now on, *
        bot to stranger> This account speaks for uj-admin on GitHub until *
        bot>        * account linked to uj-admin.
        bot to uj-admin> A further account, *, wanted to speak for you: it is decided.
        stranger>   whoami
        bot>        You are uj-admin on GitHub, *
    """)


async def test_an_experts_new_account_decides_once_another_expert_vouches(
    bot: Conversation,
) -> None:
    await bot.bot.linking.logout(
        await bot.bot.desk.people.standing(bot.screen.accounts["roc-second"])
    )
    await logs_in(bot, "stranger", "roc-second")
    await bot.play("""
        bot to stranger> This account speaks for roc-second on GitHub until *
                    | It decides nothing until * UTC, or until another expert types `vouch roc-second`.
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        stranger>   approve 1
        bot to stranger> This account is new, so it decides nothing before * UTC. Sooner, if another expert types `vouch roc-second`.
        stranger>   deny 1
        bot to stranger> This account is new, *
        stranger>   vouch roc-second
        bot to stranger> This account is new, *
        stranger>   freeze uj-admin
        bot to stranger> This account is new, *
        stranger>   whoami
        bot>        You are roc-second on GitHub, a member of AAROC and a ROC expert.
                    | decides: from * UTC on
        uj-admin>   vouch roc-second
        bot to uj-admin> That is for ROC experts.
        roc-expert> vouch roc-expert
        bot to roc-expert> Another expert vouches for you, not you yourself.
        roc-expert> vouch uj-admin
        bot to roc-expert> No ROC expert is called `uj-admin`. *
        roc-expert> vouch roc-second
        bot>        roc-second decides by their new account from now on.
        bot to stranger> roc-expert vouches for this account: *
        bot>        roc-expert vouches for the new account of roc-second, *
        stranger>   deny 1 not today
        (card 1)    Run 1 · * · denied by roc-second: `not today`
    """)


async def test_an_experts_new_account_decides_once_its_wait_is_over(bot: Conversation) -> None:
    await logs_in(bot, "stranger", "roc-second")
    await bot.press("roc-second", await bot.button("roc-second", "Confirm *"))
    await bot.play("bot to stranger> This account speaks for roc-second on GitHub until *")
    bot.clock.forward(timedelta(hours=25))
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        stranger>   deny 1
        (card 1)    Run 1 · * · denied by roc-second
    """)


async def test_a_link_ends_after_its_lifetime(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   whoami
        bot>        You are uj-admin on GitHub, *
    """)
    bot.clock.forward(timedelta(days=91))
    await bot.play("""
        uj-admin>   whoami
        bot>        I don't know who you are on GitHub yet.
                    | Type `login`*
    """)


async def test_a_freeze_ends_accounts_requests_and_approvals_at_once(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        uj-admin>   freeze roc-second
        bot to uj-admin> That is for ROC experts.
        roc-expert> freeze nobody-at-all
        bot to roc-expert> Nobody on GitHub is called `nobody-at-all`. Nothing was done.
    """)
    bot.github.misbehave(Misbehaviour(status=500))
    bot.clock.forward(timedelta(minutes=6))
    await bot.play("""
        roc-expert> freeze uj-admin
        bot>        uj-admin (GitHub id 90100101) is frozen.
                    | Ended: 1 account, request of run 1.
        bot>        uj-admin (GitHub id 90100101) is frozen by roc-expert: *
        (card 1)    Run 1 · * · cancelled by roc-expert: `uj-admin is frozen`
        uj-admin>   whoami
        bot>        I don't know who you are on GitHub yet.
    """)
    await bot.github_is_back()
    await logs_in(bot, "uj-admin", "uj-admin")
    await bot.play("""
        bot to uj-admin> Who entered the code is frozen, *
    """)
    await bot.recorded("""
        run roc-expert: deploy site-bdii at ZA-UJ -> cancelled: uj-admin is frozen
        link uj-admin:  -> frozen by roc-expert
        link uj-admin:  -> not linked: frozen
    """)
