"""The shapes of commits, of differences and of git's own objects."""

from aaroc_bot.sandbox.github.bare import Commit
from aaroc_bot.sandbox.github.difference import File
from aaroc_bot.sandbox.github.people import Where
from aaroc_bot.sandbox.github.shapes.people import Mail, user_body

UNSIGNED: dict[str, object] = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}
VERIFIED: dict[str, object] = {
    "verified": True,
    "reason": "valid",
    "signature": "signed",
    "payload": "",
    "verified_at": "2026-06-08T14:00:00Z",
}


def signed(person: tuple[str, str, str]) -> dict[str, str]:
    """Shape who wrote or made a commit, as git has it."""
    return dict(zip(("name", "email", "date"), person, strict=True))


def commit_body(
    where: Where, commit: Commit, written_by: Mail, *, verified: bool = False
) -> dict[str, object]:
    """Shape a commit; author and committer are users only where a user has their mail."""
    root = where.api

    def who(person: tuple[str, str, str]) -> dict[str, object] | None:
        user = written_by(person[1])
        return user_body(where, user) if user else None

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
            "verification": VERIFIED if verified else UNSIGNED,
        },
        "url": f"{root}/commits/{commit.sha}",
        "html_url": f"{where.web}/commit/{commit.sha}",
        "comments_url": f"{root}/commits/{commit.sha}/comments",
        "author": who(commit.author),
        "committer": who(commit.committer),
        "parents": [
            {
                "sha": sha,
                "url": f"{root}/commits/{sha}",
                "html_url": f"{where.web}/commit/{sha}",
            }
            for sha in commit.parents
        ],
    }


def git_commit_body(where: Where, commit: Commit) -> dict[str, object]:
    """Shape a commit as git's own object."""
    root = f"{where.api}/git"
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha}",
        "url": f"{root}/commits/{commit.sha}",
        "html_url": f"{where.web}/commit/{commit.sha}",
        "author": signed(commit.author),
        "committer": signed(commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": f"{root}/trees/{commit.tree}"},
        "parents": [
            {
                "sha": sha,
                "url": f"{root}/commits/{sha}",
                "html_url": f"{where.web}/commit/{sha}",
            }
            for sha in commit.parents
        ],
        "verification": UNSIGNED,
    }


def file_body(where: Where, file: File, at: str) -> dict[str, object]:
    """Shape what became of a file; `at` is the commit that has it so."""
    body: dict[str, object] = {
        "sha": file.blob,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{where.web}/blob/{at}/{file.path}",
        "raw_url": f"{where.web}/raw/{at}/{file.path}",
        "contents_url": f"{where.api}/contents/{file.path}?ref={at}",
    }
    if file.patch is not None:
        body["patch"] = file.patch
    if file.before is not None:
        body["previous_filename"] = file.before
    return body


def ref_body(where: Where, ref: str, sha: str) -> dict[str, object]:
    """Shape a ref, whose full name begins with ``refs/``."""
    return {
        "ref": ref,
        "node_id": f"REF_{ref}",
        "url": f"{where.api}/git/{ref}",
        "object": {"type": "commit", "sha": sha, "url": f"{where.api}/git/commits/{sha}"},
    }
