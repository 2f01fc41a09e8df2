"""Coming into the organisation and a site's team, and hints that something changed."""

from collections.abc import Callable

import pytest

from aaroc_bot.core.rights import Membership, Person
from aaroc_bot.github.api import Api, Refused
from aaroc_bot.github.cache import CannotTell
from aaroc_bot.github.invitations import Invitations
from aaroc_bot.sandbox.github.world import Misbehaviour, World
from tests.github.conftest import Roc


@pytest.fixture
def invitations(api: Api, world: World) -> Invitations:
    return Invitations(api, world.org)


def person(world: World, login: str) -> Person:
    user = world.user(login)
    assert user is not None
    return Person(user.id, login)


async def test_an_invitation_is_sent_to_the_id_and_waits(
    invitations: Invitations, world: World
) -> None:
    assert await invitations.waiting() == frozenset()
    outsider = person(world, "outsider")
    await invitations.invite(outsider.id, [world.teams["za-uj"].id])
    assert await invitations.waiting() == {"outsider"}
    with pytest.raises(Refused) as no:
        await invitations.invite(outsider.id, [])
    assert no.value.status == 422
    with pytest.raises(Refused) as no:
        await invitations.invite(person(world, "uj-admin").id, [])
    assert no.value.status == 422


async def test_a_member_comes_into_a_team(invitations: Invitations, world: World) -> None:
    member = person(world, "kenet-admin")
    world.rename("kenet-admin", "wanjiru")
    for _ in range(2):
        await invitations.into_team(world.teams["za-uj"].id, member)
    assert member.id in world.teams["za-uj"].people


async def test_who_is_no_member_is_not_invited_by_a_team(
    invitations: Invitations, world: World
) -> None:
    team = world.teams["za-uj"]
    with pytest.raises(Refused):
        await invitations.into_team(team.id, person(world, "outsider"))
    with pytest.raises(Refused):
        await invitations.into_team(team.id, Person(1, "nobody"))
    assert not team.invited and not [path for path in world.asked if "/team/" in path]


def when(world: World, path: str, then: Callable[[], None]) -> None:
    """Do something as soon as `path` was asked for."""

    class Asked(list[str]):
        def append(self, asked: str) -> None:
            super().append(asked)
            if path in asked:
                then()

    world.asked = Asked(world.asked)


async def test_a_login_that_changes_hands_brings_nobody_in(
    invitations: Invitations, world: World
) -> None:
    member, team = person(world, "kenet-admin"), world.teams["za-uj"]
    mallory = world.add_user(90109999, "mallory")
    world.members[mallory.id] = "active"

    def swap() -> None:
        if world.user("kenet-admin") is not mallory:
            world.rename("kenet-admin", "wanjiru")
            world.rename("mallory", "kenet-admin")

    when(world, f"/team/{team.id}/memberships/kenet-admin", swap)
    with pytest.raises(Refused, match="changed hands"):
        await invitations.into_team(team.id, member)
    assert not team.people & {mallory.id, member.id}


async def test_the_team_that_counts_for_a_site(roc: Roc) -> None:
    team = await roc.people._roster.team_of("za-uj")
    assert team is not None and team.id == roc.world.teams["za-uj"].id
    named = roc.world.add_team("uj-grid")
    roc.teams["ZA-UJ"] = "uj-grid"
    team = await roc.people._roster.team_of("ZA-UJ")
    assert team is not None and team.id == named.id
    roc.world.add_team("uj-grid")
    team = await roc.people._roster.team_of("ZA-UJ")
    assert team is not None and team.slug == "za-uj", "one that replaced it counts for nothing"
    del roc.world.teams["za-uj"]
    roc.world.add_team("za-uj", None, "ZA-UJ")
    assert await roc.people._roster.team_of("ZA-UJ") is None
    roc.world.misbehave(Misbehaviour(status=500))
    with pytest.raises(CannotTell):
        await roc.people._roster.team_of("ZA-UJ")


async def test_a_hint_has_everything_asked_again(roc: Roc) -> None:
    account = roc.account("uj-admin")
    before = await roc.people.standing(account)
    assert before.membership is Membership.MEMBER
    roc.world.remove_member("uj-admin")
    assert (await roc.people.standing(account)) == before
    roc.people.forget()
    after = await roc.people.standing(account)
    assert after.membership is Membership.OUTSIDER and after.sites == frozenset()
    asked = len(roc.world.asked)
    roc.clock.forward(seconds=2)
    assert (await roc.people.standing(account)).membership is Membership.OUTSIDER
    assert len(roc.world.asked) == asked, "a hint is heeded once"


async def test_a_hint_while_github_is_silent(roc: Roc) -> None:
    account = roc.account("uj-admin")
    await roc.people.standing(account)
    roc.world.misbehave(Misbehaviour(status=500))
    roc.people.forget()
    found = await roc.people.standing(account)
    assert found.membership is Membership.MEMBER and not found.fresh
