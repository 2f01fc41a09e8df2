"""The shapes of statuses and check runs."""

from aaroc_bot.sandbox.github.bare import stamp
from aaroc_bot.sandbox.github.people import Where
from aaroc_bot.sandbox.github.pull import CheckRun, Status
from aaroc_bot.sandbox.github.shapes.people import Who, user_body


def simple_status_body(where: Where, status: Status, sha: str) -> dict[str, object]:
    """Shape a status as a commit's combined status has it."""
    return {
        "url": f"{where.api}/statuses/{sha}",
        "avatar_url": None,
        "id": status.id,
        "node_id": f"SC_{status.id}",
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "created_at": stamp(status.at),
        "updated_at": stamp(status.at),
    }


def status_body(where: Where, status: Status, sha: str, who: Who) -> dict[str, object]:
    """Shape a status with who set it."""
    creator = user_body(where, who(status.by))
    return {**simple_status_body(where, status, sha), "creator": creator}


def check_run_body(where: Where, run: CheckRun, sha: str) -> dict[str, object]:
    """Shape a check run."""
    root, at = f"{where.api}/check-runs/{run.id}", stamp(run.at)
    nothing = dict.fromkeys(("title", "summary", "text"))
    return {
        "id": run.id,
        "head_sha": sha,
        "node_id": f"CR_{run.id}",
        "external_id": "",
        "url": root,
        "html_url": f"{where.web}/runs/{run.id}",
        "details_url": None,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": at,
        "completed_at": at if run.conclusion else None,
        "output": {**nothing, "annotations_count": 0, "annotations_url": f"{root}/annotations"},
        "name": run.name,
        "check_suite": {"id": run.id},
        "app": None,
        "pull_requests": [],
    }
