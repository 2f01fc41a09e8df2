"""A catalogue's file: every entry checked by itself, a wrong one refused with file and line."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)

from aaroc_bot.core.entries import CheckMode, Entry, Origin, Parameter, ParameterType, Value
from aaroc_bot.core.parameters import WrongParameter, unsafe, value_of
from aaroc_bot.core.redaction import is_secret_name
from aaroc_bot.core.rights import Right
from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.repo.patterns import why_not
from aaroc_bot.repo.rulebook import inside
from aaroc_bot.repo.yamllines import BadYaml, load, told


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VERBS = _words(
    "sites status diff history log playbooks runs changes change review digest plan deploy run "
    "retry approve deny cancel lock unlock set new merge invite welcome vouch freeze accept help "
    "whoami login logout join at on to for in now rules site all page until"
)
"""Words that a command begins with or that stand between slots: no entry is called so."""

RESERVED = _words(
    "vars hostvars groups group_names inventory_hostname inventory_hostname_short inventory_dir "
    "inventory_file playbook_dir role_path role_name role_names environment omit play_hosts "
    "hosts host roles become connection gather_facts tags true false none and or not in is if "
    "else item lookup query q site site_name"
)
"""Names that mean something to Ansible, to Jinja or to the repository itself."""

_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(hours=24)
ABOUT = "a word of letters, digits, `-`, `_` and `.`"


def _duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a duration is written 90s, 30m, 4h")
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not timedelta(0) < duration <= LONGEST:
        raise ValueError("must be more than nothing and at most 24h")
    return duration


def _right(value: object) -> Right:
    words = {right.word: right for right in Right if right is not Right.ANYBODY}
    if not isinstance(value, str) or value not in words:
        raise ValueError("must be member, site-admin or expert")
    return words[value]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenParameter(_Strict):
    """A parameter as written."""

    type: ParameterType
    required: StrictBool = False
    default: StrictBool | StrictInt | StrictStr | None = None
    minimum: StrictInt | None = None
    maximum: StrictInt | None = None
    pattern: StrictStr | None = None
    choices: list[StrictStr] = []

    @field_validator("pattern")
    @classmethod
    def _bounded(cls, pattern: str | None) -> str | None:
        if pattern is not None and (why := why_not(pattern)):
            raise ValueError(why)
        return pattern

    @model_validator(mode="after")
    def _fits(self) -> "WrittenParameter":
        only = {
            ParameterType.INTEGER: {"minimum", "maximum"},
            ParameterType.STRING: {"pattern"},
            ParameterType.CHOICE: {"choices"},
            ParameterType.BOOLEAN: set(),
        }
        limits = {"minimum", "maximum", "pattern", "choices"} & self.model_fields_set
        for name in sorted(limits - only[self.type]):
            raise ValueError(f"{name} does not go with type {self.type.value}")
        if self.type is ParameterType.CHOICE and not self.choices:
            raise ValueError("a choice needs choices")
        if any(unsafe(choice) or not choice for choice in self.choices):
            raise ValueError("a choice is empty, too long, or has a template or hidden characters")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("minimum is above maximum")
        if self.required and self.default is not None:
            raise ValueError("a required parameter has no default")
        self._check_default()
        return self

    def _check_default(self) -> None:
        kinds = {ParameterType.INTEGER: int, ParameterType.BOOLEAN: bool}
        default = self.default
        if default is None:
            return
        if type(default) is not kinds.get(self.type, str):
            raise ValueError(f"the default is not of type {self.type.value}")
        if not isinstance(default, bool):
            try:
                value_of(self.named("default"), str(default))
            except WrongParameter as wrong:
                raise ValueError(f"the default is {wrong.why.value}") from None

    def named(self, name: str) -> Parameter:
        """Give the parameter under its name."""
        default: Value | None = self.default
        return Parameter(
            name, self.type, self.required, default, self.minimum, self.maximum, self.pattern,
            tuple(self.choices),
        )  # fmt: skip


Subject = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class WrittenEntry(_Strict):
    """An entry as written. `model_fields_set` says what was, for one that only tightens."""

    verb: Literal["deploy", "run"]
    service: Subject | None = None
    name: Subject | None = None
    playbook: StrictStr | None = None
    engine: Literal["ansible", "puppet"] = "ansible"
    may_run: Annotated[Right, BeforeValidator(_right)] = Right.SITE_ADMIN
    approvals: StrictInt = Field(1, ge=0, le=5)
    changes: StrictBool = True
    check_mode: CheckMode = CheckMode.PARTIAL
    time_limit: Annotated[timedelta, BeforeValidator(_duration)] = timedelta(minutes=30)
    parameters: dict[str, WrittenParameter] = {}

    @field_validator("playbook")
    @classmethod
    def _inside(cls, path: str | None) -> str | None:
        return path if path is None else inside(path)

    @field_validator("parameters")
    @classmethod
    def _names(cls, parameters: dict[str, WrittenParameter]) -> dict[str, WrittenParameter]:
        for name in parameters:
            if is_secret_name(name):
                raise ValueError(f"`{name[:64]}` is named like a secret: those come from the vault")
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
                raise ValueError(f"`{name[:64]}` cannot be the name of a parameter")
            if name in RESERVED or name.lstrip("_").startswith("ansible"):
                raise ValueError(f"`{name}` means something to Ansible")
        return parameters

    @model_validator(mode="after")
    def _one_subject(self) -> "WrittenEntry":
        wanted, other = ("service", "name") if self.verb == "deploy" else ("name", "service")
        if getattr(self, other) is not None or getattr(self, wanted) is None:
            raise ValueError(f"{self.verb} takes {wanted}, {ABOUT}")
        if self.verb == "run" and (self.name or "").lower() in VERBS:
            raise ValueError(f"`{self.name}` is a word of the bot's own")
        return self


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with what was written of it."""

    entry: Entry
    written: frozenset[str]


