"""The Git data part of the REST API: blobs, trees and commits, read and written."""

import base64
import binascii
from datetime import UTC, datetime
from re import compile as pattern
from typing import Any

from aiohttp import web

from aaroc_bot.sandbox.github.answers import done, sent, speaker, yes
from aaroc_bot.sandbox.github.bare import Signature
from aaroc_bot.sandbox.github.problem import Problem, absent, invalid
from aaroc_bot.sandbox.github.repository import REPO, repository_of
from aaroc_bot.sandbox.github.shapes.commits import git_commit_body
from aaroc_bot.sandbox.github.trees import Entry, read_tree, write_tree

routes = web.RouteTableDef()

SHA = pattern(r"[0-9a-f]{40}")
LARGEST_TREE = 100_000
"""Entries that a listing of a tree has at most; `World.most_entries` may say fewer."""


@routes.post(REPO + "/git/blobs")
async def make_blob(request: web.Request) -> web.Response:
    """Write a blob."""
    world, bare = repository_of(request)
    body = await sent(request)
    content, encoding = body.get("content"), body.get("encoding", "utf-8")
    if not isinstance(content, str):
        raise Problem(422, 'Invalid request.\n\n"content" wasn\'t supplied.')
    if encoding not in {"utf-8", "base64"}:
        raise invalid("Blob", field="encoding", code="invalid")
    try:
        data = _from_base64(content) if encoding == "base64" else content.encode()
    except (binascii.Error, UnicodeError):
        raise Problem(422, "content is not valid Base64") from None
    sha = await bare.must("hash-object", "-w", "--stdin", input=data)
    return done({"sha": sha, "url": f"{world.where.api}/git/blobs/{sha}"})


@routes.get(REPO + "/git/blobs/{sha}")
async def blob(request: web.Request) -> web.Response:
    """Give a blob's content."""
    world, bare = repository_of(request)
    sha = request.match_info["sha"]
    if not SHA.fullmatch(sha):
        raise Problem(
            422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f]."
        )
    data = await bare.ask("cat-file", "blob", sha)
    if data is None:
        raise absent()
    content = base64.encodebytes(data).decode()
    return yes(
        request,
        {
            "sha": sha,
            "node_id": f"B_{sha}",
            "size": len(data),
            "url": f"{world.where.api}/git/blobs/{sha}",
            "content": content,
            "encoding": "base64",
        },
    )


@routes.post(REPO + "/git/trees")
async def make_tree(request: web.Request) -> web.Response:
    """Write a tree: entries over a base, or from nothing; a sha of null takes an entry out."""
    _, bare = repository_of(request)
    body = await sent(request)
    rows, named = body.get("tree"), body.get("base_tree")
    if not isinstance(rows, list) or not rows:
        raise Problem(422, "Invalid tree info")
    base = None
    if named is not None:
        base = await bare.object(named, "tree") if isinstance(named, str) else None
        if base is None:
            raise Problem(422, "base_tree is not a valid tree oid")
    sha = await write_tree(bare, base, rows)
    return done(await _tree_body(request, sha, recursive=False))


@routes.get(REPO + "/git/trees/{sha:.+}")
async def tree(request: web.Request) -> web.Response:
    """Give a tree by its sha, a commit's or a branch's name; ``recursive`` all below it."""
    _, bare = repository_of(request)
    sha = await bare.object(request.match_info["sha"], "tree")
    if sha is None:
        raise absent()
    return yes(request, await _tree_body(request, sha, recursive="recursive" in request.query))


async def _tree_body(request: web.Request, sha: str, *, recursive: bool) -> dict[str, object]:
    world, bare = repository_of(request)
    entries = await read_tree(bare, sha, recursive=recursive)
    most = min(LARGEST_TREE, world.most_entries or LARGEST_TREE)
    root = f"{world.where.api}/git"

    def row(entry: Entry) -> dict[str, object]:
        place = {"blob": "blobs", "tree": "trees"}.get(entry.kind)
        url = {"url": f"{root}/{place}/{entry.sha}"} if place else {}
        size = {} if entry.size is None else {"size": entry.size}
        told = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
        return {**told, **size, **url}

    return {
        "sha": sha,
        "url": f"{root}/trees/{sha}",
        "tree": [row(entry) for entry in entries[:most]],
        "truncated": len(entries) > most,
    }


@routes.post(REPO + "/git/commits")
async def make_commit(request: web.Request) -> web.Response:
    """Write a commit; no branch moves. Without a committer the author is it."""
    world, bare = repository_of(request)
    body = await sent(request)
    message, named, parents = body.get("message"), body.get("tree"), body.get("parents", [])
    if not isinstance(message, str) or not message:
        raise Problem(422, 'Invalid request.\n\n"message" wasn\'t supplied.')
    if not isinstance(named, str) or await bare.object(named, "tree") != named:
        raise Problem(422, "Tree SHA does not exist")
    if not isinstance(parents, list):
        raise Problem(
            422, "Invalid request.\n\nFor 'properties/parents', the value is not an array."
        )
    for parent in parents:
        if not isinstance(parent, str) or await bare.object(parent, "commit") != parent:
            raise Problem(422, "Parent SHA does not exist or is not a commit object")
    user, now = speaker(request), world.now()
    speaks = Signature(user.name, user.address, now)
    author = _signature(body.get("author"), now) or speaks
    committer = _signature(body.get("committer"), now) or author
    sha = await bare.write_commit(named, tuple(parents), author, committer, message)
    made = await bare.commit(sha)
    assert made is not None
    return done(git_commit_body(world.where, made))


@routes.get(REPO + "/git/commits/{sha}")
async def commit(request: web.Request) -> web.Response:
    """Give a commit as git's own object."""
    world, bare = repository_of(request)
    sha = request.match_info["sha"]
    found = await bare.commit(sha) if SHA.fullmatch(sha) else None
    if found is None:
        raise absent()
    return yes(request, git_commit_body(world.where, found))


def _signature(given: Any, now: datetime) -> Signature | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise Problem(422, "Invalid request.\n\nAn author or committer is not an object.")
    name, mail, date = given.get("name"), given.get("email"), given.get("date")
    for field, text in (("name", name), ("email", mail)):
        if not isinstance(text, str) or not text.strip():
            raise Problem(422, f'Invalid request.\n\n"{field}" wasn\'t supplied.')
    at = now
    if date is not None:
        try:
            at = datetime.fromisoformat(date)
        except (TypeError, ValueError):
            raise Problem(422, "Invalid request.\n\nA date is not in ISO 8601.") from None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Signature(str(name), str(mail), at)


def _from_base64(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)
