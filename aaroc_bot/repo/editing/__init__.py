"""Editing the files of a Change: text in, text out, and only the value's place changes.

Nothing is read or written here. What an edit changed is read again as Ansible reads it,
and everything else must have stayed as it was; where that cannot be told the edit is refused.
"""

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.editing import inventory_variables, variables
from aaroc_bot.repo.editing.blanking import blank_inventory, blank_variables
from aaroc_bot.repo.editing.edit import CannotEdit, Edit
from aaroc_bot.repo.editing.hosts import disable_host, enable_host
from aaroc_bot.repo.layout import variables_base

__all__ = [
    "CannotEdit",
    "Edit",
    "add_variable",
    "blank_inventory",
    "blank_variables",
    "disable_host",
    "enable_host",
    "set_variable",
    "unset_variable",
]


def set_variable(path: str, content: bytes, name: str, typed: str) -> Edit:
    """Give a variable that stands in the file the value that `typed` means.

    `path` says what the file is: a file of variables, or an inventory, of which only lines
    of ``[group:vars]`` are edited. A value that means the same already stays as it is
    written (`Edit.lines` is 0). Raises `CannotEdit`.
    """
    if variables_base(path) is None:
        return inventory_variables.set_variable(path, content, name, typed)
    return variables.set_variable(path, content, name, typed)


def add_variable(path: str, content: bytes, name: str, typed: str) -> Edit:
    """Add a variable at the end of a file of variables; ``b""`` is a file that is new.

    Numbers, ``true`` and ``false`` become such, everything else is text. Raises `CannotEdit`.
    """
    if variables_base(path) is None:
        raise CannotEdit(WhyNot.KIND, name=name)
    return variables.add_variable(path, content, name, typed)


def unset_variable(path: str, content: bytes, name: str) -> Edit:
    """Take a variable's lines out, every one of them where it stands twice.

    Comments around it stay. Raises `CannotEdit`.
    """
    if variables_base(path) is None:
        return inventory_variables.unset_variable(path, content, name)
    return variables.unset_variable(path, content, name)
