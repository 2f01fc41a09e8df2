"""Sites as an untidy repository describes them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from aaroc_bot.core.sites import Level, Site
from aaroc_bot.repo.reading import vault_passwords
from aaroc_bot.repo.repository import Repository
from tests.repo.conftest import FILES, Make, Upstream

VAULT = """\
$ANSIBLE_VAULT;1.1;AES256
61373437376661393838613431313366626334376266366333353036356436383561626438363164
"""


async def sites(repository: Repository) -> dict[str, Site]:
    return {site.name: site for site in await repository.all()}


async def test_an_untidy_repository_is_read_by_its_conventions(make: Make) -> None:
    repository = await make()
    found = await sites(repository)
    assert list(found) == ["KE-NAIROBI", "ZA-UJ"]
    uj, kenet = found["ZA-UJ"], found["KE-NAIROBI"]
    assert uj.services == {
        "site-bdiis": ("bdii1.uj.example",),
        "worker-nodes": ("wn2.uj.example",),
    }
    assert not uj.findings and not uj.executing and not uj.foreign
    assert "kenet" in kenet.aliases
    assert kenet.foreign == {"localhost": "local", "ui.kenet.example": "local"}
    twice, foreign = kenet.findings
    assert (twice.path, twice.line) == ("Ansible/group_vars/kenet.yml", 4)
    assert twice.level is Level.WARNING and "vos" in twice.what
    assert foreign.path == "Ansible/inventories/inventory.kenet"
    assert (await repository.variables("ZA-UJ"))["bdii1.uj.example"]["bdii_port"] == 2171
    secrets = await repository.secrets()
    assert {"plain-old-secret-1", "nested-secret-22", "other-secret-333"} <= secrets


async def test_a_restart_reads_nothing_twice(
    make: Make, monkeypatch: pytest.MonkeyPatch, upstream: Upstream
) -> None:
    before = await sites(await make())

    async def never(*_: object) -> None:
        raise AssertionError("read twice")

    monkeypatch.setattr("aaroc_bot.repo.reading.listed", never)
    again = await make({"README.md": "only this changed\n"})
    assert await sites(again) == before
    with pytest.raises(AssertionError):
        await make({"Ansible/group_vars/za-uj.yml": "site_name: ZA-UJ\n"})


async def test_what_cannot_be_read_is_told_with_file_and_line_and_the_rest_goes_on(
    make: Make,
) -> None:
    files: dict[str, str | bytes | None] = {
        **FILES,
        "Ansible/inventories/inventory.latin": b"[a]\nh1\nh2 where=caf\xe9\n",
        "Ansible/inventories/inventory.bad": "[bad]\nh3 x=1\nh4 my_pass=half of-it\n",
        "Ansible/inventories/inventory.undefined": "[a:children]\nnope\n",
        "Ansible/inventories/inventory.vaulted": "[identity]\nh5\n[broken]\nh6\n",
        "Ansible/inventories/inventory.traverse": "[../../roles/common/tasks/main]\nh7\n",
        "Ansible/inventories/inventory.option": "[a]\n-oProxyCommand=id\n",
        "Ansible/group_vars/identity": VAULT,
        "Ansible/group_vars/broken.yml": "a: 1\nb: [\n",
        "Ansible/group_vars/unused": "- a list\n",
    }
    found = await sites(await make(files))
    told = {(one.path, one.line) for site in found.values() for one in site.findings}
    assert ("Ansible/inventories/inventory.latin", 3) in told
    assert ("Ansible/inventories/inventory.bad", 3) in told
    assert ("Ansible/inventories/inventory.undefined", 2) in told
    assert ("Ansible/group_vars/identity", None) in told
    assert ("Ansible/group_vars/broken.yml", 3) in told
    assert not any(path.endswith("unused") for path, _ in told)
    assert found["vaulted"].partial and not found["vaulted"].broken
    assert found["vaulted"].hosts == ("h5", "h6")
    unseen = {one.path.rpartition("/")[2] for one in found["vaulted"].executing}
    assert unseen == {"identity", "broken.yml"}
    for name in ("latin", "bad", "undefined", "traverse", "option"):
        assert found[name].broken, name
    assert not found["ZA-UJ"].findings
    assert not any("of-it" in one.what for site in found.values() for one in site.findings)


async def test_a_vault_is_read_with_its_password_and_not_kept_on_the_disk(
    make: Make, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("sample\n")
    secret = _encrypted("deep: water-and-more\nvault_pass: decrypted-77\n", password)
    files = {
        "Ansible/inventories/inventory.maren": "[identity]\nh1\n",
        "Ansible/group_vars/identity": secret,
        "Ansible/group_vars/all": "site_name: MAREN\n",
    }
    repository = await make(files, password=password)
    site = (await sites(repository))["MAREN"]
    assert not site.partial and not site.findings
    assert (await repository.variables("MAREN"))["h1"]["deep"] == "water-and-more"
    assert "decrypted-77" in await repository.secrets()
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert not any(b"decrypted-77" in path.read_bytes() for path in kept)
    password.write_text("wrong\n")
    again = await make({"README": "x"}, password=password)
    site = (await sites(again))["MAREN"]
    assert site.partial and "password" in site.findings[0].what


async def test_what_is_in_a_vault_is_judged_and_secret_whatever_its_name(
    make: Make, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("sample\n")
    other = tmp_path / "other"
    other.write_text("another\n")
    inside = """\
