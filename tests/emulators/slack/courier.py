"""Delivery to the app: over Socket Mode, or as signed requests; events again until taken."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Final
from urllib.parse import urlencode

import aiohttp

from tests.emulators.slack.blocks import Json
from tests.emulators.slack.sockets import ACK_SECONDS, Sockets
from tests.emulators.slack.state import World

PAUSES: Final = (0.0, 3.0, 15.0)
"""Seconds before each redelivery; Slack's are 0, 60 and 300."""


class Courier:
    """Brings payloads to the app. `http_url` set: there; else to a socket."""

    def __init__(self, world: World, sockets: Sockets, signing_secret: str) -> None:
        self._world = world
        self._sockets = sockets
        self._secret = signing_secret
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self.http_url: str | None = None
        self.sent: list[Json] = []
        """Every event's payload, once each, in order."""
        self.acknowledged: set[str] = set()
        """The ids of the events that were taken."""
        self.given_up: list[Json] = []

    def event(self, payload: Json) -> None:
        """Begin to deliver an event."""
        self.sent.append(payload)
        task = asyncio.create_task(self._deliver(payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, payload: Json) -> None:
        reason = ""
        for attempt in range(len(PAUSES) + 1):
            if attempt:
                await asyncio.sleep(PAUSES[attempt - 1])
            if self.http_url is None:
                await self._sockets.wait()
            ack, why = await self._send("events_api", payload, attempt, reason)
            if ack is not None:
                if ack:
                    self._world.fault(f"an event was answered with {ack}")
                self.acknowledged.add(payload["event_id"])
                self._world.ring()
                return
            if why == "no_retry":
                break
            reason = why
        self.given_up.append(payload)
        self._world.ring()

    async def once(self, kind: str, payload: Json) -> Json | None:
        """Deliver what is not delivered again: {} or more if it was taken, None if not."""
        ack, _ = await self._send(kind, payload, 0, "")
        self._world.ring()
        return ack

    async def _send(
        self, kind: str, payload: Json, attempt: int, reason: str
    ) -> tuple[Json | None, str]:
        """Send once; without an acknowledgement the reason is given."""
        if self.http_url is None:
            return await self._sockets.send(kind, payload, attempt, reason), "timeout"
        return await self._post(self.http_url, kind, payload, attempt, reason)

    async def _post(
        self, url: str, kind: str, payload: Json, attempt: int, reason: str
    ) -> tuple[Json | None, str]:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=ACK_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)
        body, content_type = _written(kind, payload)
        headers = {"Content-Type": content_type, **self._signed(body)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        try:
            async with self._session.post(url, data=body.encode(), headers=headers) as answer:
                text = await answer.text()
                if answer.status == 200:
                    return _read(text), ""
                if answer.headers.get("X-Slack-No-Retry") == "1":
                    return None, "no_retry"
                return None, "http_error"
        except TimeoutError:
            return None, "http_timeout"
        except aiohttp.ClientError:
            return None, "connection_failed"

    def _signed(self, body: str) -> dict[str, str]:
        at = str(int(time.time()))
        what = f"v0:{at}:{body}".encode()
        mark = hmac.new(self._secret.encode(), what, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mark}"}

    async def close(self) -> None:
        """End every delivery."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _written(kind: str, payload: Json) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    match kind:
        case "slash_commands":
            return urlencode(payload), form
        case "interactive":
            return urlencode({"payload": json.dumps(payload)}), form
        case _:
            return json.dumps(payload), "application/json"


def _read(text: str) -> Json:
    """Read the body of an answer: nothing, JSON, or the text to show."""
    if not text:
        return {}
    try:
        answer = json.loads(text)
    except ValueError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
