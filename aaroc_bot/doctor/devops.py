"""The DevOps repository, asked by git as the mirror fetches it."""

import tempfile
from datetime import timedelta
from pathlib import Path

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.doctor.finding import Finding, failed, off, ok
from aaroc_bot.doctor.limiting import SECONDS
from aaroc_bot.repo.credential import Credential
from aaroc_bot.repo.git import Git, GitFault
from aaroc_bot.settings import Settings

REPOSITORY = "DevOps repository"
LIMIT = timedelta(seconds=SECONDS - 1)


async def examine_repository(settings: Settings) -> Finding:
    """Ask it for its default branch."""
    named = settings.repository
    if named is None:
        return off(REPOSITORY)

    async def token() -> str | None:
        return await _token(settings)

    try:
        sha = await head(named, Credential(settings.github.web_url, token))
    except GitFault as fault:
        do = "see AAROC_REPOSITORY, and whether this user may read it"
        return failed(REPOSITORY, f"cannot be read: {fault}", do)
    except Unavailable:
        return failed(REPOSITORY, "cannot be read: git does not start", "install git")
    if not sha:
        return failed(REPOSITORY, "has no default branch", "push a first commit to it")
    return ok(REPOSITORY, f"its default branch is at {sha[:7]}")


async def head(named: str, credential: Credential) -> str:
    """Give the newest commit of the default branch, empty where there is none.

    `named` is a path or URL. Raises `GitFault`, or `Unavailable` without git.
    """
    local = Path(named).expanduser()
    source, safe = (str(local.resolve()), [local.resolve()]) if local.exists() else (named, [])
    with tempfile.TemporaryDirectory(prefix="aaroc-doctor-") as folder:
        git = Git(Path(folder, "none.git"), Path(folder, "home"), safe, credential)
        await git.ensure()
        told = await git(
            "ls-remote", "--", source, "HEAD", time_limit=LIMIT, here=False, source=source
        )
    return told.split()[0].decode() if told.strip() else ""


async def _token(settings: Settings) -> str | None:
    """Give the bot's token for a repository that is not public; what is amiss its own check tells."""
    github = settings.github
    if settings.github_token or not github.org or github.app_id is None:
        return settings.github_token
    from aaroc_bot.doctor.github_asking import way_of  # noqa: PLC0415 - a second of imports

    try:
        way = way_of(settings)
    except ValueError:
        return None
    try:
        return await way.api.token()
    finally:
        way.api.close()
