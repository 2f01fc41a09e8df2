"""What is typed: words that nearly fit, names nobody knows, values that may not be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aaroc_bot.chat.web import Unheard
from aaroc_bot.core.message import Button, Place
from tests.conversations.conversation import Conversation
from tests.conversations.stage import Stage

QUIET = "ZA-UJ · quiet, no run on record yet"


async def test_the_same_is_understood_however_it_is_written(bot: Conversation) -> None:
    for typed in (
        "status ZA-UJ",
        "STATUS za_uj",
        "status   uj",
        "Status at “ZA-UJ”",
        "status « ZA-UJ »",
        "status\u00a0ZA‑UJ",
        "status\u200b ZA-UJ",
        "status for inventory.za-uj.",
        "/status ZA-UJ",
        "`status ZA-UJ`",
    ):
        assert (await bot.answer("uj-admin", typed)).first == QUIET, typed
    await bot.play("""
        kenet-admin> History for kenet page ٢
        bot>        Nothing stands on page 2.
                    | The newest: `history KE-NAIROBI`
        uj-admin>   log ٩٩
        bot to uj-admin> There is no run 99.
        roc-expert> diff za-uj and KENET in Site_BDIIs
        bot>        ZA-UJ and KE-NAIROBI, site-bdii: 15 of 25 variables differ, 3 secrets not compared
        uj-admin>   Deploy Site-BDIIs for ZA_UJ with port=“٢١٧١”
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ port=2171 · *
        uj-admin>   cancel 1
        (card 1)    * cancelled by uj-admin
    """)


async def test_what_is_not_understood_names_the_nearest(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   depoly site bdii za-uj
        bot to uj-admin> Did you mean this? Type it: `deploy site-bdii at ZA-UJ`
        uj-admin>   statsu
        bot to uj-admin> Did you mean `status`?
                    | [status]
        uj-admin>   staus za-uj
        bot to uj-admin> Did you mean `status ZA-UJ`?
                    | [status ZA-UJ]
        uj-admin>   [status ZA-UJ]
        bot>        ZA-UJ · quiet, no run on record yet
        uj-admin>   @aaroc frobnicate
        bot to uj-admin> I don't know `frobnicate`. What I do: `help`
        uj-admin>   status za-uf
        bot to uj-admin> No site `za-uf`. Near: ZA-UFS, ZA-UJ.
        uj-admin>   status XX-NOWHERE
        bot to uj-admin> No site `XX-NOWHERE`. All of them: `sites`
        uj-admin>   deploy site-bdi at ZA-UJ
        bot to uj-admin> No service `site-bdi`. Near: site-bdii.
        uj-admin>   deploy frobnicate at ZA-UJ
        bot to uj-admin> No service `frobnicate`. There is *, site-bdii, *, top-bdii, worker-node.
        uj-admin>   deploy cream-ce at ZA-UJ
        bot to uj-admin> Nothing in the catalogue is called deploy `cream-ce`.
                    | There is: deploy site-bdii, deploy top-bdii, deploy worker-node.
        roc-expert> deploy worker-node at maren
        bot to roc-expert> maren has no worker-node. It runs identity-maren, ldap-server*
                    | To look: `status maren`.
        roc-expert> plan worker-node at maren
        bot to roc-expert> maren has no worker-node. *
        uj-admin>   run pong at ZA-UJ
        bot to uj-admin> Nothing in the catalogue is called `pong`*
                    | Near: ping. All of it: `playbooks`
        uj-admin>   deploy site-bdii
        bot to uj-admin> Which site? Example: `deploy site-bdii at ZA-UJ`
        uj-admin>   history
        bot to uj-admin> Which site? Example: `history ZA-UJ`
        uj-admin>   diff ZA-UJ
        bot to uj-admin> Which other site? Example: `diff ZA-UJ *`
        roc-expert> approve seven
        bot to roc-expert> approve takes the number of a run, such as 12; I got `seven`.
                    | To look: `runs`
        uj-admin>   approve seven
        bot to uj-admin> That is for ROC experts.
        roc-expert> accept
        bot to roc-expert> Which site? Example: `accept *`
                    | Or: `accept rules`
        uj-admin>   run ping at ZA-UJ now
        bot to uj-admin> I don't know what to do with `now`: run ping takes no values.
                    | Example: `run ping at ZA-UJ`
        uj-admin>   retry 99
        bot to uj-admin> There is no run 99.
                    | To look: `runs`.
        uj-admin>   approve
        bot to uj-admin> That is for ROC experts.
        roc-expert> approve
        bot to roc-expert> Approve which? Nothing waits for approval.
                    | To look: `runs`.
        uj-admin>   diff ZA-UJ uj
        bot to uj-admin> Both are ZA-UJ; name two sites.
        outsider>   depoly site bdii za-uj
        bot to outsider> You are not a member of AAROC on GitHub. *
        outsider>   statsu
        bot to outsider> You are not a member of AAROC on GitHub. *
        stranger>   deploy site-bdii at ZA-UJ port=seventy
        bot to stranger> I don't know who you are on GitHub yet.*
    """)
    await bot.play("""
        uj-admin>   ping ZA-UJ
        bot to uj-admin> Did you mean this? Type it: `run ping at ZA-UJ`
        uj-admin>   @aaroc, site-bdii at ZA-UJ
        bot to uj-admin> Did you mean this? Type it: `deploy site-bdii at ZA-UJ`
        uj-admin>   aaroc: whoami
        bot>        You are uj-admin on GitHub, *
        uj-admin>   @aaroc how is everybody at the sites today
        bot to uj-admin> I don't know `how`. What I do: `help`
        uj-admin>   @aaroc
        bot to uj-admin> I hear you. To see what I do: `help`.
    """)
    before = len(await bot.messages())
    for kind in ("thanks", "hello", "ok", "Thank you, @aaroc!"):
        await bot.say("uj-admin", kind)
    await bot.say("kenet-admin", "good morning everybody, who comes to lunch today")
    await bot.play("""
        kenet-admin> whoami
        bot> You are kenet-admin on GitHub, a member of AAROC, looking after KE-NAIROBI.
    """)
    assert len(await bot.messages()) == before + 1, "people's talk was answered"


