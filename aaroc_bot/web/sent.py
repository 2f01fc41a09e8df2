"""What a page may send over its socket; anything else is refused as a whole."""

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, StrictStr, TypeAdapter


class Say(BaseModel):
    """A line that was typed."""

    model_config = ConfigDict(extra="forbid")
    what: Literal["say"]
    id: StrictStr
    text: StrictStr
    thread: StrictStr | None = None
    zone: StrictStr | None = None


class Press(BaseModel):
    """A button that was pressed, and the message that it stands on."""

    model_config = ConfigDict(extra="forbid")
    what: Literal["press"]
    id: StrictStr
    message: StrictStr
    button: StrictStr
    zone: StrictStr | None = None


class Older(BaseModel):
    """A wish for what stands before a seq."""

    model_config = ConfigDict(extra="forbid")
    what: Literal["older"]
    before: int


SENT: TypeAdapter[Say | Press | Older] = TypeAdapter(Say | Press | Older)


def id_of(data: str) -> str | None:
    """Find the id of something that is not taken, so that the page knows which it was."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):  # the latter for what is nested deeply
        return None
    id = body.get("id") if isinstance(body, dict) else None
    return id if isinstance(id, str) else None
