"""Short children: bounded, without the bot's environment, and surely ended."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from aaroc_bot.process import MARK, Finished, end_leftovers, environment, marked, new_mark, run


async def start(
    tmp_path: Path, *argv: str, seconds: float = 20, input: bytes | None = None
) -> Finished:
    return await run(
        argv,
        env=environment(tmp_path, {"X": "1"}),
        cwd=tmp_path,
        time_limit=timedelta(seconds=seconds),
        limit_bytes=1000,
        input=input,
    )


async def test_its_environment_is_built_from_nothing(tmp_path: Path) -> None:
    finished = await start(tmp_path, "env")
    names = {line.partition("=")[0] for line in finished.output.decode().splitlines()}
    assert finished.ok and names == {"PATH", "HOME", "LANG", "LC_ALL", "X", MARK}


async def test_output_status_and_input(tmp_path: Path) -> None:
    assert (await start(tmp_path, "cat", input=b"x" * 1000)).output == b"x" * 1000
    failed = await start(tmp_path, "sh", "-c", "echo why >&2; exit 3")
    assert (failed.status, failed.errors, failed.ok) == (3, b"why\n", False)
    deaf = await start(tmp_path, "true", input=b"x" * 1_000_000)
    assert deaf.ok
    with pytest.raises(OSError, match="no-such-program"):
        await start(tmp_path, "no-such-program")


async def test_too_much_output_ends_it(tmp_path: Path) -> None:
    finished = await start(tmp_path, "yes")
    assert finished.cut and len(finished.output) == 1000 and not finished.ok


STUBBORN = "trap '' TERM; setsid sh -c 'echo $$ > pid; sleep 300; sleep 300' & sleep 300; sleep 300"


async def test_the_time_limit_ends_the_whole_tree(tmp_path: Path) -> None:
    finished = await start(tmp_path, "sh", "-c", STUBBORN, seconds=0.5)
    assert finished.timed_out and not finished.ok
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_cancellation_ends_the_whole_tree(tmp_path: Path) -> None:
    running = asyncio.create_task(start(tmp_path, "sh", "-c", STUBBORN))
    async with asyncio.timeout(20):
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_leftovers_are_found_by_their_mark_and_their_parents(tmp_path: Path) -> None:
    mark = new_mark()
    assert await end_leftovers(mark) == 0
    child = await asyncio.create_subprocess_exec(
        *("sh", "-c", "env -i sleep 300 & wait"), env={MARK: mark, "PATH": os.environ["PATH"]}
    )
    async with asyncio.timeout(20):
        while len(marked(mark)) < 2:  # noqa: ASYNC110 - it is about another process
            await asyncio.sleep(0.01)
    assert await end_leftovers(mark) == 2
    assert await child.wait() == -9 and not marked(mark)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
