"""Who somebody is: from GitHub over real HTTP, by numeric id, never guessed."""

import asyncio
from dataclasses import replace

import pytest

from aaroc_bot.core.audit import Event, What
from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.rights import Membership, Person
from aaroc_bot.github.nobody import UnknownPeople
from aaroc_bot.sandbox.github.world import Misbehaviour
from aaroc_bot.store import frozen
from aaroc_bot.store.database import Database
from aaroc_bot.store.links import Links
from tests.github.conftest import KnownLinks, Roc, until

AMISS = {
    "401": Misbehaviour(status=401),
    "403": Misbehaviour(status=403),
    "500": Misbehaviour(status=500),
    "451": Misbehaviour(status=451),
    "primary rate limit": Misbehaviour(limited="primary"),
    "secondary rate limit": Misbehaviour(limited="secondary"),
    "silence": Misbehaviour(silent=True),
}


async def test_a_site_admin(roc: Roc) -> None:
    found = await roc.people.standing(roc.account("uj-admin"))
    assert found.membership is Membership.MEMBER
    assert (found.expert, found.sites, found.teams) == (False, frozenset({"ZA-UJ"}), ("za-uj",))
    assert found.fresh and not found.reason and found.operator is None and not found.bounded


async def test_an_expert(roc: Roc) -> None:
    found = await roc.people.standing(roc.account("roc-expert"))
    assert (found.expert, found.sites, found.teams) == (True, frozenset(), ("experts",))


async def test_an_outsider(roc: Roc) -> None:
    found = await roc.people.standing(roc.account("outsider"))
    assert found.membership is Membership.OUTSIDER
    assert (found.expert, found.sites) == (False, frozenset())


async def test_an_account_without_link_has_nothing(roc: Roc) -> None:
    found = await roc.people.standing(Account("slack", "T1", "uj-admin"))
    assert found.person is None and found.expert is None and found.sites is None
    assert not roc.world.asked


async def test_experts_and_admins(roc: Roc) -> None:
    experts = await roc.people.experts()
    assert experts is not None and [p.login for p in experts] == ["roc-expert", "roc-second"]
    assert [p.login for p in await roc.people.admins("ZA-UJ") or ()] == ["uj-admin"]
    assert await roc.people.admins("maren") == ()
    assert roc.people.organisation() == "AAROC"


async def test_an_invitation_is_no_membership(roc: Roc) -> None:
    admin = roc.world.user("uj-admin")
    assert admin is not None
    roc.world.members[admin.id] = "pending"
    found = await roc.people.standing(roc.account("uj-admin"))
    assert found.membership is Membership.PENDING
    assert (found.expert, found.sites) == (False, frozenset())


async def test_an_invitation_to_a_team_does_not_count(roc: Roc) -> None:
    admin = roc.world.user("uj-admin")
    assert admin is not None
    roc.world.teams["experts"].invited.add(admin.id)
    assert (await roc.people.standing(roc.account("uj-admin"))).expert is False


async def test_somebody_known_costs_no_call(roc: Roc) -> None:
    await roc.people.standing(roc.account("uj-admin"))
    asked = len(roc.world.asked)
    for _ in range(3):
        await roc.people.standing(roc.account("uj-admin"))
    assert len(roc.world.asked) == asked


async def test_a_removal_is_seen_after_minutes_and_at_once_when_asked(roc: Roc) -> None:
    account = roc.account("roc-expert")
    await roc.people.standing(account)
    roc.world.remove_member("roc-expert")
    assert (await roc.people.standing(account)).expert is True
    now = await roc.people.standing(account, now=True)
    assert (now.membership, now.expert) == (Membership.OUTSIDER, False)
    roc.world.members[now.person.id if now.person else 0] = "active"
    roc.clock.forward(minutes=6)
    assert (await roc.people.standing(account)).membership is Membership.MEMBER


async def test_unchanged_answers_are_not_counted_by_github(roc: Roc) -> None:
    account = roc.account("uj-admin")
    before = await roc.people.standing(account)
    left = await roc.directory._api.get("/rate_limit")
    roc.clock.forward(minutes=6)
    assert await roc.people.standing(account) == before
    after = await roc.directory._api.get("/rate_limit")
    assert isinstance(left.body, dict) and isinstance(after.body, dict)
    # one of them is the first question about the rate limit itself
    assert after.body["rate"]["used"] - left.body["rate"]["used"] == 1


async def test_a_standing_put_together_a_moment_ago_is_another_accounts_too(roc: Roc) -> None:
    person = await roc.people.standing(roc.account("roc-expert"))
    said = await roc.people.standing(Account("say", "root", "roc-expert"))
    assert (said.operator, said.bounded, said.expert) == ("root", True, True)
    again = await roc.people.standing(roc.account("roc-expert"))
    assert again == person and again.operator is None and not again.bounded


