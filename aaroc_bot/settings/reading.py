"""Reading the settings of this process."""

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from aaroc_bot.settings.fault import SettingsClash, SettingsFault
from aaroc_bot.settings.missing import incomplete, unreadable
from aaroc_bot.settings.model import PREFIX, Settings
from aaroc_bot.settings.reference import LISTS, NAMES

FILE = "aaroc-bot.toml"
TEST_PREFIX = "AAROC_TEST_"
"""Names that belong to the project's own tests; left alone."""


def default_state_dir(environment: Mapping[str, str]) -> Path:
    """Give the platform's folder for a user's state (XDG Base Directory Specification)."""
    base = environment.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "aaroc-bot"


def read() -> Settings:
    """Read the settings of this process.

    Raises `SettingsFault` with a sentence for each fault.
    """
    state = Path(os.environ.get("AAROC_STATE_DIR") or default_state_dir(os.environ))
    written, faults = _file(state)
    faults += _unknown(os.environ, written)
    try:
        settings = Settings(**{"state_dir": state.expanduser().resolve(), **_known(written)})
    except ValidationError as problem:
        faults += [
            sentence
            for error in problem.errors()
            if not _unknown_name(error)
            for sentence in _sentences(error)
        ]
    except SettingsError:
        faults += _not_json(os.environ)
    else:
        faults += [
            f"AAROC_HANDLERS: {p} is no folder." for p in settings.handlers if not p.is_dir()
        ]
        unread = list(unreadable(settings))
        faults += unread or incomplete(settings)
        if not faults:
            return settings
    raise SettingsFault(faults)


def _known(written: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out names that are no settings: they are told by `_unknown`."""
    return {
        name: {k: v for k, v in value.items() if f"{PREFIX}{name}__{k}".upper() in NAMES}
        if isinstance(value, dict)
        else value
        for name, value in written.items()
        if name in Settings.model_fields
    }


def _file(state: Path) -> tuple[dict[str, Any], list[str]]:
    for path in (Path(FILE), state / FILE):
        if path.is_file():
            try:
                return tomllib.loads(path.read_text(encoding="utf-8")), []
            except (OSError, ValueError) as problem:
                return {}, [f"{path} cannot be read: {problem}."]
    return {}, []


def _unknown(environment: Mapping[str, str], written: Mapping[str, Any]) -> list[str]:
    typed = [n for n in environment if n.startswith(PREFIX) and not n.startswith(TEST_PREFIX)]
    for name, value in written.items():
        group = isinstance(value, dict) and name in Settings.model_fields
        names = [f"{name}__{inner}" for inner in value] if group else [name]
        typed += [f"{PREFIX}{n}".upper() for n in names]
    return [_not_known(name) for name in sorted(set(typed)) if name.upper() not in NAMES]


def _not_known(name: str) -> str:
    near = difflib.get_close_matches(name.upper(), NAMES, n=1)
    return f"{name} is no setting." + (f" The nearest is {near[0]}." if near else "")


def _not_json(environment: Mapping[str, str]) -> list[str]:
    """Name the lists that are not written as JSON: pydantic-settings would name their group."""
    wrong = []
    for name, like in LISTS.items():
        value = environment.get(name)
        if value:
            try:
                json.loads(value)
            except ValueError:
                wrong.append(f"{name}: a list is written as JSON: {like}.")
    return wrong


WANTED = {
    "missing": "is missing",
    "extra_forbidden": "there is no such key",
    "int_parsing": "a whole number is wanted",
    "int_type": "a whole number is wanted",
    "bool_parsing": "true or false is wanted",
    "path_type": "a path is wanted",
    "string_type": "text is wanted",
}
"""Our words for what pydantic finds; its own follow where there are none."""

NO_LIST = frozenset({"tuple_type", "frozen_set_type", "model_type", "int_parsing", "int_type"})
"""What pydantic finds where a list is no list, or holds what is none of its things."""


def _unknown_name(error: Any) -> bool:
    """Whether it is told by `_unknown`, with the nearest right name."""
    in_a_list = any(isinstance(part, int) for part in error["loc"])
    return bool(error["type"] == "extra_forbidden") and not in_a_list


def _sentences(error: Any) -> list[str]:
    clash = error.get("ctx", {}).get("error")
    return clash.faults if isinstance(clash, SettingsClash) else [_sentence(error)]


def _sentence(error: Any) -> str:
    loc: tuple[str | int, ...] = error["loc"]
    at = next((n for n, part in enumerate(loc) if isinstance(part, int)), len(loc))
    name = PREFIX + "__".join(map(str, loc[:at])).upper()
    if name in LISTS and error["type"] in NO_LIST and len(loc) <= at + 1:
        return f"{name}: a list is written as JSON: {LISTS[name]}."
    for part in loc[at:]:  # a list of groups, as AAROC_SCHEDULES
        name += f": number {part + 1}" if isinstance(part, int) else f", {part}"
    own = str(error["msg"]).removeprefix("Value error, ")
    what = WANTED.get(error["type"], f"{own[:1].lower()}{own[1:]}")
    return f"{name}: {what}."
