"""What the tests of the web chat share: a server on loopback, and a real browser."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.web.fake import Server

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Open = Callable[..., Awaitable[Page]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives the page in a real Chromium")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def roc() -> AsyncIterator[Server]:
    """The same on the loop of the browser, which lives as long as the session."""
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, roc: Server) -> AsyncIterator[Open]:
    """Open the page as somebody; whatever it complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    async def open_page(user: str = "uj-admin", width: int = 1100, scheme: str = "light") -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": 740},
            color_scheme="dark" if scheme == "dark" else "light",
            timezone_id="Africa/Johannesburg",
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                # a server that is away on purpose is told of by the browser, not by the page
                complaints.append(said.text)
                if said.type in {"error", "warning"} and "WebSocket connection" not in said.text
                else None
            ),
        )
        await page.goto(f"{roc.address}/#{user}")
        await page.get_by_text("connected", exact=True).wait_for()
        await page.locator("#suggestions button").first.wait_for()
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert complaints == []
