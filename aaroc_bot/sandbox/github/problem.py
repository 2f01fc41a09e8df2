"""What GitHub answers instead of yes."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

DOCS = "https://docs.github.com/rest"


class Problem(Exception):
    """An answer other than yes: status and message as GitHub words them.

    `errors` are the details that a 422 carries, objects or plain texts.
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        errors: Sequence[Mapping[str, str] | str] = (),
        **headers: str,
    ) -> None:
        """Word it; a message that is left out is the status's usual one."""
        super().__init__(message)
        self.status = status
        self.message = message or HTTPStatus(status).phrase
        self.errors = errors
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def body(self) -> dict[str, object]:
        """What the answer holds."""
        body: dict[str, object] = {"message": self.message}
        if self.errors:
            body["errors"] = list(self.errors)
        return {**body, "documentation_url": DOCS, "status": str(self.status)}

    @property
    def words(self) -> str:
        """All of it in one line, for people."""
        told = [one if isinstance(one, str) else one.get("message", "") for one in self.errors]
        return ": ".join(filter(None, [self.message, *told]))


def absent() -> Problem:
    """There is no such thing, or the token may not see it: GitHub says the same."""
    return Problem(404, "Not Found")


def invalid(resource: str, message: str = "", *, field: str = "", code: str = "custom") -> Problem:
    """What was sent does not pass: `field` names where, `code` how, `message` why."""
    told = {"resource": resource, "field": field, "code": code, "message": message}
    return Problem(
        422, "Validation Failed", errors=[{name: text for name, text in told.items() if text}]
    )
