"""Who can take the next step of a wish to join is rung by a message of its own."""

import pytest

from aaroc_bot.commands import Join
from tests.handlers.ports import HANDLERS, Channel, written
from tests.handlers.test_join import AT_ZA_UJ, WELCOMED, WISH, Gate


@pytest.mark.parametrize(
    ("join", "said"),
    [
        (WISH, "@roc-expert: outsider waits for an invitation: `invite outsider`"),
        (AT_ZA_UJ, "@uj-admin: outsider waits for a welcome: `welcome outsider to ZA-UJ`"),
        (WELCOMED, "@roc-expert: outsider waits for an invitation: `invite outsider`"),
    ],
)
async def test_it_rings_who_decides(join: Join, said: str) -> None:
    desk = Channel(joining=Gate(known=join)).desk()
    message = await HANDLERS.cards["join-waits"](desk, f"1 {join.state}", {})
    assert written(message) == said
