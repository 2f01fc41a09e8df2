"""GitHub's webhooks: what happens in the sandbox's world is posted, signed, to one address."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import uuid
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiohttp import ClientError, ClientSession, ClientTimeout

from aaroc_bot.sandbox.github.world import World

KEPT = 100
"""Deliveries that can be looked at and sent again; older ones are forgotten."""
PATIENCE = 10.0
"""Seconds in which GitHub wants an answer to a delivery."""
AFTER = 0.05
"""Seconds that a delivery waits, so that the answer to what caused it is out first."""


@dataclass(slots=True)
class Delivery:
    """One delivery; `status` is the answer to its last sending, None while there is none."""

    id: str
    event: str
    body: bytes
    status: int | None = None


def signature(secret: str, body: bytes) -> str:
    """Sign a body as the ``X-Hub-Signature-256`` header does."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


class Calling:
    """Posts every event of a world to `url` while it is entered, in their order.

    As on GitHub a delivery that fails is not tried again unasked, and no redirect is
    followed. `deliveries` holds the newest, oldest first.
    """

    def __init__(self, world: World, url: str, secret: str) -> None:
        """Take the address and the secret that both sides know."""
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT)
        self._world = world
        self._url = url
        self._secret = secret
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        """Listen to the world from now on."""
        self._session = ClientSession(
            timeout=ClientTimeout(total=PATIENCE), headers={"User-Agent": "GitHub-Hookshot/5a11d0b"}
        )
        self._sender = asyncio.create_task(self._send_all())
        self._world.listeners.append(self._hear)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Listen no more; what was not sent yet is lost, as when GitHub is down."""
        self._world.listeners.remove(self._hear)
        self._sender.cancel()
        await asyncio.wait({self._sender})
        await self._session.close()

    async def sent(self) -> None:
        """Wait until everything that happened up to now was sent."""
        await self._queue.join()

    async def send(self, delivery: Delivery) -> None:
        """Send a delivery, or send it again: with the same id and the same body."""
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Delivery": delivery.id,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": "90500001",
            "X-Hub-Signature-256": signature(self._secret, delivery.body),
        }
        delivery.status = None
        with contextlib.suppress(ClientError, TimeoutError):
            async with self._session.post(
                self._url, data=delivery.body, headers=headers, allow_redirects=False
            ) as answer:
                delivery.status = answer.status

    def _hear(self, event: str, payload: dict[str, object]) -> None:
        body = json.dumps(payload, separators=(",", ":")).encode()
        delivery = Delivery(str(uuid.uuid4()), event, body)
        self.deliveries.append(delivery)
        self._queue.put_nowait(delivery)

    async def _send_all(self) -> None:
        while True:
            delivery = await self._queue.get()
            try:
                await asyncio.sleep(AFTER)
                await self.send(delivery)
            finally:
                self._queue.task_done()
