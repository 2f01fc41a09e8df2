"""What the doctor says of this machine: files, database, programs, clock; each fault alone."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from aaroc_bot.clock import now
from aaroc_bot.doctor import programs
from aaroc_bot.doctor.clock import examine_clock
from aaroc_bot.doctor.database import examine_database
from aaroc_bot.doctor.devops import examine_repository
from aaroc_bot.doctor.files import examine_keys, examine_known_hosts, examine_state
from aaroc_bot.doctor.finding import Level
from tests.doctor.conftest import SettingsOf
from tests.doctor.served import served
from tests.store.test_unavailable import write_protect


def test_the_state_folder_is_the_bots_alone(settings_of: SettingsOf, tmp_path: Path) -> None:
    settings = settings_of()
    assert examine_state(settings).level is Level.OK
    settings.state_dir.chmod(0o755)
    open_to_all = examine_state(settings)
    assert open_to_all.level is Level.FAILED
    assert open_to_all.do == f"chmod 700 {settings.state_dir}"
    assert examine_state(settings_of(STATE_DIR=tmp_path / "none")).level is Level.WARNING
    (tmp_path / "file").touch()
    assert examine_state(settings_of(STATE_DIR=tmp_path / "file")).level is Level.FAILED


def test_a_key_is_read_by_its_owner_alone(settings_of: SettingsOf, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    for name in ("ZA-UJ", "ZA-UJ.pub", "KE-NAIROBI"):
        (folder / name).touch(mode=0o600)
    (folder / "ZA-UJ.pub").chmod(0o644)
    settings = settings_of(ANSIBLE__SSH_KEY_DIR=folder)
    (well,) = examine_keys(settings)
    assert (well.level, well.what) == (Level.OK, "2, read by this user alone")
    (folder / "ZA-UJ").chmod(0o640)
    (wrong,) = examine_keys(settings)
    assert (wrong.level, wrong.do) == (Level.FAILED, f"chmod 600 {folder / 'ZA-UJ'}")


def test_the_settings_own_file_may_hold_a_secret(settings_of: SettingsOf, tmp_path: Path) -> None:
    written = tmp_path / "state" / "aaroc-bot.toml"
    settings = settings_of()
    written.touch(mode=0o644)
    (wrong,) = examine_keys(settings)
    assert str(written) in wrong.what and wrong.level is Level.FAILED


def test_a_key_that_is_missing_is_told(settings_of: SettingsOf, tmp_path: Path) -> None:
    (wrong,) = examine_keys(settings_of(ANSIBLE__SSH_KEY_FILE=tmp_path / "gone"))
    assert (wrong.level, wrong.what) == (
        Level.FAILED,
        f"{tmp_path / 'gone'} cannot be read: No such file or directory",
    )


def test_nobody_else_may_add_a_host(settings_of: SettingsOf, tmp_path: Path) -> None:
    hosts = tmp_path / "known_hosts"
    assert examine_known_hosts(settings_of()).level is Level.WARNING
    settings = settings_of(ANSIBLE__KNOWN_HOSTS_FILE=hosts)
    assert examine_known_hosts(settings).level is Level.FAILED
    hosts.touch(mode=0o644)
    assert examine_known_hosts(settings).level is Level.OK
    hosts.chmod(0o666)
    assert examine_known_hosts(settings).do == f"chmod 644 {hosts}"


async def test_a_database_that_works(settings_of: SettingsOf, database_url: str) -> None:
    found = await examine_database(settings_of(DATABASE=database_url))
    assert (found.level, found.do) == (Level.OK, "")


async def test_a_database_that_does_not(settings_of: SettingsOf, tmp_path: Path) -> None:
    nothing_yet = await examine_database(settings_of())
    assert nothing_yet.level is Level.WARNING and not list(tmp_path.glob("state/*"))
    (tmp_path / "state" / "aaroc-bot.sqlite3").write_bytes(b"")
    old = await examine_database(settings_of())
    assert old.level is Level.FAILED and "aaroc-bot migrate" in old.do
    (tmp_path / "state" / "aaroc-bot.sqlite3").write_bytes(b"something else" * 100)
    broken = await examine_database(settings_of())
    assert (broken.level, broken.what) == (Level.FAILED, "SQLite does not answer")
    away = await examine_database(settings_of(DATABASE="postgresql://u:hidden@127.0.0.1:1/d"))
    assert (away.level, away.what) == (Level.FAILED, "PostgreSQL does not answer")
    unfit = await examine_database(settings_of(DATABASE="mysql://u:hidden@h/d"))
    assert unfit.level is Level.FAILED and "hidden" not in unfit.what


async def test_a_database_that_takes_nothing_in(settings_of: SettingsOf, sqlite_url: str) -> None:
    write_protect(Path(sqlite_url.removeprefix("sqlite:///")))
    found = await examine_database(settings_of(DATABASE=sqlite_url))
    assert found.level is Level.FAILED


async def test_programs_start() -> None:
    assert (await programs.examine_git()).level is Level.OK
    assert (await programs.examine_ansible()).level is Level.OK
    assert (await programs.examine_runner()).level is Level.OK


async def test_programs_that_are_missing_or_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "environment", lambda home: {"PATH": str(tmp_path)})
    assert (await programs.examine_git()).level is Level.FAILED
    assert (await programs.examine_ansible()).level is Level.FAILED
    for name, says in (("git", "git version 2.20.1"), ("ansible-playbook", "x [core 2.9.6]")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    old = await programs.examine_git()
    assert (old.level, old.what) == (Level.WARNING, "2.20.1 is old")
    other = await programs.examine_ansible()
    assert other.level is Level.FAILED and "ansible-playbook is 2.9.6" in other.what


async def test_the_repository_answers(
    settings_of: SettingsOf, tmp_path: Path, devops: Path
) -> None:
    assert (await examine_repository(settings_of())).level is Level.OFF
    gone = await examine_repository(settings_of(REPOSITORY=tmp_path / "gone"))
    assert gone.level is Level.FAILED
    there = await examine_repository(settings_of(REPOSITORY=devops))
    assert there.level is Level.OK


def dated(ahead: timedelta, age: int) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answer with a Date that is `ahead` of ours."""

    async def answer(request: web.Request) -> web.Response:
        date = format_datetime(now() + ahead, usegmt=True)
        return web.Response(status=404, headers={"Date": date, "Age": str(age)})

    return answer


@pytest.mark.parametrize(
    ("ahead", "age", "level", "what"),
    [
        (0, 0, Level.OK, "agrees with GitHub's"),
        (-55, 0, Level.OK, "agrees with GitHub's"),
        (-3600, 3600, Level.OK, "agrees with GitHub's"),
        (3600, 0, Level.FAILED, "s behind GitHub's"),
        (-3600, 0, Level.FAILED, "s ahead of GitHub's"),
    ],
)
async def test_the_clock(
    settings_of: SettingsOf, ahead: int, age: int, level: Level, what: str
) -> None:
    async with served(dated(timedelta(seconds=ahead), age)) as url:
        found = await examine_clock(settings_of(GITHUB__TOKEN="token-1", GITHUB__API_URL=url))
    assert found.level is level and what in found.what


async def test_the_clock_of_whom_nobody_tells(settings_of: SettingsOf) -> None:
    assert (await examine_clock(settings_of())).level is Level.OFF
    url = "http://127.0.0.1:1"
    silent = await examine_clock(settings_of(GITHUB__TOKEN="token-1", GITHUB__API_URL=url))
    assert silent.level is Level.WARNING
