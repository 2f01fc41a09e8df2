"""What a difference of the repository does: each site's hosts and effective variables compared.

Pure: the sites as read before and after in, what people are shown out. Nothing secret is in
it: what is secret by name, in a vault or known to `redact` is only said to change.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aaroc_bot.core.changes import Effect, VariableEffect
from aaroc_bot.core.difference import CELL, Hosts, one_line, opaque, without_secrets
from aaroc_bot.core.secret_names import is_secret_name
from aaroc_bot.core.sites import Site, service_word

MOST = 400
"""Variables of a site that are shown; a site with more is said to be read in part."""
NO_SERVICE = "ungrouped"
"""Stands for the service of a host that runs none."""

Redact = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A site as read on one side of a difference.

    `files` are the paths that it reads, or may read where it cannot be read, each with
    what identifies its content. `vaulted` is what its vaults hold.
    """

    site: Site
    variables: Hosts
    files: Mapping[str, str]
    vaulted: frozenset[str] = frozenset()


def effects(
    before: Mapping[str, Seen], after: Mapping[str, Seen], redact: Redact
) -> tuple[Effect, ...]:
    """Compare all sites, each under its name; those at which nothing changes are left out.

    A host that two sites describe is compared in both.
    """
    names = sorted(before.keys() | after.keys())
    every = (_effect(name, before.get(name), after.get(name), redact) for name in names)
    return tuple(effect for effect in every if not effect.empty)


def _effect(name: str, old: Seen | None, new: Seen | None, redact: Redact) -> Effect:
    if old is None or new is None:
        one = old or new
        assert one is not None
        pairs = tuple(sorted(_memberships(one.site)))
        return Effect(
            name,
            joined=pairs if old is None else (),
            left=pairs if new is None else (),
            services=_services([one.site], one.site.hosts),
            new=old is None,
            gone=new is None,
            unread=one.site.broken or one.site.partial,
        )
    changed = old.files != new.files
    if old.site.broken or new.site.broken:
        return Effect(name, unread=changed or old.site.broken != new.site.broken)
    variables = _variables(old, new, redact)
    had, has = _memberships(old.site), _memberships(new.site)
    joined, left = tuple(sorted(has - had)), tuple(sorted(had - has))
    hosts = {host for one in variables for host in one.hosts} | {host for _, host in joined + left}
    in_part = changed and (old.site.partial or new.site.partial)
    return Effect(
        name,
        variables[:MOST],
        joined,
        left,
        _services([old.site, new.site], hosts),
        unread=in_part or len(variables) > MOST,
    )


def _memberships(site: Site) -> set[tuple[str, str]]:
    """Pair each host with the services that it runs."""
    pairs = {
        (service_word(group), host) for group, those in site.services.items() for host in those
    }
    serving = {host for _, host in pairs}
    return pairs | {(NO_SERVICE, host) for host in site.hosts if host not in serving}


def _services(sites: Iterable[Site], hosts: Iterable[str]) -> tuple[str, ...]:
    reached = set(hosts)
    words = {
        service_word(group)
        for site in sites
        for group, those in site.services.items()
        if reached.intersection(those)
    }
    return tuple(sorted(words))


def _variables(old: Seen, new: Seen, redact: Redact) -> tuple[VariableEffect, ...]:
    """Compare the hosts that are there on both sides; the others join or leave."""
    told: dict[tuple[str, str | None, str | None, bool], list[str]] = defaultdict(list)
    for host in sorted(old.variables.keys() & new.variables.keys()):
        was, is_now = old.variables[host], new.variables[host]
        for name in sorted(was.keys() | is_now.keys()):
            if name in was and name in is_now and same(was[name], is_now[name]):
                continue
            shown = _shown(name, was, is_now, old.vaulted | new.vaulted, redact)
            told[name, *shown].append(host)
    ordered = sorted(told.items(), key=lambda item: (item[0][0], item[1]))
    return tuple(
        VariableEffect(redact(name), before, after, tuple(hosts), secret)
        for (name, before, after, secret), hosts in ordered
    )


def same(one: object, other: object) -> bool:
    """Whether two values are the same, of the same kind too.

    >>> same(1, True), same("2170", 2170), same([1], [1])
    (False, False, True)
    """
    return type(one) is type(other) and one_line(one) == one_line(other)


def _shown(
    name: str,
    was: Mapping[str, object],
    is_now: Mapping[str, object],
    vaulted: frozenset[str],
    redact: Redact,
) -> tuple[str | None, str | None, bool]:
    """Give both values as shown, and whether they are only said to change."""
    values = [side[name] for side in (was, is_now) if name in side]
    if is_secret_name(name) or any(opaque(one) or _holds(one, vaulted) for one in values):
        return None, None, True
    texts = [
        one_line(without_secrets(side[name], name, is_secret_name, set())) if name in side else None
        for side in (was, is_now)
    ]
    bare = [text if text is None else redact(text) for text in texts]
    if bare[0] == bare[1]:
        return None, None, True
    return (*_cut(*bare), False)


def _holds(value: object, vaulted: frozenset[str]) -> bool:
    """Whether anything within a value is what a vault holds."""
    if not vaulted:
        return False
    if isinstance(value, Mapping):
        return any(_holds(inner, vaulted) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_holds(inner, vaulted) for inner in value)
    return str(value) in vaulted


def _cut(one: str | None, other: str | None) -> tuple[str | None, str | None]:
    """Cut both where they are too long, so that what differs is still seen."""
    start = 0
    if one is not None and other is not None and max(len(one), len(other)) > CELL:
        pairs = enumerate(zip(one, other, strict=False))
        common = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
        start = common - 10 if common > CELL // 2 else 0
    return _piece(one, start), _piece(other, start)


def _piece(text: str | None, start: int) -> str | None:
    if text is None:
        return None
    text = ("…" if start else "") + text[start:]
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
