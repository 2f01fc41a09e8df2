"""The arguments of a call: from the query, a form, a multipart form or JSON, typed on demand."""

import json
from typing import Any

from aiohttp import web

from tests.emulators.telegram.refusal import bad
from tests.emulators.telegram.world import Json


class Arguments:
    """What a call brought. `unread` names what no method asked for."""

    def __init__(self, values: dict[str, Any], files: dict[str, tuple[str, bytes]]) -> None:
        self.values = values
        self.files = files
        self._read: set[str] = set()

    @property
    def unread(self) -> set[str]:
        """Fields that were sent and are none of the method's."""
        return {*self.values, *self.files} - self._read

    def text(self, name: str, default: str = "") -> str:
        """Give a string, empty if it was not sent."""
        self._read.add(name)
        value = self.values.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        """Give a whole number; what is none counts as the default, as with Telegram."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """Give a Boolean."""
        return self.text(name).lower() in {"true", "yes", "1"}

    def parsed(self, name: str, what: str) -> Any:
        """Give a value that is JSON, None if it was not sent."""
        text = self.text(name)
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise bad(f"can't parse {what} JSON object") from None

    def file(self, name: str) -> tuple[str, bytes]:
        """Give an uploaded file, directly or by ``attach://``; raises `Refused` without one."""
        value = self.text(name)
        part = value.removeprefix("attach://") if value.startswith("attach://") else name
        self._read.add(part)
        if part in self.files:
            return self.files[part]
        if value:
            raise bad("wrong file identifier/HTTP URL specified")
        raise bad("there is no document in the request")

    def ignore(self, *names: str) -> None:
        """Accept fields that make no difference here."""
        self._read.update(names)


async def read(request: web.Request) -> Arguments:
    """Read what a call brought, in any of the four ways."""
    values: Json = dict(request.query)
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "application/json":
        body = await request.json()
        values |= body if isinstance(body, dict) else {}
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
            elif isinstance(value, str):
                values[name] = value
    return Arguments(values, files)
