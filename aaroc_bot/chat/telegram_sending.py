"""Sending to Telegram what was rendered: messages, files, edits and signs."""

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from aaroc_bot.chat.telegram_calls import TelegramCalls
from aaroc_bot.chat.telegram_names import Name
from aaroc_bot.chat.telegram_pace import Sort
from aaroc_bot.chat.telegram_render import Rendered
from aaroc_bot.core.message import File
from aaroc_bot.core.text import harmless, size

FILE = 49_000_000
"""Bytes of a file that Telegram takes from a bot, a little less; the end is kept."""

UNPREVIEWED = LinkPreviewOptions(is_disabled=True)


class Sending:
    """Sends to a channel, named as the operator set it."""

    def __init__(self, bot: Bot, calls: TelegramCalls) -> None:
        """Send as `bot`, at the pace of `calls`."""
        self._bot = bot
        self._calls = calls

    async def message(self, channel: str, under: Name | None, ready: Rendered) -> Name:
        """Post a message, as an answer to `under` and in its topic; gives its name."""
        topic = None if under is None else under.topic
        sent = await self._calls.to(
            channel,
            Sort.POST,
            lambda chat: self._bot.send_message(
                chat,
                ready.html,
                parse_mode=ParseMode.HTML,
                link_preview_options=UNPREVIEWED,
                reply_markup=_keyboard(ready),
                message_thread_id=topic,
                reply_parameters=_reply(under),
            ),
        )
        return Name(sent.chat.id, sent.message_id, topic)

    async def file(self, channel: str, under: Name, file: File) -> None:
        """Send a file as an answer to `under`; Telegram takes no empty one."""
        content = file.content.encode(errors="replace")[-FILE:]
        if not content:
            return
        await self._calls.to(
            channel,
            Sort.POST,
            lambda chat: self._bot.send_document(
                chat,
                InputFile(content, filename=harmless(file.name)),
                caption=size(file.content),
                disable_content_type_detection=True,
                message_thread_id=under.topic,
                reply_parameters=_reply(under),
            ),
        )

    async def edit(self, channel: str, name: Name, ready: Rendered) -> None:
        """Replace a message; one that reads so already is well."""
        try:
            await self._calls.to(
                channel,
                Sort.EDIT,
                lambda chat: self._bot.edit_message_text(
                    ready.html,
                    chat,
                    name.message,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=UNPREVIEWED,
                    reply_markup=_keyboard(ready),
                ),
            )
        except BadRequest as problem:
            if "message is not modified" not in problem.message.lower():
                raise

    async def sign(self, channel: str, name: Name, emoji: str) -> None:
        """Put an emoji on a message. Raises `BadRequest` where the chat allows none."""
        await self._calls.to(
            channel,
            Sort.SIGN,
            lambda chat: self._bot.set_message_reaction(chat, name.message, emoji),
        )


def _reply(to: Name | None) -> ReplyParameters | None:
    if to is None:
        return None
    return ReplyParameters(to.message, allow_sending_without_reply=True)


def _keyboard(ready: Rendered) -> InlineKeyboardMarkup | None:
    if not ready.buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(label, callback_data=id) for label, id in row]
            for row in ready.buttons
        ]
    )
