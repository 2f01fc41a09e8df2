"""The port of a box's GitHub: who listens there."""

import asyncio
import secrets
import socket
from enum import Enum
from time import monotonic

from aiohttp import ClientConnectorError, ClientError, ClientResponseError, ClientSession
from aiohttp import ClientTimeout as Timeout

from aaroc_bot.sandbox.github.server import LOOPBACK, PROOF, proof

PATIENCE = 10.0
"""Seconds that a process may be too busy to answer, as one is that just starts."""
ANSWER = Timeout(total=2)
AGAIN = 0.05


class Holder(Enum):
    """Whose the port is."""

    NOBODY = "nobody"
    BOX = "a process of this box"
    ANOTHER = "another program"


async def holder(port: int, token: str) -> Holder:
    """Find out who listens: this box's own GitHub proves that it is; the token is not sent.

    The port is not bound for this: two that look at once must not see each other.
    """
    until = monotonic() + PATIENCE
    while True:
        try:
            return Holder.BOX if await _proves(port, token) else Holder.ANOTHER
        except ClientConnectorError:
            return Holder.NOBODY
        except ClientResponseError:
            return Holder.ANOTHER
        except (ClientError, OSError, ValueError):
            if monotonic() > until:
                return Holder.ANOTHER
        await asyncio.sleep(AGAIN)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def _proves(port: int, token: str) -> bool:
    nonce = secrets.token_hex(16)
    url = f"http://{LOOPBACK}:{port}{PROOF}{nonce}"
    async with ClientSession(timeout=ANSWER) as session, session.get(url) as answer:
        said = await answer.content.read(100)
        return secrets.compare_digest(said, proof(token, nonce).encode())
