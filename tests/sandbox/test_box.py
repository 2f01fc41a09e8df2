"""The sandbox: made once, gone on with, started over, and never over somebody's files."""

import asyncio
import contextlib
import json
import shutil
import socket
import stat
import subprocess
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from github import Auth

from aaroc_bot.github.api import Api
from aaroc_bot.sandbox.box import Box, NotABox, prepare
from aaroc_bot.sandbox.github.server import LOOPBACK
from aaroc_bot.sandbox.marker import is_sandbox_github


async def _ask(box: Box, path: str, token: str | None = None) -> tuple[int, object]:
    headers = {"Authorization": f"token {token or box.token}"}
    async with ClientSession() as session, session.get(box.api_url + path, headers=headers) as got:
        return got.status, await got.json()


async def test_it_is_made_and_gone_on_with(tmp_path: Path) -> None:
    state = tmp_path / 'it\'s a "box" $HOME'
    box = await prepare(state, fresh=False)
    assert is_sandbox_github(state, box.api_url)
    assert not is_sandbox_github(state, "https://api.github.com")
    kept = box.hosts / "bdii1.uj.example" / "etc" / "bdii" / "bdii.conf"
    kept.write_text("changed by a deploy")
    again = await prepare(state, fresh=False)
    assert again == box and kept.read_text() == "changed by a deploy"
    anew = await prepare(state, fresh=True)
    assert anew.token == box.token and "2135" in kept.read_text()
    assert box.token not in repr(box)


