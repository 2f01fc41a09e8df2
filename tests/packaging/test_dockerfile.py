"""What can be checked of the Dockerfile without building it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
LAST = TEXT.rpartition("\nFROM ")[2]


def test_everything_copied_is_there_and_reaches_the_build() -> None:
    let_in = (ROOT / ".dockerignore").read_text().split("\n")
    copied = [line.split()[:-1] for line in re.findall(r"^COPY (?!--from)(.*)$", TEXT, re.M)]
    assert copied
    for source in (name for names in copied for name in names):
        assert (ROOT / source).exists()
        assert f"!{source}" in let_in


def test_the_base_names_no_registry_and_a_python_that_is_supported() -> None:
    bases = re.findall(r"^FROM (\S+)", TEXT, re.M)
    assert set(bases) == {"python:3.11-slim-bookworm"}


def test_it_runs_as_nobody_special_and_tells_its_health() -> None:
    assert re.search(r"^USER aaroc-bot$", LAST, re.M)
    assert LAST.index("\nUSER ") < LAST.index("\nENTRYPOINT ")
    assert "/healthz" in LAST
    assert "--require-hashes -r requirements.txt" in TEXT
