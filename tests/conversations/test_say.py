"""The main job from a shell, with a bot alive and without, and what a fall leaves of it."""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import make_url

from aaroc_bot.process import marked
from tests.conversations.stage import Stage

FIELDS: dict[str, type | tuple[type, ...]] = {
    "kind": str, "text": str, "run": (int, type(None)), "state": (str, type(None)),
    "fields": list, "table": (dict, type(None)), "buttons": list, "to": str,
}  # fmt: skip
"""What INTERFACES.md fixes of each object."""


async def test_say_does_the_main_job_without_a_bot(stage: Stage, sqlite_url: str) -> None:
    shell = await stage.shell(sqlite_url)
    status = await shell.say("uj-admin", "status ZA-UJ")
    assert status.status == 0
    assert status.lines[0] == "ZA-UJ · quiet, no run on record yet"

    asked = await shell.say("uj-admin", "deploy site-bdii at ZA-UJ", "--json")
    assert asked.status == 0
    for each in asked.objects:
        for name, kind in FIELDS.items():
            assert isinstance(each[name], kind), (name, each)
        assert each["kind"] in {"answer", "refusal", "card"}
        assert each["to"] in {"all", "asker"}
    last = asked.objects[-1]
    assert [each["state"] for each in asked.objects] == ["planning", "waiting"]
    assert last["text"] == (
        "Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, 4 items on 1 host"
    )
    assert (last["kind"], last["run"], last["to"]) == ("card", 1, "all")
    assert {"label": "Approve 1", "typed": "approve 1"} in last["buttons"]
    assert set(last["table"]) == {"head", "rows"}

    # several at once share the box's GitHub, which the first of them to end was serving
    own, wrong, strange = await asyncio.gather(
        shell.say("uj-admin", "approve 1", "--json"),
        shell.say("uj-admin", "frobnicate"),
        shell.say("outsider", "deploy site-bdii at ZA-UJ"),
    )
    (refusal,) = own.objects
    assert own.status == 1
    assert refusal["text"] == "You asked for run 1, so somebody else decides."
    assert (refusal["kind"], refusal["to"], refusal["run"]) == ("refusal", "asker", None)
    assert (wrong.status, wrong.lines[0]) == (2, "I don't know `frobnicate`. What I do: `help`")
    assert strange.status == 1
    assert strange.lines[0].startswith("You are not a member of AAROC on GitHub.")

    approved = await shell.say("roc-expert", "approve 1", "--json")
    assert approved.status == 0
    assert [each["state"] for each in approved.objects][-1] == "succeeded"
    conf = stage.state / "hosts" / "bdii1.uj.example" / "etc/bdii/bdii.conf"
    assert "BDII_PORT=2170" in conf.read_text()

    left = await shell.say("uj-admin", "deploy site-bdii at ZA-UJ port=2171", "--no-wait")
    assert left.status == 0
    assert left.lines[0].startswith("Run 2 · deploy site-bdii at ZA-UJ port=2171 · planning at ")
    cancelled = await shell.say("uj-admin", "cancel 2")
    assert cancelled.status == 0, "what was asked for was done"
    assert cancelled.lines[0].endswith("· cancelled by uj-admin")

    history = await shell.say("kenet-admin", "history ZA-UJ", "--json")
    (answer,) = history.objects
    told = "\n".join(" ".join(row) for row in answer["table"]["rows"])
    assert "run 1 deploy site-bdii · succeeded, 4 changed on 1 host" in told
    assert "· uj-admin (at the machine, " in told
    assert "outsider was refused `deploy site-bdii at ZA-UJ`" in told


async def test_what_a_killed_bot_had_under_way_is_told_and_what_waited_waits(
    stage: Stage, sqlite_url: str
) -> None:
    await stage.lengthen_the_drill()
    shell = await stage.shell(sqlite_url)
    async with shell.demo() as demo:
        asked = await shell.say("uj-admin", "deploy site-bdii at ZA-UJ", "--json")
        assert (asked.status, asked.objects[-1]["state"]) == (0, "waiting")
        following = asyncio.create_task(shell.say("kenet-admin", "run drill at KE-NAIROBI"))
        mark, supervisor = await _running(sqlite_url, 2)
        assert marked(mark)
        assert _parent(supervisor) == demo.pid, "say executed beside the bot"
        demo.kill()
        await demo.wait()
        follower = await following
        # who followed the run is the one that is alive now: it tells of the fall, and ends
        assert (
            follower.status,
            any(" may be half way" in line for line in follower.lines),
        ) == (1, True)
        assert not marked(mark), "a process of the run lives on"
    async with stage.opened(sqlite_url, "web") as bot:  # the demo's chat
        await bot.play("""
            (card 2)    Run 2 · run drill at KE-NAIROBI · interrupted, * may be half way
                        | Cut off at task *
                        | [Retry 2]
            bot>        I was away for * UTC to * UTC).
                        | Run 2 was cut off at task *. None of its processes is left here; what it left running on * I cannot see.
                        | To plan it again: `retry 2`
                        | Run 1 waits on as before.
            uj-admin>   approve
            bot to uj-admin> Approve which? Waiting: 1 (deploy site-bdii at ZA-UJ, asked by uj-admin).
            roc-expert> [Approve 1]
            (card 1)    Run 1 · deploy site-bdii at ZA-UJ · succeeded, 4 changed on 1 host, *
        """)
        await bot.recorded("""
            run uj-admin: deploy site-bdii at ZA-UJ -> waiting
            run kenet-admin: run drill at KE-NAIROBI -> running
            run kenet-admin: run drill at KE-NAIROBI -> interrupted: cut off *
            system -:  -> back; 1 runs were cut off
            approval roc-expert: deploy site-bdii at ZA-UJ -> queued
        """)


def _row(url: str, query: str, number: int) -> tuple[object, ...] | None:
    path = make_url(url).database
    assert path is not None
    with sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True) as connection:
        row: tuple[object, ...] | None = connection.execute(query, [number]).fetchone()
    connection.close()
    return row


async def _running(url: str, number: int) -> tuple[str, int]:
    """Wait until a run's process is on record, and give its mark and its supervisor."""
    query = (
        "SELECT a.mark, a.pid FROM attempts a JOIN runs r ON r.number = a.run AND r.attempt = a.attempt"
        " WHERE a.run = ? AND r.state = 'running' AND a.pid IS NOT NULL AND r.progress IS NOT NULL"
    )
    async with asyncio.timeout(60):
        while (row := _row(url, query, number)) is None:  # noqa: ASYNC110 - another process's
            await asyncio.sleep(0.1)
    mark, pid = row
    assert isinstance(mark, str) and isinstance(pid, int)
    return mark, pid


def _parent(pid: int) -> int:
    """Give the process that started another (`proc(5)`: the second field after its name)."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
