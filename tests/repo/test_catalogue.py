"""The catalogue: what is refused, with file and line, and that nothing is loosened."""

from pathlib import Path

import pytest

from aaroc_bot.core.entries import CheckMode, Entry, Origin
from aaroc_bot.core.rights import Right
from aaroc_bot.core.sites import Finding
from aaroc_bot.repo.catalogue import EntryCatalogue, Floor, catalogue
from tests.repo.conftest import FILES, Make

OWN = """\
- verb: run
  name: ping
  playbook: ping.yml
  may_run: member
  approvals: 0
  changes: false
  check_mode: none
  time_limit: 2m
- verb: run
  name: renew
  playbook: ping.yml
  approvals: 0
  check_mode: partial
"""
FLOOR = Floor(min_approvals=1)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "catalogue.yml").write_text(OWN)
    (folder / "ping.yml").write_text("- hosts: all\n")
    return folder


def read(
    own: Path, text: str, floor: Floor = FLOOR
) -> tuple[dict[str, Entry], tuple[Finding, ...]]:
    entries, findings = catalogue(own, text.encode(), lambda path: path == "Ansible/x.yml", floor)
    return {entry.typed: entry for entry in entries}, findings


def test_a_good_entry_stands_as_written(own: Path) -> None:
    entries, findings = read(
        own,
        """\
# ours
- verb: deploy
  service: Site_BDIIs
  playbook: Ansible/x.yml
  may_run: expert
  approvals: 2
  check_mode: full
  time_limit: 90s
  parameters:
    port: {type: integer, minimum: 1, maximum: 65535, default: 2170}
    ticket: {type: string, pattern: "[A-Z]+-[0-9]+", required: true}
    channel: {type: choice, choices: [stable, testing], default: stable}
    force: {type: boolean, default: false}
""",
    )
    assert not findings
    entry = entries["deploy site-bdii"]
    assert (entry.path, entry.line, entry.origin) == (
        ".aaroc/catalogue.yml",
        2,
        Origin.REPOSITORY,
    )
    assert (entry.may_run, entry.approvals, entry.check_mode) == (Right.EXPERT, 2, CheckMode.FULL)
    assert entry.time_limit.total_seconds() == 90
    assert [one.name for one in entry.parameters] == ["port", "ticket", "channel", "force"]
    assert entries["run ping"].approvals == 0
    assert entries["run renew"].approvals == 1  # the floor


GOOD = "- {verb: deploy, service: good, playbook: Ansible/x.yml}\n"


@pytest.mark.parametrize(
    "wrong",
    [
        "{verb: deploy, service: a, playbook: Ansible/x.yml, colour: blue}",
        "{verb: destroy, service: a, playbook: Ansible/x.yml}",
        "{verb: deploy, name: a, playbook: Ansible/x.yml}",
        "{verb: run, service: a, playbook: Ansible/x.yml}",
        "{verb: deploy, service: '../a', playbook: Ansible/x.yml}",
        "{verb: run, name: status, playbook: Ansible/x.yml}",
        "{verb: run, name: good, playbook: Ansible/x.yml}",
        "{verb: deploy, service: GOODS, playbook: Ansible/x.yml}",
        "{verb: deploy, service: a}",
        "{verb: deploy, service: a, playbook: Ansible/none.yml}",
        "{verb: deploy, service: a, playbook: ../Ansible/x.yml}",
        "{verb: deploy, service: a, playbook: /etc/passwd}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, approvals: -1}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, approvals: true}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, approvals: '2'}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, changes: false}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, changes: 'no'}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, may_run: anybody}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, time_limit: forever}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, time_limit: 1000h}",
        "{verb: deploy, service: a, playbook: Ansible/x.yml, engine: puppet}",
        "a word",
    ],
)
def test_a_wrong_entry_is_refused_with_its_line_and_the_rest_stays(own: Path, wrong: str) -> None:
    entries, findings = read(own, f"{GOOD}- {wrong}\n")
    assert set(entries) == {"run ping", "run renew", "deploy good"}
    assert [(one.path, one.line) for one in findings] == [(".aaroc/catalogue.yml", 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        "db_password: {type: string}",
        "ansible_connection: {type: string}",
        "_ansible_x: {type: string}",
        "hostvars: {type: string}",
        "'a b': {type: string}",
        "x: {type: float}",
        "x: {type: integer, default: many}",
        "x: {type: integer, default: 5, maximum: 4}",
        "x: {type: integer, minimum: 5, maximum: 4}",
        "x: {type: integer, pattern: a}",
        "x: {type: boolean, default: 1}",
        "x: {type: choice}",
        "x: {type: choice, choices: [a], default: b}",
        "x: {type: choice, choices: ['{{ a }}']}",
        "x: {type: string, pattern: '('}",
        "x: {type: string, pattern: '(a+)+'}",
        "x: {type: string, pattern: 'a', default: b}",
        "x: {type: string, default: '{{ lookup() }}'}",
        "x: {type: string, required: true, default: a}",
        "x: {type: string, colour: blue}",
    ],
)
def test_a_wrong_parameter_refuses_its_entry(own: Path, wrong: str) -> None:
    text = f"- verb: run\n  name: a\n  playbook: Ansible/x.yml\n  parameters:\n    {wrong}\n"
    entries, findings = read(own, text)
    assert "run a" not in entries
    assert findings and findings[0].line in {4, 5}


