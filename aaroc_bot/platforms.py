"""The chats that the settings name; a platform's library is imported only where it is one."""

from collections.abc import Sequence

from aaroc_bot.clock import now
from aaroc_bot.commands import Handlers
from aaroc_bot.core.message import Place
from aaroc_bot.core.ports import Platform
from aaroc_bot.settings import Settings
from aaroc_bot.store.addresses import Addresses
from aaroc_bot.store.database import Database

HELP = 100
"""Commands that a menu holds at most (Telegram, setMyCommands)."""


def roc_channels(settings: Settings) -> list[Place]:
    """Give the ROC channel of each chat that is configured."""
    places = []
    if settings.slack_bot_token and settings.slack.channels:
        places.append(Place("slack", settings.slack.channels[0]))
    if settings.telegram_token and settings.telegram.chats:
        places.append(Place("telegram", str(settings.telegram.chats[0])))
    return places


def platforms(settings: Settings, database: Database, handlers: Handlers) -> Sequence[Platform]:
    """Make the adapters of the chats that are configured."""
    made: list[Platform] = []
    if settings.slack_bot_token:
        made.append(_slack(settings, settings.slack_bot_token))
    if settings.telegram_token:
        made.append(_telegram(settings, settings.telegram_token, database, handlers))
    return made


def _slack(settings: Settings, token: str) -> Platform:
    from aaroc_bot.chat.slack import SlackChat, SlackOptions  # noqa: PLC0415

    slack = settings.slack
    options = SlackOptions(
        bot_token=token,
        app_token=settings.slack_app_token,
        signing_secret=settings.slack_signing_secret,
        channels=slack.channels,
        workspaces=frozenset(slack.workspaces),
        api_url=slack.api_url,
        plain=settings.plain_commands,
    )
    return SlackChat(options, now)


def _telegram(settings: Settings, token: str, database: Database, handlers: Handlers) -> Platform:
    from aaroc_bot.chat.telegram import TelegramChat, TelegramOptions  # noqa: PLC0415

    telegram = settings.telegram
    options = TelegramOptions(
        token=token,
        chats=telegram.chats,
        api_url=telegram.api_url,
        plain=settings.plain_commands,
        menu=menu(handlers),
        webhook_url=telegram.webhook_url,
        webhook_secret=settings.telegram_webhook_secret,
    )
    return TelegramChat(options, Addresses(database, now), now)


def menu(handlers: Handlers) -> tuple[tuple[str, str], ...]:
    """Give each command's first word and its help, once, in the order of the alphabet."""
    found = {
        pattern.words[0]: command.help
        for command in handlers.commands
        for pattern in command.patterns[:1]
    }
    return tuple(sorted(found.items()))[:HELP]
