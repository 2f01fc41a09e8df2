"""How the Bot API says no: a status, Telegram's own words, and its parameters."""

from typing import Any

MEANS = {
    400: "Bad Request: fault made by the test",
    401: "Unauthorized",
    403: "Forbidden: fault made by the test",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class Refused(Exception):
    """A call that Telegram would not take."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def bad(description: str) -> Refused:
    """A 400; the words after ``Bad Request: ``."""
    return Refused(400, f"Bad Request: {description}")


def flooded(seconds: int) -> Refused:
    """A 429 with the time to wait."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