# `ansible-inventory` does not tell this one, and Ansible does template it.
role_name: "{{ lookup('pipe', 'id') }}"
forged: {__ansible_unsafe: x, foo: "{{ q('pipe', 'id') }}"}
place: {town: Upington-West, users: [operator-7], count: 5}
host_of_it: h1
"""
    loose = f"motto: {_inline('inline-motto-9', password)}deaf: {_inline('closed-5', other)}"
    repository = await make(
        {
            "Ansible/inventories/inventory.maren": _encrypted(
                "[identity]\nh1 role_uuid=\"{{ q('env', 'a') }}\" label=from-the-inventory\n",
                password,
            ),
            "Ansible/group_vars/identity": _encrypted(inside, password),
            "Ansible/group_vars/all": f"site_name: MAREN\n{loose}",
        },
        password=password,
    )
    site = (await sites(repository))["MAREN"]
    assert [(one.path.rpartition("/")[2], one.line, one.variable) for one in site.executing] == [
        ("inventory.maren", 2, "role_uuid"),
        ("identity", 2, "role_name"),
        ("identity", 3, "forged"),
    ]
    assert not any("pipe" in one.shown for one in site.executing)
    secrets = await repository.secrets()
    assert {"Upington-West", "operator-7", "inline-motto-9", "from-the-inventory"} <= secrets
    assert not {"h1", "5", "closed-5", "MAREN"} & secrets
    kept = [path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert not any(b"Upington" in one or b"inline-motto" in one for one in kept)


def test_a_password_is_found_by_the_sites_name(tmp_path: Path) -> None:
    (tmp_path / "ZA-UJ").write_text("x")
    one, folder = tmp_path / "one", tmp_path
    assert vault_passwords(one, None)(["anything"]) == one
    assert vault_passwords(None, folder)(["za-uj", "x"]) == folder / "ZA-UJ"
    assert vault_passwords(None, folder)(["ZA-UFS"]) is None
    assert vault_passwords(None, None)(["ZA-UJ"]) is None


def _encrypted(text: str, password: Path) -> bytes:
    from ansible.parsing.vault import VaultLib, VaultSecret

    secret = VaultSecret(password.read_bytes().strip())
    return bytes(VaultLib([("default", secret)]).encrypt(text.encode()))


def _inline(text: str, password: Path) -> str:
    lines = _encrypted(text, password).decode().splitlines()
    return "!vault |\n" + "".join(f"  {line}\n" for line in lines)


async def test_a_link_is_told_and_not_followed(
    make: Make, upstream: Upstream, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("site_name: STOLEN\nmotd: from outside\n")
    group_vars = upstream.folder / "Ansible" / "group_vars"
    group_vars.mkdir(parents=True)
    (group_vars / "worker-nodes").symlink_to(outside)
    (upstream.folder / "Ansible" / "inventories").mkdir()
    (upstream.folder / "Ansible" / "inventories" / "inventory.x").symlink_to(outside)
    repository = await make()
    paths = {one.path for one in await repository.findings()}
    assert paths == {"Ansible/group_vars/worker-nodes", "Ansible/inventories/inventory.x"}
    assert "motd" not in (await repository.variables("ZA-UJ"))["wn2.uj.example"]


async def test_a_site_with_variables_too_big_to_look_into_is_not_run(make: Make) -> None:
    big = "# " + "x" * 1_000_001 + "\nansible_connection: local\n"
    await make()  # kept: the file was not there yet
    found = await sites(await make({"Ansible/group_vars/worker-nodes": big}))
    assert found["ZA-UJ"].broken and not found["KE-NAIROBI"].broken
    found = await sites(await make({"Ansible/group_vars/worker-nodes": None}))
    assert not found["ZA-UJ"].broken


async def test_a_line_of_codeowners_that_github_cannot_read_is_told(
    make: Make, upstream: Upstream
) -> None:
    repository = await make()
    upstream.commit({".github/CODEOWNERS": "* @AAROC/experts\n!/a @uj-admin\n", "CODEOWNERS": "x"})
    await repository.refresh()
    (finding,) = (one for one in await repository.findings() if "CODEOWNERS" in one.path)
    assert (finding.path, finding.line) == (".github/CODEOWNERS", 2)
    assert "GitHub cannot read this line" in finding.what


async def test_rules_that_are_not_read_are_told(make: Make, upstream: Upstream) -> None:
    (upstream.folder / ".aaroc.yml").symlink_to("README.md")
    odd = "Ansible/group_vars/\u202egpj"
    big = "# " + "x" * 1_000_001
    repository = await make({**FILES, ".aaroc/catalogue.yml": big, odd: "a: 1\n"})
    told = {one.path for one in await repository.findings()}
    assert told == {".aaroc.yml", ".aaroc/catalogue.yml", "Ansible/group_vars/\\u202egpj"}
    assert (await repository.rulebook()).catalogue is None


async def test_reading_executes_nothing_of_the_repository(make: Make, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    plugin = f"open({str(mark)!r}, 'w')\n"
    files: dict[str, str | bytes | None] = {
        **FILES,
        "Ansible/vars_plugins/evil.py": plugin,
        "Ansible/inventories/vars_plugins/evil.py": plugin,
        "Ansible/inventory_plugins/evil.py": plugin,
        "Ansible/ansible.cfg": "[defaults]\nvars_plugins=.\n",
        "ansible.cfg": "[defaults]\nvars_plugins=Ansible/vars_plugins\n",
        "Ansible/inventories/inventory.script": f"#!/bin/sh\ntouch {mark}\necho '{{}}'\n",
        "Ansible/inventories/inventory.con.yml": "plugin: constructed\ngroups: {a: true}\n",
    }
    found = await sites(await make(files))
    assert not mark.exists()
    assert found["ZA-UJ"].hosts


CLAIMS: list[tuple[Mapping[str, str], dict[str, tuple[str, bool]]]] = [
    (  # the file that fits keeps the name, the other goes by its file's
        {"za-uj": "ZA-UJ", "za-uj.dev": "ZA-UJ"},
        {"ZA-UJ": ("inventory.za-uj", False), "za-uj.dev": ("inventory.za-uj.dev", False)},
    ),
    (  # none fits: both can be read, neither changed
        {"a": "ZA-UJ", "b": "ZA-UJ"},
        {"ZA-UJ": ("inventory.a", True), "b": ("inventory.b", True)},
    ),
    (  # an alias never shadows a name
        {"uj": "ZA-UJ", "za-uj": "OTHER", "x": "uj"},
        {
            "ZA-UJ": ("inventory.uj", False),
            "OTHER": ("inventory.za-uj", False),
            "uj": ("inventory.x", False),
        },
    ),
    ({"a": "../../etc/passwd"}, {"a": ("inventory.a", False)}),
    ({"a": "{{ lookup('env', 'HOME') }}"}, {"a": ("inventory.a", False)}),
]


@pytest.mark.parametrize(("inventories", "expected"), CLAIMS)
async def test_who_claims_a_name(
    make: Make, inventories: Mapping[str, str], expected: dict[str, tuple[str, bool]]
) -> None:
    files = {}
    for name, site_name in inventories.items():
        files[f"inventories/inventory.{name}"] = (
            f"[all:vars]\nsite_name={site_name}\n[g]\n{name}-h\n"
        )
    found = await sites(await make(files))
    names = {
        name: (site.inventory.rpartition("/")[2], site.claimed_by is not None)
        for name, site in found.items()
    }
    assert names == expected
    for site in found.values():
        assert not {alias.casefold() for alias in site.aliases} & {n.casefold() for n in found}


async def test_hosts_that_two_sites_describe_are_told_on_both(make: Make) -> None:
    files = {
        "Ansible/inventories/inventory.a": "[g]\nshared.example\nown-a\n",
        "Ansible/inventories/inventory.b": "[g]\nalias ansible_host=shared.example\n",
        "Ansible/inventories/inventory.c": "[g]\nSHARED.example\n",
    }
    found = await sites(await make(files))
    assert found["a"].shared == {"shared.example": "b"}
    assert found["a"].sharing == ("b", "c")
    assert found["b"].shared == {"alias": "a"}


async def test_rules_say_it_outright_and_count_at_the_accepted_revision_only(
    make: Make, upstream: Upstream
) -> None:
    state: dict[str, str | None] = {"sha": None}

    async def accepted() -> str | None:
        return state["sha"]

    repository = await make(accepted=accepted)
    state["sha"] = (await repository.newest()).sha
    rules = """\
