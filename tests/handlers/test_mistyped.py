"""What is missing or wrong in a command, in people's words and with one that works."""

from dataclasses import replace

import pytest

from aaroc_bot.commands import Parameter, ParameterType, State
from tests.handlers.ports import EXPERT, KENET, UJ, Book, Entries
from tests.handlers.sample import DEPLOY, DONE, PING, RUNNING, channel

WAITING = replace(DONE, number=7, state=State.WAITING, ended_at=None)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("history", "Which site? Example: `history ZA-UJ`"),
        ("diff ZA-UJ", "Which other site? Example: `diff ZA-UJ KE-NAIROBI`"),
        ("diff", "Which site? Example: `diff ZA-UJ KE-NAIROBI`"),
        ("deploy", "Which service? Example: `deploy site-bdii at ZA-UJ`"),
        ("deploy site-bdii", "Which site? Example: `deploy site-bdii at ZA-UJ`"),
        ("plan ping", "Which site? Example: `plan ping at ZA-UJ`"),
        ("lock ZA-UJ", "Until when? Example: `lock ZA-UJ until 2h`"),
        ("lock KE-NAIROBI", "Until when? Example: `lock ZA-UJ until 2h`"),
        ("runs page", "Which page? Example: `runs page 2`"),
        ("runs page two", "runs takes the number of a page, such as 2; I got `two`."),
        ("log", "Which run? It goes by its number. Example: `log 12`"),
        ("retry", "Which run? It goes by its number. To look: `runs`"),
        ("log two", "log takes the number of a run, such as 12; I got `two`.\nExample: `log 12`"),
        (
            "lock ZA-UJ until tomorrow",
            "lock takes a time such as 18:00, 2h or tomorrow 07:00; I got `tomorrow`."
            "\nExample: `lock ZA-UJ until 2h`",
        ),
        (
            "run ping at ZA-UJ now",
            "I don't know what to do with `now`: run ping takes no values."
            "\nExample: `run ping at ZA-UJ`",
        ),
        (
            "deploy site-bdii at ZA-UJ port",
            "I don't know what to do with `port`: values are typed name=value; deploy site-bdii"
            " takes port (a number from 1 to 65535, else 2170)."
            "\nExample: `deploy site-bdii at ZA-UJ port=2170`",
        ),
        (
            'deploy site-bdii at ZA-UJ port="a',
            'A quote is opened and not closed: `port="a`.'
            "\nExample: `deploy site-bdii at ZA-UJ port=2170`",
        ),
        ("deploy site-bdii at ZA-UJ port=1 port=2", "`port` is given twice; once is enough."),
        ("deploy site-bdii at ZA-UJ port={{ 1 }}", "port is taken as plain text: no {{ }} or"),
        ("deploy site-bdii at ZA-UJ port=x now", "port takes a number from 1 to 65535; I got `x`."),
        ("accept", "That is for ROC experts.\nExperts: roc-expert."),
        ("approve two", "That is for ROC experts.\nExperts: roc-expert."),
    ],
)
async def test_a_site_admin_is_answered_about_their_own_site(typed: str, answer: str) -> None:
    room = channel(runs=Book([replace(DONE, log=True)]))
    assert (await room.say(UJ, typed)).startswith(answer)


async def test_an_example_is_about_a_site_where_the_speaker_may() -> None:
    room = channel()
    assert "`deploy site-bdii at KE-NAIROBI`" in await room.say(KENET, "deploy")
    assert "`lock KE-NAIROBI until 2h`" in await room.say(KENET, "lock ZA-UJ")


async def test_a_run_that_waits_for_the_expert_is_named() -> None:
    room = channel(runs=Book([WAITING, RUNNING]))
    assert (await room.say(EXPERT, "approve two")).endswith("\nExample: `approve 7`")
    assert (await room.say(EXPERT, "deny")).endswith("Example: `deny 7`")
    assert (await room.say(UJ, "cancel")).endswith("Example: `cancel 7`")
    assert (await channel().say(EXPERT, "approve two")).endswith("\nTo look: `runs`")


async def test_accept_names_both_that_can_be_accepted() -> None:
    room = channel()
    assert await room.say(EXPERT, "accept") == (
        "Which site? Example: `accept KE-NAIROBI`\nOr: `accept rules`"
    )
    assert (await room.say(EXPERT, "accept maren x")).endswith("\nTo see them: `accept maren`")
    assert (await room.say(EXPERT, "accept rules x")).endswith("\nTo see them: `accept rules`")


async def test_an_example_gives_what_is_required() -> None:
    needs = Parameter("ticket", ParameterType.CHOICE, required=True, choices=("a b",))
    room = channel(catalogue=Entries((replace(DEPLOY, parameters=(needs,)), PING)))
    assert '`deploy site-bdii at ZA-UJ ticket="a b"`' in await room.say(UJ, "deploy site-bdii")
