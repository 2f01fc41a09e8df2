"""What a reader sees of a message, one line each, for transcripts.

Code in a line stands in backticks, a mention as ``@name``, a button as ``[label]``, a date
as its fallback (the reader's zone is the client's business), a file by its name.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.emulators.slack.blocks import Json
from tests.emulators.slack.state import Shown, State

Names = Mapping[str, str]


def lines(shown: Shown | State) -> list[str]:
    """Render a message: its blocks, or its text where it has none; then its files."""
    names = shown.names
    if shown.blocks:
        found = [line for block in shown.blocks for line in _block(block, names)]
    else:
        found = _markup(shown.text, names).splitlines()
    return [*(line.rstrip() for line in found), *(name for name, _ in shown.files)]


def _block(block: Json, names: Names) -> Iterator[str]:
    match block["type"]:
        case "rich_text":
            for element in block["elements"]:
                yield from _element(element, names)
        case "section":
            texts = [block["text"]] if "text" in block else []
            for text in [*texts, *block.get("fields", [])]:
                yield from _text(text, names).splitlines()
            if "accessory" in block:
                yield _button(block["accessory"])
        case "header":
            yield from _text(block["text"], names).splitlines()
        case "markdown":
            yield from str(block["text"]).splitlines()
        case "context":
            for text in block["elements"]:
                yield from _text(text, names).splitlines()
        case "actions":
            yield from map(_button, block["elements"])


def _element(element: Json, names: Names) -> Iterator[str]:
    inner = element["elements"]
    match element["type"]:
        case "rich_text_list":
            for at, item in enumerate(inner, element.get("offset", 0) + 1):
                sign = "•" if element["style"] == "bullet" else f"{at}."
                yield f"{sign} {_inline(item['elements'], names)}"
        case "rich_text_quote":
            yield from (f"> {line}" for line in _inline(inner, names).splitlines())
        case "rich_text_preformatted":
            yield from _inline(inner, names).splitlines()
        case _:
            yield from (line for line in _inline(inner, names).splitlines() if line.strip())


def _inline(parts: list[Any], names: Names) -> str:
    return "".join(_part(part, names) for part in parts)


def _part(part: Json, names: Names) -> str:
    match part["type"]:
        case "user":
            return "@" + names.get(part["user_id"], part["user_id"])
        case "channel":
            return f"#{part['channel_id']}"
        case "emoji":
            return f":{part['name']}:"
        case "link":
            return str(part.get("text") or part["url"])
        case "date":
            return str(part.get("fallback") or part["timestamp"])
        case _:
            text = str(part["text"])
            return f"`{text}`" if part.get("style", {}).get("code") else text


def _button(button: Json) -> str:
    return f"[{button['text']['text']}]"


def _text(text: Json, names: Names) -> str:
    return _markup(text["text"], names) if text["type"] == "mrkdwn" else str(text["text"])


def _markup(text: str, names: Names) -> str:
    """Read mrkdwn: what stands in angle brackets, and the three characters escaped."""

    def shown(found: re.Match[str]) -> str:
        what, _, label = found[1].partition("|")
        if what.startswith("@"):
            return "@" + names.get(what[1:], what[1:])
        return label or what

    plain = re.sub(r"<([^<>]+)>", shown, text)
    for sign, written in (("<", "&lt;"), (">", "&gt;"), ("&", "&amp;")):
        plain = plain.replace(written, sign)
    return plain
