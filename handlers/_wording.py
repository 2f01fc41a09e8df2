"""Small pieces of wording that several command families share."""

from collections.abc import Iterable, Sequence

from aaroc_bot.commands import Code, Desk, Inline, Link, Person, Revision, Text


def count(number: int, thing: str) -> str:
    """Write a count: ``1 host``, ``12 hosts``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def to_type(command: str) -> Code:
    """Suggest a command. It must parse, and be allowed to whoever reads it."""
    return Code(command, typed=True)


def listed(names: Sequence[str], limit: int = 10) -> str:
    """List names; those that are left out are counted."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more:,} more" if more > 0 else "")


def hosts(names: Sequence[str]) -> str:
    """Name hosts when they are three or fewer, else count them."""
    return ", ".join(names) if 0 < len(names) <= 3 else count(len(names), "host")


def logins(people: Iterable[Person]) -> str:
    """Write people by login, sorted."""
    return ", ".join(sorted(person.login for person in people))


def joined(*sentences: Text) -> Text:
    """Put sentences after each other with a space between; empty ones are left out."""
    parts: list[Inline] = []
    for sentence in sentences:
        if not sentence:
            continue
        if parts:
            parts.append(" ")
        parts += [sentence] if isinstance(sentence, str) else sentence
    return tuple(parts)


async def experts(desk: Desk) -> str:
    """Say who the experts are, as a sentence; what cannot be told is told as unknown."""
    known = await desk.people.experts()
    if known is None:
        return "Who the experts are I can't tell while GitHub does not answer."
    return f"Experts: {logins(known)}." if known else "There is no expert in the team yet."


async def invite(desk: Desk) -> str:
    """Say who can take somebody into the organisation."""
    known = await desk.people.experts()
    return f"Experts can invite you: {logins(known)}." if known else "Experts can invite you."


def commit(desk: Desk, revision: Revision) -> Link | str:
    """Show a revision by seven characters, linked to its page where there is one."""
    url = desk.commit_url(revision.sha)
    return Link(revision.short, url) if url else revision.short
