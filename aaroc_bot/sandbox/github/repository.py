"""The repository's part of the REST API, answered from a bare git repository."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from aaroc_bot.process import environment, run
from aaroc_bot.sandbox.github.answers import WORLD, Problem, absent, page, yes
from aaroc_bot.sandbox.github.organisation import api, org_body, user_body

routes = web.RouteTableDef()

FORMAT = "%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%B%x1e"
NEWEST = 1000
"""Commits that a listing looks back at most."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A bare repository, and the name under which it is served."""

    name: str
    path: Path

    async def git(self, *arguments: str) -> str | None:
        """Run git and give its output; None if git says no."""
        done = await run(
            ["git", "--no-pager", f"--git-dir={self.path}", *arguments],
            env=environment(self.path, {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}),
            cwd=self.path,
            time_limit=timedelta(seconds=20),
            limit_bytes=32 * 1024 * 1024,
        )
        return done.output.decode(errors="replace") if done.ok else None


REPOSITORY = web.AppKey("repository", Repository)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, as git tells it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    committer: tuple[str, str, str]
    message: str


def _commits(text: str) -> list[Commit]:
    found = []
    for record in text.split("\x1e"):
        if record.strip():
            sha, tree, parents, *people, message = record.lstrip("\n").split("\x1f")
            author, committer = tuple(people[:3]), tuple(people[3:])
            found.append(
                Commit(
                    sha,
                    tree,
                    tuple(parents.split()),
                    (author[0], author[1], author[2]),
                    (committer[0], committer[1], committer[2]),
                    message.rstrip("\n"),
                )
            )
    return found


def _repository(request: web.Request) -> Repository:
    """Give the repository if the path names it (in any letter case)."""
    repository = request.app[REPOSITORY]
    named = (request.match_info["owner"].casefold(), request.match_info["name"].casefold())
    if named != (request.app[WORLD].org.casefold(), repository.name.casefold()):
        raise absent()
    return repository


def _root(request: web.Request, repository: Repository) -> str:
    return f"{api(request)}/repos/{request.app[WORLD].org}/{repository.name}"


def _commit_body(request: web.Request, repository: Repository, commit: Commit) -> dict[str, object]:
    """Shape a commit; author and committer are users only where a user has their mail."""
    world, root = request.app[WORLD], _root(request, repository)

    def who(person: tuple[str, str, str]) -> dict[str, object] | None:
        user = world.written_by(person[1])
        return user_body(request, user) if user else None

    def signed(person: tuple[str, str, str]) -> dict[str, str]:
        return dict(zip(("name", "email", "date"), person, strict=True))

    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha}",
        "commit": {
            "author": signed(commit.author),
            "committer": signed(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{root}/git/trees/{commit.tree}"},
            "url": f"{root}/git/commits/{commit.sha}",
            "comment_count": 0,
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        },
        "url": f"{root}/commits/{commit.sha}",
        "html_url": f"https://github.com/{world.org}/{repository.name}/commit/{commit.sha}",
        "comments_url": f"{root}/commits/{commit.sha}/comments",
        "author": who(commit.author),
        "committer": who(commit.committer),
        "parents": [{"sha": sha, "url": f"{root}/commits/{sha}"} for sha in commit.parents],
    }


async def _branch(repository: Repository) -> str:
    name = await repository.git("symbolic-ref", "--short", "HEAD")
    return (name or "main").strip()


@routes.get("/repos/{owner}/{name}")
async def repository(request: web.Request) -> web.Response:
    """Tell of the repository."""
    found, world = _repository(request), request.app[WORLD]
    return yes(
        request,
        {
            "id": 90300001,
            "node_id": "R_90300001",
            "name": found.name,
            "full_name": f"{world.org}/{found.name}",
            "private": False,
            "owner": {**org_body(request, world), "type": "Organization"},
            "html_url": f"https://github.com/{world.org}/{found.name}",
            "description": "Everything is code",
            "fork": False,
            "url": _root(request, found),
            "archived": False,
            "disabled": False,
            "visibility": "public",
            "default_branch": await _branch(found),
            "permissions": {"admin": False, "push": True, "pull": True},
        },
    )


@routes.get("/repos/{owner}/{name}/commits")
async def commits(request: web.Request) -> web.Response:
    """List commits, newest first; ``sha`` begins elsewhere, ``path`` keeps those that touch it."""
    found = _repository(request)
    start = request.query.get("sha") or await _branch(found)
    path = request.query.get("path")
    text = await found.git(
        "log", f"-{NEWEST}", f"--format={FORMAT}", "--end-of-options", start, "--",
        *([path] if path else []),
    )  # fmt: skip
    if text is None:
        raise absent()
    return page(request, _commits(text), lambda commit: _commit_body(request, found, commit))


@routes.get("/repos/{owner}/{name}/commits/{ref:.+}")
async def commit(request: web.Request) -> web.Response:
    """Tell of a commit by its sha, a part of it, or a branch."""
    found = _repository(request)
    ref = request.match_info["ref"]
    # `-s` makes `show` print the commit alone; `^{commit}` refuses other objects.
    text = await found.git(
        "show", "-s", f"--format={FORMAT}", "--end-of-options", f"{ref}^{{commit}}"
    )
    if not text:
        raise Problem(422, f"No commit found for SHA: {ref}")
    return yes(request, _commit_body(request, found, _commits(text)[0]))
