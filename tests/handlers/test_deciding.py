"""Deciding about a run: what is said to whom it is not for, and what they can do instead."""

from dataclasses import dataclass, replace

import pytest

from aaroc_bot.commands import Plan, Standing, Verdict
from tests.handlers.ports import KENET, Book
from tests.handlers.sample import RUNNING, channel


@dataclass
class Deciding(Book):
    """Every wish about a run comes to the same."""

    verdict: Verdict = Verdict.YES

    async def cancel(self, number: int, by: Standing, *, now: bool) -> Verdict:
        return self.verdict


@pytest.mark.parametrize(
    ("hosts", "left"),
    [
        (("bdii1",), "on bdii1; ending it may leave it half way."),
        (("bdii1", "bdii2"), "on bdii1, bdii2; ending it may leave them half way."),
        ((), "on hosts of KE-NAIROBI; ending it may leave them half way."),
    ],
)
async def test_what_may_be_left_half_way_is_counted(hosts: tuple[str, ...], left: str) -> None:
    run = replace(RUNNING, plan=Plan(played=True, hosts=hosts))
    room = channel(runs=Deciding([run], verdict=Verdict.RUNNING))
    answer = await room.say(KENET, "cancel 15")
    assert answer == f"Run 15 is under way {left}\nTo end it all the same: `cancel 15 now`."
