"""Each event of GitHub's leads to what it concerns, and to nothing else."""

import pytest

from aaroc_bot.github.webhook import EVENTS, Hint
from aaroc_bot.joining.hints import Hints


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

    def forget(self) -> None:
        self.did.append("forgotten")


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
    hints = Hints(all, all.forget, all.look)
    await hints(hint)
    assert all.did == did


def test_every_event_is_tried_here() -> None:
    assert {hint.event for hint, _ in CASES} == set(EVENTS)
