"""Whom somebody means who is to be frozen: by login, or by the number that GitHub knows them by.

A login can be given up and taken by somebody else. Where the links and GitHub do not agree
about who bears it, the one who is linked here is meant: only they can do anything here.
"""

import re
from collections.abc import Sequence

from aaroc_bot.core.ports import People, Unavailable
from aaroc_bot.core.rights import Membership, Person
from aaroc_bot.store.links import Links

NUMBER = re.compile(r"[1-9][0-9]{0,15}")
"""A GitHub id. A login may look like one too, and is then no way to name somebody."""


async def meant(word: str, people: People, links: Links) -> Sequence[Person]:
    """Give whom a login or id means: nobody, one, or several between whom it cannot be told.

    Raises `Unavailable` where GitHub is silent and the links know none.
    """
    if word.isdecimal():
        found = await _numbered(word, people, links)
        return [found] if found else []
    linked = await links.logged_in_as(word)
    try:
        bearer = await people.named(word)
    except Unavailable:
        if not linked:
            raise
        return linked
    others = [person for person in linked if bearer is None or person.id != bearer.id]
    if bearer is None or (others and not await links.numbered(bearer.id)):
        return others
    return [bearer, *others]


async def _numbered(word: str, people: People, links: Links) -> Person | None:
    if not NUMBER.fullmatch(word):
        return None
    id = int(word)
    if linked := await links.numbered(id):
        return linked
    known = await people.of_person(Person(id, ""), now=True)
    if known.frozen:
        return Person(id, word)
    if known.person is not None and known.person.login:
        return known.person
    if known.membership is Membership.CANNOT_TELL:
        raise Unavailable("GitHub", known.silent_since)
    return None