@pytest.mark.parametrize(
    "text", ["- [", "a: 1", "\xff", "- &a {verb: run}\n- *a", "- verb: run\n  verb: run\n"]
)
def test_what_is_no_catalogue_refuses_all_of_it_and_nothing_else(own: Path, text: str) -> None:
    entries, findings = read(own, text)
    assert set(entries) == {"run ping", "run renew"}
    assert findings


@pytest.mark.parametrize(
    "wish",
    [
        "may_run: member",
        "approvals: 0",
        "changes: false",
        "check_mode: full",
        "time_limit: 31m",
        "playbook: Ansible/x.yml",
        "parameters: {x: {type: string}}",
    ],
)
def test_the_bots_own_is_never_loosened(own: Path, wish: str) -> None:
    own.joinpath("catalogue.yml").write_text(
        OWN.replace("approvals: 0\n  check", "approvals: 1\n  check")
    )
    before, _ = read(own, "")
    entries, findings = read(own, f"- {{verb: run, name: renew, {wish}}}\n")
    assert entries == before
    assert "only tighten" in findings[0].what


def test_the_bots_own_is_tightened(own: Path) -> None:
    entries, findings = read(
        own,
        "- {verb: run, name: renew, may_run: expert, approvals: 3, check_mode: none, time_limit: 1m}\n"
        "- {verb: run, name: ping, may_run: expert}\n",
    )
    assert not findings
    renew, ping = entries["run renew"], entries["run ping"]
    assert (renew.may_run, renew.approvals, renew.check_mode) == (
        Right.EXPERT,
        3,
        CheckMode.NONE,
    )
    assert (renew.origin, renew.playbook) == (Origin.BOT, "ping.yml")
    assert (ping.may_run, ping.approvals, ping.changes) == (Right.EXPERT, 0, False)
    assert ping.time_limit.total_seconds() == 120


def test_the_operator_sets_the_floor_and_says_what_only_reads(own: Path) -> None:
    text = "- {verb: run, name: look, playbook: Ansible/x.yml, changes: false, approvals: 0}\n"
    entries, _ = read(own, text, Floor(2, frozenset({"run look"})))
    assert (entries["run look"].changes, entries["run look"].approvals) == (False, 0)
    entries, findings = read(own, GOOD.replace("}", ", approvals: 1}"), Floor(2))
    assert entries["deploy good"].approvals == 2
    assert "raised" in findings[0].what


async def test_entries_count_at_the_accepted_revision(make: Make, own: Path) -> None:
    entry = "- {verb: deploy, service: site-bdiis, playbook: Ansible/site-bdiis.yml}\n"
    state: dict[str, str | None] = {"sha": None}

    async def accepted() -> str | None:
        return state["sha"]

    repository = await make(accepted=accepted)
    state["sha"] = (await repository.newest()).sha
    await make({".aaroc/catalogue.yml": entry}, accepted=accepted)
    await repository.refresh()
    found = EntryCatalogue(repository, own, FLOOR)
    assert [one.typed for one in await found.entries()] == ["run ping", "run renew"]
    state["sha"] = (await repository.newest()).sha
    assert [one.typed for one in await found.entries()][-1] == "deploy site-bdii"
    assert not await found.findings()
    assert FILES
