"""What the doctor says of Telegram; each fault alone, against the emulator."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from telegram import Bot

from aaroc_bot.clock import now
from aaroc_bot.doctor import limiting
from aaroc_bot.doctor.database import moved_channels
from aaroc_bot.doctor.finding import Finding, Level
from aaroc_bot.doctor.telegram import PRIVACY, TOKEN, WEBHOOK, examine_telegram
from aaroc_bot.store.addresses import Addresses
from aaroc_bot.store.database import Database
from tests.doctor.conftest import SettingsOf, levels, only_fault
from tests.emulators.telegram import Telegram

HOOK = "https://bot.example/telegram"


@dataclass(frozen=True, slots=True)
class Set:
    """A group with the bot in it, and the settings that fit."""

    telegram: Telegram
    names: dict[str, object]
    settings_of: SettingsOf
    roc: int

    async def examined(self, **other: object) -> list[Finding]:
        """Examine with some settings otherwise."""
        settings = self.settings_of(**self.names | other)
        return await examine_telegram(settings, await moved_channels(settings, "telegram"))

    async def hooked(self, url: str = HOOK) -> None:
        """Have another call of the bot's token set a webhook."""
        async with Bot(self.telegram.token, base_url=self.telegram.api_url) as bot:
            await bot.set_webhook(url)


@pytest.fixture
async def group(settings_of: SettingsOf) -> AsyncIterator[Set]:
    async with Telegram() as telegram:
        telegram.privacy = False
        roc = telegram.group("ROC")
        names: dict[str, object] = {
            "TELEGRAM__API_URL": telegram.api_url,
            "TELEGRAM__TOKEN": telegram.token,
            "TELEGRAM__CHATS": [roc],
        }
        yield Set(telegram, names, settings_of, roc)


async def test_all_is_well(group: Set) -> None:
    other = group.telegram.supergroup("Sites", forum=True)
    found = await group.examined(TELEGRAM__CHATS=[group.roc, other])
    assert set(levels(found).values()) == {Level.OK}
    assert [(finding.check, finding.what) for finding in found] == [
        (TOKEN, f"as @aaroc_bot ({group.telegram.bot['id']})"),
        (PRIVACY, "off: the bot hears plain commands"),
        (f"Telegram chat {group.roc}", "the bot is in ROC, the ROC's chat"),
        (f"Telegram chat {other}", "the bot is in Sites"),
        (WEBHOOK, "long polling"),
    ]
    asked = {call.method for call in group.telegram.calls}
    assert asked == {"getme", "getchat", "getchatmember", "getwebhookinfo"}
    assert not group.telegram.faults


@pytest.mark.parametrize("token", ["123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9", "nonsense"])
async def test_a_token_that_telegram_refuses(group: Set, token: str) -> None:
    fault = only_fault(await group.examined(TELEGRAM__TOKEN=token))
    assert (fault.check, fault.what) == (TOKEN, "Telegram refuses the token")
    assert "BotFather" in fault.do


async def test_privacy_mode_keeps_plain_commands_away(group: Set) -> None:
    group.telegram.privacy = True
    fault = only_fault(await group.examined())
    assert (fault.check, fault.level) == (PRIVACY, Level.FAILED)
    assert "/setprivacy" in fault.do
    assert set(levels(await group.examined(PLAIN_COMMANDS=False)).values()) == {Level.OK}
    group.telegram.promote(group.roc)
    assert set(levels(await group.examined()).values()) == {Level.OK}


async def test_hearing_more_than_is_wanted(group: Set) -> None:
    fault = only_fault(await group.examined(PLAIN_COMMANDS=False))
    assert (fault.check, fault.level) == (PRIVACY, Level.WARNING)


async def test_a_group_without_the_bot(group: Set) -> None:
    await group.telegram.kick(group.roc)
    fault = only_fault(await group.examined())
    assert (fault.check, fault.level) == (f"Telegram chat {group.roc}", Level.FAILED)
    assert "add @aaroc_bot" in fault.do


async def test_a_group_that_is_none(group: Set) -> None:
    fault = only_fault(await group.examined(TELEGRAM__CHATS=[group.roc, -4711]))
    assert (fault.check, fault.what) == (
        "Telegram chat -4711",
        "Telegram refuses: Chat not found",
    )
    channel = group.telegram.channel("News")
    fault = only_fault(await group.examined(TELEGRAM__CHATS=[group.roc, channel]))
    assert fault.what == "is no group (channel)"


async def test_a_group_that_moved(group: Set, sqlite_url: str, sqlite_database: Database) -> None:
    new = await group.telegram.migrate(group.roc)
    await Addresses(sqlite_database, now).moved("telegram", str(group.roc), str(new))
    fault = only_fault(await group.examined(DATABASE=sqlite_url))
    assert (fault.level, fault.what) == (Level.WARNING, "ROC has become a supergroup")
    assert f"write {new};" in fault.do
    await group.telegram.kick(new)
    assert only_fault(await group.examined(DATABASE=sqlite_url)).level is Level.FAILED


async def test_somebody_elses_webhook(group: Set) -> None:
    await group.hooked("https://other.example/secret-path")
    fault = only_fault(await group.examined())
    assert (fault.check, fault.level) == (WEBHOOK, Level.WARNING)
    assert fault.what == "long polling, but a webhook to other.example is set"


async def test_the_bots_own_webhook(group: Set) -> None:
    own: dict[str, object] = {
        "TELEGRAM__WEBHOOK_URL": HOOK,
        "TELEGRAM__WEBHOOK_SECRET": "s" * 16,
        "HOOKS__PORT": 8443,
    }
    fault = only_fault(await group.examined(**own))
    assert (fault.level, fault.what) == (Level.WARNING, "the webhook is not set yet")
    await group.hooked()
    assert (await group.examined(**own))[-1].what == "webhook to bot.example"
    group.telegram.webhook_at = "http://127.0.0.1:1/"
    user = group.telegram.person("Lindiwe")
    await group.telegram.say(user, group.telegram.private(user), "status")
    hook = group.telegram.server.updates.hook
    assert hook is not None
    hook.error, hook.failed_at = "Connection refused", int(now().timestamp())
    fault = only_fault(await group.examined(**own))
    assert (fault.check, fault.level) == (WEBHOOK, Level.FAILED)
    assert fault.what.startswith("webhook; 1 updates wait: ")


async def test_telegram_is_away(group: Set) -> None:
    await group.telegram.stop()
    assert only_fault(await group.examined()).what == "Telegram does not answer"


async def test_telegram_is_asked_too_often(group: Set) -> None:
    group.telegram.fail("getChat", 429, retry_after=3)
    fault = only_fault(await group.examined())
    assert (fault.check, fault.what) == (
        f"Telegram chat {group.roc}",
        "Telegram is asked too often",
    )


async def test_one_silent_question_does_not_hide_the_others(
    group: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiting, "SECONDS", 0.5)
    group.telegram.silent("getChat", effect=False, hang=True)
    fault = only_fault(await group.examined())
    assert fault.check == f"Telegram chat {group.roc}"
    assert fault.what.startswith("no answer within")


async def test_a_token_is_not_sent_in_the_clear(group: Set) -> None:
    fault = only_fault(await group.examined(TELEGRAM__API_URL="http://telegram.example/bot"))
    assert fault.what == "would travel in the clear" and not group.telegram.calls
