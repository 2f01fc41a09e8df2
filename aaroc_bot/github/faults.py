"""What GitHub's silence and GitHub's no are: two things that are never confused."""

import json

from aaroc_bot.core.text import harmless

LONGEST = 300
"""Characters of GitHub's message, and of each of its errors, that are kept."""
MOST = 5
"""Errors that are kept of one answer."""


class Silent(Exception):
    """GitHub could not tell; the text says why, for people.

    `maybe`: something was sent that may have taken effect all the same. `status` is what
    GitHub answered, None where it answered nothing.
    """

    def __init__(self, text: str, *, maybe: bool = False, status: int | None = None) -> None:
        """Keep the reason, and what is known of the answer."""
        super().__init__(text)
        self.maybe = maybe
        self.status = status


class Limited(Silent):
    """GitHub's rate limit is used up, for `seconds` more."""

    def __init__(self, seconds: float, *, status: int | None = None) -> None:
        """Keep how long it lasts."""
        super().__init__("GitHub's rate limit is used up", status=status)
        self.seconds = seconds


class Refused(Exception):
    """GitHub said no, and nothing was altered; its words are cut, and redacted by nobody yet."""

    def __init__(self, status: int, message: str, errors: tuple[str, ...] = ()) -> None:
        """Keep the status with GitHub's message and its single errors."""
        super().__init__(f"{message} ({status})")
        self.status = status
        self.message = message
        self.errors = errors


def refused(status: int, text: str) -> Refused:
    """Read a no; an answer that is no JSON is a no as well."""
    fields = _object(text)
    told = fields.get("errors")
    errors = [_error(one) for one in (told if isinstance(told, list) else [])[:MOST]]
    message = _line(fields.get("message")) or "no reason was given"
    return Refused(status, message, tuple(error for error in errors if error))


def message(text: str) -> str:
    """Give the message of an answer, empty if there is none."""
    return _line(_object(text).get("message"))


def _object(text: str) -> dict[str, object]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _error(error: object) -> str:
    """Write one error: its own words, or the field and what is wrong with it."""
    if not isinstance(error, dict):
        return _line(error)
    return _line(error.get("message")) or " ".join(
        filter(None, (_line(error.get("field")), _line(error.get("code"))))
    )


def _line(words: object) -> str:
    if not isinstance(words, str):
        return ""
    return " ".join(harmless(words[: 4 * LONGEST]).split())[:LONGEST]
