"""git, hardened: nothing of a repository's or of the machine's configuration is in force.

No hooks, no prompt, https, ssh and local paths only, literal path names, a time limit. The
configuration is a file of the bot's own, because git takes ``safe.directory`` for a
repository that it serves from a path only from there.
"""

import contextlib
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.process import environment, run
from aaroc_bot.repo.credential import Credential

LIMIT = timedelta(minutes=2)
STALE = timedelta(minutes=10)
"""Age of a lock file that a killed git left behind: no call lasts as long."""
OUTPUT = 256 * 1024 * 1024

CONFIG = """\
[core]
\thooksPath = /dev/null
\tsymlinks = false
[safe]
{safe}[gc]
\tpruneExpire = never
\tautoDetach = false
[protocol]
\tallow = never
[protocol "https"]
\tallow = always
[protocol "ssh"]
\tallow = always
[protocol "file"]
\tallow = always
[fetch]
\trecurseSubmodules = false
[credential]
\thelper =
"""
"""A revision that a force push made vanish is kept: `pruneExpire` says so."""


class GitFault(Unavailable):
    """git said no; the text is the line of what it wrote that says why, for the log and the operator."""

    def __init__(self, said: str) -> None:
        """Keep what git said; people are told what is away."""
        super().__init__("the DevOps repository")
        self.args = (said,)


class Git:
    """git in one bare repository of the bot's own."""

    def __init__(
        self,
        folder: Path,
        home: Path,
        safe: Sequence[Path] = (),
        credential: Credential | None = None,
    ) -> None:
        """Keep the repository's folder and a private `home` for git's configuration.

        `safe` are local repositories that may belong to another user: the operator named
        them. `credential` is for fetching, where it fits.
        """
        self.folder = folder
        self._home = home
        self._safe = safe
        self._credential = credential

    async def ensure(self) -> None:
        """Make the bare repository and the configuration where they are missing."""
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        every = [path for safe in self._safe for path in (safe, safe / ".git")]
        lines = "".join(f"\tdirectory = {_value(str(path))}\n" for path in every)
        _write(self._home / "gitconfig", CONFIG.format(safe=lines))
        for lock in self.folder.glob("**/*.lock"):
            with contextlib.suppress(OSError):
                if lock.stat().st_mtime < time.time() - STALE.total_seconds():
                    lock.unlink()
        if not (self.folder / "HEAD").is_file():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            await self("init", "--quiet", "--bare", "--template=", str(self.folder), here=False)

    async def __call__(
        self,
        *arguments: str,
        input: bytes | None = None,
        time_limit: timedelta = LIMIT,
        here: bool = True,
        strict: bool = False,
        source: str = "",
    ) -> bytes:
        """Run git and give its output. Raises `GitFault`, or `Unavailable` if there is no git.

        `source` is the repository, named by the operator, that it fetches from: there alone
        the bot's credential is shown. `strict` is for a place that the repository names: https alone, and no redirection.
        """
        more = {"GIT_ALLOW_PROTOCOL": "https"} if strict else {}
        if self._credential and source:
            more |= await self._credential.environment(source)
        if strict:
            arguments = ("-c", "http.followRedirects=false", *arguments)
        place = [f"--git-dir={self.folder}"] if here else []
        try:
            done = await run(
                ["git", "--no-pager", *place, *arguments],
                env=self._environment() | more,
                cwd=self._home,
                time_limit=time_limit,
                limit_bytes=OUTPUT,
                input=input,
            )
        except OSError as problem:
            raise Unavailable(f"git ({problem.strerror})") from problem
        if done.timed_out:
            raise GitFault(f"git did not answer within {time_limit.total_seconds():.0f} s")
        if not done.ok:
            said = done.errors.decode(errors="replace").strip().splitlines()
            fatal = [line for line in said if line.startswith("fatal: ")]
            raise GitFault([*fatal, *reversed(said), f"git ended with {done.status}"][0])
        return done.output

    def _environment(self) -> dict[str, str]:
        return environment(
            self._home,
            {
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": str(self._home / "gitconfig"),
                "GIT_ATTR_NOSYSTEM": "1",
                "GIT_ALLOW_PROTOCOL": "file:https:ssh",
                "GIT_TERMINAL_PROMPT": "0",
                "GIT_ASKPASS": "/bin/false",
                "GIT_LITERAL_PATHSPECS": "1",
                "GIT_NO_REPLACE_OBJECTS": "1",
                "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes",
            },
        )


def _write(path: Path, text: str) -> None:
    """Write a file as a whole: another process of ours may be reading it."""
    with contextlib.suppress(OSError):
        if path.read_text(encoding="utf-8") == text:
            return
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def _value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
