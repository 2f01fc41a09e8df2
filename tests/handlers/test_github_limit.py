"""What the channel reads when GitHub's rate limit runs low."""

from datetime import timedelta

import pytest

from tests.handlers.ports import HANDLERS, NOW, written
from tests.handlers.sample import channel


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (480, "GitHub answers me 480 more times (of 5,000) until 15:20 UTC."),
        (0, "GitHub answers me no more (its limit of 5,000 is used up) until 15:20 UTC."),
    ],
)
async def test_what_is_left_and_what_waits(left: int, said: str) -> None:
    ends = NOW + timedelta(minutes=40)
    data = {"remaining": left, "limit": 5000, "resets_at": ends.isoformat()}
    lines = written(await HANDLERS.cards["github-limit"](channel().desk(), "x", data)).splitlines()
    assert lines[0] == said
    assert "refused until then; what was approved" in lines[1] and "cancel, deny" in lines[1]
    assert "aaroc-bot doctor" in lines[2]
