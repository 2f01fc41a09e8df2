"""The shapes of branches and of the rules that hold for them."""

from collections.abc import Mapping

from aaroc_bot.sandbox.github.people import Where
from aaroc_bot.sandbox.github.pull import Protection

RULESET = 90700001


def branch_body(
    where: Where, name: str, commit: dict[str, object], protected: Mapping[str, Protection]
) -> dict[str, object]:
    """Shape a branch with its newest commit."""
    root = f"{where.api}/branches/{name}"
    held = name in protected
    checks = {"enforcement_level": "off", "contexts": [], "checks": []}
    return {
        "name": name,
        "commit": commit,
        "_links": {"self": root, "html": f"{where.web}/tree/{name}"},
        "protected": held,
        "protection": {"enabled": held, "required_status_checks": checks},
        "protection_url": f"{root}/protection",
    }


def short_branch(
    where: Where, name: str, sha: str, protected: Mapping[str, Protection]
) -> dict[str, object]:
    """Shape a branch as lists have it."""
    body = branch_body(where, name, {"sha": sha, "url": f"{where.api}/commits/{sha}"}, protected)
    del body["_links"]
    return body


def rule_body(where: Where, wanted: Protection) -> dict[str, object]:
    """Shape the rule that a branch changes by pull requests only."""
    return {
        "type": "pull_request",
        "ruleset_source_type": "Repository",
        "ruleset_source": f"{where.org}/{where.repository}",
        "ruleset_id": RULESET,
        "parameters": {
            "allowed_merge_methods": ["merge", "squash", "rebase"],
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": wanted.last_push,
            "required_approving_review_count": wanted.reviews,
            "required_review_thread_resolution": False,
        },
    }
