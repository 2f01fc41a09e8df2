"""Messages as Slack shows them: blocks, the line that a phone's notification shows, files.

Slack refuses a message whose blocks hold too much, so each part has its room: of lines
and tables the top is kept, of code the end, and what is left out is counted and goes into
a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aaroc_bot.chat.slack_table import aligned, whole
from aaroc_bot.chat.slack_text import CUT, Json, elements, escaped, joined, length
from aaroc_bot.core.message import Account, Button, File, Message
from aaroc_bot.core.text import Text, harmless, parts, plain, size

FIRST = 500
LINE = 1_000
FLOW = 4_500
"""Characters of the first line, of any other, and of all lines, fields and notes together.

With the room for table and code they stay under what Slack takes of one message (about
13,200 characters, answered with ``msg_blocks_too_long``).
"""

CODE = 2_500
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


def rendered(message: Message, reader: Account | None = None) -> Rendered:
    """Render every part of a message; `reader` is who alone reads it, None for everybody.

    Buttons for another account are left out.
    """
    files = [] if message.file is None else [message.file]
    body: list[Json] = []
    first = elements(message.text, FIRST, bold=True)
    flow = _Flow(files)
    flow.add([elements(line, LINE) for line in message.lines])
    body.append(_section([first or [{"type": "text", "text": CUT}], *flow.taken()]))
    body += _table(message, files)
    flow.add([elements(_field(name, value), LINE) for name, value in message.fields])
    if kept := flow.taken():
        body.append(_section(kept))
    body += _code(message, files)
    flow.add([elements(note, LINE) for note in message.notes])
    flow.announce(message.file)
    if kept := flow.taken():
        body.append(_section(kept))
    blocks: list[Json] = [{"type": "rich_text", "elements": body}, *_buttons(message, reader)]
    if flow.left:
        files.append(File("message.txt", _as_text(message)))
    fallback = harmless(plain(message.text))
    if len(fallback) > FIRST:
        fallback = fallback[: FIRST - 1] + CUT
    return Rendered(escaped(fallback) or CUT, blocks, tuple(files))


class _Flow:
    """Takes lines while there is room, and counts those for which there is none."""

    def __init__(self, files: Sequence[File]) -> None:
        self._room = FLOW
        self._taken: list[list[Json]] = []
        self._files = files
        self.left = 0

    def add(self, lines: Sequence[list[Json]]) -> None:
        """Take whole lines, from the top; then say how many are left out here."""
        left = 0
        for line in filter(None, lines):
            cost = length(line) + sum(len(element.get("url", "")) for element in line) + 1
            if left or cost > self._room:
                left += 1
            else:
                self._room -= cost
                self._taken.append(line)
        if left:
            self._say(f"{left} more not shown here; all in message.txt")
        self.left += left

    def announce(self, file: File | None) -> None:
        """Name the message's file with its size."""
        if file is not None:
            self._say(f"{_name(file)}, {size(file.content)}")

    def taken(self) -> list[list[Json]]:
        """Give the lines taken since this was asked last."""
        taken, self._taken = self._taken, []
        return taken

    def _say(self, text: str) -> None:
        self._taken.append([{"type": "text", "text": text}])


def _section(lines: Sequence[Sequence[Json]]) -> Json:
    return {"type": "rich_text_section", "elements": joined(lines)}


def _field(name: str, value: Text) -> Text:
    return (f"{name}: ", *parts(value))


def _table(message: Message, files: list[File]) -> list[Json]:
    """Give the table, or as much of its top as a reader is shown; all of it goes into a file."""
    if message.table is None:
        return []
    shown, count = aligned(message.table)
    found: list[Json] = []
    if any(element["text"].strip() for element in shown):
        found.append({"type": "rich_text_preformatted", "elements": shown})
    rows = len(message.table.rows)
    if count < rows:
        name = _free("table.txt", files)
        files.append(File(name, whole(message.table)))
        note = f"{count} of {rows} rows shown; all in {name}"
        found.append(_section([[{"type": "text", "text": note}]]))
    return found


def _code(message: Message, files: list[File]) -> list[Json]:
    """Give the code, or its end: that is where a log says what went wrong."""
    code = harmless(message.code or "").strip("\n")
    if not code.strip():
        return []
    kept = code
    found: list[Json] = []
    if len(code) > CODE:
        kept = code[-CODE:]
        if "\n" in kept[: CODE // 2]:  # begin with a whole line, unless it is a very long one
            kept = kept.split("\n", 1)[1]
        cut = code[: len(code) - len(kept)]
        if message.file is None:
            name = _free("output.txt", files)
            files.append(File(name, message.code or ""))
        else:
            name = _name(message.file)
        lines = max(1, cut.count("\n"))
        what = "1 line before this" if lines == 1 else f"{lines} lines before this"
        found.append(_section([[{"type": "text", "text": f"{what}; all in {name}"}]]))
    if kept.strip():
        text = [{"type": "text", "text": kept}]
        found.append({"type": "rich_text_preformatted", "elements": text})
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


def _free(name: str, files: Sequence[File]) -> str:
    taken = {file.name for file in files}
    while name in taken:
        name = f"all-{name}"
    return name


def _as_text(message: Message) -> str:
    """Write everything but table, code and buttons as plain text."""
    lines = [
        message.text,
        *message.lines,
        *(_field(name, value) for name, value in message.fields),
        *message.notes,
    ]
    return "".join(harmless(plain(line)) + "\n" for line in lines)
