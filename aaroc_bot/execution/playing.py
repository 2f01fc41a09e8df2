"""One play from its beginning to its end: lay out, launch, listen, tell."""

import asyncio
import contextlib
import errno
import logging
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from aaroc_bot.core.clock import duration
from aaroc_bot.core.events import Story
from aaroc_bot.core.plan import Progress, Recap
from aaroc_bot.execution.channel import Channel
from aaroc_bot.execution.folder import command, lay_out, pipe, variables
from aaroc_bot.execution.inside import CANNOT_START, DISK_FULL
from aaroc_bot.execution.job import Ending, How, Job
from aaroc_bot.execution.launch import Launched, Report, launch
from aaroc_bot.execution.log import Log
from aaroc_bot.process import start_time

NO_SPACE = "the disk is full"
NO_HOST = re.compile(r"^skipping: no hosts matched|hosts list is empty", re.M)
PLANNABLE = 2 | 4 | 8
"""Bits of Ansible's exit status that still tell of a play which was gone through: a host
failed, was unreachable, or too many were."""
READING = 5.0
"""Seconds in which the rest of the log is read after every process has ended."""
ERROR_LINE = re.compile(r"^(?:\[ERROR\]: |ERROR! )(.+(?:\n(?!\n|\[|Origin).+)?)", re.M)

log = logging.getLogger(__name__)

Started = Callable[[int, int], Awaitable[None]]


class _CannotStart(Exception):
    """It never began; the words are for people."""


@contextlib.contextmanager
def _starting() -> Iterator[None]:
    try:
        yield
    except ValueError as problem:
        raise _CannotStart(str(problem)) from problem
    except OSError as problem:
        full = problem.errno in {errno.ENOSPC, errno.EDQUOT}
        why = NO_SPACE if full else f"the run cannot be started: {problem.strerror}"
        raise _CannotStart(why) from problem


async def play(
    job: Job,
    *,
    started: Started,
    progress: Callable[[Progress], None],
    stop: asyncio.Event,
    signs: asyncio.Queue[float],
    redact: Callable[[str], str],
) -> Ending:
    """Play a job and tell how it ended; nothing of it is alive, nor its folder there, then.

    `started` gets the supervisor's pid and start time (`process.start_time`) before
    anything of the playbook is read: it starts when `started` has returned, and never if
    that raises (which comes through). `stop`, once set, ends the play. `signs` brings the
    moments (`moment`) of the signs of life that `Job.silence` counts from; the first should
    be there when `started` returns.
    """
    began = time.monotonic()

    def shown(text: str) -> str:
        for folder in (job.project, job.playbook.parent, job.folder):  # of no use to a reader
            text = text.replace(f"{folder}/", "")
        return redact(text)

    playing = _Play(job, started, progress, stop, signs, shown, Story(check=job.check))
    report, reason, full = Report("died", None), "", False
    try:
        with _starting():
            await asyncio.to_thread(lay_out, job)
        report = await playing.watch()
    except _CannotStart as problem:
        reason = shown(str(problem))
    finally:
        full = await asyncio.shield(asyncio.to_thread(_clear, job))
    if not reason and full and report.status:
        reason = NO_SPACE
    text = await playing.printed.text(shown)
    took = timedelta(seconds=time.monotonic() - began)
    return _ending(
        job, report, playing.story, Ending(How.LOST, reason, None, None, Recap(), text, took)
    )


@dataclass(slots=True)
class _Play:
    """A play that is under way, and what it told so far."""

    job: Job
    started: Started
    progress: Callable[[Progress], None]
    stop: asyncio.Event
    signs: asyncio.Queue[float]
    shown: Callable[[str], str]
    story: Story
    printed: Log = field(default_factory=Log)

    def take(self, event: dict[str, Any]) -> None:
        """Take in an event and tell the progress that it makes."""
        self.story.take(event)
        if event["event"] in {"task", "host"}:
            try:
                self.progress(self.story.progress())
            except Exception:  # a card that cannot be written ends no run
                log.exception("progress of run %s cannot be told", self.job.run)

    async def watch(self) -> Report:
        """Launch it and listen until it has ended with all that it started."""
        with _starting():
            channel = Channel(pipe(self.job), self.take, self.story.lose, self.shown)
        try:
            with _starting():
                launched = await launch(
                    command(self.job),
                    env=variables(self.job),
                    cwd=self.job.folder,
                    time_limit=self.job.time_limit,
                    silence=self.job.silence,
                    mark=self.job.mark,
                )
            try:
                return await self._listen(launched)
            finally:
                await asyncio.shield(launched.kill())
                launched.close()
        finally:
            channel.close()

    async def _listen(self, launched: Launched) -> Report:
        await self.started(launched.pid, start_time(launched.pid))
        while not self.signs.empty():
            launched.tell(str(self.signs.get_nowait()))
        launched.tell("s" if self.stop.is_set() else "g")
        passing_on = asyncio.create_task(self._pass_on(launched))
        reading = asyncio.create_task(self.printed.read(launched.output))
        try:
            report = await launched.ended(self.job.time_limit, self.stop)
            await asyncio.wait({reading}, timeout=READING)
            return report
        finally:
            reading.cancel()
            passing_on.cancel()

    async def _pass_on(self, launched: Launched) -> None:
        while True:
            launched.tell(str(await self.signs.get()))


def _clear(job: Job) -> bool:
    """Remove the folder; True if the disk that it is on has no space left."""
    full = False
    with contextlib.suppress(OSError):
        space = os.statvfs(job.folder)
        full = space.f_bavail == 0 or (space.f_files > 0 and space.f_favail == 0)
    shutil.rmtree(job.folder, ignore_errors=True)
    return full


def _ending(job: Job, report: Report, story: Story, ending: Ending) -> Ending:
    """Fill in what an ending's report and story tell; a reason that it has stays."""
    recap = story.recap()
    how, why = _how(job, report, story)
    status = report.status if how is How.FINISHED else None
    why = why or (_why_not(status, recap, ending.log) if how is How.FINISHED else "")
    plannable = status is not None and not status & ~PLANNABLE and bool(recap.counts)
    plan = story.plan() if job.check and plannable else None
    reason = ending.reason or why
    return replace(ending, how=how, reason=reason, status=status, plan=plan, recap=recap)


def _how(job: Job, report: Report, story: Story) -> tuple[How, str]:
    match report.how:
        case "finished" if report.status == DISK_FULL:
            return How.LOST, NO_SPACE
        case "finished" if report.status == CANNOT_START:
            return How.LOST, "Ansible cannot be started"
        case "finished" if report.status is not None and report.status < 0:
            return How.LOST, f"its processes were killed (signal {-report.status})"
        case "finished" if story.fault:
            return How.LOST, f"what Ansible reported is not whole: {story.fault}"
        case "finished":
            return How.FINISHED, ""
        case "stopped":
            return How.CANCELLED, ""
        case "timed out":
            return How.TIMED_OUT, f"its time limit of {duration(job.time_limit)} was over"
        case "silent" if job.silence is not None:
            return How.SILENT, f"its machine gave no sign of life for {duration(job.silence)}"
        case _:
            return How.LOST, "its supervisor was killed"


def _why_not(status: int | None, recap: Recap, text: str) -> str:
    """Say why there is no success where the recap does not: nothing was played at all."""
    if recap.counts:
        return ""
    if status == 0:
        return "no host matched" if NO_HOST.search(text) else "nothing was played on any host"
    found = ERROR_LINE.search(text)
    return " ".join(found.group(1).split())[:300] if found else f"Ansible ended with {status}"
