"""What the operator links, ends, freezes and lifts at the machine; and experts in the chat."""

import pytest

from aaroc_bot.core.ports import Froze, Unavailable
from aaroc_bot.core.rights import Person
from aaroc_bot.linking.machine import NotDone
from tests.linking.conftest import DESK, PHONE, Linked
from tests.runs.world import EXPERT, SECOND, UJ_ADMIN


async def test_what_the_operator_links_counts_at_once(linked: Linked) -> None:
    said = await linked.machine.link("telegram:77", "roc-expert")
    assert said == "telegram:77 speaks for roc-expert (GitHub id 2) from now on."
    link = await linked.links.of(PHONE)
    assert link and link.by_operator and link.decides_from == link.since
    assert await linked.machine.link("slack:T1:U1", "roc-expert"), "a further one too"
    assert await linked.links.person(DESK) == EXPERT
    data = {"chat": "telegram", "login": "roc-expert", "person": 2, "operator": "root"}
    assert (await linked.told())[0] == ("account-linked", data)
    assert (await linked.recorded())[0] == ("telegram:77", "roc-expert", "root", "linked")


async def test_a_removed_link_is_over(linked: Linked) -> None:
    await linked.machine.link("telegram:77", "roc-expert")
    said = await linked.machine.unlink("telegram:77")
    assert said == "telegram:77 speaks for nobody now; it was roc-expert's."
    assert await linked.links.of(PHONE) is None
    assert (await linked.told())[-1][0] == "account-unlinked"
    assert (await linked.recorded())[-1][2:] == ("root", "link removed")
    assert await linked.machine.unlink("telegram:77") == "telegram:77 speaks for nobody now."


@pytest.mark.parametrize(
    "account", ["roc-expert", "slack:U1", "telegram:x", "say:root:roc-expert", "slack:T1:U1:x", ""]
)
async def test_what_is_no_account_is_refused(linked: Linked, account: str) -> None:
    with pytest.raises(NotDone, match="is no account"):
        await linked.machine.link(account, "roc-expert")
    with pytest.raises(NotDone, match="is no account"):
        await linked.machine.unlink(account)


async def test_nobody_is_linked_to_nobody(linked: Linked) -> None:
    with pytest.raises(NotDone, match="Nobody on GitHub"):
        await linked.machine.link("telegram:77", "no-such-login")


async def test_a_freeze_ends_links_and_logins_and_refuses_new_ones(linked: Linked) -> None:
    await linked.machine.link("slack:T1:U1", "uj-admin")
    linked.github.users[UJ_ADMIN.id] = linked.github.add_user(UJ_ADMIN.id, "uj-real")
    code = await linked.begins(PHONE)
    await linked.enters(code.code, "uj-real")
    assert "uj-admin (GitHub id 1) is frozen" in await linked.machine.freeze("uj-admin")
    assert await linked.links.of(DESK) is None and await linked.links.frozen(1)
    await linked.asks()
    assert await linked.told(PHONE) == [("login-over", {"why": "frozen"})]
    with pytest.raises(NotDone, match="is frozen; first"):
        await linked.machine.link("slack:T1:U1", "uj-admin")
    assert ("person-frozen", "root") in [(card, d.get("by")) for card, d in await linked.told()]
    assert await linked.machine.lift("uj-admin") == "uj-admin (GitHub id 1) can be linked again."
    assert await linked.links.of(DESK) is None, "lifted, nobody speaks for them anew"
    assert await linked.machine.link("slack:T1:U1", "uj-admin")
    with pytest.raises(NotDone, match="Nobody called uj-admin is frozen"):
        await linked.machine.lift("uj-admin")


async def test_an_expert_freezes_while_github_is_away(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await linked.machine.link("slack:T1:U1", "uj-admin")

    async def silent(login: str) -> Person | None:
        raise Unavailable("GitHub")

    monkeypatch.setattr(linked.folk, "named", silent)
    (person,) = await linked.linking.known("UJ-admin")
    assert person == UJ_ADMIN
    assert await linked.linking.freeze(person, linked.folk[EXPERT]) == Froze(1, (), ())
    with pytest.raises(Unavailable):
        await linked.linking.known("kenet-admin")
    assert (await linked.recorded())[-1] == ("", "uj-admin", "", "frozen by roc-expert")


async def test_nobody_vouches_for_themselves(linked: Linked) -> None:
    linked.github.users[SECOND.id] = linked.github.add_user(SECOND.id, SECOND.login)
    await linked.machine.link("slack:T1:U1", "roc-second")
    await linked.machine.unlink("slack:T1:U1")
    await linked.enters((await linked.begins(PHONE)).code, "roc-second")
    await linked.asks()
    person = await linked.links.person(PHONE)
    assert person is not None
    assert await linked.linking.vouch(person, await linked.standing(PHONE)) == ()
    assert await linked.linking.vouch(person, linked.folk[EXPERT]) == [PHONE]
    assert await linked.linking.vouch(person, linked.folk[EXPERT]) == ()
    assert [card for card, _ in await linked.told(PHONE)] == ["link-made", "link-vouched"]
    link = await linked.links.of(PHONE)
    assert link and link.decides_from == link.since


async def test_a_freeze_hits_who_is_linked_here_under_a_login_that_others_took(
    linked: Linked,
) -> None:
    await linked.machine.link("slack:T1:U1", "uj-admin")
    taker = Person(555001, "uj-admin")
    linked.folk.renamed(UJ_ADMIN, "lindiwe")
    linked.folk.joins(taker)
    assert await linked.linking.known("uj-admin") == [UJ_ADMIN]
    assert "uj-admin (GitHub id 1) is frozen" in await linked.machine.freeze("uj-admin")
    assert await linked.links.of(DESK) is None and not await linked.links.frozen(555001)
    frozen = dict(await linked.told())["person-frozen"]
    assert (frozen["person"], frozen["login"]) == (1, "uj-admin")


async def test_a_freeze_that_may_mean_two_asks_which(linked: Linked) -> None:
    await linked.machine.link("slack:T1:U1", "uj-admin")
    linked.folk.renamed(UJ_ADMIN, "lindiwe")
    linked.folk.joins(Person(555001, "uj-admin"))
    await linked.machine.link("telegram:77", "uj-admin")
    with pytest.raises(NotDone, match=r"1.*555001.*freeze 1"):
        await linked.machine.freeze("UJ-Admin")
    assert {p.id for p in await linked.linking.known("uj-admin")} == {1, 555001}
    assert await linked.links.of(PHONE) and await linked.links.of(DESK)
    assert "uj-admin (GitHub id 555001) is frozen" in await linked.machine.freeze("555001")
    assert await linked.links.of(PHONE) is None and await linked.links.of(DESK)
    assert "uj-admin (GitHub id 1) is frozen" in await linked.machine.freeze("1")
    with pytest.raises(NotDone, match=r"1.*555001.*--lift 1"):
        await linked.machine.lift("uj-admin")
    said = await linked.machine.lift("1")
    assert said == "uj-admin (GitHub id 1) can be linked again."
    assert await linked.links.frozen(555001) and not await linked.links.frozen(1)


async def test_a_number_is_an_id_and_no_login(linked: Linked) -> None:
    linked.folk.joins(Person(555001, "2"))
    await linked.machine.link("telegram:77", "2")
    assert await linked.linking.known("2") == [EXPERT]
    assert [p.id for p in await linked.linking.known("555001")] == [555001]
    for nobody in ("4711", "0", "9" * 40):
        assert await linked.linking.known(nobody) == []
        with pytest.raises(NotDone, match="Nobody is known"):
            await linked.machine.freeze(nobody)
