"""Schedules as the operator and the repository write them: what is wrong is a sentence."""

import json
from pathlib import Path

import pytest

from aaroc_bot.core.schedules import Schedule, Task
from aaroc_bot.repo.rulebook import read_rulebook
from aaroc_bot.repo.tree import FolderTree
from aaroc_bot.settings import SettingsFault, read

GOOD = {"name": "daily", "what": "digest", "cron": "0 8 * * *", "zone": "Africa/Cairo"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([GOOD | {"cron": "0 8 * *"}], "AAROC_SCHEDULES: number 1: cron has five fields"),
        ([GOOD | {"zone": "Mars"}], "number 1: zone is no IANA time zone"),
        ([GOOD | {"what": "drift"}], "number 1: what is one of `digest`"),
        ([GOOD | {"who": "me"}], "number 1, who: there is no such key."),
        ([{"name": "x", "what": "digest"}], "number 1, cron: is missing."),
        ([GOOD, GOOD], "AAROC_SCHEDULES: two schedules are called daily."),
    ],
)
def test_a_wrong_setting_is_a_sentence(
    written: object, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AAROC_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("AAROC_SCHEDULES", json.dumps(written))
    with pytest.raises(SettingsFault) as fault:
        read()
    assert said in "\n".join(fault.value.faults)


async def test_the_repositorys_are_read_and_wrong_ones_named_by_line(tmp_path: Path) -> None:
    (tmp_path / ".aaroc.yml").write_text(
        "schedules:\n"
        "  - {name: daily, what: digest, cron: 0 8 * * *, zone: Africa/Cairo}\n"
        "  - {name: wrong, what: digest, cron: 0 8 * *}\n"
        "  - {name: daily, what: refresh, cron: 0 9 * * *}\n"
    )
    rules = await read_rulebook(await FolderTree.of(tmp_path))
    assert rules.schedules == (Schedule("daily", Task.DIGEST, "0 8 * * *", "Africa/Cairo"),)
    assert [(one.line, one.what.split(":")[0]) for one in rules.findings] == [
        (3, "cron has five fields"),
        (4, "schedules"),
    ]
