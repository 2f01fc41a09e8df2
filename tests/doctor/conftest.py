"""Settings for the doctor, read as an operator's are, and nothing of this machine's in them."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from aaroc_bot.doctor.finding import Finding, Level
from aaroc_bot.settings import Settings, read

SettingsOf = Callable[..., Settings]


@pytest.fixture
def settings_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SettingsOf:
    """Read settings whose names are given without their prefix, in a folder with nothing else."""

    def settings(**values: object) -> Settings:
        for name in [name for name in os.environ if name.startswith("AAROC_")]:
            monkeypatch.delenv(name)
        state = tmp_path / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        for name, value in {"STATE_DIR": state, **values}.items():
            text = json.dumps(value) if isinstance(value, list) else str(value)
            monkeypatch.setenv(f"AAROC_{name}", text)
        monkeypatch.chdir(tmp_path)
        return read()

    return settings


@pytest.fixture
def devops(tmp_path: Path) -> Path:
    """A DevOps repository with one commit."""
    path = tmp_path / "devops"
    path.mkdir()
    who = ["-c", "user.name=Amina Haddad", "-c", "user.email=amina@roc.example"]
    for words in (
        ["init", "-q", "-b", "main"],
        [*who, "commit", "-q", "--allow-empty", "-m", "Begin"],
    ):
        subprocess.run(["git", "-C", str(path), *words], check=True)
    return path


def levels(findings: Sequence[Finding]) -> dict[str, Level]:
    return {finding.check: finding.level for finding in findings}


def only_fault(findings: Sequence[Finding]) -> Finding:
    """Give the one finding that is not well; every other must be."""
    (fault,) = [f for f in findings if f.level not in {Level.OK, Level.OFF}]
    assert fault.do, "a fault comes with what to do"
    return fault
