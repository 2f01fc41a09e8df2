"""What is said when GitHub will soon answer the bot no more for a while."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aaroc_bot.commands import Desk, Message, card, when


@card("github-limit")
async def github_limit(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Say what is left of the rate limit, until when, and what waits once it is used up."""
    left, limit = int(data["remaining"]), int(data["limit"])
    until = when(datetime.fromisoformat(data["resets_at"]), desk.clock())
    if left:
        first = f"GitHub answers me {left:,} more times (of {limit:,}) until "
        waits = (
            "Once that is used up, commands that start or alter something are refused until then"
        )
    else:
        first = f"GitHub answers me no more (its limit of {limit:,} is used up) until "
        waits = "Commands that start or alter something are refused until then"
    return Message(
        (first, until, "."),
        lines=(
            f"{waits}; what was approved, and Changes that are being opened, wait."
            " Reading goes on, and so do cancel, deny, lock and freeze.",
        ),
        notes=("For the operator: aaroc-bot doctor, and what else asks GitHub by my right.",),
    )
