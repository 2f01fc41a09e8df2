"""YAML that people wrote for the bot (`.aaroc.yml`, catalogues), with the line of each thing.

YAML 1.2, duplicate keys and tags refused. What Ansible reads is read by `assignments`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aaroc_bot.core.sites import Finding, Level

Where = tuple[str | int, ...]
"""The way to a value: keys and positions."""

DEEPEST = 20
WORDS = {
    "extra_forbidden": "there is no such key",
    "missing": "it is missing",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document as plain data, and the line (from 1) of each key and item in it."""

    data: object
    lines: Mapping[Where, int]

    def line(self, where: Where) -> int | None:
        """Give the line of a value, or of the nearest thing around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where)


class BadYaml(Exception):
    """Text that is no YAML of the kind expected; `line` is where, if known."""

    def __init__(self, what: str, line: int | None) -> None:
        """Keep the reason and the line."""
        super().__init__(what)
        self.what = what
        self.line = line


def load(content: bytes) -> Document:
    """Read one document. Raises `BadYaml`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise BadYaml("is not UTF-8", content.count(b"\n", 0, problem.start) + 1) from None
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = False
    try:
        node = yaml.compose(text)
        lines: dict[Where, int] = {}
        if node is not None:
            _check(node, (), lines)
        return Document(yaml.load(text), lines)
    except MarkedYAMLError as problem:
        mark = problem.problem_mark
        what = (problem.problem or "is no YAML").splitlines()[0]
        raise BadYaml(what, mark.line + 1 if mark else None) from None
    except (YAMLError, ValueError, RecursionError) as problem:
        what = (str(problem) or "is nested too deeply").splitlines()[0]
        raise BadYaml(what, None) from None


def _check(node: Node, where: Where, lines: dict[Where, int]) -> None:
    """Note the lines, and refuse what nobody needs here: anchors, deep nesting."""
    line: int = node.start_mark.line + 1
    lines.setdefault(where, line)
    if node.anchor or len(where) > DEEPEST:
        raise BadYaml("anchors and deep nesting are not read here", line)
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise BadYaml("a key must be a word", key.start_mark.line + 1)
            lines[*where, key.value] = key.start_mark.line + 1
            _check(value, (*where, key.value), lines)
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value):
            lines[*where, position] = value.start_mark.line + 1
            _check(value, (*where, position), lines)


def told(problem: ValidationError, path: str, document: Document, at: Where = ()) -> list[Finding]:
    """Write what pydantic refuses below `at` as findings with file and line."""
    findings = []
    for error in problem.errors(include_url=False, include_input=False):
        where = (*at, *error["loc"])
        name = ".".join(str(part) for part in error["loc"])
        what = WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
        text = f"{name}: {what}" if name else what
        findings.append(Finding(path, document.line(where), Level.ERROR, text))
    return findings
