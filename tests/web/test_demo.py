"""`aaroc-bot demo` as a newcomer meets it: the real bot, a real browser, Ctrl-C, and again."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

PATIENCE = 90_000
"""Milliseconds for a plan or a run on a busy machine."""


@contextmanager
def demo(folder: Path, port: int, *more: str) -> Iterator[list[str]]:
    """Open the demo, give what it greeted with, and end it as Ctrl-C does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AAROC_")}
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "aaroc_bot.cli",
            "demo",
            "--folder",
            str(folder),
            "--port",
            str(port),
            *more,
        ],
        env=kept,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    _, *greeting = [running.stdout.readline().rstrip("\n") for _ in range(6)]
    try:
        yield greeting
    finally:
        running.send_signal(signal.SIGINT)
        _, complaints = running.communicate(timeout=60)
    assert (running.returncode, complaints) == (0, "")
    assert not of(folder), "a process of the demo lives on"


def of(folder: Path) -> list[str]:
    """Find the processes that were started for this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in command:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def speak(page: Page, who: str, text: str) -> None:
    await page.locator("#speaker").select_option(who)
    await page.get_by_text("connected", exact=True).wait_for()
    await page.locator("#line").fill(text)
    await page.locator("#line").press("Enter")


async def shows(page: Page, text: str | re.Pattern[str]) -> None:
    await expect(page.get_by_text(text).last).to_be_visible(timeout=PATIENCE)


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_the_main_job_on_the_page(browser: Browser, tmp_path: Path) -> None:
    folder, port = tmp_path / "a ROC", free_port()
    page = await browser.new_page(viewport={"width": 1100, "height": 900})
    with demo(folder, port) as greeting:
        assert greeting[0].endswith(f"http://127.0.0.1:{port}")
        assert str(folder) in greeting[1] and "FRESH=1" in greeting[1]
        await page.goto(f"http://127.0.0.1:{port}/")
        # the scene: planned, refused to its asker's own click, approved, run, told
        await shows(page, "You asked for run 1, so somebody else decides.")
        await shows(page, re.compile(r"^Run 1 · deploy site-bdii at ZA-UJ · succeeded, 4 changed"))
        await shows(page, re.compile(r"^Run 2 · run ping at ZA-UJ · succeeded"))  # it was behind
        await shows(page, re.compile(r"^Run 3 · .* at KE-NAIROBI · waiting for an expert"))
        await shows(page, re.compile("run 1 deploy site-bdii · succeeded"))
        conf = folder / "hosts" / "bdii1.uj.example" / "etc" / "bdii" / "bdii.conf"
        assert "BDII_PORT=2170" in conf.read_text(encoding="utf-8")

        await speak(page, "uj-admin", "deploy site-bdii at ZA-UJ")
        await shows(page, re.compile(r"^Run 4 .* succeeded, nothing to change \(checked only\)"))
        await speak(page, "outsider", "deploy site-bdii at ZA-UJ")
        await shows(page, re.compile("^You are not a member of AAROC on GitHub"))
        await speak(page, "uj-admin", "deploy site-bdii at ZA-UJ port=2171")
        await shows(page, re.compile(r"^Run 5 .* waiting for an expert, 3 items on 1 host"))

        history = '. "$1"; aaroc-bot say --as uj-admin "history ZA-UJ"'
        shell = await asyncio.create_subprocess_exec(
            "sh", "-c", history, "sh", folder / "env", stdout=subprocess.PIPE
        )
        said, _ = await shell.communicate()
        assert "uj-admin was refused `approve 1` (own request)" in said.decode()
        assert "outsider was refused `deploy site-bdii at ZA-UJ`" in said.decode()

    with demo(folder, port) as greeting:  # what waited waits on; the scene is not played again
        assert greeting[2].startswith(
            "Still waiting for approval: 3 (deploy site-bdii at KE-NAIROBI)"
        )
        await page.get_by_text("connected", exact=True).wait_for(timeout=PATIENCE)
        await page.locator("#speaker").select_option("roc-expert")
        await page.get_by_text("connected", exact=True).wait_for()
        await page.get_by_role("button", name="Approve 5", exact=True).click()
        await shows(page, re.compile(r"^Run 5 .* succeeded, \d changed on 1 host"))
        assert "BDII_PORT=2171" in conf.read_text(encoding="utf-8")
    await page.close()
