"""How a play can end, and that nothing of it lives on."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aaroc_bot.execution import How, Job, launch, moment
from aaroc_bot.process import marked, start_time

from .conftest import Stage

STUBBORN = """
    - hosts: one
      gather_facts: false
      tasks:
        - name: stay
          ansible.builtin.shell: |
            trap '' TERM
            setsid sh -c 'trap "" TERM; touch {{ hosts_folder }}/there; sleep 300 & wait; sleep 300' &
            sleep 300 & wait; sleep 300
"""


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - it is about other processes
            await asyncio.sleep(0.02)


async def test_what_cannot_be_played_says_why(stage: Stage) -> None:
    syntax = await stage.play(
        "- hosts: all\n  tasks: [{debug: {msg: x}, command: y}]\n", check=True
    )
    assert (syntax.how, syntax.plan, syntax.succeeded) == (How.FINISHED, None, False)
    assert "conflicting action statements" in syntax.reason

    role = await stage.play("- hosts: all\n  roles: [absent]\n", check=True)
    assert role.plan is None and "the role 'absent' was not found" in role.reason

    nobody = await stage.play("- hosts: no_such_group\n  tasks: []\n", check=True)
    assert nobody.status == 0 and not nobody.succeeded and nobody.plan is None
    assert nobody.reason == "no host matched"

    inventory = await stage.play("- hosts: all\n", inventory=stage.project / "absent")
    assert not inventory.succeeded and inventory.status == 1
    assert inventory.reason.endswith("absent") and str(stage.project) not in repr(inventory)

    folder = stage.job("- hosts: all\n")
    folder.folder.parent.mkdir(exist_ok=True)
    lost = await stage.perform(replace(folder, folder=folder.folder.parent))
    assert lost.how is How.LOST and lost.reason == "the run cannot be started: File exists"


@pytest.mark.parametrize("isolated", [True, False])
async def test_stopping_ends_what_ignores_it(
    stage: Stage, isolated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isolated:
        monkeypatch.setattr(launch, "namespace", lambda: ())
    job = stage.job(STUBBORN)
    playing = asyncio.create_task(stage.perform(job))
    await until((stage.hosts / "there").exists)
    pid, at = stage.started[0]
    assert start_time(pid) == at and pid in marked(job.mark)
    stage.stop.set()
    ending = await playing
    assert ending.how is How.CANCELLED and not ending.succeeded and ending.plan is None
    assert "TASK [stay]" in ending.log
    assert not marked(job.mark)


async def test_the_time_limit_ends_it(stage: Stage) -> None:
    job = replace(stage.job(STUBBORN), time_limit=timedelta(seconds=2))
    ending = await stage.perform(job)
    assert ending.how is How.TIMED_OUT and ending.reason == "its time limit of 2 s was over"
    assert not marked(job.mark)


@pytest.mark.parametrize("isolated", [True, False])
async def test_killing_the_supervisor_leaves_nothing(
    stage: Stage, isolated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isolated:
        monkeypatch.setattr(launch, "namespace", lambda: ())
    job = stage.job(STUBBORN)
    playing = asyncio.create_task(stage.perform(job))
    await until((stage.hosts / "there").exists)
    os.kill(stage.started[0][0], signal.SIGKILL)
    ending = await playing
    assert ending.how is How.LOST and ending.reason == "its supervisor was killed"
    assert not marked(job.mark)


async def test_a_cancelled_caller_and_one_that_fails_leave_nothing(stage: Stage) -> None:
    job = stage.job(STUBBORN)
    playing = asyncio.create_task(stage.perform(job))
    await until((stage.hosts / "there").exists)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert not marked(job.mark) and not job.folder.exists()

    async def no_record(pid: int, at: int) -> None:
        raise OSError("the database is read-only")

    unstarted = stage.job("- hosts: one\n  tasks: [{debug: {msg: x}}]\n")
    with pytest.raises(OSError, match="read-only"):
        await stage.perform(unstarted, started=no_record)
    assert not marked(unstarted.mark) and not unstarted.folder.exists()


async def test_stopped_before_it_starts_it_reads_nothing(stage: Stage) -> None:
    stage.stop.set()
    ending = await stage.play("- hosts: one\n  tasks: [{debug: {msg: x}}]\n")
    assert ending.how is How.CANCELLED and ending.log == ""


PARENT = """
    import asyncio, sys
    from datetime import timedelta
    from pathlib import Path
    from aaroc_bot.execution import Job, launch, play

    async def note(pid, at):
        pass

    async def main(folder, mark, playbook, isolated):
        if not isolated:
            launch.namespace = lambda: ()
        job = Job(1, 1, mark, folder / "runs", folder / "project", folder / "project/inventory",
                  Path(playbook), False, (), timedelta(minutes=5), local_hosts=("*",))
        await play(job, started=note, progress=print, stop=asyncio.Event(),
                   signs=asyncio.Queue(), redact=str)

    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:4], sys.argv[4] == "True"))
