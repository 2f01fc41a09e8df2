"""Asking for a run: what is said at once, before anything is planned."""

from aaroc_bot.commands import Request, Run
from tests.handlers.ports import EXPERT, UJ, Book, Entries
from tests.handlers.sample import DEPLOY, DONE, channel


class Asked(Book):
    """Every wish becomes the sample's run."""

    async def ask(self, request: Request) -> tuple[Run, bool]:
        return DONE, True


async def test_a_service_that_a_site_does_not_have_is_told_at_once() -> None:
    room = channel(runs=Asked([DONE]), catalogue=Entries((DEPLOY,)))
    assert await room.say(EXPERT, "deploy site-bdii at maren") == (
        "maren has no site-bdii. Its inventory has no service.\nTo look: `status maren`."
    )
    assert "has no" in await room.say(EXPERT, "plan site-bdii at maren")
    assert "Run 12" in await room.say(UJ, "deploy site-bdii at ZA-UJ")
