"""What yamllint finds that was not there before. A process of its own: its licence is the GPL.

The repository's own configuration is not read: what it says would be for whoever wrote it
to choose.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.core.text import quoted
from aaroc_bot.process import environment, run
from aaroc_bot.repo.assignments import VAULT
from aaroc_bot.repo.layout import variables_base

LIMIT = timedelta(seconds=30)
OUTPUT = 4 * 1024 * 1024
BIGGEST = 200_000
"""Bytes of a file that is looked at; yamllint is slow."""
SHOWN = 40
"""Findings that are told; the rest are counted."""
LIMITED = 'ulimit -v 1000000 && exec "$0" "$@"'
CONFIG = """\
extends: relaxed
rules:
  line-length: disable
  key-duplicates: enable
"""
_LINE = re.compile(r"(before|after)/(\d+)\.yml:(\d+):\d+: \[(warning|error)\] (.*)")


async def lint(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Give what yamllint finds in files (by path) after and not before, whatever the line.

    Raises `Unavailable` if it cannot be started.
    """
    paths = [path for path, content in sorted(after.items()) if _looked_at(path, content)]
    if not paths:
        return ()
    try:
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="aaroc-lint-")
    except OSError as problem:
        raise Unavailable("the temporary folder") from problem
    try:
        await asyncio.to_thread(_lay_out, Path(folder), paths, before, after)
        done = await run(
            ["/bin/sh", "-c", LIMITED, sys.executable, "-I", "-m", "yamllint",
             "--format", "parsable", "-c", "config", "before", "after"],
            env=environment(Path(folder)), cwd=Path(folder), time_limit=LIMIT, limit_bytes=OUTPUT,
        )  # fmt: skip
    except OSError as problem:
        raise Unavailable("yamllint") from problem
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if done.timed_out or done.cut or done.status not in {0, 1}:
        return (Finding(paths[0], None, Level.WARNING, "was not checked by yamllint: it gave up"),)
    return _added(paths, done.output.decode(errors="replace"))


def _looked_at(path: str, content: bytes) -> bool:
    yaml = path.endswith((".yml", ".yaml")) or variables_base(path) is not None
    return yaml and len(content) <= BIGGEST and not content.startswith(VAULT)


def _lay_out(
    folder: Path, paths: Sequence[str], before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> None:
    """Write the files under numbers: their own names were given by others."""
    (folder / "config").write_text(CONFIG, encoding="utf-8")
    for side, contents in (("before", before), ("after", after)):
        (folder / side).mkdir()
        for number, path in enumerate(paths):
            content = contents.get(path)
            if content is not None and _looked_at(path, content):
                (folder / side / f"{number}.yml").write_bytes(content)


def _added(paths: Sequence[str], output: str) -> tuple[Finding, ...]:
    known: Counter[tuple[str, str]] = Counter()
    told = []
    for line in output.splitlines():
        if found := _LINE.fullmatch(line):
            side, number, at, level, what = found.groups()
            if side == "before":
                known[number, what] += 1
            else:
                told.append((number, int(at), level, what))
    added = []
    for number, at, level, what in told:
        if known[number, what]:
            known[number, what] -= 1
        else:
            text = quoted(f"yamllint: {what}").text
            added.append(Finding(paths[int(number)], at, Level(level), text))
    if len(added) > SHOWN:
        more = f"yamllint: {len(added) - SHOWN} more findings"
        added[SHOWN:] = [Finding(added[SHOWN].path, None, Level.WARNING, more)]
    return tuple(added)