sites:
  ZA-UFS: {inventory: Ansible/inventories/inventory.za-uj, team: za-ufs, zone: Africa/Maputo}
  KE-NAIROBI: {aliases: [nbo], zone: Nowhere/Here}
  "../evil": {}
ignore: [Ansible/inventories/inventory.kenet]
colour: blue
"""
    new = upstream.commit({".aaroc.yml": rules, "CODEOWNERS": "* @AAROC/experts\n"}, "rules")
    await repository.refresh()
    assert set(await sites(repository)) == {"KE-NAIROBI", "ZA-UJ"}
    assert [one.sha for one in await repository.rule_commits(state["sha"], new)] == [new]
    state["sha"] = new
    found = await sites(repository)
    assert set(found) == {"ZA-UFS"}
    assert (found["ZA-UFS"].team, found["ZA-UFS"].zone) == ("za-ufs", "Africa/Maputo")
    assert (await repository.rulebook()).owners == "* @AAROC/experts\n"
    told = {(one.path, one.line) for one in await repository.findings()}
    assert {(".aaroc.yml", 3), (".aaroc.yml", 4), (".aaroc.yml", 6)} <= told


async def test_how_far_behind_a_site_is(make: Make, upstream: Upstream) -> None:
    repository = await make()
    first = (await repository.newest()).sha
    upstream.commit({"Ansible/group_vars/za-uj.yml": "site_name: ZA-UJ\n"})
    upstream.commit({"Ansible/group_vars/kenet.yml": "site_name: KE-NAIROBI\n"})
    await repository.refresh()
    behind = await repository.behind("ZA-UJ", first)
    assert (behind.commits, behind.touching) == (2, 1)
    unknown = await repository.behind("ZA-UJ", "f" * 40)
    assert (unknown.commits, unknown.touching) == (None, None)


async def test_a_revision_by_how_it_begins(make: Make, upstream: Upstream) -> None:
    repository = await make()
    first = await repository.newest()
    upstream.commit({"Ansible/group_vars/za-uj.yml": "site_name: ZA-UJ\n"})
    await repository.refresh()
    for typed in (first.short, first.sha):
        assert await repository.revision_named(typed) == first
    for typed in ("f" * 40, first.sha[:6], "main", "--all"):
        assert await repository.revision_named(typed) is None


async def test_a_repository_without_a_site_says_so(make: Make) -> None:
    repository = await make({"README.md": "nothing yet\n"})
    assert await repository.all() == ()
    (finding,) = await repository.findings()
    assert "no inventory" in finding.what
