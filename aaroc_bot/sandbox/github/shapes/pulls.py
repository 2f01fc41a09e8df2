"""The shapes of pull requests and reviews."""

from aaroc_bot.sandbox.github.bare import stamp
from aaroc_bot.sandbox.github.people import Where
from aaroc_bot.sandbox.github.pull import Pull, Review
from aaroc_bot.sandbox.github.shapes.people import Who, owner_body, user_body

FIRST_ID = 90600000
"""What is added to a pull request's number for its id."""


def _links(where: Where, pull: Pull) -> dict[str, str]:
    root, issue = f"{where.api}/pulls/{pull.number}", f"{where.api}/issues/{pull.number}"
    return {
        "self": root,
        "html": f"{where.web}/pull/{pull.number}",
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{root}/comments",
        "review_comment": f"{where.api}/pulls/comments{{/number}}",
        "commits": f"{root}/commits",
        "statuses": f"{where.api}/statuses/{pull.head}",
    }


def _ends(where: Where, pull: Pull, repository: dict[str, object]) -> dict[str, object]:
    def end(branch: str, sha: str) -> dict[str, object]:
        return {
            "label": f"{where.org}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": owner_body(where),
            "repo": repository,
        }

    return {"head": end(pull.branch, pull.head), "base": end(pull.base, pull.base_sha)}


def _times(pull: Pull) -> dict[str, object]:
    return {
        "created_at": stamp(pull.created),
        "updated_at": stamp(pull.updated),
        "closed_at": stamp(pull.closed) if pull.closed else None,
        "merged_at": stamp(pull.merged) if pull.merged else None,
    }


def simple_pull(
    where: Where, pull: Pull, who: Who, repository: dict[str, object]
) -> dict[str, object]:
    """Shape a pull request as lists have it; `repository` is shaped already."""
    links = _links(where, pull)
    addresses = {f"{name}_url": url for name, url in links.items() if name != "self"}
    return {
        "url": links["self"],
        "id": FIRST_ID + pull.number,
        "node_id": f"PR_{FIRST_ID + pull.number}",
        **addresses,
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "body": pull.body,
        "user": user_body(where, who(pull.author)),
        **dict.fromkeys(("active_lock_reason", "milestone", "assignee", "auto_merge")),
        "labels": [],
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        **_times(pull),
        "merge_commit_sha": pull.merge_commit,
        "draft": pull.draft,
        **_ends(where, pull, repository),
        "_links": {name: {"href": url} for name, url in links.items()},
        "author_association": "MEMBER",
    }


def full_pull(
    where: Where, pull: Pull, who: Who, repository: dict[str, object], state: str
) -> dict[str, object]:
    """Shape a pull request by itself; `state` is its ``mergeable_state``."""
    merged = pull.merged is not None
    return {
        **simple_pull(where, pull, who, repository),
        "merged": merged,
        "mergeable": None if merged else pull.mergeable,
        "rebaseable": None if merged else pull.mergeable,
        "mergeable_state": state,
        "merged_by": None if pull.merged_by is None else user_body(where, who(pull.merged_by)),
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": pull.commits,
        "additions": pull.additions,
        "deletions": pull.deletions,
        "changed_files": pull.changed_files,
    }


def review_body(where: Where, pull: Pull, review: Review, who: Who) -> dict[str, object]:
    """Shape a review."""
    root = f"{where.api}/pulls/{pull.number}"
    page = f"{where.web}/pull/{pull.number}#pullrequestreview-{review.id}"
    body = {
        "id": review.id,
        "node_id": f"PRR_{review.id}",
        "user": user_body(where, who(review.by)),
        "body": review.body,
        "state": review.state,
        "html_url": page,
        "pull_request_url": root,
        "author_association": "MEMBER",
        "_links": {"html": {"href": page}, "pull_request": {"href": root}},
        "commit_id": review.commit,
    }
    return body if review.state == "PENDING" else {**body, "submitted_at": stamp(review.at)}
