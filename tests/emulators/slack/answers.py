"""How the Web API answers and refuses, and how its arguments are read."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from tests.emulators.slack.blocks import MOST_TEXT, Json, length, problems

BLAMELESS: Final = frozenset(
    [
        "account_inactive",
        "already_reacted",
        "cannot_reply_to_message",
        "cant_update_message",
        "channel_not_found",
        "invalid_auth",
        "is_archived",
        "message_not_found",
        "not_in_channel",
        "thread_not_found",
        "token_revoked",
        "user_not_found",
        "user_not_in_channel",
    ]
)
"""Refusals that a well-behaved client may meet; any other is a fault of the client's."""


@dataclass
class Refused(Exception):
    """The API refuses a call, with one of the method's documented errors."""

    error: str
    messages: list[str] = field(default_factory=list)
    more: Json = field(default_factory=dict)

    def body(self) -> Json:
        """Write it as Slack does."""
        body: Json = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            body["errors"] = [message.removeprefix("[ERROR] ") for message in self.messages]
            body["response_metadata"] = {"messages": self.messages}
        return body


def flag(arguments: Json, key: str) -> bool:
    """Read a boolean, which a query string writes as a number or a word."""
    return str(arguments.get(key, "")).lower() in {"1", "true"}


def whole(arguments: Json, key: str, default: int) -> int:
    """Read a whole number."""
    value = str(arguments.get(key, default))
    if not value.isdigit():
        raise Refused("invalid_arguments", [f"[ERROR] must be an integer [json-pointer:/{key}]"])
    return int(value)


def moment(arguments: Json, key: str, default: float) -> float:
    """Read a timestamp."""
    try:
        return float(arguments.get(key, default))
    except (TypeError, ValueError) as problem:
        raise Refused(f"invalid_ts_{key}") from problem


def structure(value: object, error: str) -> Any:
    """Read what may come as JSON text too."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as problem:
        raise Refused(error) from problem


def blocks_of(arguments: Json) -> list[Json]:
    """Read and check the blocks of a message; empty when there are none."""
    blocks = structure(arguments.get("blocks", []), "invalid_blocks_format")
    found = problems(blocks)
    if found:
        raise Refused("invalid_blocks", found)
    if length(blocks) > MOST_TEXT:
        raise Refused("msg_blocks_too_long")
    return list(blocks)


def text_of(arguments: Json, most: int | None = None) -> str:
    """Read a message's text; more than `most` bytes are refused."""
    text = arguments.get("text", "")
    if not isinstance(text, str):
        raise Refused("invalid_arguments", ["[ERROR] must be a string [json-pointer:/text]"])
    if most is not None and len(text.encode()) > most:
        raise Refused("msg_too_long")
    return text


def metadata_of(arguments: Json) -> Json | None:
    """Read and check a message's metadata; None when there is none."""
    if "metadata" not in arguments:
        return None
    metadata = structure(arguments["metadata"], "invalid_metadata_format")
    if not isinstance(metadata, dict):
        raise Refused("invalid_metadata_format")
    if not metadata:
        return {}
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    known = metadata.keys() <= {"event_type", "event_payload"}
    if not (known and isinstance(kind, str) and kind and isinstance(payload, dict)):
        raise Refused("invalid_metadata_format")
    if not all(isinstance(value, str | int | float | bool | list) for value in payload.values()):
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata)) > 8000:
        raise Refused("metadata_too_large")
    return dict(metadata)