async def test_concurrent_commands_share_the_questions(roc: Roc) -> None:
    accounts = [roc.account("uj-admin")] * 20
    found = await asyncio.gather(*(roc.people.standing(account) for account in accounts))
    assert all(one == found[0] for one in found)
    assert len(roc.world.asked) == len(set(roc.world.asked))


async def test_who_gives_up_takes_no_answer_from_others(roc: Roc) -> None:
    account = roc.account("uj-admin")
    roc.world.misbehave(Misbehaviour(silent=True))
    impatient = asyncio.create_task(roc.people.standing(account))
    patient = asyncio.create_task(roc.people.standing(account))
    await until(lambda: bool(roc.world.asked))
    impatient.cancel()
    roc.world.behave()
    assert (await patient).sites == frozenset({"ZA-UJ"})
    assert impatient.cancelled()


async def test_now_is_not_answered_by_a_question_that_began_before(roc: Roc) -> None:
    account = roc.account("roc-expert")
    hold = Misbehaviour(silent=True, path="/orgs/AAROC/teams/experts")
    roc.world.misbehave(hold)
    early = asyncio.create_task(roc.people.standing(account))
    await until(lambda: any("experts" in path for path in roc.world.asked))
    late = asyncio.create_task(roc.people.standing(account, now=True))
    asked = roc.world.asked.count("/user/90100102")
    await until(lambda: roc.world.asked.count("/user/90100102") > asked)
    roc.world.remove_member("roc-expert")
    roc.world.behave()
    await early
    assert (await late).expert is False


async def test_a_renamed_person_keeps_their_rights(roc: Roc) -> None:
    account = roc.account("uj-admin")
    roc.world.rename("uj-admin", "lindiwe")
    found = await roc.people.standing(account)
    assert found.person is not None and found.person.login == "lindiwe"
    assert found.sites == frozenset({"ZA-UJ"})


async def test_a_login_taken_over_gets_nothing(roc: Roc) -> None:
    account = roc.account("roc-expert")
    roc.world.rename("roc-expert", "amina")
    roc.world.add_user(90109999, "roc-expert")
    mallory = Account("web", "demo", "mallory")
    roc.links.known[mallory] = Person(90109999, "roc-expert")
    assert (await roc.people.standing(mallory)).membership is Membership.OUTSIDER
    assert (await roc.people.standing(account)).expert is True
    taken = await roc.people.standing(Account("say", "root", "roc-expert"))
    assert taken.membership is Membership.OUTSIDER and taken.expert is False


async def test_a_login_that_changes_hands_between_two_questions(roc: Roc) -> None:
    account = roc.account("roc-expert")
    await roc.people.standing(account)
    roc.world.rename("uj-admin", "lindiwe")
    roc.world.rename("roc-expert", "uj-admin")
    # the cache still holds whose login `uj-admin` was
    await roc.directory.membership("uj-admin")
    found = await roc.people.standing(account, now=True)
    assert found.person == Person(90100102, "uj-admin")
    assert (found.expert, found.sites) == (True, frozenset())


async def test_a_login_taken_over_between_who_it_is_and_whether_they_are_a_member(
    roc: Roc,
) -> None:
    account = Account("web", "demo", "mallory")
    roc.world.add_user(90109999, "mallory")
    roc.links.known[account] = Person(90109999, "mallory")
    roc.world.misbehave(Misbehaviour(silent=True, path="/orgs/AAROC/memberships"))
    asked = asyncio.create_task(roc.people.standing(account, now=True))
    await until(lambda: any("memberships" in path for path in roc.world.asked))
    roc.world.rename("mallory", "mallory-now")
    roc.world.rename("roc-expert", "mallory")
    roc.world.behave()
    found = await asked
    assert found.person == Person(90109999, "mallory-now")
    assert (found.membership, found.expert) == (Membership.OUTSIDER, False)


async def test_a_user_who_is_gone(roc: Roc) -> None:
    account = roc.account("uj-admin")
    user = roc.world.user("uj-admin")
    assert user is not None
    roc.world.remove_member("uj-admin")
    del roc.world.users[user.id]
    assert (await roc.people.standing(account)).membership is Membership.OUTSIDER


@pytest.mark.parametrize("amiss", AMISS.values(), ids=AMISS.keys())
async def test_an_error_is_never_a_no(roc: Roc, amiss: Misbehaviour) -> None:
    roc.impatient()
    roc.world.misbehave(replace(amiss, end=asyncio.Event()))
    found = await roc.people.standing(roc.account("uj-admin"))
    assert found.membership is Membership.CANNOT_TELL
    assert found.expert is None and found.sites is None
    assert not found.fresh and found.silent_since == roc.clock.now and "GitHub" in found.reason
    assert await roc.people.experts() is None
    assert await roc.people.admins("ZA-UJ") is None


