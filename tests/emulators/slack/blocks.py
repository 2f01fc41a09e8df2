"""Block Kit, as strict as Slack's reference: which blocks it would refuse, and why.

Only the blocks that a message may hold and that this bot could want are known; any other
is refused too, so that a new one gets its checks first.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

Json = dict[str, Any]

MOST_BLOCKS = 50
MOST_TEXT = 13_200
"""Characters of all blocks together; undocumented, seen as ``msg_blocks_too_long``."""

TOKENS: Final = frozenset(
    [
        "date_num",
        "date_slash",
        "date_long",
        "date_long_full",
        "date_long_pretty",
        "date",
        "date_pretty",
        "date_short",
        "date_short_pretty",
        "day_divider_pretty",
        "time",
        "time_secs",
        "ago",
    ]
)
STYLES: Final = frozenset({"bold", "italic", "strike", "code", "underline"})
SCHEMES: Final = re.compile(r"(https?://|mailto:|tel:)\S+")


def problems(blocks: object) -> list[str]:
    """Say what Slack would refuse, in its words; empty when it would take the blocks."""
    check = _Check()
    if not isinstance(blocks, list):
        check.wrong("must be an array", "/blocks")
        return check.found
    if len(blocks) > MOST_BLOCKS:
        check.wrong(f"no more than {MOST_BLOCKS} items allowed", "/blocks")
    for at, block in enumerate(blocks):
        check.block(block, f"/blocks/{at}")
    return check.found


def length(value: object) -> int:
    """Count the characters of every text in the blocks."""
    return sum(map(len, texts(value)))


def texts(value: object) -> Iterator[str]:
    """Give every text that a reader could see, from wherever it is nested."""
    if isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in {"text", "fallback"} and isinstance(inner, str):
                yield inner
            else:
                yield from texts(inner)


def rung(text: str, blocks: list[Json]) -> set[str]:
    """Give whom a message would ring: ids of people, and the names of whole groups."""
    return {
        who.strip("@!")
        for marked in [text, *_markup(blocks)]
        for who in re.findall(r"<(@\w+|![\w^]+)", marked)
        if not who.startswith("!date")
    } | set(_users(blocks))


def _markup(value: object) -> Iterator[str]:
    """Give the texts in which angle brackets are in force."""
    if isinstance(value, list):
        for inner in value:
            yield from _markup(inner)
    elif isinstance(value, dict):
        if value.get("type") in {"mrkdwn", "markdown"}:
            yield str(value.get("text"))
        yield from _markup(list(value.values()))


def _users(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _users(inner)
    elif isinstance(value, dict):
        if value.get("type") == "user":
            yield str(value["user_id"])
        yield from _users(list(value.values()))


class _Check:
    """One message's blocks; collects what is wrong with them."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._actions: set[str] = set()
        self._blocks: set[str] = set()
        self._kinds: dict[str, Callable[[Json, str], None]] = {
            "section": self._section,
            "header": self._header,
            "divider": self._divider,
            "context": self._context,
            "actions": self._actions_block,
            "markdown": self._markdown,
            "rich_text": self._rich_text,
        }

    def wrong(self, what: str, where: str) -> None:
        self.found.append(f"[ERROR] {what} [json-pointer:{where}]")

    def block(self, block: object, at: str) -> None:
        kind = self._kinds.get(self._kind(block, at))
        if kind is None or not isinstance(block, dict):
            self.wrong("unsupported type", f"{at}/type")
            return
        block_id = block.get("block_id")
        if block_id is not None:
            self._string(block, "block_id", at, 255)
            if str(block_id) in self._blocks:
                self.wrong("`block_id` already exists in message", f"{at}/block_id")
            self._blocks.add(str(block_id))
        kind({key: value for key, value in block.items() if key != "block_id"}, at)

    def _kind(self, value: object, at: str) -> str:
        if isinstance(value, dict) and isinstance(value.get("type"), str):
            return str(value["type"])
        self.wrong("missing required field: type", at)
        return ""

    def _fields(self, value: Json, at: str, needed: str, more: str = "") -> bool:
        """Whether every needed field is there; unknown ones are wrong as well."""
        known = {"type", *needed.split(), *more.split()}
        for key in value.keys() - known:
            self.wrong(f"no more than {len(known)} properties allowed: {key}", at)
        missing = [key for key in needed.split() if key not in value]
        for key in missing:
            self.wrong(f"missing required field: {key}", at)
        return not missing

    def _string(self, value: Json, key: str, at: str, most: int, least: int = 1) -> None:
        """Check a text's length; a key that is not there is fine."""
        if key not in value:
            return
        text = value[key]
        if not isinstance(text, str):
            self.wrong("must be a string", f"{at}/{key}")
        elif len(text) > most:
            self.wrong(f"must be less than {most + 1} characters", f"{at}/{key}")
        elif len(text) < least:
            self.wrong(f"must be more than {least - 1} characters", f"{at}/{key}")

    def _list(self, value: Json, key: str, at: str, most: int) -> list[Any]:
        items = value.get(key)
        if not isinstance(items, list):
            self.wrong("must be an array", f"{at}/{key}")
            return []
        if len(items) > most:
            self.wrong(f"no more than {most} items allowed", f"{at}/{key}")
        if not items:
            self.wrong("no fewer than 1 items required", f"{at}/{key}")
        return items

    def _text(self, value: object, at: str, most: int, *, plain: bool = False) -> None:
        """Check a text object."""
        kind = self._kind(value, at)
        if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            self.wrong("unsupported type", f"{at}/type")
        elif isinstance(value, dict) and self._fields(
            value, at, "text", "emoji" if kind == "plain_text" else "verbatim"
        ):
            self._string(value, "text", at, most)

    # --- blocks -----------------------------------------------------------------------

    def _section(self, block: Json, at: str) -> None:
        self._fields(block, at, "", "text fields accessory expand")
        if "text" not in block and "fields" not in block:
            self.wrong("missing required field: text", at)
        if "text" in block:
            self._text(block["text"], f"{at}/text", 3000)
        if "fields" in block:
            for n, field in enumerate(self._list(block, "fields", at, 10)):
                self._text(field, f"{at}/fields/{n}", 2000)
        if "accessory" in block:
            self._button(block["accessory"], f"{at}/accessory")

    def _header(self, block: Json, at: str) -> None:
        if self._fields(block, at, "text"):
            self._text(block["text"], f"{at}/text", 150, plain=True)

    def _divider(self, block: Json, at: str) -> None:
        self._fields(block, at, "")

    def _context(self, block: Json, at: str) -> None:
        if self._fields(block, at, "elements"):
            for n, element in enumerate(self._list(block, "elements", at, 10)):
                self._text(element, f"{at}/elements/{n}", 3000)

    def _markdown(self, block: Json, at: str) -> None:
        if self._fields(block, at, "text"):
            self._string(block, "text", at, 12_000)

    def _actions_block(self, block: Json, at: str) -> None:
        if self._fields(block, at, "elements"):
            for n, element in enumerate(self._list(block, "elements", at, 25)):
                self._button(element, f"{at}/elements/{n}")

    def _button(self, button: object, at: str) -> None:
        if self._kind(button, at) != "button" or not isinstance(button, dict):
            self.wrong("unsupported type", f"{at}/type")
            return
        more = "action_id value style url accessibility_label"
        if not self._fields(button, at, "text", more):
            return
        self._text(button["text"], f"{at}/text", 75, plain=True)
        for key, most in {"action_id": 255, "value": 2000, "url": 3000}.items():
            self._string(button, key, at, most)
        self._string(button, "accessibility_label", at, 75)
        if button.get("style", "primary") not in ("primary", "danger"):
            self.wrong("must be one of primary, danger", f"{at}/style")
        action = button.get("action_id")
        if action is not None and str(action) in self._actions:
            self.wrong("`action_id` already exists in message", f"{at}/action_id")
        self._actions.add(str(action))

    # --- rich text --------------------------------------------------------------------

    def _rich_text(self, block: Json, at: str) -> None:
        if not self._fields(block, at, "elements"):
            return
        for n, element in enumerate(self._list(block, "elements", at, 1000)):
            self._element(element, f"{at}/elements/{n}")

    def _element(self, element: object, at: str) -> None:
        kind = self._kind(element, at)
        more = {
            "rich_text_section": "",
            "rich_text_preformatted": "border language",
            "rich_text_quote": "border",
            "rich_text_list": "style indent offset border",
        }
        if kind not in more or not isinstance(element, dict):
            self.wrong("unsupported type", f"{at}/type")
            return
        if not self._fields(element, at, "elements", more[kind]):
            return
        for key in ("border", "indent", "offset"):
            if not isinstance(element.get(key, 0), int):
                self.wrong("must be an integer", f"{at}/{key}")
        if kind == "rich_text_list":
            self._items(element, at)
            return
        only = {"text", "link"} if kind == "rich_text_preformatted" else None
        for n, inner in enumerate(self._list(element, "elements", at, 10_000)):
            self._inner(inner, f"{at}/elements/{n}", only)

    def _items(self, element: Json, at: str) -> None:
        if element.get("style") not in ("bullet", "ordered"):
            self.wrong("must be one of bullet, ordered", f"{at}/style")
        for n, item in enumerate(self._list(element, "elements", at, 1000)):
            here = f"{at}/elements/{n}"
            if self._kind(item, here) != "rich_text_section":
                self.wrong("unsupported type", f"{here}/type")
            else:
                self._element(item, here)

    def _inner(self, inner: object, at: str, only: set[str] | None) -> None:
        kind = self._kind(inner, at)
        fields = {
            "text": ("text", "style"),
            "link": ("url", "text style unsafe"),
            "user": ("user_id", "style"),
            "channel": ("channel_id", "style"),
            "emoji": ("name", "unicode skin_tone"),
            "date": ("timestamp format", "url fallback style"),
        }
        if kind not in fields or (only and kind not in only) or not isinstance(inner, dict):
            self.wrong("unsupported type", f"{at}/type")
            return
        if not self._fields(inner, at, *fields[kind]):
            return
        for key in ("text", "url", "user_id", "channel_id", "name", "format", "fallback"):
            self._string(inner, key, at, 10**9)
        if only and "style" in inner and kind == "text":
            self.wrong("must not be styled", f"{at}/style")
        self._style(inner, at)
        if kind == "link" and not SCHEMES.fullmatch(str(inner["url"])):
            self.wrong("must be a valid URL", f"{at}/url")
        if kind == "date":
            self._date(inner, at)

    def _style(self, inner: Json, at: str) -> None:
        style = inner.get("style", {})
        if not isinstance(style, dict) or not all(isinstance(on, bool) for on in style.values()):
            self.wrong("must be an object of booleans", f"{at}/style")
        elif style.keys() - STYLES:
            self.wrong("unknown style", f"{at}/style")

    def _date(self, inner: Json, at: str) -> None:
        if type(inner["timestamp"]) is not int:
            self.wrong("must be an integer", f"{at}/timestamp")
        tokens = re.findall(r"\{([^{}]*)\}", str(inner["format"]))
        if not tokens or not TOKENS.issuperset(tokens):
            self.wrong("must hold date tokens that exist", f"{at}/format")
