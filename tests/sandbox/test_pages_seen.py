"""The pages in a real Chromium: accessible, narrow and wide, in light and dark, by keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.sandbox.playing import Kit, pushed
from tests.sandbox.playing import kit as make
from tests.web.conftest import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("pages-seen"),
]

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},  # off by default, and part of 2.2 AA
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def served(tmp_path: Path) -> AsyncIterator[Kit]:
    """An organisation with a pull request, a long one, reviews and an invitation."""
    async with make(tmp_path) as kit:
        world = kit.world
        expert, outsider = world.user("roc-expert"), world.user("outsider")
        assert expert is not None and outsider is not None
        await pushed(world, "set-1", {"Ansible/group_vars/za-uj.yml": b"---\nport: 2171\n"})
        text = f"Asked by uj-admin.\n\n> {'long' * 60}"
        await world.open_pull(world.bot, "ZA-UJ port → 2171", "set-1", "main", text)
        await world.review(1, expert, "REQUEST_CHANGES", "Why?")
        await pushed(world, "long", {"long.txt": b"".join(b"%d\n" % n for n in range(5000))})
        await world.open_pull(world.bot, "Long", "long", "main", draft=True)
        world.invite(outsider, expert)
        yield kit


async def assert_accessible(page: Page) -> None:
    found = await Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (360, "dark")])
async def test_every_page_is_accessible_and_fits(
    browser: Browser, served: Kit, width: int, scheme: str
) -> None:
    dark = scheme == "dark"
    page = await browser.new_page(
        viewport={"width": width, "height": 740}, color_scheme="dark" if dark else "light"
    )
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    head = await served.world.bare.must("rev-parse", "main")
    for path in (
        "/AAROC/DevOps/pull/1",
        "/AAROC/DevOps/pulls",
        f"/AAROC/DevOps/commit/{head}",
        "/orgs/AAROC/invitation",
    ):
        await page.goto(served.url + path)
        await assert_accessible(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await page.goto(f"{served.url}/AAROC/DevOps/pull/2")
    await expect(page.locator("tr.added")).to_have_count(5000)
    assert complaints == []
    await page.close()


async def test_it_is_approved_and_merged_by_keyboard(browser: Browser, served: Kit) -> None:
    page = await browser.new_page()
    await page.goto(f"{served.url}/AAROC/DevOps/pull/1")
    while await page.get_by_text("is being worked out").count():  # as on GitHub, after a push
        await page.reload()
    await expect(page.get_by_text("Changes have been requested by reviewers")).to_be_visible()
    await page.get_by_label("You are").focus()
    await page.keyboard.type("roc-expert")
    await page.get_by_role("button", name="Approve").press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Approved.")
    await expect(page.get_by_label("You are")).to_have_value("roc-expert")
    await page.get_by_role("button", name="Merge").press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Merged.")
    await expect(page.locator(".badge")).to_have_text("merged")
    await page.close()
