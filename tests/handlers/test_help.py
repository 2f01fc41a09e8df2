"""`help` and `whoami`: only what somebody may do, and what cannot be told told so."""

import re
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from aaroc_bot.commands import (
    Membership,
    Parameter,
    ParameterType,
    Person,
    Resolved,
    Standing,
    Unavailable,
    resolve,
)
from aaroc_bot.core.message import Account
from aaroc_bot.core.text import plain
from tests.handlers.ports import (
    EXPERT,
    HANDLERS,
    NOW,
    OUTSIDER,
    UJ,
    Accepted,
    Described,
    Entries,
    Somebody,
    standing,
)
from tests.handlers.sample import DEPLOY, LINE, MAREN, PING, ZA_UJ, channel

SILENT = standing(
    UJ,
    membership=Membership.CANNOT_TELL,
    expert=None,
    sites=None,
    fresh=False,
    silent_since=NOW - timedelta(minutes=9),
)
STALE = standing(UJ, fresh=False, silent_since=NOW - timedelta(minutes=9))


OPEN = {"help", "whoami", "login", "logout", "confirm", "join"}
"""What everybody may, linked or not."""


def offered(answer: str) -> set[str]:
    """Give the first words of the usages in an answer: those of its groups."""
    groups = [line for line in answer.splitlines() if line.startswith("To ")]
    return {word for line in groups for word in re.findall(r"`([a-z]+)", line)}


def of_others(answer: str, whose: str) -> set[str]:
    """Give the first words of what an answer says is for others."""
    (line,) = [line for line in answer.splitlines() if line.startswith(whose)]
    return set(line.removeprefix(whose).rstrip(".").split(", "))


async def test_help_fits_a_phone_and_shows_no_raw_backtick() -> None:
    answer = await channel().message(EXPERT, "help")
    assert [plain(line).split(":")[0] for line in answer.lines] == [
        "To look",
        "To deploy and run",
        "To change the repository",
        "To decide",
        "To stop and to keep",
        "To speak for yourself",
    ]
    assert "`lock <site> until <time> [reason ...]` · `unlock <site>`" in plain(answer.lines[-2])
    assert not [command.name for command in HANDLERS.commands if "`" in command.help]


async def test_help_of_lock_gives_an_example_and_how_a_time_is_written() -> None:
    answer = await channel().say(UJ, "help lock")
    assert answer.splitlines()[1:] == [
        "For a site's admins and ROC experts. You may.",
        "Example: `lock ZA-UJ until 2h`",
        "A time: 18:00, 18:00 SAST, tomorrow 07:00, 2h or 90 min; 24 hours ahead at most.",
    ]
    for time in ("18:00", "18:00 SAST", "tomorrow 07:00", "2h", "90 min"):
        assert isinstance(resolve(time, NOW, UTC), Resolved), time


async def test_an_expert_may_everything() -> None:
    answer = await channel().say(EXPERT, "help")
    assert offered(answer) == {c.patterns[0].words[0] for c in HANDLERS.commands}
    assert "For " not in answer


async def test_a_site_admin_sees_no_decision_but_who_takes_it() -> None:
    answer = await channel().say(UJ, "help")
    assert offered(answer) >= {"status", "deploy", "run", "plan", "lock", "unlock", "cancel"}
    assert offered(answer) >= {"set", "unset", "enable", "disable", "rollback", "merge", "changes"}
    assert not offered(answer) & {"approve", "deny", "accept", "vouch", "freeze", "new"}
    assert of_others(answer, "For experts: ") >= {"accept", "approve", "deny", "freeze", "vouch"}
    assert "\nExperts: roc-expert." in answer


async def test_a_mere_member_may_run_what_members_may_and_lock_nothing() -> None:
    member = standing(Person(9, "member"))
    answer = await channel().say(member, "help")
    assert "run" in offered(answer) and not offered(answer) & {"deploy", "lock", "unlock"}
    theirs = of_others(answer, "For a site's admins and experts: ")
    assert theirs >= {"deploy", "lock", "unlock", "set", "enable", "rollback", "merge"}


@pytest.mark.parametrize(
    ("who", "first", "then"),
    [
        (None, "I don't know who you are on GitHub yet", "can link this account"),
        (OUTSIDER, "You are not a member of AAROC", "Experts can invite you: roc-expert."),
        (
            standing(OUTSIDER, membership=Membership.PENDING),
            "Your invitation to AAROC is not accepted yet",
            "accept it there",
        ),
    ],
)
async def test_who_is_no_member_gets_a_useful_answer(
    who: Person | Standing | None, first: str, then: str
) -> None:
    answer = await channel().say(who, "help")
    assert answer.startswith(first) and then in answer
    assert offered(answer) == OPEN
    assert "For members:" in answer
    topic = await channel().say(who, "help deploy")
    assert first in topic and then in topic
    assert topic.count("\n") == 1, "the reason and who can help, once"


async def test_while_github_is_silent_only_what_works_is_offered() -> None:
    answer = await channel().say(SILENT, "help")
    assert offered(answer) == OPEN
    assert "Not while GitHub can't be asked: accept, approve" in answer
    known = await channel().say(STALE, "help")
    assert offered(known) >= {"status", "lock", "cancel"} and "deploy" not in offered(known)
    topic = await channel().say(STALE, "help deploy")
    assert "Not while GitHub can't be asked: deploy site-bdii" in topic