"""


@pytest.mark.parametrize("isolated", [True, False])
async def test_killing_the_bot_leaves_nothing(stage: Stage, isolated: bool) -> None:
    job = stage.job(STUBBORN)
    arguments = [str(stage.folder), job.mark, str(job.playbook), str(isolated)]
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", textwrap.dedent(PARENT), *arguments),
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    await until((stage.hosts / "there").exists)
    assert marked(job.mark)
    bot.kill()
    await bot.wait()
    await until(lambda: not marked(job.mark))


SLEEPS = """
    - hosts: one
      gather_facts: false
      tasks: [{ansible.builtin.shell: "touch {{ hosts_folder }}/there; sleep 300"}]
"""


@pytest.mark.parametrize("isolated", [True, False])
async def test_without_a_sign_of_life_it_ends_by_itself(
    stage: Stage, isolated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isolated:
        monkeypatch.setattr(launch, "namespace", lambda: ())
    job = replace(stage.job(SLEEPS), silence=timedelta(seconds=8))
    stage.signs.put_nowait(moment())
    playing = asyncio.create_task(stage.perform(job))
    await until((stage.hosts / "there").exists)
    began = moment()
    stage.signs.put_nowait(began)
    ending = await playing
    assert 8 <= moment() - began < 20
    assert ending.how is How.SILENT and ending.plan is None and not ending.succeeded
    assert ending.reason == "its machine gave no sign of life for 8 s"
    assert not marked(job.mark)


async def test_a_play_ends_with_its_supervisor(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no PID namespace ends it: nobody would end it at its time."""
    monkeypatch.setattr(launch, "namespace", lambda: ())
    monkeypatch.setattr(launch, "end_leftovers", _none)
    job = stage.job(SLEEPS)
    playing = asyncio.create_task(stage.perform(job))
    await until((stage.hosts / "there").exists)
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes()
            if b"launcher.py" in words and str(job.folder).encode() in words:
                os.kill(int(process.name), signal.SIGKILL)
    assert (await playing).how is How.LOST
    await until(lambda: not _players(job))


async def _none(mark: str) -> int:
    return 0


def _players(job: Job) -> set[int]:
    """Find Ansible's own processes of a play; what it started on hosts is not ours."""
    found = set()
    for pid in marked(job.mark):
        with contextlib.suppress(OSError):
            if b"ansible_playbook" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(pid)
    return found


async def test_a_sign_counts_from_its_moment_and_not_from_when_it_is_brought(
    stage: Stage,
) -> None:
    """Whoever froze between the two starts nothing, and keeps nothing alive."""
    stage.signs.put_nowait(moment() - 60)
    ending = await stage.play(SLEEPS, silence=timedelta(seconds=50))
    assert ending.how is How.SILENT and ending.log == ""
    assert not (stage.hosts / "there").exists()


async def test_signs_of_life_keep_it_alive(stage: Stage) -> None:
    text = "- hosts: one\n  gather_facts: false\n  tasks: [{ansible.builtin.command: sleep 4}]\n"
    playing = asyncio.create_task(stage.play(text, silence=timedelta(seconds=3)))
    while not playing.done():
        stage.signs.put_nowait(moment())
        await asyncio.wait({playing}, timeout=0.2)
    assert (await playing).succeeded
