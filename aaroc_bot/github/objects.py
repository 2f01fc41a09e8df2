"""Git's objects and branches, by GitHub's API: what a Change is made of. No clone is pushed."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from aaroc_bot.core.rights import Person
from aaroc_bot.github.api import Refused, Silent
from aaroc_bot.github.asking import GitHubAway, branch_path, checked_sha, parsed, there
from aaroc_bot.github.repository import RepositoryAsking
from aaroc_bot.github.shapes import (
    BLOB,
    COMPARISON,
    GIT_COMMIT,
    HAS_SHA,
    REF,
    TREE,
)

BIGGEST = 1_000_000
"""Bytes of a file that is read."""
PLAIN = ("100644", "100755")
"""Modes of files with content of their own; a new one gets the first."""
NO_REPLY = "users.noreply.github.com"


@dataclass(frozen=True, slots=True)
class Bot:
    """Who commits for the bot."""

    name: str
    mail: str


class Objects(RepositoryAsking):
    """Reads and makes commits; moves the branches that Changes have."""

    async def merge_base(self, base: str, head: str) -> str:
        """Give the commit at which `head` left `base` (branches or shas)."""
        span = f"{quote(base, safe='')}...{quote(head, safe='')}"
        reply = await self._ask(f"{self._root}/compare/{span}?per_page=1")
        return parsed(COMPARISON, there(reply)).merge_base_commit.sha

    async def tree(self, sha: str) -> Sequence[tuple[str, str, str, int]]:
        """List everything but folders at a commit or tree: path, mode, id, size.

        Links and modules are listed as such, by their modes. A tree that GitHub does not
        list as a whole is `Refused`.
        """
        reply = await self._ask(f"{self._root}/git/trees/{checked_sha(sha)}?recursive=1")
        tree = parsed(TREE, there(reply))
        if tree.truncated:
            raise Refused(413, "the tree is too big to be listed")
        return [
            (entry.path, entry.mode, entry.sha, entry.size)
            for entry in tree.tree
            if entry.type != "tree"
        ]

    async def blob(self, id: str) -> bytes:
        """Read a file's content by its id, which it is checked against."""
        reply = await self._ask(f"{self._root}/git/blobs/{checked_sha(id)}")
        blob = parsed(BLOB, there(reply))
        try:
            content = (
                base64.b64decode(blob.content)
                if blob.encoding == "base64"
                else blob.content.encode()
            )
        except (binascii.Error, ValueError):
            content = b""
        if len(content) > BIGGEST:
            raise Refused(413, "the file is too big to be read")
        if _id_of(content, len(id)) != id:
            raise GitHubAway(Silent("GitHub's answer is not what was asked for"))
        return content

    async def commit(  # noqa: PLR0917 - a commit is all of this
        self,
        base: str,
        contents: Mapping[str, bytes | None],
        message: str,
        author: Person,
        at: datetime,
        by: Bot,
        *,
        onto: str | None = None,
    ) -> str:
        """Make a commit on top of `base` (None: the file goes) and give its sha.

        With `onto` it follows that commit before `base`: a branch that ends there can move
        to it without force, and still differs from `base` by these files alone.

        No branch moves, and the same again comes to the same sha. A path that is a link or
        module at `base` is `Refused`. `by` is told as committer: without one, GitHub takes
        the author for it.
        """
        reply = await self._ask(f"{self._root}/git/commits/{checked_sha(base)}")
        tree = parsed(GIT_COMMIT, there(reply)).tree.sha
        modes = {path: mode for path, mode, _, _ in await self.tree(tree)}
        entries = [
            {
                "path": path,
                "mode": _mode(path, modes),
                "type": "blob",
                "sha": None if content is None else await self._keep(content),
            }
            for path, content in contents.items()
        ]
        made = parsed(
            HAS_SHA,
            await self._send(
                "POST", f"{self._root}/git/trees", {"base_tree": tree, "tree": entries}
            ),
        )
        date = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        mail = f"{author.id}+{author.login}@{NO_REPLY}"
        body = {
            "message": message,
            "tree": made.sha,
            "parents": [onto, base] if onto else [base],
            "author": {"name": author.login, "email": mail, "date": date},
            "committer": {"name": by.name, "email": by.mail, "date": date},
        }
        return parsed(HAS_SHA, await self._send("POST", f"{self._root}/git/commits", body)).sha

    async def branch(self, name: str) -> str | None:
        """Give the sha of a branch, None if there is none."""
        reply = await self._ask(f"{self._root}/git/ref/heads/{branch_path(name)}")
        return None if reply.status == 404 else parsed(REF, reply.body).object.sha

    async def begin(self, name: str, sha: str) -> None:
        """Make a branch; one that is there already is `Refused` (422)."""
        body = {"ref": f"refs/heads/{name}", "sha": sha}
        await self._send("POST", f"{self._root}/git/refs", body)

    async def move(self, name: str, sha: str, *, force: bool = True) -> None:
        """Let a Change's branch end at another commit, whatever it ends at now.

        Without `force` it is `Refused` (422) where that commit does not follow the branch's end.
        """
        await self._never_the_default(name)
        body = {"sha": sha, "force": force}
        await self._send("PATCH", f"{self._root}/git/refs/heads/{branch_path(name)}", body)

    async def rebases(self) -> bool:
        """Say whether merging here makes each commit anew, and leaves merge commits out."""
        about = await self._about()
        return about.allow_merge_commit is False and about.allow_rebase_merge is not False

    async def drop(self, name: str) -> None:
        """Take a Change's branch away; one that is gone already is fine."""
        await self._never_the_default(name)
        try:
            await self._send("DELETE", f"{self._root}/git/refs/heads/{branch_path(name)}")
        except Refused:
            if await self.branch(name) is not None:
                raise

    async def _never_the_default(self, name: str) -> None:
        if name == await self.default_branch():
            raise ValueError("the default branch is moved by merges alone")

    async def _keep(self, content: bytes) -> str:
        """Give GitHub a file's content, and make sure that it has that and no other."""
        body = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
        made = parsed(HAS_SHA, await self._send("POST", f"{self._root}/git/blobs", body)).sha
        if made != _id_of(content, len(made)):
            raise GitHubAway(Silent("GitHub did not keep what was sent"))
        return made


def _mode(path: str, modes: Mapping[str, str]) -> str:
    mode = modes.get(path, PLAIN[0])
    if mode not in PLAIN:
        raise Refused(422, f"{path} is no plain file")
    return mode


def _id_of(content: bytes, digits: int) -> str:
    """Give git's id of a content, in the repository's hash: 40 digits or 64."""
    whole = b"blob %d\0%s" % (len(content), content)
    if digits == 64:
        return hashlib.sha256(whole).hexdigest()
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest()
