"""A message as a reader sees it, line by line."""

from tests.emulators.telegram.world import Shown, State


def lines(shown: Shown | State) -> list[str]:
    """Give the lines of the text, then the document's name, then ``[label]`` for each button."""
    return [
        *shown.text.splitlines(),
        *([shown.document[0]] if shown.document else []),
        *(f"[{button.label}]" for button in shown.buttons),
    ]
