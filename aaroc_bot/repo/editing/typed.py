"""What people may type: names of variables, groups and hosts, and values (RULES.md)."""

import keyword
import re

from aaroc_bot.core.changes import WhyNot
from aaroc_bot.repo.editing.edit import CannotEdit
from aaroc_bot.repo.editing.scalars import STR, resolved

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_CONNECTION = re.compile(r"_*ansible_\w*")
_GROUP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_THIS_MACHINE = frozenset(
    {"localhost", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback", "loopback"}
)
_EVERY_INVENTORYS = frozenset({"all", "ungrouped"})
_TEMPLATE = ("{{", "{%", "{#")


def is_variable_name(name: str) -> bool:
    """Whether Ansible takes it for a variable's name, written without quotes."""
    fits = _VARIABLE.fullmatch(name) is not None and not keyword.iskeyword(name)
    return fits and resolved(name) == STR


def is_connection_name(name: str) -> bool:
    """Whether a variable of this name is Ansible's own: those may execute."""
    return _CONNECTION.fullmatch(name) is not None


def check_variable(name: str) -> None:
    """Refuse what is no variable's name, and what may execute."""
    if is_connection_name(name):
        raise CannotEdit(WhyNot.EXECUTES, name=name)
    if not is_variable_name(name):
        raise CannotEdit(WhyNot.NAME, name=name)


def check_value(name: str, typed: str) -> None:
    """Refuse templates, tags, line breaks, and characters that cannot be seen."""
    tagged = typed.lstrip().startswith("!")
    if tagged or not typed.isprintable() or any(sign in typed for sign in _TEMPLATE):
        raise CannotEdit(WhyNot.TEMPLATE, name=name)


def check_group(name: str) -> None:
    """Refuse what is no group's name, and the two groups that every inventory has."""
    if not _GROUP.fullmatch(name) or name in _EVERY_INVENTORYS:
        raise CannotEdit(WhyNot.NAME, name=name)


def check_host(name: str) -> None:
    """Refuse what is no host's name."""
    if not _HOST.fullmatch(name) or ".." in name:
        raise CannotEdit(WhyNot.NAME, name=name)


def check_new_host(name: str) -> None:
    """Refuse also addresses and names of the machine that Ansible runs on, and `all`.

    An address tells nobody whose host it is, and `all` would stand for every host.
    """
    check_host(name)
    if is_no_hosts_own(name) or name.casefold() in _EVERY_INVENTORYS:
        raise CannotEdit(WhyNot.NAME, name=name)


def is_no_hosts_own(name: str) -> bool:
    """Whether a name is an IPv4 address, however written, or leads back to the machine itself.

    As URLs have it, what ends in a number is an address: ``127.1``, ``0x7f000001``,
    ``2130706433``.

    >>> [is_no_hosts_own(n) for n in ("127.1", "a.0x7f", "localhost.uj.ac.za", "wn1.uj.ac.za")]
    [True, True, True, False]
    """
    labels = name.casefold().split(".")
    return bool(_NUMBER.fullmatch(labels[-1])) or not _THIS_MACHINE.isdisjoint(labels)
