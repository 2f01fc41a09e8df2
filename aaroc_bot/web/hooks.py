"""The only paths meant for the outside: what Slack and Telegram call, where they are to."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from aaroc_bot.web.turnstile import one_call

Hook = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""Answers one call, which it checks itself: by its headers first, a signature or a secret."""

LARGEST = 1_000_000
"""Bytes of a call that are read at most; no event of a chat comes near."""


def create_hooks(hooks: Mapping[str, Hook]) -> web.Application:
    """Make the application with a path for each hook, and nothing else."""
    app = web.Application(client_max_size=LARGEST, middlewares=[one_call])
    for path, hook in hooks.items():
        app.router.add_post(path, hook)
    return app
