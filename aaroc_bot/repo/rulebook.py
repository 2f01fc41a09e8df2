"""What the repository says about itself and about rights: `.aaroc.yml`, `.aaroc/`, CODEOWNERS.

They are read as one at one revision, the accepted one (RULES.md, Rules of the repository).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from aaroc_bot.core.owners import codeowners
from aaroc_bot.core.schedules import Schedule, task
from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.cron import checked
from aaroc_bot.repo.tree import Tree
from aaroc_bot.repo.yamllines import BadYaml, Document, load, told

RULES = ".aaroc.yml"
CATALOGUE = ".aaroc/catalogue.yml"
OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""In the order in which GitHub looks for it; the first one counts."""
PATHS = (RULES, ".aaroc", *OWNERS)
"""Everything that is subject to acceptance."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Names of sites and aliases: they are typed, and name files of keys."""


def inside(path: str) -> str:
    """Give a relative path without detours. Raises ValueError if it leaves its folder."""
    parts = path.split("/")
    if not path or any(part in {"", ".", ".."} for part in parts) or not path.isprintable():
        raise ValueError("must be a path inside the repository, without `.` and `..`")
    if parts[0] == ".git" or path.startswith("-"):
        raise ValueError("is not a path that is read")
    return path


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SiteRule(_Strict):
    """What is said outright of one site."""

    inventory: str | None = None
    team: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")
    aliases: list[str] = []
    zone: str | None = None

    @field_validator("inventory")
    @classmethod
    def _inside(cls, path: str | None) -> str | None:
        return path if path is None else inside(path)

    @field_validator("aliases")
    @classmethod
    def _names(cls, aliases: list[str]) -> list[str]:
        for alias in aliases:
            if not NAME.fullmatch(alias):
                raise ValueError(f"`{alias[:64]}` cannot be an alias")
        return aliases

    @field_validator("zone")
    @classmethod
    def _zone(cls, zone: str | None) -> str | None:
        if zone is not None:
            try:
                ZoneInfo(zone)
            except (KeyError, OSError, ValueError):
                raise ValueError("is no IANA time zone, as Africa/Johannesburg") from None
        return zone


class ScheduleRule(_Strict):
    """What is done at set times."""

    name: str
    what: str
    cron: str
    zone: str = "UTC"

    @model_validator(mode="after")
    def _ever_due(self) -> "ScheduleRule":
        checked(self.schedule)
        return self

    @property
    def schedule(self) -> Schedule:
        """The same as a schedule. Raises `ValueError` for one that cannot be."""
        return Schedule(self.name, task(self.what), self.cron, self.zone)


class Layout(_Strict):
    """Where things lie; None where the convention counts."""

    inventories: str | None = None
    playbooks: str | None = None
    puppet: str | None = None

    @field_validator("inventories", "playbooks", "puppet")
    @classmethod
    def _inside(cls, path: str | None) -> str | None:
        return path if path is None else inside(path)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules as read. What was wrong in them is in `findings` and not in force.

    `owners` is the text of CODEOWNERS, empty if there is none. `lines` says on which line
    each site of `.aaroc.yml` stands.
    """

    sites: Mapping[str, SiteRule] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    layout: Layout = field(default_factory=Layout)
    schedules: tuple[Schedule, ...] = ()
    owners: str = ""
    catalogue: bytes | None = None
    findings: tuple[Finding, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


async def read_rulebook(tree: Tree) -> Rulebook:
    """Read the rules of a tree; never raises for what stands in them."""
    found = await tree.read([RULES, CATALOGUE, *OWNERS])
    owned = next((path for path in OWNERS if path in found), "")
    owners = found[owned].decode(errors="replace") if owned else ""
    catalogue = found.get(CATALOGUE)
    unread = tuple(
        Finding(path, None, Level.ERROR, "is no plain file, or too big, and was not read")
        for path in (RULES, CATALOGUE, *OWNERS)
        if path in tree.nodes and path not in found
    )
    skipped = "GitHub cannot read this line, so it says of no file whose it is"
    unread += tuple(
        Finding(owned, line, Level.WARNING, skipped) for line in codeowners(owners).broken
    )
    rules = Rulebook(owners=owners, catalogue=catalogue, findings=unread)
    if RULES not in found:
        return rules
    try:
        return _with(rules, load(found[RULES]))
    except BadYaml as problem:
        finding = Finding(RULES, problem.line, Level.ERROR, f"cannot be read: {problem.what}")
        return replace(rules, findings=(*unread, finding))


def _with(rules: Rulebook, document: Document) -> Rulebook:
    data = document.data if document.data is not None else {}
    findings: list[Finding] = []
    if not isinstance(data, dict):
        findings.append(Finding(RULES, 1, Level.ERROR, "must be a mapping"))
        data = {}
    for key in data.keys() - {"sites", "ignore", "layout", "schedules"}:
        line = document.line((key,))
        findings.append(Finding(RULES, line, Level.ERROR, f"{key}: there is no such key"))
    sites = _sites(data.get("sites") or {}, document, findings)
    layout = Layout()
    try:
        layout = Layout.model_validate(data.get("layout") or {})
    except ValidationError as problem:
        findings += told(problem, RULES, document, ("layout",))
    return replace(
        rules,
        sites=sites,
        ignore=_ignore(data.get("ignore") or [], document, findings),
        layout=layout,
        schedules=_schedules(data.get("schedules") or [], document, findings),
        findings=(*rules.findings, *findings),
        lines={name: document.line(("sites", name)) or 1 for name in sites},
    )


def _sites(data: object, document: Document, findings: list[Finding]) -> dict[str, SiteRule]:
    if not isinstance(data, dict):
        line = document.line(("sites",))
        findings.append(Finding(RULES, line, Level.ERROR, "sites: must be a mapping of names"))
        return {}
    sites: dict[str, SiteRule] = {}
    for name, written in data.items():
        where = ("sites", str(name))
        if not isinstance(name, str) or not NAME.fullmatch(name):
            what = f"sites: `{str(name)[:64]}` cannot be a site's name"
            findings.append(Finding(RULES, document.line(where), Level.ERROR, what))
            continue
        try:
            sites[name] = SiteRule.model_validate(written if written is not None else {})
        except ValidationError as problem:
            findings += told(problem, RULES, document, where)
    return sites


def _schedules(data: object, document: Document, findings: list[Finding]) -> tuple[Schedule, ...]:
    if not isinstance(data, list):
        line = document.line(("schedules",))
        findings.append(Finding(RULES, line, Level.ERROR, "schedules: must be a list"))
        return ()
    found: dict[str, Schedule] = {}
    for position, written in enumerate(data):
        where = ("schedules", position)
        try:
            one = ScheduleRule.model_validate(written).schedule
        except ValidationError as problem:
            findings += told(problem, RULES, document, where)
            continue
        if one.name in found:
            what = f"schedules: `{one.name}` stands there twice, and the first one counts"
            findings.append(Finding(RULES, document.line(where), Level.ERROR, what))
        found.setdefault(one.name, one)
    return tuple(found.values())


def _ignore(data: object, document: Document, findings: list[Finding]) -> tuple[str, ...]:
    if isinstance(data, list) and all(isinstance(path, str) for path in data):
        return tuple(data)
    line = document.line(("ignore",))
    findings.append(Finding(RULES, line, Level.ERROR, "ignore: must be a list of paths"))
    return ()
