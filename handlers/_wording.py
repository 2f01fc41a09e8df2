"""Small pieces of wording that several command families share."""

from collections.abc import Iterable, Sequence
from string import Formatter

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
    return sha(desk, revision.sha)


def sha(desk: Desk, whole: str) -> Link | str:
    """Show a commit by seven characters of its sha, linked likewise."""
    url = desk.commit_url(whole)
    return Link(whole[:7], url) if url else whole[:7]


def pull(desk: Desk, number: int) -> Link | str:
    """Show a pull request by its number, linked to its page where there is one."""
    url = desk.pull_url(number)
    return Link(f"#{number}", url) if url else f"#{number}"


def invitation(desk: Desk, words: str) -> Link | str:
    """Link words to the page on which who is invited accepts, where there is one."""
    url = desk.invitation_url()
    return Link(words, url) if url else words


def accept(desk: Desk) -> Text:
    """Say where who is invited accepts."""
    page = invitation(desk, "on the organisation's page")
    return ("The invitation waits on GitHub, ", page, ": accept it there.")


def filled(template: str, **parts: Inline) -> Text:
    """Put parts into the places of a sentence that bear their names: ``{name} is unknown.``"""
    found: list[Inline] = []
    for before, name, _, _ in Formatter().parse(template):
        found += [before] if before else []
        found += [parts[name]] if name is not None else []
    return tuple(found)
