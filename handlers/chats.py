"""What is said in the other chats when one of them cannot be reached."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aaroc_bot.commands import Desk, Message, card, when


@card("chat-trouble")
async def chat_trouble(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Say what is wrong, and what that means for the people here."""
    chat = str(data["chat"]).capitalize()
    return Message(
        f"{data['trouble'][:1].upper()}{data['trouble'][1:]}.",
        lines=(f"Who is in {chat} neither hears me nor is heard; here everything goes on.",),
    )


@card("chat-back")
async def chat_back(desk: Desk, subject: str, data: Mapping[str, Any]) -> Message:
    """Say that it is over, and since when it was so."""
    since = datetime.fromisoformat(data["since"])
    return Message(
        (
            f"{str(data['chat']).capitalize()} is back. It was away since ",
            when(since, desk.clock()),
            ".",
        )
    )
