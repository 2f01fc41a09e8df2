"""The command line as an operator meets it: what is wrong is told in sentences."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest


def environment(state: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AAROC_")}
    return kept | {"AAROC_STATE_DIR": str(state)} | dict(more or {})


def bot(state: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aaroc_bot.cli", *words],
        env=environment(state, more),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("AAROC_WEB__PRT", "1", "AAROC_WEB__PRT is no setting. The nearest is AAROC_WEB__PORT."),
        ("AAROC_POLICY__APPROVAL_TIME", "soon", "a duration is written 90s, 30m, 4h or 7d."),
        ("AAROC_DATABASE", "mysql://u:hidden@h/d", "begins with sqlite:/// or postgresql://."),
        ("AAROC_HANDLERS", "/x", 'AAROC_HANDLERS: a list is written as JSON: ["one", "two"].'),
        ("AAROC_HANDLERS", '["/nonexistent"]', "AAROC_HANDLERS: /nonexistent is no folder."),
        ("AAROC_ANSIBLE__LOCAL_HOSTS", "h", "AAROC_ANSIBLE__LOCAL_HOSTS: a list is written"),
        ("AAROC_SCHEDULES", "digest", 'as JSON: [{"name": "weekdays", "what": "digest", "cron": "'),
        ("AAROC_SCHEDULES", '["digest"]', 'as JSON: [{"name": "weekdays", "what": "digest", "cron'),
        ("AAROC_TELEGRAM__CHATS", '["roc"]', "AAROC_TELEGRAM__CHATS: a list is written as JSON: ["),
        (
            "AAROC_POLICY__REMINDER",
            "5h",
            "AAROC_POLICY__REMINDER (5h) must be shorter than AAROC_POLICY__APPROVAL_TIME (4h).",
        ),
        ("AAROC_GITHUB__TOKEN_FILE", "/nonexistent/token", "/nonexistent/token cannot be read"),
    ],
)
def test_a_wrong_setting_is_a_sentence(tmp_path: Path, setting: str, value: str, said: str) -> None:
    done = bot(tmp_path, "say", "--as", "me", "sites", **{setting: value})
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr and "hidden" not in done.stderr


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    done = bot(
        tmp_path,
        "migrate",
        AAROC_PORT="1",
        AAROC_WEB__PORT="x",
        AAROC_LIMITS__PARALLEL_RUNS="0",
        AAROC_ENGINE__LOST="3s",
        AAROC_ENGINE__FREE="10s",
    )
    assert done.returncode == 2
    unknown, port, runs, lost, free = done.stderr.splitlines()
    assert lost == "AAROC_ENGINE__LOST (3s) must be at least twice AAROC_ENGINE__HEARTBEAT (5s)."
    assert free == (
        "AAROC_ENGINE__FREE (10s) must be more than AAROC_ENGINE__LOST (3s)"
        " and AAROC_ENGINE__LIMIT (90s) together."
    )
    assert unknown.startswith("AAROC_PORT is no setting.")
    assert port == "AAROC_WEB__PORT: a whole number is wanted."
    assert runs.startswith("AAROC_LIMITS__PARALLEL_RUNS: ")


def test_a_file_beside_the_state_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "aaroc-bot.toml").write_text("[web]\nport = 'x'\n[web2]\n", encoding="utf-8")
    done = bot(tmp_path, "migrate")
    assert done.returncode == 2 and "AAROC_WEB2" in done.stderr
    (tmp_path / "aaroc-bot.toml").write_text("[web]\nport = 'x'\n", encoding="utf-8")
    assert "AAROC_WEB__PORT" in bot(tmp_path, "migrate").stderr
    assert bot(tmp_path, "migrate", AAROC_WEB__PORT="8099").returncode == 0


def test_an_unwritable_database_is_a_sentence(tmp_path: Path) -> None:
    done = bot(tmp_path, "migrate", AAROC_DATABASE="postgresql://u:hidden@127.0.0.1:1/d")
    assert (done.returncode, done.stderr) == (1, "The database does not answer.\n")


def test_without_anything_configured_it_answers_what_it_can(tmp_path: Path) -> None:
    done = bot(tmp_path, "say", "--as", "me", "sites")
    assert done.returncode == 0 and "AAROC_REPOSITORY" in done.stdout
    done = bot(tmp_path, "say", "--as", "me", "help")
    assert done.returncode == 0 and "`status all`" in done.stdout
    done = bot(tmp_path, "say", "--as", "me", "lock ZA-UJ until 2h")
    assert done.returncode == 1 and "no GitHub is configured" in done.stdout
    assert bot(tmp_path, "say", "--as", "me", "staus").returncode == 2


def test_run_is_alive_until_it_is_told_to_end(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    port = free_port()
    running = subprocess.Popen(
        [sys.executable, "-m", "aaroc_bot.cli", "run"],
        env=environment(tmp_path / "state", {"AAROC_WEB__PORT": str(port)}),
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert until_answered(f"http://127.0.0.1:{port}/readyz") == "ready\n"
        second = bot(tmp_path / "state", "run")
        assert second.returncode == 2 and "Another bot is alive" in second.stderr
        (tmp_path / "other").mkdir()
        third = bot(tmp_path / "other", "run", AAROC_WEB__PORT=str(port))
        taken = f"Port {port} of 127.0.0.1 is taken; AAROC_WEB__PORT names another.\n"
        assert (third.returncode, third.stderr) == (2, taken)
    finally:
        running.send_signal(signal.SIGINT)
        up, said = running.communicate(timeout=30)
    assert (running.returncode, said) == (0, "")
    assert up.endswith(f" is up, on SQLite, in no chat; http://127.0.0.1:{port}/readyz\n")


def test_a_database_removed_under_the_bot_is_told_and_not_made_anew(tmp_path: Path) -> None:
    port = free_port()
    running = subprocess.Popen(
        [sys.executable, "-m", "aaroc_bot.cli", "run"],
        env=environment(tmp_path, {"AAROC_WEB__PORT": str(port)}),
        cwd=Path(__file__).parents[2],
        stderr=subprocess.DEVNULL,
    )
    try:
        assert until_answered(f"http://127.0.0.1:{port}/readyz") == "ready\n"
        for file in tmp_path.glob("aaroc-bot.sqlite3*"):
            file.unlink()
        with pytest.raises(HTTPError) as told:
            urlopen(f"http://127.0.0.1:{port}/readyz")
        assert (told.value.code, told.value.read()) == (503, b"the database does not answer\n")
        done = bot(tmp_path, "say", "--as", "me", "help")
        assert (done.returncode, done.stderr) == (1, "The database does not answer.\n")
        assert not list(tmp_path.glob("aaroc-bot.sqlite3*"))
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=30)
    assert running.returncode == 0


def free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def until_answered(url: str) -> str:
    import time

    end = time.monotonic() + 30
    while True:
        try:
            with urlopen(url, timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            assert time.monotonic() < end, "the bot does not listen"
            time.sleep(0.1)
