"""What Telegram itself finds in a text: commands, mentions, addresses; and its cleaning of it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from tests.emulators.telegram.markup import Entity, units

_FOUND = {
    "bot_command": re.compile(
        r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])"
    ),
    "mention": re.compile(r"(?<!\w)@[A-Za-z0-9_]{2,32}(?!\w)"),
    "url": re.compile(r"(?<![\w@./])(?:https?://)[^\s<>\"]*[^\s<>\".,;:!?)'\]]"),
    "email": re.compile(
        r"(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}(?!\w)"
    ),
    "hashtag": re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}"),
}
_CONTROL: dict[int, str | None] = {
    **dict.fromkeys(range(32), " "),
    **dict.fromkeys((13, *range(0x2028, 0x202F))),
    10: "\n",
}
QUIET = frozenset({"code", "pre", "text_link", "text_mention"})
"""Within these Telegram finds nothing by itself."""


def find(text: str, given: Sequence[Entity] = ()) -> list[Entity]:
    """Add to the entities that were given what Telegram finds by itself, in order."""
    taken = [entity for entity in given if entity.type in QUIET]
    found: list[Entity] = []
    for kind, pattern in _FOUND.items():
        for match in pattern.finditer(text):
            entity = Entity(kind, units(text[: match.start()]), units(match.group()))
            if not any(_touch(entity, other) for other in (*taken, *found)):
                found.append(entity)
    return sorted((*given, *found), key=lambda entity: (entity.offset, -entity.length))


def _touch(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def clean(text: str) -> str:
    """Take out what Telegram takes out: control and direction characters."""
    return text.translate(_CONTROL)


def trim(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Take white space off both ends as Telegram does: in front only before the first entity."""
    first = min((entity.offset for entity in entities), default=len(text))
    front = min(len(text) - len(text.lstrip()), first)
    kept = text[front:].rstrip()
    length = units(kept)
    moved = [replace(entity, offset=entity.offset - front) for entity in entities]
    inside = [entity for entity in moved if entity.offset < length]
    return kept, [replace(e, length=min(e.length, length - e.offset)) for e in inside]
