"""The sandbox's webhooks: what GitHub sends, signed as GitHub signs it."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from githubkit_schemas.latest.webhooks import WebhookNamespace

from aaroc_bot.sandbox.github.calling import Calling
from aaroc_bot.sandbox.github.server import LOOPBACK
from tests.sandbox.playing import Kit, pushed

SECRET = "a shared secret"

Hook = Callable[[web.Request], Awaitable[web.Response]]


@dataclass
class Receiver:
    """Takes deliveries; `status` is what it answers."""

    url: str = ""
    status: int = 202
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hook(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, port).start()
    receiver.url = f"http://{LOOPBACK}:{runner.addresses[0][1]}/github"
    yield receiver
    await runner.cleanup()


async def _change_a_pull_request(kit: Kit) -> None:
    world = kit.world
    uj, expert = world.user("uj-admin"), world.user("roc-expert")
    assert uj is not None and expert is not None
    await pushed(world, "one", {"a.txt": b"1\n"})
    pull = await world.open_pull(world.bot, "One", "one", "main", "Because.")
    await world.review(pull.number, expert, "APPROVE")
    await world.merge(pull.number, expert)
    await pushed(world, "two", {"b.txt": b"1\n"})
    pull = await world.open_pull(uj, "Two", "two", "main")
    await pushed(world, "two", {"b.txt": b"2\n"})
    await world.close(pull.number, uj)


async def test_what_becomes_of_a_pull_request_is_told_as_github_does(kit: Kit) -> None:
    async with receiving() as receiver, Calling(kit.world, receiver.url, SECRET) as calling:
        await _change_a_pull_request(kit)
        await calling.sent()
    told = []
    for headers, body in receiver.got:
        parsed = WebhookNamespace.parse(headers["X-GitHub-Event"], body)
        told.append((headers["X-GitHub-Event"], getattr(parsed, "action", None)))
    assert {
        ("pull_request", "opened"),
        ("pull_request", "synchronize"),
        ("pull_request", "closed"),
        ("pull_request_review", "submitted"),
        ("push", None),
    } == set(told)


async def test_who_comes_and_goes_is_told_as_github_does(kit: Kit) -> None:
    world = kit.world
    outsider, expert = world.user("outsider"), world.user("roc-expert")
    assert outsider is not None and expert is not None
    async with receiving() as receiver, Calling(world, receiver.url, SECRET) as calling:
        made = world.invite(outsider, expert, (world.teams["za-uj"].id,))
        world.accept(made)
        world.take_from_team(world.teams["za-uj"], outsider, expert)
        world.remove_member("outsider", expert)
        world.add_team("za-new", "sites")
        world.remove_team("za-new")
        await calling.sent()
    told = []
    for headers, body in receiver.got:
        parsed = WebhookNamespace.parse(headers["X-GitHub-Event"], body)
        told.append((headers["X-GitHub-Event"], getattr(parsed, "action", None)))
    assert told == [
        ("organization", "member_invited"),
        ("organization", "member_added"),
        ("membership", "added"),
        ("membership", "removed"),
        ("organization", "member_removed"),
        ("team", "created"),
        ("team", "deleted"),
    ]


async def test_a_delivery_is_signed_and_says_what_it_is(kit: Kit) -> None:
    async with receiving() as receiver, Calling(kit.world, receiver.url, SECRET) as calling:
        kit.world.add_team("za-new", "sites")
        await calling.sent()
    ((headers, body),) = receiver.got
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    (delivery,) = calling.deliveries
    assert (delivery.id, delivery.event, delivery.status) == (
        headers["X-GitHub-Delivery"], "team", 202,
    )  # fmt: skip


async def test_a_delivery_can_be_sent_again_with_its_id(kit: Kit) -> None:
    async with receiving() as receiver, Calling(kit.world, receiver.url, SECRET) as calling:
        kit.world.add_team("za-new", "sites")
        await calling.sent()
        await calling.send(calling.deliveries[0])
    first, again = receiver.got
    assert first[1] == again[1]
    assert first[0]["X-GitHub-Delivery"] == again[0]["X-GitHub-Delivery"]


async def test_a_refused_delivery_is_noted_and_no_redirect_is_followed(kit: Kit) -> None:
    async with receiving() as receiver, Calling(kit.world, receiver.url, SECRET) as calling:
        for receiver.status in (500, 302):
            kit.world.add_team(f"za-{receiver.status}", "sites")
            await calling.sent()
    assert [one.status for one in calling.deliveries] == [500, 302]
    assert len(receiver.got) == 2


async def test_nobody_who_listens_stops_nothing(kit: Kit) -> None:
    async with receiving() as receiver:
        pass
    async with Calling(kit.world, receiver.url, SECRET) as calling:
        kit.world.add_team("za-new", "sites")
        await calling.sent()
        assert calling.deliveries[0].status is None
        async with receiving(int(receiver.url.split(":")[2].split("/")[0])):
            kit.world.add_team("za-newer", "sites")
            await calling.sent()
    assert [one.status for one in calling.deliveries] == [None, 202]
    assert not kit.world.listeners
