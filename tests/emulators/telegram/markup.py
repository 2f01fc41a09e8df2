"""Telegram's HTML: what it takes, what it refuses and in which words (as TDLib's parse_html).

Offsets and lengths of entities count UTF-16 units. `Parsed.doubts` holds what Telegram lets
pass in silence though its manual forbids it: a bare ``&``, an entity inside code.
"""

import re
from dataclasses import dataclass, field, replace
from html import unescape
from urllib.parse import urlsplit

from tests.emulators.telegram.refusal import bad

KINDS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("span", "tg-spoiler"), "spoiler"),
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
SPACE = " \t\r\n\0\x0b"
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#x[0-9a-fA-F]{1,6}|#[0-9]{1,7});?")
_NAME = re.compile(r"[A-Za-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch of a text that means something, in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str = ""
    user: int = 0
    language: str = ""

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.offset + self.length


@dataclass(slots=True)
class Parsed:
    """A text without its tags, its entities, and what the manual forbids in it."""

    text: str
    entities: list[Entity] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    at: int


def units(text: str) -> int:
    """Count a text as Telegram does, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """Give what an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def parse(html: str) -> Parsed:
    """Take the tags out; raises `Refused` in Telegram's words."""
    return _Parser(html).parse()


class _Parser:
    def __init__(self, html: str) -> None:
        self._html = html
        self._at = 0
        self._out: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._parsed = Parsed("")

    def parse(self) -> Parsed:
        while self._at < len(self._html):
            character = self._html[self._at]
            if character == "<":
                self._tag()
            elif character == "&":
                self._reference()
            else:
                if character == ">":
                    self._parsed.doubts.append("a bare > in HTML")
                self._add(character)
                self._at += 1
        if self._open:
            tag = self._open[-1].tag
            raise self._wrong(f"Can't find end tag corresponding to start tag {tag}")
        self._parsed.text = "".join(self._out)
        self._parsed.entities.sort(key=lambda entity: (entity.offset, -entity.length))
        return self._parsed

    def _add(self, text: str) -> None:
        self._out.append(text)
        self._length += units(text)

    def _wrong(self, words: str) -> Exception:
        return bad(f"can't parse entities: {words}")

    def _bytes(self, position: int) -> int:
        return len(self._html[:position].encode(errors="surrogatepass"))

    def _reference(self) -> None:
        found = _REFERENCE.match(self._html, self._at)
        if found is None:
            self._parsed.doubts.append("a bare & or an unknown entity in HTML")
            self._add("&")
            self._at += 1
            return
        if not found.group().endswith(";"):
            self._parsed.doubts.append("an HTML entity without ;")
        self._add(unescape(found.group().rstrip(";") + ";"))
        self._at = found.end()

    def _until(self, stops: str) -> str:
        start = self._at
        while self._at < len(self._html) and self._html[self._at] not in stops:
            self._at += 1
        return self._html[start : self._at]

    def _skip_space(self) -> None:
        while self._at < len(self._html) and self._html[self._at] in SPACE:
            self._at += 1

    def _here(self) -> str:
        return self._html[self._at : self._at + 1]

    def _tag(self) -> None:
        begin = self._at
        self._at += 1
        if self._here() == "/":
            self._at += 1
            self._end_tag(begin)
        else:
            self._start_tag(begin)
        self._at += 1  # the ">"

    def _start_tag(self, begin: int) -> None:
        where = f"at byte offset {self._bytes(begin)}"
        tag = self._until(SPACE + ">").lower()
        if not self._here():
            raise self._wrong(f"Unclosed start tag {where}")
        if tag not in KINDS:
            raise self._wrong(f'Unsupported start tag "{tag}" {where}')
        given = self._attributes(tag, where)
        argument = ""
        match tag:
            case "a":
                argument = given.pop("href", "")
            case "code" if given.get("class", "").startswith("language-"):
                argument = given.pop("class").removeprefix("language-")
            case "span":
                if given.pop("class", "") != "tg-spoiler":
                    raise self._wrong(f'Tag "span" must have class "tg-spoiler" {where}')
            case "blockquote":
                given.pop("expandable", None)
        self._parsed.doubts.extend(f"attribute {name} of <{tag}> is not used" for name in given)
        self._nest(tag)
        self._open.append(_Open(tag, argument, self._length, len(self._out)))

    def _nest(self, tag: str) -> None:
        around = [one.tag for one in self._open]
        in_pre = tag == "code" and around[-1:] == ["pre"]
        if "code" in around or ("pre" in around and not in_pre):
            self._parsed.doubts.append(f"<{tag}> inside of code is not shown")
        if tag in {"pre", "code"} and around and not in_pre and around != ["blockquote"]:
            self._parsed.doubts.append(
                f"<{tag}> inside of <{around[-1]}>: one of them is not shown"
            )
        if tag in around:
            self._parsed.doubts.append(f"<{tag}> inside of itself")

    def _attributes(self, tag: str, where: str) -> dict[str, str]:
        given: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._here() == ">":
                return given
            name = self._until(SPACE + "=>")
            self._skip_space()
            if not name:
                raise self._wrong(f'Empty attribute name in the tag "{tag}" {where}')
            if tag == "blockquote" and name == "expandable" and self._here() != "=":
                given[name] = ""
                continue
            if self._here() != "=":
                raise self._wrong(
                    f'Expected equal sign in declaration of an attribute of the tag "{tag}" {where}'
                )
            self._at += 1
            self._skip_space()
            if not self._here():
                raise self._wrong(f'Unclosed start tag "{tag}" {where}')
            given[name.lower()] = self._value()
            if not self._here():
                raise self._wrong(f"Unclosed start tag {where}")

    def _value(self) -> str:
        quote = self._here()
        if quote in {"'", '"'}:
            self._at += 1
            value = self._until(quote)
            self._at += 1
            return _REFERENCE.sub(lambda found: unescape(found[0].rstrip(";") + ";"), value)
        start = self._at
        found = _NAME.match(self._html, self._at)
        self._at = found.end() if found else start
        if self._here() not in {*SPACE, ">"}:
            raise self._wrong(f"Unexpected end of name token at byte offset {self._bytes(start)}")
        return self._html[start : self._at].lower()

    def _end_tag(self, begin: int) -> None:
        where = f"at byte offset {self._bytes(begin)}"
        if not self._open:
            raise self._wrong(f"Unexpected end tag {where}")
        name = self._until(SPACE + ">").lower()
        self._skip_space()
        if self._here() != ">":
            raise self._wrong(f"Unclosed end tag {where}")
        opened = self._open.pop()
        if name and name != opened.tag:
            raise self._wrong(
                f'Unmatched end tag {where}, expected "</{opened.tag}>", found "</{name}>"'
            )
        if length := self._length - opened.offset:
            self._close(opened, length)

    def _close(self, opened: _Open, length: int) -> None:
        entity = Entity(KINDS[opened.tag], opened.offset, length)
        entities = self._parsed.entities
        last = entities[-1] if entities else None
        same = last is not None and (last.offset, last.length) == (opened.offset, length)
        if opened.tag == "a":
            url = opened.argument or "".join(self._out[opened.at :])
            linked = _link(entity, url)
            if linked is None:
                self._parsed.doubts.append(f"Telegram shows no link to {url!r}")
            else:
                entities.append(linked)
        elif opened.tag == "pre" and last and same and last.type == "code":
            entities[-1] = replace(last, type="pre")
        else:
            entities.append(replace(entity, language=opened.argument))


def _link(entity: Entity, url: str) -> Entity | None:
    user = re.fullmatch(r"tg:(?://)?user\?id=(\d{1,19})", url, re.IGNORECASE)
    if user:
        return replace(entity, type="text_mention", user=int(user[1]))
    try:
        parts = urlsplit(url if "//" in url or url.startswith("mailto:") else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme.lower() in {"tg", "ton", "mailto"}:
        return replace(entity, url=url)
    known = parts.scheme.lower() in {"http", "https"} and ("." in host or ":" in host)
    return replace(entity, url=parts.geturl()) if known and not re.search(r"\s", url) else None
