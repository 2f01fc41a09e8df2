"""Drafts on the sample repository, as the demo shows them; and a site with a vault."""

from datetime import UTC, datetime
from pathlib import Path

from aaroc_bot.core.changes import (
    EnableService,
    NewSite,
    NotOpened,
    RollBack,
    SetVariables,
    VariableEffect,
)
from aaroc_bot.core.redaction import Redactor
from aaroc_bot.repo.drafting import Drafted, Drafter
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.reading import Reader
from aaroc_bot.repo.repository import Repository
from aaroc_bot.sandbox import sample
from tests.repo.conftest import newest_counts
from tests.repo.drafting.conftest import MakeBench

UJ = "Ansible/group_vars/za-uj.yml"


async def test_wishes_of_the_demo_come_true(tmp_path: Path, readings: Path) -> None:
    await sample.create(tmp_path / "sample", tmp_path / "hosts", datetime.now(UTC))
    mirror = Mirror(str(tmp_path / "sample"), tmp_path / "state")
    repository = Repository(mirror, Reader(readings, lambda _: None), newest_counts)
    await repository.refresh()
    redactor = Redactor(await repository.secrets())
    drafter = Drafter(repository, Reader(readings, lambda _: None), redactor.text)
    base = (await repository.newest()).sha
    past = (await mirror.commits_touching([UJ], None, base))[-1]
    titles = {}
    for wish in (
        SetVariables("ZA-UJ", (("bdii_port", "2171"),)),
        EnableService("ZA-UJ", "top-bdii", "top-bdii.uj.example"),
        NewSite("ZA-XYZ", "ZA-UJ"),
        RollBack("ZA-UJ", past.sha),
    ):
        drafted = await drafter.draft(wish, base)
        assert isinstance(drafted, Drafted), drafted
        titles[drafted.draft.title] = [one.site for one in drafted.draft.effects]
        assert not (drafted.draft.findings or drafted.draft.secrets)
    assert titles == {
        "ZA-UJ bdii_port 2170 → 2171": ["ZA-UJ"],
        "ZA-UJ top-bdii on top-bdii.uj.example": ["ZA-UJ"],
        "New site ZA-XYZ like ZA-UJ": ["ZA-XYZ"],
        f"ZA-UJ back to {past.short}": ["ZA-UJ"],
    }
    vaulted = await drafter.draft(SetVariables("maren", (("port", "1"),)), base)
    assert isinstance(vaulted, NotOpened) and vaulted.path.endswith("identity-maren")


async def test_what_a_vault_holds_is_only_said_to_change(bench: MakeBench, tmp_path: Path) -> None:
    from ansible.parsing.vault import VaultLib, VaultSecret

    password = tmp_path / "password"
    password.write_text("sample\n")
    vault = VaultLib([("default", VaultSecret(b"sample"))])
    secret = bytes(vault.encrypt(b"motto: hidden-motto-7\n"))
    text = ("site_name: ZA-UJ\nport: 1\nhint: 'see hidden-motto-7'\n", "Ansible/group_vars/za-uj/")
    made = await bench(
        {
            UJ: None,
            f"{text[1]}a.yml": text[0],
            f"{text[1]}z": secret,
            f"{text[1]}b.yml": "motto: x\n",
        },
        password=password,
    )
    drafted = await made.draft(SetVariables("ZA-UJ", (("port", "2"),)))
    hosts = ("bdii1.uj.example", "wn2.uj.example")
    assert drafted.draft.effects[0].variables == (VariableEffect("port", "1", "2", hosts),)
    why = await made.refused(SetVariables("ZA-UJ", (("motto", "y"),)))
    assert why.path and "hidden" not in str(why)
    await made.commit({f"{text[1]}z": None})
    back = await made.draft(RollBack("ZA-UJ", made.first))
    (one,) = back.draft.effects[0].variables
    assert (one.variable, one.secret, one.after) == ("motto", True, None)
    assert "hidden" not in str(back.draft)
