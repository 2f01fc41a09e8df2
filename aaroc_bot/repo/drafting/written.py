"""What comes of a wish: the files that it writes, or why there are none."""

from dataclasses import dataclass

from aaroc_bot.core.changes import NotOpened
from aaroc_bot.core.sites import Finding
from aaroc_bot.repo.drafting.overlay import Contents
from aaroc_bot.repo.editing import CannotEdit


class NotDrafted(Exception):
    """Nothing comes of a wish; `why` says it for people."""

    def __init__(self, why: NotOpened) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Written:
    """Files that change, and for a title the variables with their values before and after.

    `findings` are about the wish itself, for whoever reviews it.
    """

    contents: Contents
    values: tuple[tuple[str, str | None, str | None], ...] = ()
    findings: tuple[Finding, ...] = ()


def not_opened(reason: CannotEdit, path: str) -> NotOpened:
    """Say for people why a file was not edited."""
    return NotOpened(reason.why, reason.name, path, reason.line)
