# SPDX-License-Identifier: GPL-3.0-or-later
# It imports ansible-core, which is under that licence (aaroc_bot/execution/COPYING).
"""``ansible-inventory``, which tells every variable that a file sets.

By itself it leaves out the names that Ansible usually sets (`role_name`, `ansible_limit`),
and what a file sets by them is templated all the same in a play.
"""

import sys
from collections.abc import Mapping

from ansible import constants
from ansible.cli.inventory import InventoryCLI, main
from ansible.template import is_trusted_as_template

ALWAYS_SET = frozenset(
    {"groups", "group_names", "inventory_hostname", "inventory_hostname_short"}
    | {"inventory_dir", "inventory_file", "playbook_dir"}
)
"""Those of them that Ansible always sets itself, so that what a file says is never used."""


def templated(value: object) -> bool:
    """Whether something in a value may be a template: only text of files is trusted so."""
    if isinstance(value, Mapping):
        return any(map(templated, value.values()))
    if isinstance(value, list | tuple | set):
        return any(map(templated, value))
    return bool(is_trusted_as_template(value))


def without_ansibles_own(variables: dict[str, object]) -> dict[str, object]:
    """Take out what Ansible set itself."""
    for name in constants.INTERNAL_STATIC_VARS & variables.keys():
        if name in ALWAYS_SET or not templated(variables[name]):
            del variables[name]
    return variables


if __name__ == "__main__":
    if not callable(getattr(InventoryCLI, "_remove_internal", None)):
        sys.exit("this version of ansible-core is not known")
    InventoryCLI._remove_internal = staticmethod(without_ansibles_own)
    main()