async def test_the_environment_reaches_another_shell(tmp_path: Path) -> None:
    state = tmp_path / 'it\'s a "box" $HOME'
    box = await prepare(state, fresh=False)
    env = state / "env"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    shell = shutil.which("sh") or "/bin/sh"
    done = await asyncio.to_thread(
        subprocess.run,
        [shell, "-c", '. "$1"; env', "sh", str(env)],
        env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert {name: told[name] for name in box.settings} == box.settings
    assert told["PATH"].endswith(":/usr/bin:/bin")
    assert json.loads(told["AAROC_ANSIBLE__LOCAL_HOSTS"]) == list(box.local_hosts)


async def test_going_on_writes_nothing(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    files = [box.state / "sandbox.json", box.state / "env"]
    before = [file.stat().st_ino for file in files]
    await prepare(box.state, fresh=False)
    assert [file.stat().st_ino for file in files] == before
    files[1].chmod(0o644)
    await prepare(box.state, fresh=False)
    assert stat.S_IMODE(files[1].stat().st_mode) == 0o600


async def test_a_file_that_cannot_be_written_matters_to_who_needs_it(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    env = box.state / "env"
    env.unlink()
    env.mkdir()
    assert await prepare(box.state, fresh=False) == box
    with pytest.raises(OSError, match="env"):
        box.write_environment()
    assert not list(box.state.glob("*.new"))


async def test_what_is_not_a_box_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work")
    for fresh in (False, True):
        with pytest.raises(NotABox):
            await prepare(tmp_path, fresh=fresh)
    assert precious.read_text() == "years of work"
    with pytest.raises(NotABox):
        await prepare(precious, fresh=True)
    for wrong in ("", "[]", '{"token": 1, "port": 2, "ready": true}'):
        (tmp_path / "sandbox.json").write_text(wrong)
        assert not is_sandbox_github(tmp_path, "http://127.0.0.1:2")


async def test_a_start_that_broke_off_is_mended(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    marker = box.state / "sandbox.json"
    marker.write_text(marker.read_text().replace("true", "false"))
    shutil.rmtree(box.repository)
    again = await prepare(box.state, fresh=False)
    assert (again.repository / "HEAD").is_file()


async def test_links_are_not_followed_when_it_is_wiped(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "thesis.txt").write_text("years of work")
    box = await prepare(tmp_path / "box", fresh=False)
    (box.state / "link").symlink_to(tmp_path / "elsewhere")
    await prepare(box.state, fresh=True)
    assert (tmp_path / "elsewhere" / "thesis.txt").exists()
    assert not (box.state / "link").exists()


async def test_its_github_answers_on_loopback_only_to_its_token(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    async with box.github():
        assert (await _ask(box, "/orgs/AAROC"))[0] == 200
        assert await _ask(box, "/orgs/AAROC", "guessed") == (
            401,
            {
                "message": "Bad credentials",
                "documentation_url": "https://docs.github.com/rest",
                "status": "401",
            },
        )
        status, body = await _ask(box, "/repos/AAROC/DevOps/commits/main")
        assert status == 200 and isinstance(body, dict)
        assert body["author"]["login"] == "uj-admin"
    with socket.create_server((LOOPBACK, box.port)):
        pass


async def test_a_second_process_uses_the_github_that_is_served(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    async with box.github():
        other = await prepare(box.state, fresh=False)
        assert other.served_elsewhere and other.api_url == box.api_url
        async with other.github():
            assert (await _ask(other, "/orgs/AAROC"))[0] == 200
        assert (await _ask(box, "/orgs/AAROC"))[0] == 200
        with pytest.raises(NotABox, match="running"):
            await prepare(box.state, fresh=True)
    assert not (await prepare(box.state, fresh=False)).served_elsewhere


async def test_it_takes_over_the_github_of_a_process_that_ends(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    async with box.github():
        other = await prepare(box.state, fresh=False)
        inheriting = other.github()
        await inheriting.__aenter__()
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                if (await _ask(box, "/orgs/AAROC"))[0] == 200:
                    break
            await asyncio.sleep(0.05)
    await inheriting.__aexit__(None, None, None)
    with socket.create_server((LOOPBACK, box.port)):
        pass


async def test_who_asks_while_it_changes_hands_is_answered(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    api = Api(box.api_url, Auth.Token(box.token))
    async with AsyncExitStack() as heirs:
        async with box.github():
            for _ in range(3):
                await heirs.enter_async_context((await prepare(box.state, fresh=False)).github())
            asking = asyncio.create_task(_keep_asking(api, 200))
            assert (await api.get("/orgs/AAROC")).status == 200
        assert await asking == {200}
    api.close()


async def _keep_asking(api: Api, times: int) -> set[int]:
    return {(await api.get("/orgs/AAROC")).status for _ in range(times)}


async def test_who_begins_just_when_the_other_ends_serves(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    async with box.github():
        late = await prepare(box.state, fresh=False)
        assert late.served_elsewhere
    async with late.github():
        assert (await _ask(late, "/orgs/AAROC"))[0] == 200


async def test_one_that_is_busy_is_waited_for(tmp_path: Path) -> None:
    """Its socket takes the question before it can answer; no other port is looked for."""
    box = await prepare(tmp_path / "box", fresh=False)
    with socket.create_server((LOOPBACK, box.port)):
        looking = asyncio.create_task(prepare(box.state, fresh=False))
        done, _ = await asyncio.wait({looking}, timeout=0.5)
        assert not done
    async with box.github():
        other = await looking
    assert other.port == box.port


async def test_two_that_begin_at_once(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    both = await asyncio.gather(*(prepare(box.state, fresh=False) for _ in range(5)))
    assert set(both) == {box}
    async with both[0].github(), both[1].github():
        assert (await _ask(both[1], "/orgs/AAROC"))[0] == 200
    assert not [path for path in box.state.iterdir() if path.name.startswith(".")]


async def test_a_port_taken_by_another_is_not_used_and_gets_no_token(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    heard: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(f"{request.path} {dict(request.headers)}")
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/{path:.*}", listen)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, box.port).start()
    other = await prepare(box.state, fresh=False)
    await runner.cleanup()
    assert other.port != box.port and not other.served_elsewhere
    assert heard and box.token not in "".join(heard)
    assert f":{other.port}" in (box.state / "env").read_text()


async def test_the_accounts_of_the_page(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    assert [str(account) for account in box.accounts] == [
        "web:uj-admin", "web:roc-expert", "web:kenet-admin", "web:outsider",
    ]  # fmt: skip
    assert len({person.id for person in box.accounts.values()}) == 4


async def test_the_end_does_not_wait_for_who_is_kept_waiting(tmp_path: Path) -> None:
    box = await prepare(tmp_path / "box", fresh=False)
    async with box.github(), ClientSession() as session:
        await session.get(box.api_url + "/rate_limit")
    async with asyncio.timeout(5):
        async with box.github():
            pass