@pytest.mark.parametrize("amiss", AMISS.values(), ids=AMISS.keys())
async def test_what_was_known_counts_for_a_day(roc: Roc, amiss: Misbehaviour) -> None:
    roc.impatient()
    account = roc.account("uj-admin")
    await roc.people.standing(account)
    roc.clock.forward(minutes=6)
    since = roc.clock.now
    roc.world.misbehave(replace(amiss, end=asyncio.Event()))
    for _ in range(2):
        found = await roc.people.standing(account)
        assert found.membership is Membership.MEMBER and found.sites == frozenset({"ZA-UJ"})
        assert not found.fresh and found.silent_since == since
    roc.clock.forward(hours=24)
    gone = await roc.people.standing(account)
    assert gone.membership is Membership.CANNOT_TELL and gone.sites is None
    assert gone.silent_since == since


async def test_github_comes_back(roc: Roc) -> None:
    account = roc.account("uj-admin")
    roc.world.misbehave(Misbehaviour(status=500))
    assert not (await roc.people.standing(account)).fresh
    roc.world.behave()
    assert not (await roc.people.standing(account)).fresh, "it is not asked again at once"
    found = await roc.people.standing(account, now=True)
    assert found.fresh and found.sites == frozenset({"ZA-UJ"}) and found.silent_since is None


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_an_experts_team_that_cannot_be_seen_is_no_no(roc: Roc, status: int) -> None:
    roc.world.misbehave(Misbehaviour(path="/orgs/AAROC/teams/experts", status=status))
    found = await roc.people.standing(roc.account("roc-expert"))
    assert found.membership is Membership.MEMBER and found.expert is None
    outsider = await roc.people.standing(roc.account("outsider"))
    assert outsider.membership is Membership.CANNOT_TELL


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_site_teams_that_cannot_be_seen_are_no_no(roc: Roc, status: int) -> None:
    roc.world.misbehave(Misbehaviour(path="/orgs/AAROC/teams/sites", status=status))
    found = await roc.people.standing(roc.account("uj-admin"))
    assert found.membership is Membership.MEMBER and found.expert is False
    assert found.sites is None and found.reason


async def test_sites_that_are_not_known(roc: Roc) -> None:
    async def away() -> dict[str, str | None]:
        raise Unavailable("the DevOps repository")

    roc.people._roster._site_teams = away
    found = await roc.people.standing(roc.account("uj-admin"))
    assert found.sites is None and found.expert is False and found.fresh


async def test_a_team_of_the_right_name_elsewhere_proves_nothing(roc: Roc) -> None:
    admin = roc.world.user("kenet-admin")
    assert admin is not None
    del roc.world.teams["za-uj"]
    roc.world.add_team("za-uj", None, "ZA-UJ").people.add(admin.id)
    assert (await roc.people.standing(roc.account("kenet-admin"))).sites == frozenset(
        {"KE-NAIROBI"}
    )


async def test_a_team_that_the_rules_name_counts(roc: Roc) -> None:
    admin = roc.world.user("kenet-admin")
    assert admin is not None
    roc.world.add_team("uj-grid").people.add(admin.id)
    roc.teams["ZA-UJ"] = "uj-grid"
    found = await roc.people.standing(roc.account("kenet-admin"))
    assert found.sites == frozenset({"KE-NAIROBI", "ZA-UJ"})
    assert [p.login for p in await roc.people.admins("ZA-UJ") or ()] != []


async def test_a_named_team_that_was_replaced_counts_no_more(roc: Roc) -> None:
    admin, expert = roc.world.user("kenet-admin"), roc.world.user("roc-expert")
    assert admin is not None and expert is not None
    roc.world.add_team("uj-grid").people.add(expert.id)
    roc.teams["ZA-UJ"] = "uj-grid"
    assert (await roc.people.standing(roc.account("roc-expert"))).sites == frozenset({"ZA-UJ"})
    roc.world.add_team("uj-grid").people.add(admin.id)
    found = await roc.people.standing(roc.account("kenet-admin"), now=True)
    assert found.sites == frozenset({"KE-NAIROBI"})


async def test_long_lists_are_read_to_their_end(roc: Roc) -> None:
    for number in range(250):
        user = roc.world.add_user(91000000 + number, f"member-{number}")
        roc.world.members[user.id] = "active"
        roc.world.teams["za-uj"].people.add(user.id)
    found = await roc.people.standing(roc.account("member-249"))
    assert found.sites == frozenset({"ZA-UJ"})
    assert len(await roc.people.admins("ZA-UJ") or ()) == 251


async def test_the_operator_at_the_machine(roc: Roc) -> None:
    found = await roc.people.standing(Account("say", "root", "ROC-Expert"))
    assert found.person == Person(90100102, "roc-expert")
    assert found.expert is True and found.operator == "root" and found.bounded


