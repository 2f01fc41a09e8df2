"""What the text of playbooks and roles says, as data: roles named, tasks that really run.

Nothing is templated: a role whose name is a template cannot be known here.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping

import yaml

from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.repo.layout import parent
from aaroc_bot.repo.tree import Tree

ENDINGS = (".yml", ".yaml")
DEPTH = 60
WORTH = ("tasks", "handlers", "meta")
"""Folders of a role that may name other roles."""
IMPORTS = frozenset({"import_playbook", "ansible.builtin.import_playbook", "include"})
ROLE_TASKS = frozenset(
    prefix + word
    for prefix in ("", "ansible.builtin.", "ansible.legacy.")
    for word in ("import_role", "include_role")
)


def compose(content: bytes) -> yaml.Node | None:
    """Parse YAML into nodes, None if it cannot be (`broken` says why)."""
    try:
        node: yaml.Node | None = yaml.compose(content.decode("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return None
    return node


def broken(path: str, content: bytes) -> Finding | None:
    """Say why a file is no playbook, as far as data can tell; None if it may be one."""
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        return Finding(path, line, Level.ERROR, "is not UTF-8")
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        what = f"cannot be read: {(problem.problem or 'it is no YAML').splitlines()[0]}"
        return Finding(path, mark.line + 1 if mark else None, Level.ERROR, what)
    except (yaml.YAMLError, RecursionError):
        return Finding(path, None, Level.ERROR, "cannot be read: it is no YAML")
    if not isinstance(node, yaml.SequenceNode):
        return Finding(path, 1, Level.ERROR, "is no playbook: a list of plays is expected")
    for play in node.value:
        has = keys(play).keys() if isinstance(play, yaml.MappingNode) else set()
        if not has & (IMPORTS | {"hosts"}):
            line = play.start_mark.line + 1
            return Finding(path, line, Level.ERROR, "is no play: it names no `hosts`")
    return None


def mappings(node: yaml.Node | None, depth: int = 0) -> Iterator[yaml.MappingNode]:
    """Give every mapping within a node, outermost first, to a bounded depth."""
    if node is None or depth > DEPTH:
        return
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from mappings(value, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from mappings(value, depth + 1)


def keys(node: yaml.MappingNode) -> dict[str, yaml.Node]:
    """Give a mapping's values by its plain keys."""
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def executing_tasks(path: str, content: bytes) -> list[Finding]:
    """Find tasks that really run in check mode: `check_mode: false`, or `always_run` of old."""
    found = []
    for task in mappings(compose(content)):
        for key, value in keys(task).items():
            word = value.value.lower() if isinstance(value, yaml.ScalarNode) else ""
            runs = (key == "check_mode" and word in {"false", "no", "off", "n"}) or (
                key == "always_run" and word in {"true", "yes", "on", "y"}
            )
            if runs:
                what = f"`{key}: {value.value}`: this task really runs when it is planned"
                found.append(Finding(path, value.start_mark.line + 1, Level.WARNING, what))
    return found


async def roles_named(tree: Tree, playbook: str) -> tuple[set[str], set[str]]:
    """Give the roles that a playbook names, and those that its roles name: found, missing.

    Both are paths: where a role lies, or where it was looked for.
    """
    found: set[str] = set()
    missing: set[str] = set()
    modules = {path for path, node in tree.nodes.items() if not node.plain}
    folders = _role_folders(tree)
    base = parent(playbook)
    waiting, done = [playbook], set[str]()
    while waiting:
        batch = [path for path in waiting if path not in done]
        done |= set(batch)
        contents = await tree.read(batch)
        names, waiting = _named(contents, tree.nodes)
        for name in names:
            places = [posixpath.join(base, "roles", name), posixpath.join(base, name)]
            place = next((one for one in places if one in folders or one in modules), None)
            if place is None or place in modules:
                missing.add(place or places[0])
            elif place not in found:
                found.add(place)
                waiting += folders[place]
    return found, missing


def _role_folders(tree: Tree) -> dict[str, list[str]]:
    """Give the folders that may be roles, each with the files that may name others."""
    folders: dict[str, list[str]] = {}
    for path in tree.nodes:
        parts = path.split("/")
        for at in range(1, len(parts) - 1):
            files = folders.setdefault("/".join(parts[:at]), [])
            if parts[at] in WORTH and path.endswith(ENDINGS):
                files.append(path)
    return folders


def _named(contents: Mapping[str, bytes], nodes: Iterable[str]) -> tuple[set[str], list[str]]:
    names: set[str] = set()
    imported: list[str] = []
    there = set(nodes)
    for path, content in contents.items():
        in_meta = "/meta/" in path
        for mapping in mappings(compose(content)):
            inner = keys(mapping)
            for key, value in inner.items():
                of_play = key == "roles" and "hosts" in inner
                of_role = key == "dependencies" and in_meta
                if (of_play or of_role) and isinstance(value, yaml.SequenceNode):
                    names |= set(filter(None, map(_role, value.value)))
                elif key in ROLE_TASKS:
                    names |= set(filter(None, [_role(value)]))
                elif key in IMPORTS and isinstance(value, yaml.ScalarNode):
                    other = posixpath.normpath(posixpath.join(parent(path), value.value))
                    imported += [other] if other in there else []
    return names, imported


def _role(node: yaml.Node) -> str | None:
    """Give the role that an item names: a word, or a mapping with `role` or `name`."""
    if isinstance(node, yaml.MappingNode):
        inner = keys(node)
        node = inner.get("role") or inner.get("name") or node
    if not isinstance(node, yaml.ScalarNode) or "{{" in node.value:
        return None
    name = str(node.value)
    return None if name.startswith(("/", ".")) or ".." in name else name
