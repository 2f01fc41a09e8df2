"""Asking to join, welcoming and inviting: who may, whom it means, and how much of it is shown."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from aaroc_bot.core.joining import JoinState
from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import JoinOutcome, NotJoined, Unavailable, WhyNotJoined
from aaroc_bot.core.rights import Membership, Standing
from aaroc_bot.core.run import Asked
from aaroc_bot.joining.asking import A_DAY, ALL_A_DAY
from tests.joining.conftest import CHANNEL, Answer, Hall


def why(answer: Answer) -> WhyNotJoined:
    assert isinstance(answer, NotJoined), answer
    return answer.why


async def rights(hall: Hall, login: str) -> tuple[Membership, bool | None, frozenset[str] | None]:
    now = await hall.people.of_person(hall.person(login), now=True)
    return now.membership, now.expert, now.sites


OUTSIDE = (Membership.OUTSIDER, False, frozenset[str]())


async def test_from_asking_to_being_a_member_of_a_site(both: Hall) -> None:
    hall = both
    assert await hall.ask("outsider", "ZA-UJ") is JoinOutcome.ASKED
    assert await hall.ask("outsider", "ZA-UJ") is JoinOutcome.STANDS
    assert why(await hall.invite("outsider")) is WhyNotJoined.UNWELCOMED
    assert await hall.welcome("@Outsider", "ZA-UJ", "uj-admin") is JoinOutcome.WELCOMED
    assert await hall.welcome("outsider", "ZA-UJ", "uj-admin") is JoinOutcome.STANDS
    assert await rights(hall, "outsider") == OUTSIDE and not hall.tries
    assert await hall.invite("outsider") is JoinOutcome.INVITED
    sent = hall.invitation("outsider")
    assert sent is not None and sent.teams == (hall.github.teams["za-uj"].id,)
    assert why(await hall.invite("outsider")) is WhyNotJoined.INVITED
    assert why(await hall.ask("outsider")) is WhyNotJoined.INVITED
    assert await rights(hall, "outsider") == (Membership.PENDING, False, frozenset())
    hall.accept("outsider")
    await hall.following.look()  # what it knew a moment ago is believed for minutes
    hall.people.forget()
    await hall.following.look()
    join = await hall.join()
    assert join.state is JoinState.JOINED and await hall.cards() == 1
    assert join.welcomed_by == hall.person("uj-admin")
    assert join.invited_by == hall.person("roc-expert")
    assert await rights(hall, "outsider") == (Membership.MEMBER, False, frozenset({"ZA-UJ"}))
    me = "web:demo:outsider"
    assert await hall.news() == [(me, "invited"), (me, "joined")]
    assert await hall.outcomes() == [
        "asks to join for ZA-UJ",
        "welcomed to ZA-UJ",
        "invited",
        "the invitation is sent",
        "joined",
    ]


async def test_without_a_site_an_expert_is_enough(hall: Hall) -> None:
    assert await hall.ask("outsider") is JoinOutcome.ASKED
    assert why(await hall.welcome("outsider", "ZA-UJ", "uj-admin")) is WhyNotJoined.NOT_ASKED
    assert await hall.invite("outsider") is JoinOutcome.INVITED
    sent = hall.invitation("outsider")
    assert sent is not None and sent.teams == ()


async def test_a_member_comes_into_a_team_by_its_own_word(both: Hall) -> None:
    hall = both
    assert why(await hall.ask("kenet-admin")) is WhyNotJoined.MEMBER
    assert why(await hall.ask("kenet-admin", "KE-NAIROBI")) is WhyNotJoined.IN_TEAM
    assert await hall.ask("kenet-admin", "ZA-UJ") is JoinOutcome.ASKED
    before = await rights(hall, "kenet-admin")
    assert before == (Membership.MEMBER, False, frozenset({"KE-NAIROBI"}))
    assert await hall.welcome("kenet-admin", "ZA-UJ", "uj-admin") is JoinOutcome.IN_TEAM
    known = await hall.people.of_person(hall.person("kenet-admin"))
    assert known.sites == frozenset({"KE-NAIROBI", "ZA-UJ"}), "known at once, not in five minutes"
    assert (await hall.join()).state is JoinState.JOINED
    assert why(await hall.ask("kenet-admin", "ZA-UJ")) is WhyNotJoined.IN_TEAM


async def test_who_may_welcome(hall: Hall) -> None:
    await hall.ask("outsider", "ZA-UJ")
    for by in ("roc-expert", "kenet-admin"):
        no = await hall.welcome("outsider", "ZA-UJ", by)
        assert why(no) is WhyNotJoined.NOT_YOURS, "the site has admins"
        assert isinstance(no, NotJoined) and no.people == (hall.person("uj-admin"),)
    assert why(await hall.welcome("outsider", "ZA-UJ", "outsider")) is WhyNotJoined.ONESELF
    assert await hall.state() is JoinState.ASKED


async def test_an_expert_welcomes_where_a_site_has_no_admin(hall: Hall) -> None:
    await hall.ask("outsider", "maren")
    no = await hall.invite("outsider")
    assert isinstance(no, NotJoined) and no.why is WhyNotJoined.UNWELCOMED
    assert {person.login for person in no.people} == {"roc-expert", "roc-second"}
    assert why(await hall.welcome("outsider", "maren", "uj-admin")) is WhyNotJoined.NOT_YOURS
    assert await hall.welcome("outsider", "maren", "roc-expert") is JoinOutcome.WELCOMED
    assert await hall.invite("outsider", "roc-expert") is JoinOutcome.INVITED


async def test_an_expert_decides_nothing_for_themselves(hall: Hall) -> None:
    await hall.ask("roc-expert", "maren")
    assert why(await hall.welcome("roc-expert", "maren", "roc-expert")) is WhyNotJoined.ONESELF
    assert why(await hall.invite("roc-expert", "roc-expert")) is WhyNotJoined.ONESELF
    assert await hall.welcome("roc-expert", "maren", "roc-second") is JoinOutcome.IN_TEAM


async def test_nobody_but_an_expert_invites(hall: Hall) -> None:
    await hall.ask("outsider")
    await hall.ask("meraka-admin", "ZA-UJ")
    for by in ("uj-admin", "meraka-admin"):
        assert why(await hall.invite("outsider", by)) is WhyNotJoined.NO_RIGHT
    assert why(await hall.invite("outsider", "outsider")) is WhyNotJoined.ONESELF
    nobody = Standing(Account("web", "demo", "stranger"))
    assert why(await hall.joining.invite("outsider", nobody)) is WhyNotJoined.NO_RIGHT
    assert not hall.tries


async def test_a_new_account_and_the_machine_decide_nothing(hall: Hall) -> None:
    await hall.ask("outsider")
    await hall.ask("kenet-admin", "maren")
    new = replace(await hall.standing("roc-expert"), decides_from=hall.clock())
    bounded = replace(await hall.standing("roc-expert"), bounded=True, operator="root")
    for by in (new, bounded):
        assert why(await hall.invite("outsider", by)) is WhyNotJoined.NO_RIGHT
        assert why(await hall.welcome("kenet-admin", "maren", by)) is WhyNotJoined.NO_RIGHT


async def test_what_is_asked_at_the_machine_needs_an_expert(hall: Hall) -> None:
    machine = Account("say", "root", "kenet-admin")
    by = replace(await hall.standing("kenet-admin"), account=machine, link=None, operator="root")
    assert await hall.ask(by, "ZA-UJ") is JoinOutcome.ASKED
    assert await hall.welcome("kenet-admin", "ZA-UJ", "uj-admin") is JoinOutcome.WELCOMED
    assert await hall.welcome("kenet-admin", "ZA-UJ", "uj-admin") is JoinOutcome.STANDS
    assert await rights(hall, "kenet-admin") == (
        Membership.MEMBER,
        False,
        frozenset({"KE-NAIROBI"}),
    )
    assert await hall.invite("kenet-admin") is JoinOutcome.IN_TEAM
    assert await hall.news() == [], "a terminal that is gone is told nothing"


async def test_whoever_is_no_expert_any_more_invites_nobody(hall: Hall) -> None:
    await hall.ask("outsider")
    by = await hall.standing("roc-expert")
    hall.github.teams["experts"].people.discard(hall.person("roc-expert").id)
    assert why(await hall.invite("outsider", by)) is WhyNotJoined.NO_RIGHT
    by = await hall.standing("roc-second")
    hall.github.remove_member("roc-second")
    assert why(await hall.invite("outsider", by)) is WhyNotJoined.NO_RIGHT


async def test_who_is_frozen_neither_asks_nor_decides(hall: Hall) -> None:
    await hall.ask("outsider")
    expert = await hall.standing("roc-expert")
    outsider = await hall.standing("outsider")
    await hall.freeze(hall.person("roc-expert"))
    assert why(await hall.invite("outsider", expert)) is WhyNotJoined.FROZEN
    await hall.freeze(hall.person("outsider"))
    assert why(await hall.invite("outsider", "roc-second")) is WhyNotJoined.FROZEN
    assert why(await hall.ask(outsider, "ZA-UJ")) is WhyNotJoined.FROZEN
    assert await hall.state() is JoinState.ASKED and not hall.tries


async def test_a_frozen_person_is_not_welcomed(hall: Hall) -> None:
    await hall.ask("outsider", "ZA-UJ")
    await hall.freeze(hall.person("outsider"))
    assert why(await hall.welcome("outsider", "ZA-UJ", "uj-admin")) is WhyNotJoined.FROZEN


async def test_an_account_that_speaks_no_more_decides_nothing(hall: Hall) -> None:
    await hall.ask("outsider")
    expert = await hall.standing("roc-expert")
    outsider = await hall.standing("outsider")
    await hall.speaks("roc-expert", days=1)  # the link was made anew
    await hall.speaks("outsider", days=1)
    assert why(await hall.invite("outsider", expert)) is WhyNotJoined.FROZEN
    assert why(await hall.ask(outsider, "ZA-UJ")) is WhyNotJoined.FROZEN


async def test_a_team_that_does_not_count(hall: Hall) -> None:
    del hall.github.teams["za-uj"]
    hall.github.add_team("za-uj", None, "ZA-UJ")  # by a member, below no other
    assert why(await hall.ask("outsider", "ZA-UJ")) is WhyNotJoined.NO_TEAM
    hall.github.add_team("uj-grid")
    hall.teams["ZA-UJ"] = "uj-grid"
    assert await hall.ask("outsider", "ZA-UJ") is JoinOutcome.ASKED
    await hall.welcome("outsider", "ZA-UJ", "roc-expert")
    hall.github.remove_team("uj-grid")
    hall.github.add_team("uj-grid")  # somebody took the slug that was free
    assert why(await hall.invite("outsider")) is WhyNotJoined.NO_TEAM
    assert await hall.state() is JoinState.OVER and not hall.tries


# --- logins ---------------------------------------------------------------------------------


async def test_the_id_counts_whoever_bears_the_login(hall: Hall) -> None:
    await hall.ask("outsider")
    asked = hall.person("outsider")
    hall.github.rename("outsider", "sam")
    hall.github.add_user(90100999, "outsider")
    assert await hall.invite("outsider") is JoinOutcome.INVITED
    assert [id for _, id in hall.tries] == [asked.id]
    assert hall.invitation("outsider") is None and hall.invitation("sam") is not None
    hall.accept("sam")
    hall.people.forget()
    await hall.following.look()
    assert await hall.state() is JoinState.JOINED
    assert await rights(hall, "outsider") == OUTSIDE


@pytest.mark.parametrize("site", ["", "ZA-UJ"])
async def test_of_two_who_bore_a_login_none_is_taken_for_the_other(hall: Hall, site: str) -> None:
    await hall.ask("outsider", site)
    first = hall.person("outsider")
    hall.github.rename("outsider", "sam")
    hall.github.add_user(90100999, "outsider")
    second = await hall.people.standing(await hall.speaks("outsider", user="mallory"))
    assert await hall.ask(second, site) is JoinOutcome.ASKED
    if site:
        no = await hall.welcome("outsider", site, "uj-admin")
        assert await hall.welcome(str(first.id), site, "uj-admin") is JoinOutcome.WELCOMED
    else:
        no = await hall.invite("outsider")
    assert isinstance(no, NotJoined) and no.why is WhyNotJoined.SEVERAL and no.site == site
    assert {person.id for person in no.people} == {first.id, 90100999} and not hall.tries
    assert await hall.invite(str(first.id)) is JoinOutcome.INVITED
    assert [id for _, id in hall.tries] == [first.id]


async def test_a_login_that_is_a_number_is_nobodys_id(hall: Hall) -> None:
    number = str(hall.person("outsider").id)
    hall.github.add_user(90100999, number)
    assert await hall.ask(number) is JoinOutcome.ASKED
    assert why(await hall.invite(number)) is WhyNotJoined.NOT_ASKED
    await hall.ask("outsider")
    assert await hall.invite(number) is JoinOutcome.INVITED
    assert [id for _, id in hall.tries] == [int(number)]
    assert await hall.invite("90100999") is JoinOutcome.INVITED


# --- how much is shown ----------------------------------------------------------------------


async def test_who_asks_for_something_else_has_one_wish(both: Hall) -> None:
    hall = both
    assert await hall.ask("outsider") is JoinOutcome.ASKED
    assert await hall.ask("outsider", "ZA-UJ") is JoinOutcome.ASKED
    assert [join.state for join in await hall.all()] == [JoinState.OVER, JoinState.ASKED]
    assert await hall.news() == [], "what they did themselves is no news"


async def test_one_person_fills_no_channel(hall: Hall) -> None:
    for site in SITES_TO_ASK[:A_DAY]:
        assert await hall.ask("outsider", site) is JoinOutcome.ASKED
    asked = len(hall.github.asked)
    assert await hall.ask("outsider", SITES_TO_ASK[A_DAY - 1]) is JoinOutcome.STANDS
    assert why(await hall.ask("outsider", SITES_TO_ASK[A_DAY])) is WhyNotJoined.OFTEN
    assert len(hall.github.asked) == asked, "GitHub is not bothered either"
    assert await hall.cards() == A_DAY
    hall.clock.forward(days=1, seconds=1)
    assert await hall.ask("outsider", SITES_TO_ASK[A_DAY]) is JoinOutcome.ASKED


SITES_TO_ASK = ("", "ZA-UJ", "KE-NAIROBI", "ZA-MERAKA")


async def test_all_outsiders_together_fill_none_either(hall: Hall) -> None:
    for number in range(ALL_A_DAY):
        hall.github.add_user(90101000 + number, f"visitor{number}")
        assert await hall.ask(f"visitor{number}") is JoinOutcome.ASKED
    assert why(await hall.ask("outsider")) is WhyNotJoined.MANY
    assert await hall.ask("visitor0") is JoinOutcome.STANDS
    assert await hall.ask("kenet-admin", "ZA-UJ") is JoinOutcome.ASKED, "members are known"
    assert await hall.cards() == ALL_A_DAY + 1


async def test_from_many_accounts_at_once_one_wish(both: Hall) -> None:
    hall = both
    accounts = [await hall.speaks("outsider", user=f"phone{number}") for number in range(4)]
    standings = [await hall.people.standing(account) for account in accounts]
    asked = [hall.ask(standing, "ZA-UJ") for standing in standings]
    answers = await asyncio.gather(*asked)
    assert sorted(map(str, answers)) == sorted(
        map(str, [JoinOutcome.ASKED, *[JoinOutcome.STANDS] * 3])
    )
    assert await hall.cards() == 1


# --- when GitHub is away --------------------------------------------------------------------


async def test_while_github_is_silent_nothing_is_decided(hall: Hall) -> None:
    await hall.ask("outsider", "ZA-UJ")
    await hall.ask("meraka-admin", "ZA-UFS")
    for by in ("uj-admin", "roc-expert", "kenet-admin"):
        await hall.standing(by)
    hall.fails("/", status=500)
    for answer in (
        await hall.ask("kenet-admin", "ZA-UJ"),
        await hall.welcome("outsider", "ZA-UJ", "uj-admin"),
        await hall.invite("outsider"),
    ):
        assert why(answer) is WhyNotJoined.CANNOT_TELL
    hall.github.behave()
    hall.fails(f"/user/{hall.person('outsider').id}", status=500)
    answer = await hall.welcome("outsider", "ZA-UJ", "uj-admin")
    assert why(answer) is WhyNotJoined.CANNOT_TELL
    hall.github.behave()
    hall.fails("/orgs/AAROC/teams/sites/teams", status=500)
    with pytest.raises(Unavailable):
        await hall.sending.has_team("maren")
    assert {join.state for join in await hall.all()} == {JoinState.ASKED} and not hall.tries


async def test_who_is_nobody_asks_for_nothing(hall: Hall) -> None:
    nobody = Standing(Account("web", "demo", "stranger"))
    wish = Asked(hall.person("outsider"), nobody.account, CHANNEL, hall.clock())
    assert why(await hall.joining.ask(nobody, wish)) is WhyNotJoined.CANNOT_TELL


async def test_a_wish_can_be_looked_at(hall: Hall) -> None:
    await hall.ask("outsider")
    join = await hall.join()
    assert await hall.joining.get(join.id) == join and await hall.joining.get(999) is None
    assert hall.clock() - join.asked_at == timedelta(0)
