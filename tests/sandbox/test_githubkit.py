"""The organisation as githubkit reads it: every answer is valid by GitHub's description."""

from githubkit_schemas.latest.models import SimpleUser, Team, TeamFull, TeamMembership

from tests.sandbox.playing import ORG, Kit, plays, refused, rows


@plays("GET /rate_limit", "GET /user", "GET /users/{login}", "GET /user/{id}")
async def test_users(kit: Kit) -> None:
    rest = kit.bot.rest
    limits = (await rest.rate_limit.async_get()).parsed_data
    assert limits.resources.core.limit == 5000
    assert (await rest.users.async_get_authenticated()).parsed_data.login == "aaroc-bot"
    by_login = (await rest.users.async_get_by_username("UJ-Admin")).parsed_data
    assert (await rest.users.async_get_by_id(by_login.id)).parsed_data.login == "uj-admin"
    await refused(rest.users.async_get_by_username("nobody"), 404, "Not Found")


@plays(
    "GET /orgs/{org}",
    "GET /orgs/{org}/members",
    "GET /orgs/{org}/members/{login}",
    "GET /orgs/{org}/memberships/{login}",
)
async def test_the_organisation_and_its_members(kit: Kit) -> None:
    orgs = kit.bot.rest.orgs
    assert (await orgs.async_get(ORG)).parsed_data.login == ORG
    first = await orgs.async_list_members(ORG, per_page=2)
    assert len(first.parsed_data) == 2 and 'rel="next"' in first.headers["link"]
    assert (await orgs.async_check_membership_for_user(ORG, "uj-admin")).status_code == 204
    mine = (await orgs.async_get_membership_for_user(ORG, "uj-admin")).parsed_data
    assert (mine.state, mine.role) == ("active", "member")
    await refused(orgs.async_get_membership_for_user(ORG, "outsider"), 404)


@plays(
    "GET /orgs/{org}/teams/{slug}",
    "GET /orgs/{org}/teams/{slug}/teams",
    "GET /orgs/{org}/teams/{slug}/members",
    "GET /orgs/{org}/teams/{slug}/memberships/{login}",
)
async def test_teams_by_slug(kit: Kit) -> None:
    teams = kit.bot.rest.teams
    found = (await teams.async_get_by_name(ORG, "za-uj")).parsed_data
    assert found.parent and found.parent.slug == "sites"
    below = rows(await teams.async_list_child_in_org(ORG, "sites"))
    assert "za-uj" in [team.slug for team in below]
    people = rows(await teams.async_list_members_in_org(ORG, "sites"))
    assert "uj-admin" in [user.login for user in people]
    of = (await teams.async_get_membership_for_user_in_org(ORG, "za-uj", "uj-admin")).parsed_data
    assert of.state == "active"
    await refused(teams.async_get_membership_for_user_in_org(ORG, "za-uj", "outsider"), 404)


@plays(
    "GET /organizations/{org}/team/{team}",
    "GET /organizations/{org}/team/{team}/teams",
    "GET /organizations/{org}/team/{team}/members",
    "GET /organizations/{org}/team/{team}/memberships/{login}",
)
async def test_teams_by_id(kit: Kit) -> None:
    """The description knows these paths only from the addresses that answers carry."""
    sites = (await kit.bot.rest.teams.async_get_by_name(ORG, "sites")).parsed_data
    again = await kit.bot.arequest("GET", sites.url, response_model=TeamFull)
    assert again.parsed_data.id == sites.id
    below = await kit.bot.arequest("GET", f"{sites.url}/teams", response_model=list[Team])
    assert len(below.parsed_data) == 5
    at = sites.members_url.removesuffix("{/member}")
    people = await kit.bot.arequest("GET", at, response_model=list[SimpleUser])
    assert "uj-admin" in [user.login for user in people.parsed_data]
    of = f"{sites.url}/memberships/uj-admin"
    mine = await kit.bot.arequest("GET", of, response_model=TeamMembership)
    assert mine.parsed_data.state == "active"
