"""A small project that really plays on this machine, in folders of the test."""

import asyncio
import textwrap
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aaroc_bot.core.plan import Progress
from aaroc_bot.execution import Ending, Job, play
from aaroc_bot.process import new_mark


class Stage:
    """Plays playbooks on hosts that are folders below `hosts`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.hosts = folder / "hosts"
        self.project.mkdir()
        self.hosts.mkdir()
        self.stop = asyncio.Event()
        self.signs: asyncio.Queue[float] = asyncio.Queue()
        self.seen: list[Progress] = []
        self.started: list[tuple[int, int]] = []
        self.marks: list[str] = []
        self.write("inventory", "one\ntwo\n")
        self.inventory_variables("ansible_connection: local")

    def write(self, name: str, text: str) -> Path:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def inventory_variables(self, *lines: str) -> None:
        self.write("group_vars/all.yml", "\n".join([f"hosts_folder: {self.hosts}", *lines, ""]))

    def job(self, text: str, **more: Any) -> Job:
        mark = new_mark()
        self.marks.append(mark)
        job = Job(
            run=1,
            attempt=1,
            mark=mark,
            folder=self.folder / "runs" / mark[:8],
            project=self.project,
            inventory=self.project / "inventory",
            playbook=self.write(f"{mark[:8]}.yml", text),
            check=False,
            parameters=(),
            time_limit=timedelta(seconds=60),
            local_hosts=("*",),
        )
        return replace(job, **more)

    async def play(
        self,
        text: str,
        *,
        redact: Callable[[str], str] = str,
        started: Callable[[int, int], Awaitable[None]] | None = None,
        **more: Any,
    ) -> Ending:
        return await self.perform(self.job(text, **more), redact=redact, started=started)

    async def perform(
        self,
        job: Job,
        *,
        redact: Callable[[str], str] = str,
        started: Callable[[int, int], Awaitable[None]] | None = None,
    ) -> Ending:
        async def note(pid: int, at: int) -> None:
            self.started.append((pid, at))

        project = sorted(self.project.rglob("*"))
        ending = await play(
            job,
            started=started or note,
            progress=self.seen.append,
            stop=self.stop,
            signs=self.signs,
            redact=redact,
        )
        assert not job.folder.exists()
        assert sorted(self.project.rglob("*")) == project  # an export is never written to
        return ending


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)
