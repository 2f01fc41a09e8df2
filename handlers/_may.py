"""What a speaker may do, for `help`: the rules are in core/policy.py, asked here in advance."""

from collections.abc import Iterable, Sequence

from aaroc_bot.commands import (
    Allowed,
    Call,
    CannotTell,
    Command,
    Entry,
    Refused,
    Right,
    Site,
    Why,
    decide,
    service_word,
)

VERBS = ("deploy", "run")
"""The verbs that entries have; `plan` is about any of them."""

Decision = Allowed | Refused | CannotTell


def needed(command: Command) -> Right:
    """Give the least right that a command takes.

    Who decides about a run is an expert, though `approve` answers members too, to tell
    them why not; about a pull request also who owns its files, a site's admins as a rule.
    """
    if command.patterns[0].words[0] == "merge":
        return Right.SITE_ADMIN
    if command.decides and command.right is not Right.SITE_ADMIN:
        return Right.EXPERT
    return Right.MEMBER if command.right is None else command.right


def may(call: Call, command: Command, entries: Sequence[Entry], sites: Sequence[Site]) -> Decision:
    """Say whether a speaker may give a command anywhere: for some entry, at some site."""
    if command.right is None:
        return _best(
            _decided(call, command, site, entry)
            for entry in entries_of(command, entries)
            for site in sites
        )
    if needed(command) is Right.SITE_ADMIN:
        return _best(_decided(call, command, site) for site in sites)
    return _decided(call, command)


def entries_of(command: Command, entries: Iterable[Entry]) -> list[Entry]:
    """Give the entries that a command is about: those of its verb, for `plan` all."""
    word = command.patterns[0].words[0]
    return [entry for entry in entries if word not in VERBS or entry.verb == word]


def where(call: Call, command: Command, entry: Entry, sites: Iterable[Site]) -> list[Site]:
    """Give the sites at which a speaker may run an entry, and that have what it deploys."""
    return [
        site
        for site in sites
        if (entry.verb != "deploy" or entry.word in map(service_word, site.services))
        and isinstance(_decided(call, command, site, entry), Allowed)
    ]


def may_at(call: Call, command: Command, site: Site) -> bool:
    """Whether a speaker may give a command about a site."""
    return isinstance(_decided(call, command, site), Allowed)


def _decided(
    call: Call, command: Command, site: Site | None = None, entry: Entry | None = None
) -> Decision:
    name = site.name if site else None
    return decide(
        call.standing, needed(command), command.effect, name, entry, decides=command.decides
    )


def _best(decisions: Iterable[Decision]) -> Decision:
    """Give a yes if there is one, else what cannot be told, else a no; none at all is a no."""
    refused: Decision | None = None
    for decision in decisions:
        if isinstance(decision, Allowed):
            return decision
        if refused is None or isinstance(decision, CannotTell):
            refused = decision
    return refused or Refused(Why.NOT_SITE_ADMIN, Right.SITE_ADMIN, None)
