"""Which site an inventory describes, and who else claims the same: names, aliases, hosts.

The conventions are those of the AAROC's repository: the site's variables say `site_name`,
the name in GOCDB; the file's name is an alias. `.aaroc.yml` can say it outright.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from aaroc_bot.core.sites import Finding, Level, Site
from aaroc_bot.repo.inventory import Reading
from aaroc_bot.repo.layout import of_groups, owners, suffix
from aaroc_bot.repo.rulebook import NAME, RULES, Rulebook, SiteRule

SITE_NAME = "site_name"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Proof(IntEnum):
    """Why an inventory bears a name; the best keeps it when two claim it."""

    FILE = 0
    HOSTS = 1
    GROUP = 2
    FITS = 3
    RULES = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """An inventory's claim to a name."""

    reading: Reading
    name: str
    proof: Proof
    rule: SiteRule = field(default_factory=SiteRule)
    findings: tuple[Finding, ...] = ()


def sites_of(
    readings: Mapping[str, Reading], said: Mapping[str, str], rules: Rulebook
) -> tuple[Site, ...]:
    """Give the sites that these inventories describe, by name.

    `said` is what the text of variable files says of `site_name`, by file: it names a site
    whose inventory cannot be read.
    """
    claims = [_claim(reading, said, rules) for reading in readings.values()]
    named = _one_name_each(claims)
    named = _one_alias_each(named)
    return tuple(sorted(_share(named, readings), key=lambda site: site.name))


def _claim(reading: Reading, said: Mapping[str, str], rules: Rulebook) -> Claim:
    for name, rule in rules.sites.items():
        if rule.inventory == reading.inventory:
            return Claim(reading, name, Proof.RULES, rule)
    name, proof, findings = _by_convention(reading, said)
    for written, rule in rules.sites.items():
        if rule.inventory is None and written.casefold() == name.casefold():
            return Claim(reading, written, max(proof, Proof.GROUP), rule, findings)
    return Claim(reading, name, proof, findings=findings)


def _by_convention(
    reading: Reading, said: Mapping[str, str]
) -> tuple[str, Proof, tuple[Finding, ...]]:
    file = suffix(reading.inventory)
    findings: list[Finding] = []
    for name, proof in _candidates(reading, said, file):
        if NAME.fullmatch(name):
            fits = name.casefold() == file.casefold()
            return name, Proof.FITS if fits else proof, tuple(findings)
        what = f"{SITE_NAME} `{name[:64]}` cannot be a site's name"
        findings.append(Finding(reading.inventory, None, Level.WARNING, what))
    return file if NAME.fullmatch(file) else "unnamed", Proof.FILE, tuple(findings)


def _candidates(
    reading: Reading, said: Mapping[str, str], file: str
) -> Iterable[tuple[str, Proof]]:
    for path, name in said.items():
        known = not reading.groups or path in reading.files
        if known and of_groups(path) and file.casefold() in map(str.casefold, owners(path)):
            yield name, Proof.GROUP
    count = Counter(_site_name(variables) for variables in reading.variables.values())
    del count[""]
    if count:
        most = max(count.values())
        yield min(name for name in count if count[name] == most), Proof.HOSTS


def _site_name(variables: Mapping[str, object]) -> str:
    name = variables.get(SITE_NAME)
    return name if isinstance(name, str) and "{{" not in name else ""


def _one_name_each(claims: Sequence[Claim]) -> list[Site]:
    """Give each name to the best claim; the others go by their file, with a warning."""
    by_name: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_name[claim.name.casefold()].append(claim)
    taken = set(by_name)
    sites = []
    for rivals in by_name.values():
        rivals.sort(key=lambda claim: (-claim.proof, claim.reading.inventory))
        first, *others = rivals
        tie = bool(others) and others[0].proof == first.proof
        rival = others[0].reading.inventory if tie else None
        sites.append(_site(first, first.name, claimed_by=rival))
        for other in others:
            name = _free_name(other.reading.inventory, taken)
            taken.add(name.casefold())
            claimed = first.reading.inventory if other.proof == first.proof else None
            what = (
                f"{SITE_NAME} {first.name} is that of {first.reading.inventory};"
                f" this one goes by its file's name, {name}"
            )
            warning = Finding(other.reading.inventory, None, Level.WARNING, what)
            sites.append(_site(other, name, claimed_by=claimed, more=(warning,)))
    return sites


def _free_name(inventory: str, taken: set[str]) -> str:
    """Give the first of the file's names that nobody has."""
    whole = inventory.rpartition("/")[2]
    numbered = (f"{suffix(inventory)}-{number}" for number in range(2, len(taken) + 3))
    for name in (suffix(inventory), whole, *numbered):
        if NAME.fullmatch(name) and name.casefold() not in taken:
            return name
    return next(f"unnamed-{n}" for n in range(1, len(taken) + 2) if f"unnamed-{n}" not in taken)


