"""The log that is kept, and a disk that is full."""

import errno
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.text import harmless
from aaroc_bot.execution import How
from aaroc_bot.execution import log as logs
from aaroc_bot.execution.log import Log

from .conftest import Stage


async def test_a_short_log_is_whole() -> None:
    log = Log()
    log.add(b"one\ntwo \xff\n\tthr\x00\x1b\xe2\x80\xaeee\r\n")
    assert await log.text(str.upper) == "ONE\nTWO \ufffd\n\tTHREE\n"


async def test_a_long_log_keeps_its_end_and_says_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "KEPT", 1000)
    monkeypatch.setattr(logs, "MARGIN", 100)
    log = Log()
    for number in range(1, 1001):
        log.add(b"line %d\n" % number)
    first, *rest = (await log.text(str)).splitlines()
    left_out = int(re.fullmatch(r"\((\d+) lines before this are left out\)", first).group(1))  # type: ignore[union-attr]
    assert rest == [f"line {number}" for number in range(left_out + 1, 1001)]
    assert 900 < len("\n".join(rest)) <= 1000


@given(st.lists(st.binary(max_size=400)))
def test_a_log_is_bounded_and_ends_as_it_ended(chunks: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "KEPT", 200)
        patch.setattr(logs, "MARGIN", 20)
        log = Log()
        for chunk in chunks:
            log.add(chunk)
        text = log._text(str)
    whole = harmless(b"".join(chunks).decode(errors="replace"))
    assert len(text) <= 200 + 60
    if not text.startswith("("):
        assert text == whole
    else:
        assert whole.endswith(text.partition("\n")[2])


async def test_a_full_disk_ends_the_run_with_the_reason(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("aaroc_bot.execution.playing.lay_out", full)
    ending = await stage.play("- hosts: one\n")
    assert (ending.how, ending.reason) == (How.LOST, "the disk is full")
    assert ending.log == "" and not ending.recap.counts