@pytest.mark.chats("web", only=True)
async def test_alone_with_the_bot_a_word_is_answered(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   frobnicate
        bot to uj-admin> I don't know `frobnicate`. What I do: `help`
    """)


@pytest.mark.chats("web", only=True)
async def test_a_button_of_another_place_says_that_its_card_is_old(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · *
    """)
    here = await bot.button("uj-admin", "Cancel 1")
    elsewhere = Place("web", "another")
    (other,) = await bot.bot.intake.offer(elsewhere, [Button("Cancel 1", "cancel 1")], 1, "card")
    await bot.press("uj-admin", replace(here, id=other.id))
    await bot.play("bot to uj-admin> That button's card is old. What there is now: `runs`.")
    await bot.play("""
        uj-admin>   cancel 1
        (card 1)    * cancelled by uj-admin
    """)


@pytest.mark.chats("web", only=True)
async def test_a_suggestion_is_for_who_mistyped(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   staus za-uj
        bot to uj-admin> Did you mean `status ZA-UJ`?
    """)
    theirs = await bot.button("uj-admin", "status ZA-UJ")
    with pytest.raises(Unheard, match="not here any more"):
        await bot.press("kenet-admin", theirs)
    await bot.press("uj-admin", replace(theirs, id="nobody-ever-made-this"))
    await bot.play("bot to uj-admin> That button's card is old. What there is now: `runs`.")
    await bot.press("uj-admin", theirs)
    await bot.play(f"bot> {QUIET}")


async def test_a_value_that_may_not_be_is_refused_with_an_example(bot: Conversation) -> None:
    worker, bdii = "deploy worker-node at ZA-UJ channel=", "deploy site-bdii at ZA-UJ "
    for typed, told in {
        bdii + "port=seventy": "port takes a number from 1 to 65535; I got `seventy`.",
        bdii + "port=0": "port takes a number from 1 to 65535; I got `0`.",
        bdii + "port=70000": "port takes a number from 1 to 65535; I got `70000`.",
        bdii + "port=2.5": "port takes a number from 1 to 65535; I got `2.5`.",
        bdii + "prot=1": "deploy site-bdii has no parameter `prot`; it takes port.",
        bdii + "port=1 port=2": "`port` is given twice; once is enough.",
        bdii + "port": "I don't know what to do with `port`: values are typed name=value; *",
        bdii + 'port="{{ 1 }}"': "port is taken as plain text: no {{ }} or {% %} in it.",
        bdii + "port={{lookup('pipe','id')}}": "port is taken as plain text: no {{ }} *",
        bdii + "port={{ lookup('pipe','id') }}": "port is taken as plain text: no {{ }} *",
        worker + "unstable": "channel takes one of stable, testing; I got `unstable`.",
        worker + "'{% raw %}'": "channel is taken as plain text: *",
        worker + "'sta\u202eble'": "channel holds characters that cannot be seen; *",
        worker + "'sta\x07ble'": "channel holds characters that cannot be seen; *",
        worker + "x" * 3000: "channel takes one of stable, testing; *3,000 characters*too long.",
        "run ping at ZA-UJ how=well": "run ping has no parameter `how`; it takes none.",
    }.items():
        await bot.say("uj-admin", typed)
        await bot.play(f"bot to uj-admin> {told}")
    assert not (await bot.bot.desk.runs.newest()).rows, "something was started"
    await bot.recorded("""
        refusal uj-admin: deploy site-bdii at ZA-UJ port=seventy -> port takes a number *
    """)


@pytest.mark.chats("web", only=True)
async def test_what_is_longer_than_any_command_is_not_read(bot: Conversation) -> None:
    await bot.say("uj-admin", "deploy worker-node at ZA-UJ channel=" + "x" * 100_000)
    await bot.play("""
        bot to uj-admin> That has 100,036 characters; a command has 4,000 at most. *
    """)
    with pytest.raises(Unheard, match="1,000,000 characters; 128,000 are the most"):
        await bot.say("uj-admin", "x" * 1_000_000)
    await bot.recorded("""
        refusal uj-admin: deploy worker-node at ZA-UJ channel=xxx* -> That has 100,036 characters*
    """)
    assert all(len(event.text) <= 2000 for event in await bot.record())


async def test_who_types_too_fast_is_told_once(stage: Stage, sqlite_url: str) -> None:
    limits = {"AAROC_LIMITS__COMMANDS_A_MINUTE": "30"}
    async with stage.opened(sqlite_url, **limits) as bot:
        for _ in range(40):
            await bot.say("uj-admin", "whoami")
        for _ in range(7):
            await bot.say("stranger", "whoami")
        await bot.bot.dispatcher.close()
        said = [seen.first for seen in await bot.messages()]
        fast = [first for first in said if first.startswith("That was more than ")]
        assert sorted(fast) == [
            "That was more than 30 commands in a minute. I listen again in a minute; what you"
            " type until then is only counted.",
            "That was more than 5 commands in a minute. I listen again in a minute; what you"
            " type until then is only counted.",
        ]
        assert len(said) == 30 + 1 + 5 + 1
        await bot.play("""
            kenet-admin> whoami
            bot>         You are kenet-admin on GitHub, *
        """)
        bot.clock.forward(timedelta(seconds=61))
        await bot.play("""
            uj-admin>    whoami
            bot>         You are uj-admin on GitHub, *
        """)
        await bot.recorded("""
            refusal uj-admin: whoami -> That was more than 30 commands in a minute. *
            limit uj-admin: whoami -> 10 more were not heard
        """)
