"""Repositories that are not as they should be: the bot says what is wrong and goes on."""

import subprocess
from pathlib import Path

from tests.conversations.stage import Stage

AS = ("-c", "user.name=Somebody", "-c", "user.email=somebody@nowhere.example")


def commit(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    subprocess.run(["git", "-C", folder, "init", "-q", "-b", "main"], check=True)
    subprocess.run(["git", "-C", folder, "add", "."], check=True)
    subprocess.run(["git", "-C", folder, *AS, "commit", "-q", "-m", "As it is"], check=True)


async def test_no_site_an_unreadable_one_and_no_repository(
    stage: Stage, sqlite_url: str, tmp_path: Path
) -> None:
    devops = tmp_path / "devops"
    commit(devops, {"README.md": b"Nothing yet.\n"})
    where = {"AAROC_REPOSITORY": str(devops), "AAROC_STATE_DIR": str(tmp_path / "state")}
    async with stage.opened(sqlite_url, **where) as bot:
        await bot.play("""
            roc-expert> status
            bot>        The repository describes no site at *.
            roc-expert> sites
            bot>        The repository describes no site at *.
            roc-expert> status ZA-UJ
            bot to roc-expert> No site `ZA-UJ`. All of them: `sites`
            roc-expert> deploy site-bdii at ZA-UJ
            bot to roc-expert> No s*
            roc-expert> help
            bot>        What you may do, roc-expert:
            roc-expert> playbooks
            bot>        The catalogue: 3 entries
        """)
        broken = "[site-bdiis]\nbdii1.uj.example ansible_host='Café'\n".encode("latin-1")
        good = b"[worker-nodes]\nwn01.ufs.example\n"
        inventories = "Ansible/inventories/inventory."
        commit(devops, {f"{inventories}za-uj": broken, f"{inventories}za-ufs": good})
        await bot.bot.refresh()
        await bot.play("""
            roc-expert> status
            bot>        2 sites: 1 quiet · 1 broken
                        | * broken Ansible/inventories/inventory.za-uj* UTF-8*
            roc-expert> run ping at za-uj
            bot to roc-expert> Nothing can run there: *
            roc-expert> diff za-uj za-ufs
            bot to roc-expert> za-uj can't be read, so it can't be compared.
        """)