async def test_help_of_a_verb_gives_entries_sites_parameters_and_an_example() -> None:
    answer = await channel().say(UJ, "help deploy")
    assert answer.splitlines()[1:] == [
        "entry | at | approval | parameters",
        "deploy site-bdii | ZA-UJ | an expert's | port (a number from 1 to 65535, else 2170)",
        "Example: `deploy site-bdii at ZA-UJ`",
    ]


async def test_the_example_gives_what_is_required_and_works_where_something_can_run() -> None:
    needs = replace(
        DEPLOY,
        parameters=(
            Parameter("channel", ParameterType.CHOICE, required=True, choices=("two words",)),
            Parameter("count", ParameterType.INTEGER, required=True, minimum=5),
            Parameter("force", ParameterType.BOOLEAN, required=True),
        ),
    )
    blocked = replace(ZA_UJ, name="AA-BLOCKED", aliases=(), executing=(LINE,))
    room = channel(
        catalogue=Entries((needs,)),
        sites=Described((blocked, ZA_UJ)),
        rules=Accepted(lines={"AA-BLOCKED": (LINE,)}),
    )
    expected = 'Example: `deploy site-bdii at ZA-UJ channel="two words" count=5 force=true`'
    assert expected in await room.say(EXPERT, "help deploy")
    ticket = Parameter("ticket", ParameterType.STRING, required=True, pattern="[A-Z]+-[0-9]+")
    room.catalogue = Entries((replace(DEPLOY, parameters=(ticket,)),))
    answer = await room.say(EXPERT, "help deploy")
    assert "ticket (text like [A-Z]+-[0-9]+, required)" in answer and "Example" not in answer


async def test_help_of_an_entry_finds_its_command() -> None:
    for topic in ("site-bdii", "Site_BDIIs", "site bdii"):
        assert "Example: `deploy site-bdii at ZA-UJ`" in await channel().say(UJ, f"help {topic}")
    assert "run ping" in await channel().say(UJ, "help ping")


async def test_help_of_one_command_says_whose_it_is() -> None:
    assert "For a site's admins and ROC experts. You may." in await channel().say(UJ, "help lock")
    answer = await channel().say(UJ, "help approve")
    assert answer.endswith("\nFor ROC experts: roc-expert.")
    assert "accept rules" in await channel().say(UJ, "help accept rules")


async def test_help_of_nothing_that_is_names_what_is_near() -> None:
    assert "Did you mean `help status`?" in await channel().say(UJ, "help staus")
    assert "All: `help`" in await channel().say(UJ, "help `@here` \u202e<b>")


async def test_help_works_without_a_repository() -> None:
    room = channel(sites=Described(away=Unavailable("the DevOps repository")))
    assert "status" in offered(await room.say(UJ, "help"))


async def test_whoami_of_the_sample_people() -> None:
    assert (await channel().say(UJ, "whoami")).splitlines() == [
        "You are uj-admin on GitHub, a member of AAROC, looking after ZA-UJ.",
        "account: `web:uj-admin`",
        "GitHub: uj-admin, id 1",
        "AAROC: member",
        "teams: za-uj",
        "sites: ZA-UJ",
        "ROC expert: no",
    ]
    expert = await channel().say(EXPERT, "whoami")
    assert expert.startswith("You are roc-expert on GitHub, a member of AAROC and a ROC expert.")
    assert "Experts can invite you: roc-expert." in await channel().say(OUTSIDER, "whoami")
    assert "can link this account" in await channel().say(None, "whoami")


async def test_whoami_tells_the_unknown_as_unknown() -> None:
    answer = await channel().say(SILENT, "whoami")
    assert "whether you are a member of AAROC I can't tell." in answer
    assert "GitHub has not answered since 14:31 UTC." in answer
    partly = standing(UJ, expert=None, sites=None, teams=(), reason="the team can't be read")
    answer = await channel().say(partly, "whoami")
    assert "sites: can't tell" in answer and "ROC expert: can't tell" in answer
    assert "Why I can't tell: the team can't be read." in answer
    room = channel(people=Somebody(None))
    assert "Experts can invite you." in await room.say(OUTSIDER, "whoami")


async def test_whoami_names_the_operator_at_the_machine() -> None:
    account = Account("say", "root", "uj-admin")
    at_machine = standing(UJ, account=account, operator="root", bounded=True)
    answer = await channel().say(at_machine, "whoami")
    expected = "`root`, the operating system's user; what decides is not done from there"
    assert f"at the machine: {expected}" in answer
    alone = Standing(account, operator="root", bounded=True, reason="no GitHub is configured")
    answer = await channel().say(alone, "whoami")
    assert answer.startswith("You speak at the machine as uj-admin; who that is I can't tell.")
    assert "Why I can't tell: no GitHub is configured." in answer
    assert {"status", "history"} <= offered(await channel().say(alone, "help"))


async def test_an_operator_outside_the_sandbox_is_offered_no_decision() -> None:
    bounded = standing(EXPERT, operator="root", bounded=True)
    answer = await channel().say(bounded, "help")
    assert not offered(answer) & {"approve", "deny", "accept", "vouch", "freeze"}


async def test_no_entry_at_all() -> None:
    room = channel(catalogue=Entries((PING,)), sites=Described((MAREN,)))
    assert "The catalogue has nothing to deploy yet." in await room.say(UJ, "help deploy")
