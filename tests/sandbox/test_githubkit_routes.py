"""No route of the sandbox's API is left without a test in which githubkit plays it."""

from importlib import import_module
from pathlib import Path

from aaroc_bot.sandbox.github.answers import ON_THE_WEB
from aaroc_bot.sandbox.github.pages.web_host import HANDLERS
from aaroc_bot.sandbox.github.server import application
from aaroc_bot.sandbox.github.world import sample_world
from tests.sandbox.playing import PLAYED, TOKEN


def test_githubkit_plays_every_route(tmp_path: Path) -> None:
    for path in Path(__file__).parent.glob("test_githubkit*.py"):
        import_module(f"tests.sandbox.{path.stem}")
    app = application(sample_world(TOKEN), tmp_path)
    pages = app[ON_THE_WEB] | HANDLERS
    routes = {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource and route.method != "HEAD" and route.handler not in pages
    }
    assert routes - PLAYED == set(), "nothing plays them"
    assert PLAYED - routes == set(), "there are no such routes"
