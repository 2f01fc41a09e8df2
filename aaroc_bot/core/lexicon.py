"""The names that may be typed, as the repository and the catalogue have them now.

Upper and lower case, ``_`` and ``-``, and a final ``s`` of a service make no difference.
A name goes before an alias; an alias of several sites is none of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.nearest import near
from aaroc_bot.core.sites import Site, service_word

Words = Mapping[str, str]
"""From how a word is looked up to how it is written."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Lookups made once for each revision by `lexicon`; an empty one knows nothing."""

    sites: Words = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    services: Words = field(default_factory=dict)
    entries: Mapping[str, Words] = field(default_factory=dict)

    def site(self, typed: str) -> tuple[str, ...]:
        """Give the site of that name or alias: none, one, or several for a shared alias."""
        name = self.sites.get(key(typed))
        return (name,) if name else self.aliases.get(key(typed), ())

    def near_sites(self, typed: str) -> tuple[str, ...]:
        """Give the names of sites that are near to what was typed, best first."""
        found = near(key(typed), {*self.sites, *self.aliases})
        names = (name for word in found for name in self.site(word))
        return tuple(dict.fromkeys(names))

    def service(self, typed: str) -> str | None:
        """Give the word of a service that some site runs or an entry deploys."""
        return _word(self.services, typed)

    def entry(self, typed: str, verb: str | None) -> str | None:
        """Give the word of an entry; of any verb if that is None."""
        return _word(self.of_verb(verb), typed)

    def of_verb(self, verb: str | None) -> Words:
        """Give the words of a verb's entries, of all for None."""
        if verb is not None:
            return self.entries.get(verb, {})
        return {k: word for words in self.entries.values() for k, word in words.items()}


def lexicon(sites: Iterable[Site], entries: Iterable[Entry]) -> Lexicon:
    """Make the lookups for these sites and entries."""
    names: dict[str, str] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    services: dict[str, str] = {}
    verbs: dict[str, dict[str, str]] = {}
    for site in sites:
        names[key(site.name)] = site.name
        for alias in site.aliases:
            aliases[key(alias)] = tuple(dict.fromkeys((*aliases.get(key(alias), ()), site.name)))
        services |= {word: word for word in map(service_word, site.services)}
    for entry in entries:
        verbs.setdefault(entry.verb, {})[key(entry.word)] = entry.word
        if entry.verb == "deploy":
            services[key(entry.word)] = entry.word
    return Lexicon(names, aliases, services, verbs)


def key(typed: str) -> str:
    """Write a word as it is looked up.

    >>> key("Site_BDII"), key("Site BDII")
    ('site-bdii', 'site-bdii')
    """
    return "-".join(typed.lower().replace("_", "-").split())


def _word(words: Words, typed: str) -> str | None:
    return words.get(key(typed)) or words.get(service_word(key(typed)))
