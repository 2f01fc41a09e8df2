"""Telegram: the bot's token, what it may hear, its chats, and the webhook."""

import logging
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from telegram import (
    Bot,
    ChatFullInfo,
    ChatMember,
    ChatMemberRestricted,
    User,
    WebhookInfo,
)
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from aaroc_bot.doctor.addresses import is_local, is_private
from aaroc_bot.doctor.finding import Finding, Level, failed, ok, warning
from aaroc_bot.doctor.limiting import SECONDS, limited, together
from aaroc_bot.settings import Settings

TOKEN, PRIVACY, WEBHOOK = "Telegram token", "Telegram privacy mode", "Telegram connection"
AWAY = "see whether this machine reaches AAROC_TELEGRAM__API_URL"
CHATS = "AAROC_TELEGRAM__CHATS: name the group by its id (docs/telegram.md)"


async def examine_telegram(settings: Settings, moved: Mapping[str, str]) -> list[Finding]:
    """Look at everything of Telegram's, which is configured; without a token at nothing else.

    `moved` has the new ids of groups that became supergroups, by the ones that were set.
    """
    token, url = settings.telegram_token, settings.telegram.api_url
    assert token is not None  # it is configured
    if not is_private(url):
        return [failed(TOKEN, "would travel in the clear", "AAROC_TELEGRAM__API_URL: use https://")]
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, with the token
    os.environ["PTB_TIMEDELTA"] = "true"  # the library's switch; it warns of a 429 without
    request = HTTPXRequest(read_timeout=SECONDS, httpx_kwargs={"trust_env": not is_local(url)})
    # Not `async with bot`: that asks getMe by itself, and its error quotes the token.
    bot = Bot(token, base_url=url, request=request, get_updates_request=request)
    try:
        return await _examined(bot, settings, moved)
    finally:
        await request.shutdown()


async def _examined(bot: Bot, settings: Settings, moved: Mapping[str, str]) -> list[Finding]:
    me: list[User] = []
    findings = [await limited(TOKEN, _token(bot, me))]
    if not me:
        return findings
    chats = {id: int(moved.get(str(id), id)) for id in settings.telegram.chats}
    roc = next(iter(chats.values()))
    return findings + await together(
        limited(PRIVACY, _privacy(bot, me[0], roc, plain=settings.plain_commands)),
        *(
            limited(_named(id), _chat(bot, me[0], id, current, first=current == roc))
            for id, current in chats.items()
        ),
        limited(WEBHOOK, _webhook(bot, settings)),
    )


async def _token(bot: Bot, me: list[User]) -> Finding:
    """Ask whose token it is; the bot that it is goes into `me`."""
    try:
        me.append(await bot.get_me())
    except TelegramError as problem:
        return _refused(TOKEN, problem, AWAY)
    return ok(TOKEN, f"as @{me[0].username} ({me[0].id})")


async def _privacy(bot: Bot, me: User, roc: int, *, plain: bool) -> Finding:
    """Compare what Telegram lets the bot hear with what it should hear."""
    if me.can_read_all_group_messages:
        if plain:
            return ok(PRIVACY, "off: the bot hears plain commands")
        do = "BotFather: /setprivacy, Enable, unless this is meant"
        return warning(PRIVACY, "off, while AAROC_PLAIN_COMMANDS is false", do)
    if not plain:
        return ok(PRIVACY, "on: the bot hears commands, mentions and replies")
    if await _is_administrator(bot, me, roc):
        return ok(PRIVACY, "on, but the bot is an administrator of the ROC's chat and hears all")
    do = (
        "BotFather: /setprivacy, Disable, then take the bot out of the group and add it again;"
        " or set AAROC_PLAIN_COMMANDS to false"
    )
    return failed(PRIVACY, "on: plain commands are not heard", do)


async def _is_administrator(bot: Bot, me: User, chat: int) -> bool:
    try:
        member = await bot.get_chat_member(chat, me.id)
    except TelegramError:  # the chat's own check tells why
        return False
    return member.status == ChatMemberStatus.ADMINISTRATOR


def _named(id: int) -> str:
    return f"Telegram chat {id}"


async def _chat(bot: Bot, me: User, id: int, current: int, *, first: bool) -> Finding:
    """See whether the bot is in a group and may speak there.

    `id` is the one that was set, `current` the group's of today; the `first` one is the ROC's.
    """
    check = _named(id)
    try:
        chat = await bot.get_chat(current)
        member = await bot.get_chat_member(current, me.id)
    except (BadRequest, Forbidden) as problem:
        do = f"add @{me.username} to the group, or {CHATS}"
        return failed(check, f"Telegram refuses: {problem.message}", do)
    except TelegramError as problem:
        return _refused(check, problem, AWAY)
    found = _in_chat(check, chat, member, me, first)
    if found.level is Level.OK and current != id:
        do = f"AAROC_TELEGRAM__CHATS: write {current}; the bot finds the group meanwhile"
        return warning(check, f"{chat.title} has become a supergroup", do)
    return found


def _in_chat(check: str, chat: ChatFullInfo, member: ChatMember, me: User, first: bool) -> Finding:
    if chat.type not in {ChatType.GROUP, ChatType.SUPERGROUP}:
        return failed(check, f"is no group ({chat.type})", CHATS)
    if member.status in {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}:
        return failed(check, f"the bot is not in {chat.title}", f"add @{me.username} there")
    if isinstance(member, ChatMemberRestricted) and not member.can_send_messages:
        do = f"let @{me.username} send messages there"
        return failed(check, f"the bot may not speak in {chat.title}", do)
    return ok(check, f"the bot is in {chat.title}" + (", the ROC's chat" if first else ""))


async def _webhook(bot: Bot, settings: Settings) -> Finding:
    """See whether Telegram gives updates in the way in which the bot takes them."""
    url = settings.telegram.webhook_url
    try:
        info = await bot.get_webhook_info()
    except TelegramError as problem:
        return _refused(WEBHOOK, problem, AWAY)
    if url is None:
        if not info.url:
            return ok(WEBHOOK, "long polling")
        host = urlsplit(info.url).hostname
        do = "see that no other program uses this bot; `aaroc-bot run` takes the webhook away"
        return warning(WEBHOOK, f"long polling, but a webhook to {host} is set", do)
    return _webhook_state(url, info)


def _webhook_state(url: str, info: WebhookInfo) -> Finding:
    if info.url != url:
        return warning(
            WEBHOOK, "the webhook is not set yet", "start `aaroc-bot run`, which sets it"
        )
    if info.last_error_message and info.pending_update_count:
        do = "see that AAROC_TELEGRAM__WEBHOOK_URL leads to the bot's /telegram"
        told = f"{info.pending_update_count} updates wait: {info.last_error_message}"
        return failed(WEBHOOK, f"webhook; {told}", do)
    return ok(WEBHOOK, f"webhook to {urlsplit(url).hostname}")


def _refused(check: str, problem: TelegramError, do: str) -> Finding:
    """Say what Telegram refused; not in the library's words where those quote the token."""
    match problem:
        case InvalidToken():
            take = "AAROC_TELEGRAM__TOKEN: take it from BotFather, /token"
            return failed(check, "Telegram refuses the token", take)
        case RetryAfter():
            return failed(check, "Telegram is asked too often", "try again in a minute")
        case BadRequest() | Forbidden():
            return failed(check, f"Telegram refuses: {problem.message}", do)
        case _:
            return failed(check, "Telegram does not answer", do)
