"""Invitations, memberships and Apps as githubkit reads them."""

import asyncio

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from githubkit import AppAuthStrategy
from githubkit_schemas.latest.models import Team, TeamMembership

from aaroc_bot.sandbox.github.people import User
from aaroc_bot.sandbox.github.tokens import App
from tests.sandbox.playing import ORG, REPO, Kit, plays, refused, rows

TEAM = "/orgs/{org}/teams/{slug}/memberships/{login}"
BY_ID = "/organizations/{org}/team/{team}/memberships/{login}"
INVITATION = "/orgs/{org}/invitations/{id}"


@plays(
    "GET /orgs/{org}/invitations", "POST /orgs/{org}/invitations", f"DELETE {INVITATION}",
    f"GET {INVITATION}/teams", "GET /organizations/{org}/invitations/{id}/teams",
)  # fmt: skip
async def test_somebody_is_invited_and_the_invitation_taken_back(kit: Kit) -> None:
    orgs, world = kit.bot.rest.orgs, kit.world
    outsider, team = world.user("outsider"), world.teams["za-uj"]
    assert outsider is not None
    made = await orgs.async_create_invitation(
        ORG, invitee_id=outsider.id, role="direct_member", team_ids=[team.id]
    )
    assert made.parsed_data.login == "outsider"
    again = orgs.async_create_invitation(ORG, invitee_id=outsider.id)
    await refused(again, 422, "Validation Failed")
    member = orgs.async_create_invitation(ORG, invitee_id=world.bot.id - 98)
    await refused(member, 422, "Validation Failed")
    waiting = rows(await orgs.async_list_pending_invitations(ORG))
    assert [one.id for one in waiting] == [made.parsed_data.id]
    teams = rows(await orgs.async_list_invitation_teams(ORG, made.parsed_data.id))
    assert [one.slug for one in teams] == ["za-uj"]
    at = made.parsed_data.invitation_teams_url
    assert rows(await kit.bot.arequest("GET", at, response_model=list[Team]))
    mine = (await orgs.async_get_membership_for_user(ORG, "outsider")).parsed_data
    assert mine.state == "pending"
    await orgs.async_cancel_invitation(ORG, made.parsed_data.id)
    assert rows(await orgs.async_list_pending_invitations(ORG)) == []


@plays(f"PUT {TEAM}", f"DELETE {TEAM}", f"PUT {BY_ID}", f"DELETE {BY_ID}", "GET /orgs/{org}/teams")
async def test_members_come_into_teams_and_leave_them(kit: Kit) -> None:
    teams = kit.bot.rest.teams
    found = {one.slug: one for one in rows(await teams.async_list(ORG))}
    put = await teams.async_add_or_update_membership_for_user_in_org(
        ORG, "za-uj", "ufs-admin", role="member"
    )
    assert put.parsed_data.state == "active"
    await teams.async_remove_membership_for_user_in_org(ORG, "za-uj", "ufs-admin")
    at = f"{found['za-uj'].url}/memberships/outsider"
    by_id = await kit.bot.arequest("PUT", at, json={}, response_model=TeamMembership)
    assert by_id.parsed_data.state == "pending"
    assert (await kit.bot.arequest("DELETE", at)).status_code == 204


@plays("DELETE /orgs/{org}/members/{login}", "DELETE /orgs/{org}/memberships/{login}")
async def test_members_leave(kit: Kit) -> None:
    orgs = kit.bot.rest.orgs
    await orgs.async_remove_member(ORG, "uj-admin")
    await orgs.async_remove_membership_for_user(ORG, "ufs-admin")
    await refused(orgs.async_remove_member(ORG, "outsider"), 404)
    left = {user.login for user in rows(await orgs.async_list_members(ORG))}
    assert not left & {"uj-admin", "ufs-admin"}


def install(kit: Kit) -> str:
    """Install an App that acts as the bot, and give its private key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    bot = kit.world.bots[90100198] = User(90100198, "aaroc-bot[bot]", "aaroc-bot[bot]", "", "Bot")
    kit.world.app = App(1234, "aaroc-bot", 5678, bot.id, public.decode())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@plays(
    "GET /app", "GET /app/installations", "GET /app/installations/{id}",
    "GET /orgs/{org}/installation", "GET /repos/{owner}/{name}/installation",
    "POST /app/installations/{id}/access_tokens", "GET /installation/repositories",
)  # fmt: skip
async def test_an_app_logs_in_and_gets_a_token(kit: Kit) -> None:
    strategy = AppAuthStrategy(1234, await asyncio.to_thread(install, kit))
    speaks = kit.made(strategy)
    apps = speaks.rest.apps
    app = (await apps.async_get_authenticated()).parsed_data
    assert app and app.slug == "aaroc-bot"
    (one,) = rows(await apps.async_list_installations())
    of_org = (await apps.async_get_org_installation(ORG)).parsed_data
    of_repo = (await apps.async_get_repo_installation(ORG, REPO)).parsed_data
    by_id = (await apps.async_get_installation(5678)).parsed_data
    assert {one.id, of_org.id, of_repo.id, by_id.id} == {5678}
    token = (await apps.async_create_installation_access_token(5678)).parsed_data
    installed = kit.speaking(token.token).rest
    repositories = await installed.apps.async_list_repos_accessible_to_installation()
    assert [each.name for each in repositories.parsed_data.repositories] == [REPO]
    await refused(installed.apps.async_get_authenticated(), 401)
    await refused(kit.bot.rest.apps.async_get_authenticated(), 401)
