"""What the real Ansible executes out of a variable is found, whatever it is disguised as."""

import os
import subprocess
import sys
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.repo.calling import calls
from aaroc_bot.repo.executing import strings

PROGRAMS = Path(sys.executable).parent

EXECUTED: dict[str, object] = {
    "plain": "{{ lookup('pipe', 'touch MARK') }}",
    "brackets": "(lookup)('pipe', 'touch MARK') or True",
    "short": "[q][0]('pipe', 'touch MARK') == []",
    "forged_unsafe": {"__ansible_unsafe": "x", "a": "{{ lookup('pipe', 'touch MARK') }}"},
    "forged_exactly": {"__ansible_unsafe": "{{ lookup('pipe', 'touch MARK') }}"},
    "forged_vault": {"__ansible_vault": "{{ lookup('pipe', 'touch MARK') }}"},
    "hexadecimal": r'''"\x7b\x7b look\x75p('pipe', 'touch MARK') \x7d\x7d" == "a"''',
    "octal": r'''"{\173 look\165p('pipe', 'touch MARK') }}" == "a"''',
    "side_by_side": """{% set a = "{{ loo" 'kup("pipe", "touch MARK") }}' %}{{ a }}""",
    "named": r"""{% set a = "{{ look\N{LATIN SMALL LETTER U}p('pipe', 'touch MARK') }}" %}{{ a }}""",
    "json": r"""["\u007b\u007b look\u0075p('pipe', 'touch MARK') }}"]""",
    "folded": "[\"{\\x7b loo\\\n  kup('pipe', 'touch MARK') }}\"]",
}
TEXT_ONLY: dict[str, object] = {
    "put_together": "{{ '{{ loo' ~ 'kup(\"pipe\", \"touch MARK\") }}' }}",
    "wide": "{{ \uff4cookup('pipe', 'touch MARK') }}",
    "by_name": "{{ vars['loo' ~ 'kup']('pipe', 'touch MARK') }}",
    "as_filter": "{{ ['touch MARK'] | map('pipe') | list }}",
}
"""What executes nothing today, and need not be found."""

USES = """\
- hosts: all
  gather_facts: false
  tasks:
    - {debug: {msg: "{{ NAME }}"}, ignore_errors: true}
    - {debug: {msg: "{{ item }}"}, loop: "{{ [NAME | from_yaml] }}", ignore_errors: true}
    - {debug: {msg: "{{ lookup('items', NAME) }}"}, ignore_errors: true}
    - {assert: {that: ["{{ NAME }}"]}, ignore_errors: true}
"""


def _marked(value: object, mark: Path) -> object:
    if isinstance(value, dict):
        return {key: _marked(inner, mark) for key, inner in value.items()}
    return str(value).replace("MARK", str(mark))


def test_what_ansible_executes_is_found(tmp_path: Path) -> None:
    given = {**EXECUTED, **TEXT_ONLY}
    values = {name: _marked(value, tmp_path / f"did-{name}") for name, value in given.items()}
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/all.yml").write_text(yaml.safe_dump(values))
    plays = "".join(USES.replace("NAME", name) for name in values)
    (tmp_path / "play.yml").write_text(plays)
    subprocess.run(
        [str(PROGRAMS / "ansible-playbook"), "-i", "h1,", "-c", "local", "play.yml"],
        cwd=tmp_path,
        env={"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        capture_output=True,
        check=True,
    )
    did = {path.name.removeprefix("did-") for path in tmp_path.glob("did-*")}
    assert did == set(EXECUTED)
    assert [name for name in did if not any(map(calls, strings(values[name])))] == []


@given(st.text())
def test_any_text_can_be_judged(text: str) -> None:
    calls(text)


@given(st.sampled_from(["lookup", "query", "q"]), st.integers(1, 4))
def test_escapes_hide_nothing(word: str, layers: int) -> None:
    text = f"{{{{ {word}('pipe', 'id') }}}}"
    for _ in range(layers):
        text = '"' + "".join(f"\\x{ord(one):02x}" for one in text) + '"'
    assert calls(text)
