"""The shapes of an App and its installation."""

from aaroc_bot.sandbox.github.people import Where
from aaroc_bot.sandbox.github.shapes.people import org_body, owner_body
from aaroc_bot.sandbox.github.tokens import App

EVENTS = ["membership", "organization", "pull_request", "pull_request_review", "push", "team"]
TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}


def permissions(app: App) -> dict[str, str]:
    """Shape what the App may do, from its rights."""
    given = {"metadata": "read", "checks": "read"}
    for right in sorted(app.rights):
        name, _, access = right.partition(":")
        if not access or name not in given:
            given[name] = access or "write"
    return given


def app_body(where: Where, app: App) -> dict[str, object]:
    """Shape the App."""
    return {
        "id": app.id,
        "slug": app.slug,
        "client_id": f"Iv1.{app.id}",
        "node_id": f"A_{app.id}",
        "owner": owner_body(where),
        "name": app.slug,
        "description": "",
        "external_url": "https://example.org",
        "html_url": f"{where.root}/apps/{app.slug}",
        **TIMES,
        "permissions": permissions(app),
        "events": EVENTS,
        "installations_count": 1,
    }


def installation_body(where: Where, app: App) -> dict[str, object]:
    """Shape its installation in the organisation."""
    root = f"{where.root}/app/installations/{app.installation}"
    return {
        "id": app.installation,
        "account": {**org_body(where), **owner_body(where)},
        "repository_selection": "all",
        "access_tokens_url": f"{root}/access_tokens",
        "repositories_url": f"{where.root}/installation/repositories",
        "html_url": f"{where.root}/organizations/{where.org}/settings/installations/{app.installation}",
        "app_id": app.id,
        "app_slug": app.slug,
        "client_id": f"Iv1.{app.id}",
        "target_id": where.org_id,
        "target_type": "Organization",
        "permissions": permissions(app),
        "events": EVENTS,
        **TIMES,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": None,
    }
