"""The wheel holds what it should and nothing else, and works where it is installed."""

import asyncio
import os
import re
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = (
    r"aaroc_bot/(?:\w+/)*\w+\.py",
    r"aaroc_bot/execution/COPYING",
    r"aaroc_bot/web/static/\w+\.(?:js|css|html|svg)",
    r"aaroc_bot/sandbox/github/pages/\w+\.(?:css|html)",
    r"aaroc_bot/sandbox/devops/(?:\.aaroc\.yml|\.aaroc/catalogue\.yml|CODEOWNERS|README\.md)",
    r"aaroc_bot/sandbox/devops/sites/[\w-]+/\w+\.md",
    r"aaroc_bot/sandbox/devops/Ansible/[\w-]+\.yml",
    r"aaroc_bot/sandbox/devops/Ansible/(?:group_vars|inventories)/[\w.-]+",
    r"aaroc_bot/sandbox/devops/Ansible/roles/[\w-]+/(?:tasks|handlers|defaults)/main\.yml",
    r"aaroc_bot/sandbox/devops/Ansible/roles/[\w-]+/templates/[\w.-]+\.j2",
    r"aaroc_bot/_handlers/\w+\.py",
    r"aaroc_bot/_playbooks/[\w-]+\.yml",
    r"aaroc_bot/_migrations/env\.py",
    r"aaroc_bot/_migrations/versions/\d{4}_\w+\.py",
    r"aaroc_bot-[\d.]+\.dist-info/(?:METADATA|WHEEL|RECORD|entry_points\.txt)",
    r"aaroc_bot-[\d.]+\.dist-info/licenses/(?:LICENSE|aaroc_bot/execution/COPYING)",
)
"""Every file of the wheel is of one of these kinds, and there is one of each."""

pytestmark = pytest.mark.xdist_group("wheel")


async def _run(*argv: str, cwd: Path, **more: str) -> str:
    child = await asyncio.create_subprocess_exec(
        *argv,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **more},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await child.communicate()
    assert child.returncode == 0, output.decode()
    return output.decode()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    asyncio.run(_run(*build, cwd=ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, installed in a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    install = (*pip, "--no-deps", "--no-index", "--target", str(folder), str(wheel))
    asyncio.run(_run(*install, cwd=folder))
    return folder


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if not name.endswith("/")]


def test_it_holds_these_kinds_of_files_and_no_other(wheel: Path) -> None:
    names = _names(wheel)
    assert [name for name in names if not any(re.fullmatch(kind, name) for kind in KINDS)] == []
    assert [kind for kind in KINDS if not any(re.fullmatch(kind, name) for name in names)] == []


def test_it_holds_all_content(wheel: Path) -> None:
    names = set(_names(wheel))
    for folder in ("handlers", "playbooks", "migrations"):
        for path in (ROOT / folder).rglob("*.*"):
            if "__pycache__" not in path.parts:
                assert f"aaroc_bot/_{path.relative_to(ROOT)}" in names


async def test_it_answers_where_it_is_installed(site: Path, tmp_path: Path) -> None:
    program = (sys.executable, str(site / "bin" / "aaroc-bot"))
    installed = {"PYTHONPATH": str(site), "AAROC_STATE_DIR": str(tmp_path / "state")}
    where = await _run(
        sys.executable,
        "-c",
        "import aaroc_bot; print(aaroc_bot.__file__)",
        cwd=tmp_path,
        **installed,
    )
    assert where == f"{site}/aaroc_bot/__init__.py\n"
    assert "usage: aaroc-bot" in await _run(*program, "--help", cwd=tmp_path, **installed)
    assert "up to date" in await _run(*program, "migrate", cwd=tmp_path, **installed)
    assert (tmp_path / "state" / "aaroc-bot.sqlite3").is_file()
    say = (*program, "say", "--as", "somebody")
    assert "`playbooks`" in await _run(*say, "help", cwd=tmp_path, **installed)
    assert "run host-certificates" in await _run(*say, "playbooks", cwd=tmp_path, **installed)
