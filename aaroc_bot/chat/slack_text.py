"""Lines of a message as Slack's rich text.

Nothing in a rich text element is markup: what somebody wrote can become a link or a
mention only through the parts that the bot itself made.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from aaroc_bot.chat.following import may_be_followed
from aaroc_bot.core.text import Code, Inline, Link, Mention, Text, When, harmless, parts

Json = dict[str, Any]

CUT = "…"
LONGEST_ADDRESS = 1_000
"""Characters of an address that is linked; a longer one is only its label."""

USER = re.compile(r"[UW][A-Z0-9]{1,20}")
"""How Slack names a person."""

_HOUR = re.compile(r"\d\d:\d\d UTC")


def elements(text: Text, most: int, *, bold: bool = False) -> list[Json]:
    """Give a line's elements, cut after `most` characters; empty for an empty line."""
    found: list[Json] = []
    for part in parts(text):
        element = _element(part)
        if element is None:
            continue
        room = most - length(found)
        if len(seen(element)) > room:
            style = {"style": element["style"]} if "style" in element else {}
            cut = seen(element)[: max(0, room - 1)] + CUT
            found.append({"type": "text", "text": cut} | style)
            break
        found.append(element)
    return [_bold(element) for element in found] if bold else found


def cell(text: Text) -> list[Json]:
    """Give what may stand in preformatted text: words and links, in one line."""
    return [
        element
        if isinstance(part, Link) and element["type"] == "link"
        else {"type": "text", "text": " ".join(_plain(part, element).split("\n"))}
        for part in parts(text)
        if (element := _element(part)) is not None
    ]


def seen(element: Json) -> str:
    """Give what a reader sees of an element, a date as it reads in UTC."""
    match element["type"]:
        case "date":
            return str(element["fallback"])
        case "user":
            return "@" + str(element["user_id"])
        case _:
            return str(element["text"])


def length(elements: Iterable[Json]) -> int:
    """Count the characters that a reader sees."""
    return sum(len(seen(element)) for element in elements)


def weight(part: object) -> int:
    """Give how much a part of a message weighs: Slack limits what blocks hold as JSON."""
    return len(json.dumps(part, ensure_ascii=False))


def joined(lines: Sequence[Sequence[Json]]) -> list[Json]:
    """Put lines one below the other, in one run of elements, as few as possible."""
    found: list[Json] = []
    for number, line in enumerate(lines):
        for element in ([{"type": "text", "text": "\n"}] if number else []) + list(line):
            if found and _is_bare(element) and _is_bare(found[-1]):
                found[-1] = {"type": "text", "text": found[-1]["text"] + element["text"]}
            else:
                found.append(element)
    return found


def _is_bare(element: Json) -> bool:
    return element.keys() == {"type", "text"}


def escaped(text: str) -> str:
    """Write plain text for Slack's `text` fields, in which three characters mean something.

    >>> escaped("<!channel> & co")
    '&lt;!channel&gt; &amp; co'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_shown(url: str) -> bool:
    """Whether it may be linked to, and Slack takes it as an address."""
    if len(url) > LONGEST_ADDRESS or harmless(url) != url or re.search(r"\s", url):
        return False
    return may_be_followed(url)


def _element(part: Inline) -> Json | None:
    """Give one part's element, None for an empty one: Slack takes no empty text."""
    match part:
        case str():
            text = harmless(part)
            return {"type": "text", "text": text} if text else None
        case Code(text):
            text = harmless(text)
            return {"type": "text", "text": text, "style": {"code": True}} if text else None
        case Link(label, url):
            label = " ".join(harmless(label).split("\n"))
            if label and _is_shown(url):
                return {"type": "link", "url": url, "text": label}
            return {"type": "text", "text": label} if label else None
        case When(at, text):
            # Slack puts the reader's own zone in; a bare hour stays one.
            form = "{time}" if _HOUR.fullmatch(text) else "{date_short_pretty} {time}"
            fallback = harmless(text) or f"{at:%Y-%m-%d %H:%M} UTC"
            return {
                "type": "date",
                "timestamp": int(at.timestamp()),
                "format": form,
                "fallback": fallback,
            }
        case Mention(login, _, user):
            if USER.fullmatch(user):
                return {"type": "user", "user_id": user}
            return {"type": "text", "text": "@" + harmless(login)}


def _plain(part: Inline, element: Json) -> str:
    match part:
        case Mention(login):
            return "@" + harmless(login)
        case _:
            return seen(element)


def _bold(element: Json) -> Json:
    if element["type"] == "date":  # it takes no style in every client
        return element
    return element | {"style": element.get("style", {}) | {"bold": True}}
