"""The shapes of users, the organisation, teams and invitations."""

from collections.abc import Callable

from aaroc_bot.sandbox.github.bare import stamp
from aaroc_bot.sandbox.github.people import Invitation, Team, User, Where

Who = Callable[[int], User]
"""Gives a user by id."""
Mail = Callable[[str], User | None]
"""Gives the user whose commits carry a mail address."""


def user_body(where: Where, user: User) -> dict[str, object]:
    """Shape a user as GitHub's "simple user"."""
    root = f"{where.root}/users/{user.login}"
    return {
        "login": user.login,
        "id": user.id,
        "node_id": f"U_{user.id}",
        "avatar_url": "",
        "gravatar_id": "",
        "url": root,
        "html_url": f"https://github.com/{user.login}",
        "followers_url": f"{root}/followers",
        "following_url": f"{root}/following{{/other_user}}",
        "gists_url": f"{root}/gists{{/gist_id}}",
        "starred_url": f"{root}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{root}/subscriptions",
        "organizations_url": f"{root}/orgs",
        "repos_url": f"{root}/repos",
        "events_url": f"{root}/events{{/privacy}}",
        "received_events_url": f"{root}/received_events",
        "type": user.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(where: Where, user: User) -> dict[str, object]:
    """Shape a user as GitHub's "public user"."""
    times = {"created_at": "2014-03-01T09:00:00Z", "updated_at": "2026-01-10T09:00:00Z"}
    nothing = dict.fromkeys(("company", "location", "email", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {
        **user_body(where, user), "name": user.name, "blog": "", **nothing, **counts, **times
    }  # fmt: skip


def org_body(where: Where) -> dict[str, object]:
    """Shape the organisation as GitHub's "simple organisation"."""
    root = f"{where.root}/orgs/{where.org}"
    return {
        "login": where.org,
        "id": where.org_id,
        "node_id": f"O_{where.org_id}",
        "url": root,
        "repos_url": f"{root}/repos",
        "events_url": f"{root}/events",
        "hooks_url": f"{root}/hooks",
        "issues_url": f"{root}/issues",
        "members_url": f"{root}/members{{/member}}",
        "public_members_url": f"{root}/public_members{{/member}}",
        "avatar_url": "",
        "description": "Africa-Arabia Regional Operations Centre",
    }


def full_org(where: Where) -> dict[str, object]:
    """Shape the organisation as GitHub's "organization full"."""
    times = {"created_at": "2014-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {
        **org_body(where),
        "type": "Organization",
        "html_url": f"https://github.com/{where.org}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "archived_at": None,
        **counts,
        **times,
    }


def owner_body(where: Where) -> dict[str, object]:
    """Shape the organisation as the "simple user" that owns the repository."""
    return user_body(where, User(where.org_id, where.org, where.org, "", "Organization"))


def team_body(where: Where, team: Team, parent: Team | None) -> dict[str, object]:
    """Shape a team with the one that it is directly below."""
    root = f"{where.root}/organizations/{where.org_id}/team/{team.id}"
    return {
        "name": team.name,
        "id": team.id,
        "node_id": f"T_{team.id}",
        "slug": team.slug,
        "description": "",
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "url": root,
        "html_url": f"https://github.com/orgs/{where.org}/teams/{team.slug}",
        "members_url": f"{root}/members{{/member}}",
        "repositories_url": f"{root}/repos",
        "type": "organization",
        "organization_id": where.org_id,
        "permission": "pull",
        "parent": team_body(where, parent, None) if parent else None,
    }


def membership_body(where: Where, user: User, state: str) -> dict[str, object]:
    """Shape a membership in the organisation; `state` is ``active`` or ``pending``."""
    root = f"{where.root}/orgs/{where.org}"
    return {
        "url": f"{root}/memberships/{user.login}",
        "state": state,
        "role": "member",
        "organization_url": root,
        "organization": org_body(where),
        "user": user_body(where, user),
    }


def team_membership_body(where: Where, team: Team, user: User, state: str) -> dict[str, object]:
    """Shape a membership in a team; `state` is ``active`` or ``pending``."""
    root = f"{where.root}/organizations/{where.org_id}/team/{team.id}"
    return {"url": f"{root}/memberships/{user.login}", "role": "member", "state": state}


def invitation_body(where: Where, invitation: Invitation, who: Who) -> dict[str, object]:
    """Shape an invitation that waits."""
    root = f"{where.root}/organizations/{where.org_id}/invitations/{invitation.id}"
    return {
        "id": invitation.id,
        "node_id": f"OI_{invitation.id}",
        "login": who(invitation.user).login,
        "email": None,
        "role": "direct_member",
        "created_at": stamp(invitation.at),
        "failed_at": None,
        "failed_reason": None,
        "inviter": user_body(where, who(invitation.by)),
        "team_count": len(invitation.teams),
        "invitation_teams_url": f"{root}/teams",
        "invitation_source": "member",
    }
