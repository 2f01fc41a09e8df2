"""Opening vaults: what is in them is judged like any text, and is secret whatever its name.

`ansible-inventory` leaves single vaulted values closed, and tells no lines of a vaulted file.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.redaction import secret_values
from aaroc_bot.process import environment, run
from aaroc_bot.repo.ansible_inventory import CONFIG, Busy
from aaroc_bot.repo.assignments import (
    VAULT,
    Assignment,
    Described,
    of_inventory,
    of_variables,
)
from aaroc_bot.repo.layout import variables_base

PROGRAM = Path(__file__).parent / "inside/open_vaults.py"
LIMIT = timedelta(seconds=60)
OUTPUT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """What vaults hold: files by path, None for one that stays closed, and what is secret."""

    files: Mapping[str, Described | None]
    secrets: frozenset[str]


async def open_all(
    password: Path, files: Mapping[str, bytes], assignments: Iterable[Assignment]
) -> Opened:
    """Open vaulted files and, in them and in `assignments`, single vaulted values.

    `files` are variable files and inventories by path, all of them vaulted.

    Raises `Unavailable` and `Busy` if that cannot be tried now.
    """
    contents = await _opened(password, [data.decode(errors="replace") for data in files.values()])
    described = {
        path: _described(path, content) for path, content in zip(files, contents, strict=True)
    }
    inside = [one for text in described.values() if text for one in text.assignments]
    closed = list(dict.fromkeys(_vaulted((*assignments, *inside))))
    values = await _opened(password, closed)
    secrets = [text for one in inside for text in _scalars(one.value)]
    secrets += [text for text in values if text is not None]
    return Opened(described, secret_values({"secret": secrets}))


def _described(path: str, content: str | None) -> Described | None:
    if content is None:
        return None
    read = of_inventory if variables_base(path) is None else of_variables
    text = read(path, content.encode())
    # The reason of a problem may quote what is in the vault.
    return None if text.problem or text.vault else replace(text, vault=True)


def _vaulted(assignments: Iterable[Assignment]) -> Iterator[str]:
    start = VAULT.decode()
    for one in assignments:
        yield from (text for _, text in one.texts if text.lstrip().startswith(start))


def _scalars(value: object) -> Iterator[str]:
    """Give every value within a value as text, keys left out."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _scalars(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _scalars(inner)
    elif value is not None:
        yield str(value)


async def _opened(password: Path, vaults: Sequence[str]) -> Sequence[str | None]:
    """Give what is in each of these texts, None where the password does not open it."""
    if not vaults:
        return ()
    try:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="aaroc-reading-"))
    except OSError as problem:
        raise Unavailable("the temporary folder") from problem
    try:
        config = folder / "ansible.cfg"
        await asyncio.to_thread(config.write_text, CONFIG, encoding="utf-8")
        done = await run(
            [sys.executable, "-I", str(PROGRAM), str(password.resolve())],
            env=environment(
                folder,
                {
                    "ANSIBLE_CONFIG": str(config),
                    "ANSIBLE_HOME": str(folder),
                    "ANSIBLE_LOCAL_TEMP": str(folder),
                },
            ),
            cwd=folder,
            time_limit=LIMIT,
            limit_bytes=OUTPUT,
            input=json.dumps(vaults).encode(),
        )
    except OSError as problem:
        raise Unavailable("opening a vault") from problem
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if done.timed_out or done.cut:
        raise Busy("opening a vault")
    return list(json.loads(done.output)) if done.ok else [None] * len(vaults)
