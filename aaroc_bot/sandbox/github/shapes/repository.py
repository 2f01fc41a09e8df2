"""The shapes of the repository and of what hangs on it."""

from dataclasses import dataclass

from aaroc_bot.sandbox.github.people import Where
from aaroc_bot.sandbox.github.shapes.people import owner_body

ID = 90300001
BEGAN = "2014-03-01T09:00:00Z"
LINKS = {
    "archive": "{archive_format}{/ref}", "assignees": "assignees{/user}",
    "blobs": "git/blobs{/sha}", "branches": "branches{/branch}",
    "collaborators": "collaborators{/collaborator}", "comments": "comments{/number}",
    "commits": "commits{/sha}", "compare": "compare/{base}...{head}",
    "contents": "contents/{+path}", "contributors": "contributors",
    "deployments": "deployments", "downloads": "downloads", "events": "events",
    "forks": "forks", "git_commits": "git/commits{/sha}", "git_refs": "git/refs{/sha}",
    "git_tags": "git/tags{/sha}", "hooks": "hooks",
    "issue_comment": "issues/comments{/number}", "issue_events": "issues/events{/number}",
    "issues": "issues{/number}", "keys": "keys{/key_id}", "labels": "labels{/name}",
    "languages": "languages", "merges": "merges", "milestones": "milestones{/number}",
    "notifications": "notifications{?since,all,participating}", "pulls": "pulls{/number}",
    "releases": "releases{/id}", "stargazers": "stargazers", "statuses": "statuses/{sha}",
    "subscribers": "subscribers", "subscription": "subscription", "tags": "tags",
    "teams": "teams", "trees": "git/trees{/sha}",
}  # fmt: skip


@dataclass(slots=True)
class Allowed:
    """Which ways of merging the repository allows."""

    merge: bool = True
    squash: bool = True
    rebase: bool = True


def minimal_repository(where: Where) -> dict[str, object]:
    """Shape what every mention of the repository tells."""
    return {
        "id": ID,
        "node_id": f"R_{ID}",
        "name": where.repository,
        "full_name": f"{where.org}/{where.repository}",
        "private": False,
        "owner": owner_body(where),
        "html_url": where.web,
        "description": "Everything is code",
        "fork": False,
        "url": where.api,
        **{f"{name}_url": f"{where.api}/{rest}" for name, rest in LINKS.items()},
        "git_url": f"git://github.com/{where.org}/{where.repository}.git",
        "ssh_url": f"git@github.com:{where.org}/{where.repository}.git",
        "clone_url": f"{where.web}.git",
        "svn_url": where.web,
        "mirror_url": None,
    }


def repository_body(where: Where, branch: str, open_pulls: int) -> dict[str, object]:
    """Shape the repository as a part of other things; `branch` is the default one."""
    counts = ("forks_count", "stargazers_count", "watchers_count", "forks", "watchers")
    return {
        **minimal_repository(where),
        "homepage": None,
        "language": None,
        "license": None,
        **dict.fromkeys(counts, 0),
        "size": 100,
        "default_branch": branch,
        "open_issues_count": open_pulls,
        "open_issues": open_pulls,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "visibility": "public",
        "pushed_at": BEGAN,
        "created_at": BEGAN,
        "updated_at": BEGAN,
        "allow_forking": True,
        "web_commit_signoff_required": False,
    }


def full_repository(
    where: Where, branch: str, open_pulls: int, allowed: Allowed, *, push: bool
) -> dict[str, object]:
    """Shape the repository by itself; `push`: whether the one who asks may write."""
    return {
        **repository_body(where, branch, open_pulls),
        "organization": owner_body(where),
        "subscribers_count": 0,
        "network_count": 0,
        "allow_merge_commit": allowed.merge,
        "allow_squash_merge": allowed.squash,
        "allow_rebase_merge": allowed.rebase,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "allow_update_branch": False,
        "permissions": {
            "admin": False, "maintain": False, "push": push, "triage": push, "pull": True,
        },
    }  # fmt: skip