async def test_the_operator_for_nobody(roc: Roc) -> None:
    found = await roc.people.standing(Account("say", "root", "nobody-at-all"))
    assert found.person is None and found.membership is Membership.OUTSIDER
    assert found.operator == "root"


async def test_the_operator_while_github_is_silent(roc: Roc) -> None:
    roc.world.misbehave(Misbehaviour(status=500))
    found = await roc.people.standing(Account("say", "root", "roc-expert"))
    assert found.person is None and found.membership is Membership.CANNOT_TELL
    assert found.operator == "root" and found.bounded and not found.fresh


async def test_of_person(roc: Roc) -> None:
    found = await roc.people.of_person(Person(90100102, "was-called-otherwise"))
    assert found.expert is True and found.person == Person(90100102, "roc-expert")


async def test_without_github_nothing_can_be_told() -> None:
    links = KnownLinks({Account("web", "demo", "a"): Person(1, "a")})
    people = UnknownPeople(links)
    said = await people.standing(Account("say", "root", "roc-expert"))
    assert said.operator == "root" and said.bounded and said.membership is Membership.CANNOT_TELL
    assert said.person is None and said.reason
    chat = await people.standing(Account("web", "demo", "a"))
    assert chat.person == Person(1, "a") and chat.expert is None and chat.sites is None
    assert await people.experts() is None and await people.admins("ZA-UJ") is None
    assert (await people.of_person(Person(1, "a"))).membership is Membership.CANNOT_TELL
    assert people.organisation() == "the organisation"


async def test_an_experts_new_account_decides_later(roc: Roc) -> None:
    account = roc.account("roc-expert")
    roc.links.since = roc.clock.now
    found = await roc.people.standing(account)
    assert found.expert and found.link is not None
    assert found.decides_from == found.link.decides_from
    person = found.person
    assert person is not None
    assert (await roc.people.of_person(person)).decides_from is None, "no account is meant"
    said = await roc.people.standing(Account("say", "root", "roc-expert"))
    assert said.decides_from is None and said.link is None
    roc.clock.forward(days=1)
    assert (await roc.people.standing(account)).decides_from is None


async def test_who_is_frozen_has_no_rights_by_no_way(roc: Roc) -> None:
    account = roc.account("roc-expert")
    before = await roc.people.standing(account)
    assert before.person is not None
    roc.links.ice.add(before.person.id)
    ways = (
        await roc.people.standing(account),
        await roc.people.of_person(before.person, now=True),
        await roc.people.standing(Account("say", "root", "roc-expert")),
    )
    for found in ways:
        assert found.frozen and found.expert is False and found.sites == frozenset()
        assert found.membership is not Membership.MEMBER
    roc.links.ice.clear()
    assert await roc.people.standing(account) == before


async def test_a_freeze_counts_while_github_is_silent(roc: Roc) -> None:
    account = roc.account("roc-expert")
    person = (await roc.people.standing(account)).person
    assert person is not None
    roc.links.ice.add(person.id)
    roc.world.misbehave(Misbehaviour(status=500))
    assert (await roc.people.of_person(person, now=True)).frozen


async def test_a_person_is_found_by_the_login_of_now(roc: Roc) -> None:
    assert await roc.people.named("UJ-admin") == Person(90100101, "uj-admin")
    assert await roc.people.named("nobody-there") is None
    roc.world.rename("uj-admin", "lindiwe")
    assert await roc.people.named("uj-admin") is None
    roc.world.misbehave(Misbehaviour(status=500))
    for login in ("lindiwe", "uj-admin"):
        with pytest.raises(Unavailable):
            await roc.people.named(login)
    with pytest.raises(Unavailable):
        await UnknownPeople(roc.links).named("uj-admin")


async def test_what_a_chat_says_of_somebody_proves_nothing(roc: Roc) -> None:
    expert = roc.world.user("roc-expert")
    assert expert is not None
    for user in (expert.login, expert.name, expert.mail, str(expert.id)):
        found = await roc.people.standing(Account("slack", "T1", user))
        assert found.person is None and found.expert is None


async def test_what_another_process_ended_is_seen_by_who_asks_now(
    roc: Roc, sqlite_database: Database
) -> None:
    links = roc.people._links = Links(sqlite_database, roc.clock)
    account, person = Account("slack", "T1", "U1"), Person(90100102, "roc-expert")
    await links.link(account, person, Event(What.LINK, roc.clock.now))
    assert (await roc.people.standing(account)).expert
    assert not (await roc.people.of_person(person, now=True)).frozen
    async with sqlite_database.write() as connection:
        await frozen.freeze(connection, person, "root", roc.clock.now)
    assert (await roc.people.of_person(person, now=True)).frozen
    assert (await roc.people.standing(account, now=True)).person is None