def _site(
    claim: Claim, name: str, *, claimed_by: str | None, more: tuple[Finding, ...] = ()
) -> Site:
    reading = claim.reading
    own = claim.name == name
    file = suffix(reading.inventory)
    foreign = _foreign(reading, claim.name)
    if claimed_by:
        what = (
            f"{claim.name} is also claimed by {claimed_by}; until one gives way nothing is changed"
        )
        more = (*more, Finding(reading.inventory, None, Level.ERROR, what))
    if foreign:
        more = (*more, _foreign_told(reading.inventory, foreign))
    aliases = dict.fromkeys(
        alias
        for alias in (*claim.rule.aliases, file, reading.inventory.rpartition("/")[2])
        if alias.casefold() != name.casefold() and NAME.fullmatch(alias)
    )
    return Site(
        name,
        reading.inventory,
        aliases=tuple(aliases),
        hosts=tuple(sorted(reading.variables)),
        services={
            group: hosts
            for group, hosts in reading.groups.items()
            if hosts
            and group not in {"all", "ungrouped"}
            and group.casefold() not in {file.casefold(), name.casefold()}
        },
        team=claim.rule.team if own else None,
        zone=claim.rule.zone if own else None,
        foreign=foreign,
        findings=(*reading.findings, *claim.findings, *more),
        executing=reading.executing,
        partial=reading.partial,
        broken=reading.broken,
        claimed_by=claimed_by,
    )


def _foreign(reading: Reading, name: str) -> dict[str, str]:
    """Give the hosts that bear another site's name; those without one if others have it."""
    names = {host: _site_name(variables) for host, variables in reading.variables.items()}
    if not any(names.values()):
        return {}
    return {host: other for host, other in names.items() if other.casefold() != name.casefold()}


def _foreign_told(inventory: str, foreign: Mapping[str, str]) -> Finding:
    shown = [f"{host} ({name or 'no name'})" for host, name in sorted(foreign.items())]
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    what = f"hosts that bear another site's name or none: {', '.join(shown[:3])}{more}"
    return Finding(inventory, None, Level.WARNING, what)


def _one_alias_each(sites: Sequence[Site]) -> list[Site]:
    """Drop aliases that are a site's name; a site whose alias another claims is not changed."""
    names = {site.name.casefold(): site for site in sites}
    claimed: dict[str, list[Site]] = defaultdict(list)
    for site in sites:
        for alias in site.aliases:
            claimed[alias.casefold()].append(site)
    result = []
    for site in sites:
        aliases, findings, rival = [], [], site.claimed_by
        for alias in site.aliases:
            owner = names.get(alias.casefold())
            others = [one for one in claimed[alias.casefold()] if one is not site]
            if owner is not None and owner is not site:
                what = (
                    f"the alias {alias} is the name of {owner.inventory}'s site and does not count"
                )
                findings.append(Finding(site.inventory, None, Level.WARNING, what))
                continue
            if others:
                rival = rival or others[0].inventory
                what = f"the alias {alias} is also claimed by {others[0].inventory}"
                findings.append(Finding(site.inventory, None, Level.ERROR, what))
            aliases.append(alias)
        result.append(
            replace(
                site,
                aliases=tuple(aliases),
                findings=(*site.findings, *findings),
                claimed_by=rival,
            )
        )
    return result


def _share(sites: Sequence[Site], readings: Mapping[str, Reading]) -> list[Site]:
    """Tell each site which of its hosts another describes too, by name or by address."""
    describe: dict[str, set[str]] = defaultdict(set)
    called: dict[tuple[str, str], set[str]] = {}
    for site in sites:
        for host, variables in readings[site.inventory].variables.items():
            address = str(variables.get("ansible_host", "")).casefold()
            names = {host.casefold()} | ({address} - LOOPBACK - {""})
            called[site.name, host] = names
            for name in names:
                describe[name].add(site.name)
    result = []
    for site in sites:
        sharing: set[str] = set()
        shared: dict[str, str] = {}
        for host in site.hosts:
            others = set().union(*(describe[name] for name in called[site.name, host]))
            others -= {site.name}
            if others:
                shared[host] = min(others)
                sharing |= others
        result.append(replace(site, shared=shared, sharing=tuple(sorted(sharing))))
    return result


def unknown_rules(sites: Iterable[Site], rules: Rulebook) -> tuple[Finding, ...]:
    """Name the sites of `.aaroc.yml` that no inventory describes."""
    names = {site.name for site in sites}
    return tuple(
        Finding(RULES, rules.lines.get(name), Level.WARNING, f"no inventory describes {name}")
        for name in rules.sites
        if name not in names
    )
