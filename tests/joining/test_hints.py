"""Each event of GitHub's leads to what it concerns, and to nothing else."""

import asyncio
from datetime import UTC, datetime

import pytest

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.github.webhook import EVENTS, Hint
from aaroc_bot.joining import nudging
from aaroc_bot.joining.hints import Hints
from aaroc_bot.joining.nudging import Nudging
from aaroc_bot.store.database import Database


class Everybody:
    """Whoever is told of hints."""

    def __init__(self) -> None:
        self.did: list[object] = []

    async def look(self, number: int | None = None) -> None:
        self.did.append("who left" if number is None else number)

    async def round(self) -> None:
        self.did.append("round")

    async def pushed(self) -> None:
        self.did.append("pushed")

    async def forget(self) -> None:
        self.did.append("forgotten")

    async def nudge(self) -> None:
        self.did.append("nudged")

    def hints(self, *, keeps: bool) -> Hints:
        return Hints(self, self.look, forget=self.forget, keeps=lambda: keeps, nudge=self.nudge)


PEOPLE: list[object] = ["forgotten", "who left"]


CASES: list[tuple[Hint, list[object]]] = [
    (Hint("organization"), PEOPLE),
    (Hint("membership"), PEOPLE),
    (Hint("team"), PEOPLE),
    (Hint("member", 52), PEOPLE),
    (Hint("push"), ["pushed"]),
    (Hint("pull_request", 52), [52]),
    (Hint("pull_request_review", 52), [52]),
    (Hint("pull_request"), ["round"]),
    (Hint("check_run"), ["round"]),
    (Hint("check_suite"), ["round"]),
    (Hint("status"), ["round"]),
]


@pytest.mark.parametrize(("hint", "did"), CASES)
async def test_a_hint_is_acted_upon(hint: Hint, did: list[object]) -> None:
    all = Everybody()
    await all.hints(keeps=True)(hint)
    assert all.did == did


@pytest.mark.parametrize(("hint", "did"), CASES)
async def test_a_bot_that_does_not_keep_forgets_and_nudges(hint: Hint, did: list[object]) -> None:
    all = Everybody()
    await all.hints(keeps=False)(hint)
    assert all.did == [*(["forgotten"] if did == PEOPLE else []), "nudged"]


def test_every_event_is_tried_here() -> None:
    assert {hint.event for hint, _ in CASES} == set(EVENTS)


async def test_the_one_that_keeps_looks_once_for_each_nudge(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another bot nudges it; that GitHub did not answer a look ends nothing."""
    monkeypatch.setattr(nudging, "EVERY", 0.01)
    looked: asyncio.Queue[str] = asyncio.Queue()
    away = True

    async def people() -> None:
        looked.put_nowait("people")

    async def changes() -> None:
        nonlocal away
        looked.put_nowait("changes")
        if away:
            away = False
            raise Unavailable("GitHub")

    def bot() -> Nudging:
        return Nudging(database, (people, changes), lambda: datetime.now(UTC))

    await bot().tell()
    keeping = asyncio.create_task(bot().run())
    try:
        seen = [await asyncio.wait_for(looked.get(), 20) for _ in range(2)]
        await bot().tell()
        seen += [await asyncio.wait_for(looked.get(), 20) for _ in range(2)]
        assert seen == ["people", "changes"] * 2
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
