"""Settings: what the operator says, read once, checked together (docs/settings.md).

Environment variables with the prefix ``AAROC_``, or ``aaroc-bot.toml`` (in the current
folder, else in the state folder) with the same names; the environment wins. A secret may
stand in a file named by ``..._FILE``. An unknown name is a fault.
"""

from aaroc_bot.settings.fault import SettingsFault
from aaroc_bot.settings.groups import GitHub, Slack, Telegram
from aaroc_bot.settings.missing import SHORTEST
from aaroc_bot.settings.model import Settings
from aaroc_bot.settings.reading import FILE, default_state_dir, read
from aaroc_bot.settings.reference import Named, reference

__all__ = [
    "FILE",
    "SHORTEST",
    "GitHub",
    "Named",
    "Settings",
    "SettingsFault",
    "Slack",
    "Telegram",
    "default_state_dir",
    "read",
    "reference",
]
