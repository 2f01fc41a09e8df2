"""GitHub's webhook: a signed call is a hint which thing to read again, and nothing more.

What it is about is asked by the API. From the body only a pull request's number is taken,
and from the headers the event's name. Acting comes after the answer (GitHub waits for ten
seconds), and equal hints that wait are one.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from aiohttp import web

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.store.deliveries import Deliveries

log = logging.getLogger(__name__)

WAITING = 100
"""Hints of one kind that wait at most; more are one: look at everything."""

_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")
_EVENT = re.compile(r"[a-z_]{1,64}")


class About(Enum):
    """What is to be read again."""

    PEOPLE = "members and teams"
    BRANCH = "the default branch"
    PULLS = "pull requests"


EVENTS: Mapping[str, About] = {
    **dict.fromkeys(("organization", "membership", "team", "member"), About.PEOPLE),
    "push": About.BRANCH,
    **dict.fromkeys(
        ("pull_request", "pull_request_review", "check_run", "check_suite", "status"), About.PULLS
    ),
}
"""GitHub's events that are acted upon."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have changed; `number` is the pull request's, None: any, or none is meant."""

    event: str
    number: int | None = None

    @property
    def about(self) -> About:
        """Say what is to be read again."""
        return EVENTS[self.event]


class GitHubWebhook:
    """Answers GitHub's calls by `hook`, and acts upon them while `run` runs."""

    def __init__(
        self, secret: str, deliveries: Deliveries, act: Callable[[Hint], Awaitable[None]]
    ) -> None:
        """Hear calls signed with `secret`, which is not empty: without one there is no path."""
        if not secret:
            raise ValueError("a webhook without a secret")
        self._secret = secret.encode()
        self._deliveries = deliveries
        self._act = act
        self._waiting: dict[About, dict[int | None, Hint]] = {about: {} for about in About}
        self._woken = {about: asyncio.Event() for about in About}

    async def hook(self, request: web.Request) -> web.Response:
        """Answer one call: 202 if it was heard, 200 if it says nothing new, 503 to ask again.

        Nothing is read of a call without a signature, nothing parsed of one that does not
        fit. A body over the application's limit is refused (413); polling finds its matter.
        """
        signature = request.headers.get("X-Hub-Signature-256", "")
        if not _SIGNATURE.fullmatch(signature):
            return web.Response(status=401)
        body = await request.read()
        if not self._signed(body, signature):
            return web.Response(status=401)
        if request.content_type != "application/json":
            return web.Response(status=415)
        id = request.headers.get("X-GitHub-Delivery", "")
        event = request.headers.get("X-GitHub-Event", "")
        if not (_DELIVERY.fullmatch(id) and _EVENT.fullmatch(event)):
            return web.Response(status=400)
        try:
            hint = Hint(event, _number(body))
            fresh = event in EVENTS and await self._deliveries.heard(id, event, body)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        except Unavailable as away:
            log.warning("%s is away; GitHub's call was not heard", away.what)
            return web.Response(status=503)
        if fresh:
            self._wait(hint)
        return web.Response(status=202 if fresh else 200)

    async def run(self) -> None:
        """Act upon hints until cancelled; what concerns people waits for nothing else."""
        async with asyncio.TaskGroup() as group:
            for about in About:
                group.create_task(self._serve(about))

    def _signed(self, body: bytes, signature: str) -> bool:
        ours = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(f"sha256={ours}", signature)

    def _wait(self, hint: Hint) -> None:
        waiting = self._waiting[hint.about]
        if len(waiting) >= WAITING and hint.number not in waiting:
            waiting.clear()
            hint = Hint(hint.event)
        waiting.setdefault(hint.number, hint)
        self._woken[hint.about].set()

    async def _serve(self, about: About) -> None:
        waiting, woken = self._waiting[about], self._woken[about]
        while True:
            await woken.wait()
            woken.clear()
            while waiting:
                hint = waiting.pop(next(iter(waiting)))
                try:
                    await self._act(hint)
                except Unavailable as away:
                    log.warning("%s is away; %s are looked at later", away.what, about.value)
                except Exception:
                    log.exception("a look at %s failed", about.value)


def _number(body: bytes) -> int | None:
    """Find a pull request's number; None where there is none. Raises ValueError: no JSON."""
    match json.loads(body):
        case {"pull_request": {"number": int(number)}} if 0 < number < 2**31:
            return number
        case dict():
            return None
        case _:
            raise ValueError("no object")
