"""Messages as Slack shows them: blocks, the line that a phone's notification shows, files.

Slack refuses a message whose blocks hold too much, so each part has its room: of lines
and tables the top is kept, of code the end, and what is left out is counted and goes into
a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aaroc_bot.chat.narrow import narrowed
from aaroc_bot.chat.slack_table import aligned, whole
from aaroc_bot.chat.slack_text import CUT, Json, elements, escaped, joined, weight
from aaroc_bot.core.message import Account, Button, File, Message
from aaroc_bot.core.text import Text, harmless, parts, plain, size

FIRST = 500
LINE = 1_000
"""Characters of the first line, and of any other."""

MOST = 11_000
"""How much all blocks weigh at most; over about 13,000 Slack says ``msg_blocks_too_long``."""

LEAST = 1_000
"""What is left for lines, fields and notes whatever the rest weighs."""

CODE = 2_500
"""Characters of code that are shown."""

BUTTONS = 20
IN_A_ROW = 5
LABEL = 75
"""Characters of a button's label that Slack takes."""

STYLES = {"approve": "primary", "deny": "danger", "cancel": "danger"}
"""How a button looks, by the first word of what it types."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message for Slack: `text` is escaped and stands for it where no blocks are shown."""

    text: str
    blocks: list[Json]
    files: tuple[File, ...]


def rendered(
    message: Message, reader: Account | None = None, *, with_files: bool = True
) -> Rendered:
    """Render every part of a message; `reader` is who alone reads it, None for everybody.

    Buttons for another account are left out. Where no files go along (`with_files`), what
    is left out is counted all the same.
    """
    files = _Files(message.file, with_files)
    message = narrowed(message)
    first = elements(message.text, FIRST, bold=True) or [{"type": "text", "text": CUT}]
    table, code = _table(message, files), _code(message, files)
    buttons = _buttons(message, reader)
    room = _Room(MOST - sum(map(weight, (first, table, code, buttons))), message, files)
    # Of lines there may be many, and their top says most: they get what the others leave.
    notes = room.for_([elements(note, LINE) for note in message.notes])
    fields = room.for_([elements(_field(name, value), LINE) for name, value in message.fields])
    lines = room.for_([elements(line, LINE) for line in message.lines])
    if message.file is not None:
        notes.append(_line(f"{_name(message.file)}, {size(message.file.content)}"))
    body = [_section([first, *lines]), *table, *_sections(fields), *code, *_sections(notes)]
    blocks: list[Json] = [{"type": "rich_text", "elements": body}, *buttons]
    return Rendered(_fallback(message.text), blocks, tuple(files.all))


def _fallback(text: Text) -> str:
    words = harmless(plain(text))
    return escaped(words if len(words) <= FIRST else words[: FIRST - 1] + CUT) or CUT


class _Files:
    """The files that go with a message: its own, and what was too long for it."""

    def __init__(self, own: File | None, wanted: bool) -> None:
        self.all = [own] if own is not None and wanted else []
        self._wanted = wanted

    def whole(self, name: str, content: str) -> str:
        """Take the whole of what was cut; give the words that say where it is."""
        if not self._wanted:
            return ""
        if (name, content) not in {(file.name, file.content) for file in self.all}:
            while name in {file.name for file in self.all}:
                name = f"all-{name}"
            self.all.append(File(name, content))
        return f"; all in {name}"


class _Room:
    """Room for the lines of a message."""

    def __init__(self, room: int, message: Message, files: _Files) -> None:
        self._room = max(LEAST, room)
        self._message = message
        self._files = files

    def for_(self, lines: Sequence[list[Json]]) -> list[list[Json]]:
        """Give the lines for which there is room, from the top, and how many there are more."""
        kept: list[list[Json]] = []
        wanted = [line for line in lines if line]
        for line in wanted:
            if weight(line) > self._room:
                break
            self._room -= weight(line)
            kept.append(line)
        if left := len(wanted) - len(kept):
            where = self._files.whole("message.txt", _as_text(self._message))
            kept.append(_line(f"{left} more not shown here{where}"))
        return kept


def _line(text: str) -> list[Json]:
    return [{"type": "text", "text": text}]


def _section(lines: Sequence[Sequence[Json]]) -> Json:
    return {"type": "rich_text_section", "elements": joined(lines)}


def _sections(lines: Sequence[Sequence[Json]]) -> list[Json]:
    return [_section(lines)] if lines else []


def _field(name: str, value: Text) -> Text:
    return (f"{name}: ", *parts(value))


def _table(message: Message, files: _Files) -> list[Json]:
    """Give the table, or as much of its top as a reader is shown; all of it goes into a file."""
    if message.table is None:
        return []
    shown, count = aligned(message.table)
    found: list[Json] = []
    if any(element["text"].strip() for element in shown):
        found.append({"type": "rich_text_preformatted", "elements": shown})
    rows = len(message.table.rows)
    if count < rows:
        where = files.whole("table.txt", whole(message.table))
        found.append(_section([_line(f"{count} of {rows} rows shown{where}")]))
    return found


def _code(message: Message, files: _Files) -> list[Json]:
    """Give the code, or its end: that is where a log says what went wrong."""
    code = (message.code or "").strip("\n")
    # Of a log of megabytes only the end is looked at.
    kept = harmless(code[-4 * CODE :])[-CODE:]
    found: list[Json] = []
    if len(code) > CODE:
        if "\n" in kept[: CODE // 2]:  # begin with a whole line, unless it is a very long one
            kept = kept.split("\n", 1)[1]
        if message.file is None:
            where = files.whole("output.txt", message.code or "")
        else:  # the end of which this is
            where = f"; all in {_name(message.file)}"
        lines = max(1, code.count("\n") - kept.count("\n"))
        what = "1 line before this" if lines == 1 else f"{lines} lines before this"
        found.append(_section([_line(f"{what}{where}")]))
    if kept.strip():
        found.append({"type": "rich_text_preformatted", "elements": _line(kept)})
    return found


def _buttons(message: Message, reader: Account | None) -> list[Json]:
    """Give the buttons in rows; one without an id could not be pressed and is left out."""
    found: dict[str, Json] = {}
    for button in message.buttons:
        if button.id and _is_for(button, reader):
            found.setdefault(button.id, _button(button))
    shown = list(found.values())[:BUTTONS]
    return [
        {"type": "actions", "elements": shown[n : n + IN_A_ROW]}
        for n in range(0, len(shown), IN_A_ROW)
    ]


def _is_for(button: Button, reader: Account | None) -> bool:
    if button.only_for is None:
        return True
    return button.only_for == reader if reader else button.only_for.chat == "slack"


def _button(button: Button) -> Json:
    label = harmless(button.label).strip() or harmless(button.typed).strip() or CUT
    if len(label) > LABEL:
        label = label[: LABEL - 1] + CUT
    shown: Json = {
        "type": "button",
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "action_id": button.id,
        "value": button.id,
    }
    style = STYLES.get(button.typed.partition(" ")[0])
    return shown | ({"style": style} if style else {})


def _name(file: File) -> str:
    """Give a file's name as Slack shows it."""
    return " ".join(harmless(file.name).split())[:100] or "file.txt"


def _as_text(message: Message) -> str:
    """Write everything but table, code and buttons as plain text."""
    lines = [
        message.text,
        *message.lines,
        *(_field(name, value) for name, value in message.fields),
        *message.notes,
    ]
    return "".join(harmless(plain(line)) + "\n" for line in lines)