def read_entries(
    content: bytes, path: str, origin: Origin, exists: Callable[[str], bool]
) -> tuple[list[Line], list[Finding]]:
    """Read a catalogue. `exists` says whether a playbook is there, by its path."""
    try:
        document = load(content)
    except BadYaml as problem:
        return [], [Finding(path, problem.line, Level.ERROR, f"cannot be read: {problem.what}")]
    data = [] if document.data is None else document.data
    if not isinstance(data, list):
        return [], [Finding(path, 1, Level.ERROR, "must be a list of entries")]
    lines: list[Line] = []
    findings: list[Finding] = []
    for position, item in enumerate(data):
        try:
            written = WrittenEntry.model_validate(item)
        except ValidationError as problem:
            findings += told(problem, path, document, (position,))
            continue
        at = document.line((position,)) or 1
        why = _cannot(written, exists)
        if why:
            line = document.line((position, why[0]))
            findings.append(Finding(path, line, Level.ERROR, f"{_typed(written)}: {why[1]}"))
        else:
            lines.append(
                Line(_entry(written, path, at, origin), frozenset(written.model_fields_set))
            )
    return lines, findings


def _typed(written: WrittenEntry) -> str:
    return f"{written.verb} {written.service or written.name}"


def _cannot(written: WrittenEntry, exists: Callable[[str], bool]) -> tuple[str, str] | None:
    if written.engine == "puppet":
        return "engine", "Puppet is not run yet"
    if written.playbook is not None and not exists(written.playbook):
        return "playbook", f"there is no playbook {written.playbook}"
    return None


def _entry(written: WrittenEntry, path: str, line: int, origin: Origin) -> Entry:
    fields: dict[str, Any] = written.model_dump(
        include={"verb", "engine", "may_run", "approvals", "changes", "check_mode", "time_limit"}
    )
    return Entry(
        **fields,
        subject=written.service or written.name or "",
        playbook=written.playbook or "",
        origin=origin,
        path=path,
        line=line,
        parameters=tuple(one.named(name) for name, one in written.parameters.items()),
    )
