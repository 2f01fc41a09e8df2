"""A host that does not answer is told as such, and `when reachable` waits for it."""

from datetime import UTC, datetime
from pathlib import Path

from aaroc_bot.core.run import State
from aaroc_bot.sandbox.port import free_port
from aaroc_bot.sandbox.sample import Commit, commit
from tests.alive.several import (
    ADMIN,
    approved,
    member,
    said,
    settled,
    several,
    shown,
    started,
    until_run,
)
from tests.chaos.stage import Stage
from tests.chaos.world import CATALOGUE

DEPLOY = """
- verb: deploy
  service: thing
  playbook: Ansible/thing.yml
  may_run: member
  approvals: 1
  check_mode: none
"""
THING = """\
---
- name: Thing
  hosts: thing
  gather_facts: false
  tasks:
    - name: look
      ansible.builtin.ping:
"""


async def silence(stage: Stage) -> None:
    """Have the host of ZA-C02 be one behind ssh, where nobody listens."""
    host = f"far.example ansible_connection=ssh ansible_host=127.0.0.1 ansible_port={free_port()}"
    files = {
        ".aaroc/catalogue.yml": CATALOGUE + DEPLOY,
        "Ansible/thing.yml": THING,
        "Ansible/inventories/inventory.za-c02": f"[thing]\n{host}\n",
    }
    at = datetime.now(UTC)
    await commit(stage.ground.repository, [Commit(at, "roc-expert", "Move away\n", files)])


async def test_a_host_that_does_not_answer(sqlite_url: str, tmp_path: Path) -> None:
    async with several(tmp_path, sqlite_url) as stage:
        await silence(stage)
        await started(member(stage, "bot-1"))
        await said(stage, ADMIN, "deploy thing at ZA-C02")
        await approved(stage, 1)
        await until_run(stage, 1, State.UNREACHABLE)
        await shown(stage, "Asked by", "unreachable")

        await said(stage, ADMIN, "deploy thing at ZA-C02 when reachable")
        await approved(stage, 2)
        waits = await until_run(stage, 2, State.QUEUED, reason="ZA-C02 does not answer")
        assert waits.again_at is not None and waits.started_at is None
        await shown(stage, "Run 2", "Asked by", "ZA-C02 does not answer, tried again at")
        await said(stage, ADMIN, "cancel 2", "telegram")
        await until_run(stage, 2, State.CANCELLED)
        await shown(stage, "Run 2", "Asked by", "cancelled")
        await settled(stage)
