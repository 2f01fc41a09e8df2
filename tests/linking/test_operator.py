"""Who sits at the machine is what the operating system says, not the environment."""

import os
import pwd
from dataclasses import dataclass

import pytest

from aaroc_bot.linking.operator import operator


@dataclass
class Entry:
    pw_name: str


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "the-director")
    return monkeypatch


def test_the_environment_names_nobody(as_user: pytest.MonkeyPatch) -> None:
    as_user.setattr(os, "getuid", lambda: 1000)
    as_user.setattr(pwd, "getpwuid", {1000: Entry("alice")}.__getitem__)
    assert operator() == "alice"


def test_who_became_root_by_sudo_is_named_too(as_user: pytest.MonkeyPatch) -> None:
    as_user.setattr(os, "getuid", lambda: 0)
    as_user.setattr(pwd, "getpwuid", {0: Entry("root")}.__getitem__)
    as_user.setenv("SUDO_USER", "alice")
    assert operator() == "root (sudo: alice)"
    for odd in ("", "a:b", "a) (b", "x" * 100, "a\n"):
        as_user.setenv("SUDO_USER", odd)
        assert operator() == "root"


def test_a_user_without_a_name_is_a_number(as_user: pytest.MonkeyPatch) -> None:
    as_user.setattr(os, "getuid", lambda: 4711)
    as_user.setattr(pwd, "getpwuid", dict[int, Entry]().__getitem__)
    assert operator() == "uid 4711"
