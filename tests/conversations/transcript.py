"""Transcripts: how a conversation is written down in a test, and what matches what.

::

    uj-admin>     deploy site-bdii at ZA-UJ
    (card 1)      Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, *
                  | ~ bdii1.uj.example site-bdii : configure port *
    uj-admin>     [Approve 1]
    bot to uj-admin> You asked for run 1, so somebody else decides.

A line is said (``who> text``; ``who to bot> text`` where nobody else reads it), pressed
(``who> [label]``) or waited for: ``bot>`` what
whoever spoke last can read, ``bot to who>`` what that one alone can, ``(card N)`` the
card of a run, ``(card #N)`` that of a Change. What follows a ``|`` is a further line of the same message. ``*`` and
``...`` stand for anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LINE = re.compile(
    r"(?P<said>[a-z-]+)>\s*(?P<text>.*)"
    r"|bot to (?P<to>[a-z-]+)>\s*(?P<private>.*)"
    r"|(?P<alone>[a-z-]+) to bot>\s*(?P<told>.*)"
    r"|\(card (?P<card>#?\d+)\)\s*(?P<state>.*)"
)
BUTTON = re.compile(r"\[(.+)\]")


@dataclass(frozen=True)
class Said:
    """Something typed, `direct` to the bot alone."""

    who: str
    text: str
    direct: bool = False


@dataclass(frozen=True)
class Pressed:
    """A button pressed, by its label."""

    who: str
    label: str


@dataclass(frozen=True)
class Shown:
    """A message that is waited for: `first` and `more` are patterns of its lines."""

    first: str
    to: str | None = None
    card: str | None = None
    more: list[str] = field(default_factory=list)


def lines(script: str) -> Iterator[Said | Pressed | Shown]:
    """Read a transcript."""
    shown: Shown | None = None
    for line in map(str.strip, script.splitlines()):
        if not line:
            continue
        if line.startswith("|"):
            assert shown is not None, f"{line}: of which message?"
            shown.more.append(line[1:].strip())
            continue
        if shown is not None:
            yield shown
        step = _step(line)
        shown = step if isinstance(step, Shown) else None
        if not isinstance(step, Shown):
            yield step
    if shown is not None:
        yield shown


def _step(line: str) -> Said | Pressed | Shown:
    found = LINE.fullmatch(line)
    assert found is not None, f"no line of a transcript: {line}"
    if found["card"]:
        return Shown(found["state"], card=found["card"])
    if found["to"]:
        return Shown(found["private"], to=found["to"])
    if found["alone"]:
        return Said(found["alone"], found["told"], direct=True)
    if found["said"] == "bot":
        return Shown(found["text"])
    button = BUTTON.fullmatch(found["text"])
    return Pressed(found["said"], button[1]) if button else Said(found["said"], found["text"])


def fits(pattern: str, line: str) -> bool:
    """Whether a line is as a pattern says."""
    parts = re.split(r"\*|\.\.\.", pattern)
    written = ".*".join(re.escape(part) for part in parts)
    return re.fullmatch(written, line, re.DOTALL) is not None
