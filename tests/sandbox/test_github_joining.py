"""Invitations and teams of the sandbox's GitHub."""

from tests.sandbox.github_client import GitHub


async def test_somebody_is_invited_and_joins(github: GitHub) -> None:
    outsider = github.user("outsider")
    team = github.world.teams["za-uj"]
    body = {"invitee_id": outsider.id, "role": "direct_member", "team_ids": [team.id]}
    made = await github.yes("POST", "/orgs/AAROC/invitations", body)
    assert (made["login"], made["team_count"], made["email"]) == ("outsider", 1, None)
    pending = await github.yes("GET", "/orgs/AAROC/memberships/outsider")
    assert pending["state"] == "pending"
    place = f"/organizations/{github.world.org_id}/team/{team.id}/memberships/outsider"
    assert (await github.yes("GET", place))["state"] == "pending"
    again = await github.ask("POST", "/orgs/AAROC/invitations", body)
    assert again.status == 422 and "pending" in again.body["errors"][0]["message"]
    github.world.accept(github.world.invitations[made["id"]])
    assert await github.yes("GET", "/orgs/AAROC/invitations") == []
    assert (await github.yes("GET", place))["state"] == "active"
    member = await github.ask("POST", "/orgs/AAROC/invitations", body)
    assert member.status == 422 and "already a part" in member.body["errors"][0]["message"]
    assert github.events() == [
        "organization.member_invited", "organization.member_added", "membership.added",
    ]  # fmt: skip


async def test_an_invitation_is_taken_back(github: GitHub) -> None:
    body = {"invitee_id": github.user("outsider").id}
    made = await github.yes("POST", "/orgs/AAROC/invitations", body)
    await github.yes("DELETE", f"/orgs/AAROC/invitations/{made['id']}")
    assert (await github.ask("GET", "/orgs/AAROC/memberships/outsider")).status == 404
    assert (await github.ask("DELETE", f"/orgs/AAROC/invitations/{made['id']}")).status == 404


async def test_whom_nobody_can_invite(github: GitHub) -> None:
    outsider = github.user("outsider").id
    for body in (
        {}, {"invitee_id": 1}, {"invitee_id": "90100105"}, {"invitee_id": True},
        {"invitee_id": outsider, "team_ids": [1]}, {"invitee_id": outsider, "team_ids": "x"},
        {"invitee_id": outsider, "role": "owner"},
    ):  # fmt: skip
        assert (await github.ask("POST", "/orgs/AAROC/invitations", body)).status == 422
    assert not github.world.invitations


async def test_people_come_and_go(github: GitHub) -> None:
    path = "/orgs/AAROC/teams/za-ufs/memberships"
    assert (await github.yes("PUT", f"{path}/uj-admin"))["state"] == "active"
    assert (await github.yes("PUT", f"{path}/outsider"))["state"] == "pending"
    assert len(github.world.invitations) == 1
    await github.yes("DELETE", f"{path}/uj-admin")
    assert (await github.ask("DELETE", f"{path}/uj-admin")).status == 404
    await github.yes("DELETE", "/orgs/AAROC/memberships/outsider")
    assert not github.world.invitations
    await github.yes("DELETE", "/orgs/AAROC/members/uj-admin")
    assert (await github.ask("GET", "/orgs/AAROC/members/uj-admin")).status == 404
    assert github.events() == [
        "membership.added", "organization.member_invited", "membership.removed",
        "organization.member_removed",
    ]  # fmt: skip


async def test_teams_are_listed(github: GitHub) -> None:
    teams = await github.yes("GET", "/orgs/AAROC/teams")
    assert {"experts", "sites", "za-uj"} <= {team["slug"] for team in teams}
    made = github.world.add_team("za-new", "sites")
    github.world.remove_team("za-new")
    assert (await github.ask("GET", f"/orgs/AAROC/teams/{made.slug}")).status == 404
    assert github.events() == ["team.created", "team.deleted"]
