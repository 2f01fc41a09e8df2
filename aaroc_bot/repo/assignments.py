"""Which line of which file gives which variable its value: variable files and inventories.

`ansible-inventory` gives the values that count and no lines; this gives the lines. It
reads text with Ansible's own YAML parser and constructs nothing but plain data.
"""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from aaroc_bot.core.sites import Finding, Level

VAULT = b"$ANSIBLE_VAULT;"
DEEPEST = 100
"""Lists and mappings within each other; a composer in C would end the process far below."""
LARGEST = 200_000
"""Values that a file may expand to: YAML's aliases can make a small file huge."""

Plain = object
"""Strings, numbers, booleans, None, lists and mappings of them."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A variable and the value that a line gives it.

    A vaulted or unsafe value is a mapping with ``__ansible_vault`` or ``__ansible_unsafe``,
    as `ansible-inventory` writes them. `texts` are the strings within the value, keys and
    those values included, each with its line: what may be a template.
    """

    path: str
    line: int
    name: str
    value: Plain
    texts: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Described:
    """What a file says. With a `problem` nothing of it can be used; `vault`: all is vaulted."""

    assignments: tuple[Assignment, ...] = ()
    findings: tuple[Finding, ...] = ()
    problem: Finding | None = None
    vault: bool = False


class _Loader(yaml.SafeLoader):
    """Plain data only; Ansible's two tags as `ansible-inventory` writes them."""


def _text(loader: _Loader, node: yaml.Node) -> str:
    return str(node.value)


def _vaulted(loader: _Loader, node: yaml.Node) -> dict[str, str]:
    return {"__ansible_vault": str(node.value)}


def _unsafe(loader: _Loader, node: yaml.Node) -> dict[str, object]:
    # The loader itself makes the node's plain value, as if the tag were not there.
    kinds = {yaml.ScalarNode: "str", yaml.SequenceNode: "seq", yaml.MappingNode: "map"}
    kind = kinds[type(node)]
    bare = type(node)(f"tag:yaml.org,2002:{kind}", node.value, node.start_mark, node.end_mark)
    return {"__ansible_unsafe": loader.construct_object(bare, deep=True)}


_Loader.add_constructor("!vault", _vaulted)
_Loader.add_constructor("!vault-encrypted", _vaulted)
_Loader.add_constructor("!unsafe", _unsafe)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)


def of_variables(path: str, content: bytes) -> Described:
    """Read a file of group_vars or host_vars."""
    if content.startswith(VAULT):
        return Described(vault=True)
    try:
        node = _compose(content)
        if node is None:
            return Described()
        if not isinstance(node, yaml.MappingNode):
            raise _Bad("is not a mapping of variables", node.start_mark.line + 1)
        return Described(tuple(_of_mapping(path, node)), tuple(_twice(path, node)))
    except _Bad as bad:
        return Described(problem=Finding(path, bad.line, Level.ERROR, bad.what))


def of_inventory(path: str, content: bytes) -> Described:
    """Read an inventory: YAML if Ansible would read it so, else INI."""
    if content.startswith(VAULT):
        return Described(vault=True)
    try:
        text = _decoded(content)
    except _Bad as bad:
        return Described(problem=Finding(path, bad.line, Level.ERROR, bad.what))
    assignments = list(_of_ini(path, text))
    if path.endswith((".yml", ".yaml", ".json")) or text.lstrip().startswith("---"):
        try:
            node = _compose(content)
        except _Bad as bad:
            return Described(problem=Finding(path, bad.line, Level.ERROR, bad.what))
        assignments = list(_of_groups(path, node)) if node is not None else []
    return Described(tuple(assignments))


class _Bad(Exception):
    def __init__(self, what: str, line: int | None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise _Bad("is not UTF-8", line) from None


def _compose(content: bytes) -> yaml.Node | None:
    text = _decoded(content)
    try:
        _refuse_depth(text)
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        what = (problem.problem or "it is no YAML").splitlines()[0]
        raise _Bad(f"cannot be read: {what}", mark.line + 1 if mark else None) from None
    except yaml.YAMLError as problem:
        raise _Bad(f"cannot be read: {str(problem).splitlines()[0]}", None) from None
    except RecursionError:
        raise _Bad("is nested too deeply", None) from None
    if isinstance(node, yaml.ScalarNode) and not node.value:
        return None  # only the mark of a document, or comments
    if node is not None and _size(node, {}) > LARGEST:
        raise _Bad("expands to too much (its aliases repeat themselves)", None)
    return node


def _refuse_depth(text: str) -> None:
    """Refuse what is nested too deeply, event by event: composing is recursive, in C too."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                mark = event.start_mark
                raise _Bad("is nested too deeply", mark.line + 1 if mark else None)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Count the values that a node expands to; one that holds itself counts as too many."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = LARGEST + 1
    try:
        total = 1 + sum(_size(inner, known) for inner in _inner(node))
    except RecursionError:
        raise _Bad("is nested too deeply", None) from None
    known[id(node)] = total
    return total


def _inner(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _of_mapping(path: str, node: yaml.MappingNode) -> Iterator[Assignment]:
    """Give the variables of a mapping; those that a merge key brings too."""
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.tag == "tag:yaml.org,2002:merge":
            several = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for one in several:
                if isinstance(one, yaml.MappingNode):
                    yield from _of_mapping(path, one)
            continue
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        texts = tuple(_texts(value))
        yield Assignment(path, line, name, _plain(value, line), texts)


def _plain(node: yaml.Node, line: int) -> Plain:
    loader = _Loader("")
    try:
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise _Bad("has a value that cannot be read", line) from None


def _texts(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.line + 1, str(node.value)
    for inner in _inner(node):
        yield from _texts(inner)


def _twice(path: str, node: yaml.Node) -> Iterator[Finding]:
    """Find keys that a mapping has twice: Ansible takes the last one."""
    if isinstance(node, yaml.MappingNode):
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    what = f"{key.value} stands here twice; the last one counts"
                    yield Finding(path, key.start_mark.line + 1, Level.WARNING, what)
                seen.add((key.tag, key.value))
    for inner in _inner(node):
        yield from _twice(path, inner)


def _of_groups(path: str, node: yaml.Node) -> Iterator[Assignment]:
    """Give the variables of a YAML inventory: ``vars:`` and hosts, at any depth."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if key.value == "vars" and isinstance(value, yaml.MappingNode):
            yield from _of_mapping(path, value)
        elif key.value == "hosts" and isinstance(value, yaml.MappingNode):
            for _, host in value.value:
                if isinstance(host, yaml.MappingNode):
                    yield from _of_mapping(path, host)
        else:
            yield from _of_groups(path, value)


def _of_ini(path: str, text: str) -> Iterator[Assignment]:
    section = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if header := re.match(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$", line):
            section = header[2] or ""
        elif section == "vars":
            name, sign, value = line.partition("=")
            if sign:
                yield _ini(path, number, name.strip(), value.strip())
        elif section != "children":
            for word in _words(line)[1:]:
                name, sign, value = word.partition("=")
                if sign:
                    yield _ini(path, number, name, value)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


def _ini(path: str, line: int, name: str, written: str) -> Assignment:
    """Read a value as Ansible does: a Python literal if it is one, else text."""
    try:
        value: Plain = ast.literal_eval(written)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        value = written
    return Assignment(path, line, name, value, ((line, written),))
