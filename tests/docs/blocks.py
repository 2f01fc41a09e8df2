"""The code blocks of a page of `docs/`, so that tests run what people read."""

import asyncio
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w*)(?: +([^\n]*))?\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the rest of the fence's line (``file=hosts.py``), its text."""

    language: str
    about: str
    text: str


def blocks(page: str) -> list[Block]:
    """Give the blocks of a page in order, named as seen from the project's root."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [Block(*found.groups(default="")) for found in BLOCK.finditer(text)]


def block(page: str, about: str) -> str:
    """Give the text of the one block that says `about`."""
    (found,) = [one.text for one in blocks(page) if one.about == about]
    return found


def pages() -> Iterator[Path]:
    """Give every page that people read."""
    yield from (ROOT / "README.md", ROOT / "CHANGELOG.md")
    yield from sorted((ROOT / "docs").glob("*.md"))


async def executed(script: str, folder: Path) -> str:
    """Have a shell execute a block in a folder, with nothing of ours but the path; its output."""
    child = await asyncio.create_subprocess_exec(
        *("sh", "-ec", script),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await child.communicate()
    assert child.returncode == 0, errors.decode()
    return output.decode()
