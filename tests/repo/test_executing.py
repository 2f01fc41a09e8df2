"""Variables are code: what executes is found, with file and line, however it is written."""

import pytest

from aaroc_bot.repo.assignments import of_inventory, of_variables
from aaroc_bot.repo.executing import digest, executes, in_files, strings
from tests.repo.conftest import FILES, Make

HARMLESS: list[tuple[str, object]] = [
    ("ansible_host", "bdii1.uj.example"),
    ("ansible_host", "fe80::1"),
    ("ansible_port", 2222),
    ("ansible_port", "22"),
    ("ansible_user", "ansible"),
    ("ansible_become", True),
    ("ansible_become_method", "sudo"),
    ("ansible_become_flags", "-H -S"),
    ("ansible_python_interpreter", "/usr/bin/python3"),
    ("ansible_python_interpreter", "auto_silent"),
    ("yaim_conf_dir", "/opt/{{ site_name }}/siteinfo"),
    ("motd", "a lookup of the query"),
    ("note", {"__ansible_unsafe": "{{ port }}"}),
    ("secret", {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6137\n"}),
    ("pattern", r"{{ fqdn | regex_replace('^(.*)\.(\d+)$', '\\2') }}"),
    ("share", r"\\server\users\query"),
    ("tests", "'a' 'q' \"b\""),
    ("my_ansible_connection", "local"),
]

EXECUTES: list[tuple[str, object]] = [
    ("ansible_connection", "local"),
    ("ansible_connection", "ssh"),
    ("ansible_ssh_common_args", "-o ProxyCommand=id"),
    ("ansible_ssh_executable", "/tmp/x"),
    ("ansible_python_interpreter", "{{ ansible_playbook_python }}"),
    ("ansible_python_interpreter", "/usr/bin/python3 -c id"),
    ("ansible_ruby_interpreter", "../x"),
    ("ansible_shell_type", "sh"),
    ("_ansible_anything", 1),
    ("ansible_host", "-oProxyCommand=id"),
    ("ansible_host", "{{ other }}"),
    ("ansible_host", ["x"]),
    ("ansible_host", "a\n-oProxyCommand=id"),
    ("ansible_port", "22 -oProxyCommand=id"),
    ("ansible_user", 'x" -o "ProxyCommand=id'),
    ("ansible_connection", {"__ansible_unsafe": "local"}),
    ("ansible_become_pass", "{{ lookup('pipe', 'id') }}"),
    ("x", "{{ lookup('pipe', 'id') }}"),
    ("x", "{{ query ( 'pipe', 'id') }}"),
    ("x", "{{q('pipe','id')}}"),
    ("x", "{%- set l = lookup -%}{{ l('pipe', 'id') }}"),
    ("x", "{% for a in q('pipe','id') %}{% endfor %}"),
    ("x", "{{\n  lookup\n  ('pipe', 'id') }}"),
    ("x", "{{ \uff4cookup('pipe', 'id') }}"),
    ("x", "lookup('pipe', 'id') == 'a'"),
    ("x", "#jinja2:variable_start_string:'[['\n[[ 1 ]]"),
    ("x", "{% include '/etc/passwd' %}"),
    ("x", {"a": [{"b": "{{ lookup('env', 'X') }}"}]}),
    ("x", {"{{ lookup('env', 'X') }}": 1}),
    ("x", [["{{ q('env', 'X') }}"]]),
    # What ansible-core 2.19 was seen to execute, most of it without the word or the braces.
    ("x", "(lookup)('pipe', 'id') or True"),
    ("x", "(q)('pipe', 'id') or True"),
    ("x", "[query][0]('pipe', 'id')"),
    ("x", {"__ansible_unsafe": "x", "a": "{{ lookup('pipe', 'id') }}"}),
    ("x", {"__ansible_unsafe": "{{ lookup('pipe', 'id') }}"}),
    ("x", {"__ansible_unsafe": ["{{ lookup('pipe', 'id') }}"]}),
    ("x", {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256;{{ lookup('pipe', 'id') }}"}),
    ("x", r'''"\x7b\x7b look\x75p('pipe', 'id') \x7d\x7d" == "a"'''),
    ("x", r'''"{\173 look\165p('pipe', 'id') }}" == "a"'''),
    ("x", r"""{% set a = "{\N{LEFT CURLY BRACKET} look\N{LATIN SMALL LETTER U}p('a')" %}"""),
    ("x", """{% set a = "{{ loo" 'kup("pipe", "id") }}' %}{{ a }}"""),
    ("x", r"""["\u007b\u007b\nlook\u0075p('pipe', 'id') }}"]"""),
    *(("x", f'["{{\\x7b loo\\{end}  kup(1) }}}}"]') for end in ("\n", "\r\n", "\x85", "\u2028")),
    ("x", r'''"\x7b\x7b \"\\x7b\\x7b loo\\x6bup('a') }}\" }}"'''),
    ("x", r"\x23jinja2:variable_start_string:'[['"),
    ("x", "\\x5c" + "x5c" * 20),
]


@pytest.mark.parametrize(("name", "value"), HARMLESS)
def test_what_does_not_execute(name: str, value: object) -> None:
    assert not executes(name, value, strings(value))


@pytest.mark.parametrize(("name", "value"), EXECUTES)
def test_what_executes(name: str, value: object) -> None:
    assert executes(name, value, strings(value))


def lines(path: str, text: str, *, inventory: bool = False) -> list[tuple[str, int | None]]:
    read = of_inventory if inventory else of_variables
    described = read(path, text.encode())
    assert described.problem is None, described.problem
    found = in_files(described.assignments, lambda _, value: value)
    return [(one.variable, one.line) for one in found]


def test_lines_of_a_variable_file() -> None:
    text = """\
fine: 1
packages:
  - a
  - name: "{{ lookup('pipe', 'id') }}"
base: &base
  ansible_connection: local
ansible_ssh_extra_args: >-
  -o ProxyCommand=id
block: |
  one
  {{ q('pipe', 'id') }}
data: !unsafe "{{ lookup('pipe', 'id') }}"
secret: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  6137
<<: *base
"""
    assert lines("group_vars/a", text) == [
        ("packages", 4),
        ("ansible_ssh_extra_args", 7),
        ("block", 9),
        ("data", 12),
        ("ansible_connection", 6),
    ]


def test_lines_of_inventories() -> None:
    ini = """\
[a]
h1 ansible_host=10.0.0.1 ansible_connection=local # ansible_connection=ssh
h2 motd="{{ lookup('pipe', 'id') }}"
[a:vars]
ansible_ssh_pipelining = true
[b:children]
a
"""
    assert lines("inventory.a", ini, inventory=True) == [
        ("ansible_connection", 2),
        ("motd", 3),
        ("ansible_ssh_pipelining", 5),
    ]
    written = """\
all:
  vars: {ansible_connection: local}
  children:
    a:
      hosts:
        h1:
          x: "{{ q('a') }}"
"""
    assert lines("a.yml", written, inventory=True) == [("ansible_connection", 2), ("x", 7)]


def test_a_bomb_of_aliases_and_a_loop_are_refused() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    assert of_variables("group_vars/a", bomb.encode()).problem
    assert of_variables("group_vars/a", b"a: &a [*a]\n").problem
    assert of_variables("group_vars/a", b"[" * 5000).problem


def test_a_digest_is_for_exactly_this() -> None:
    one = digest("a", "x", "1")
    assert one == digest("a", "x", "1")
    assert len({one, digest("b", "x", "1"), digest("a", "y", "1"), digest("a", "x", 1)}) == 4


async def test_a_site_tells_the_lines_of_all_files_that_it_reads(make: Make) -> None:
    files = {
        **FILES,
        "Ansible/inventories/inventory.za-uj": "[za-uj]\nh1 ansible_connection=local\n",
        "Ansible/group_vars/za-uj.yml": (
            "site_name: ZA-UJ\nmysql_pass: hunter2hunter2\n"
            "probe: \"{{ lookup('url', 'https://x/?p=hunter2hunter2') }}\"\n"
        ),
        "Ansible/host_vars/h1/main.yml": "ansible_ssh_args: -F /tmp/x\n",
        "Ansible/host_vars/h1/group_vars/deep.yml": "deep: \"{{ q('env', 'HOME') }}\"\n",
        "Ansible/group_vars/all": "everywhere: \"{{ q('env', 'HOME') }}\"\nansible_pipelining: 1\n",
        "Ansible/group_vars/other": "elsewhere: \"{{ lookup('env', 'HOME') }}\"\n",
    }
    repository = await make(files)
    site = next(site for site in await repository.all() if site.name == "ZA-UJ")
    assert {(one.path, one.line, one.variable) for one in site.executing} == {
        ("Ansible/inventories/inventory.za-uj", 2, "ansible_connection"),
        ("Ansible/group_vars/za-uj.yml", 3, "probe"),
        ("Ansible/host_vars/h1/main.yml", 1, "ansible_ssh_args"),
        ("Ansible/host_vars/h1/group_vars/deep.yml", 1, "deep"),
        ("Ansible/group_vars/all", 1, "everywhere"),
        ("Ansible/group_vars/all", 2, "ansible_pipelining"),
    }
    assert not any("hunter2" in one.shown for one in site.executing)


async def test_what_ansible_reads_otherwise_than_we_do_is_found_all_the_same(make: Make) -> None:
    """Under a name that `ansible-inventory` by itself does not tell, and Ansible templates."""
    executing = "{{ lookup('pipe', 'id') }}"
    inventories = {
        "inventory.header": f"[a]\nh1\n[a:vars]\n[b:children] x = 1\nrole_uuid={executing}\n",
        "in-ini.yml": f'h2 role_uuid="{executing}"\n',
        "in-yaml": f'c: {{hosts: {{h3: {{role_uuid: "{executing}"}}}}}}\n',
        "merged.yml": f'd: {{hosts: {{h4: }}, <<: [{{vars: {{role_uuid: "{executing}"}}}}]}}\n',
        "inventory.joined": """h5 role_uuid="['{{ loo' r'kup(kind) }}']"\n""",
        "harmless.yml": "e: {hosts: {h6: {role_uuid: 1, inventory_dir: x, groups: y}}}\n",
    }
    repository = await make(
        {f"Ansible/inventories/{name}": inventories[name] for name in inventories}
    )
    found = {
        site.inventory: [one.variable for one in site.executing] for site in await repository.all()
    }
    assert found == {
        f"Ansible/inventories/{name}": [] if name == "harmless.yml" else ["role_uuid"]
        for name in inventories
    }
    harmless = next(site for site in await repository.all() if site.hosts == ("h6",))
    assert set((await repository.variables(harmless.name))["h6"]) == set()
