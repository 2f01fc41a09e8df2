"""The Telegram Bot API on loopback: checks what it is sent, answers as Telegram does."""

from tests.emulators.telegram.emulator import Telegram
from tests.emulators.telegram.lines import lines
from tests.emulators.telegram.world import Shown, State

__all__ = ["Shown", "State", "Telegram", "lines"]
