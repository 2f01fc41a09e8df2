"""The web chat's surroundings for its tests: a page kept in memory and a scripted bot."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aiohttp import web

from aaroc_bot.chat.web import Speaker, WebChat
from aaroc_bot.core.message import (
    Account,
    Audience,
    Button,
    File,
    Incoming,
    Kind,
    Message,
    Place,
    Posted,
    Table,
)
from aaroc_bot.core.text import Code, Link, Mention, When
from aaroc_bot.web.server import create_app, start

SPEAKERS = (
    Speaker(
        "uj-admin",
        "site admin of ZA-UJ",
        ("status", "status ZA-UJ", "deploy site-bdii at ZA-UJ", "diff ZA-UJ KE-NAIROBI"),
    ),
    Speaker("roc-expert", "ROC expert", ("runs", "approve 12", "playbooks")),
    Speaker("kenet-admin", "site admin of KE-NAIROBI", ("status KE-NAIROBI",)),
    Speaker("outsider", "in the chat, not in the organisation", ("help", "whoami")),
)


class MemoryPage:
    """Fills `Page` for as long as the test lives; what it kept outlives a server."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self.away: Exception | None = None
        self.unreadable: Exception | None = None

    async def add(self, ref: str, body: str) -> int:
        if self.away:
            raise self.away
        self.rows.append((ref, body))
        return len(self.rows)

    async def since(self, seq: int, limit: int) -> Sequence[tuple[int, str]]:
        if self.unreadable:
            raise self.unreadable
        return [(seq + n, body) for n, (_, body) in enumerate(self.rows[seq : seq + limit], 1)]

    async def newest(self) -> int:
        return len(self.rows)

    async def latest(self, ref: str) -> str | None:
        return next((body for name, body in reversed(self.rows) if name == ref), None)


class Bot:
    """Answers a few commands as the real one would look; each event is answered once."""

    def __init__(self, chat: WebChat) -> None:
        self.chat = chat
        self.heard: list[Incoming] = []
        self.cards: dict[str, Posted] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.fault: Exception | None = None
        chat.listen(self.hear)

    async def hear(self, incoming: Incoming) -> None:
        if self.fault:
            raise self.fault
        if all(known.event != incoming.event for known in self.heard):
            self.heard.append(incoming)
            task = asyncio.create_task(self.answer(incoming))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def answer(self, said: Incoming) -> None:
        text = said.text
        if said.button:
            await self.decide(said)
            return
        assert said.ref is not None
        posted = Posted(said.place, said.ref)
        thread = Place("web", "roc", said.ref)
        if text.startswith("deploy") and said.account.user == "outsider":
            await self.chat.react(posted, "refused")
            await self.chat.post(thread, refusal(), said.account)
            return
        await self.chat.react(posted, "seen")
        if text.startswith("deploy"):
            card = await self.chat.post(Place("web", "roc"), waiting_card())
            self.cards["12"] = card
            await self.chat.post(
                Place("web", "roc", card.ref),
                Message(
                    (Mention("roc-expert"), ": run 12 waits for an expert, 2 items on 1 host.")
                ),
            )
        elif text.startswith("log"):
            log = "\n".join(f"line {n}" for n in range(400))
            await self.chat.post(
                thread,
                Message(
                    ("Run 12's log, the last 3 of 400 lines; the whole is the file below.",),
                    code="line 397\nline 398\nline 399",
                    file=File("run-12.log", log),
                ),
            )
        elif text.startswith("status"):
            await self.chat.post(thread, status())
        else:
            await self.chat.post(thread, Message(("You said ", Code(text[:60]))))

    async def decide(self, pressed: Incoming) -> None:
        card = self.cards["12"]
        if pressed.account.user == "uj-admin":
            thread = Place("web", "roc", card.ref)
            own = "You asked for run 12, so somebody else decides. Experts: roc-expert."
            message = Message(own, kind=Kind.REFUSAL, to=Audience.ASKER)
            await self.chat.post(thread, message, pressed.account)
            return
        await self.chat.edit(card, running_card(7))
        await self.chat.edit(card, done_card())
        await self.chat.post(
            Place("web", "roc", card.ref), Message((Mention("uj-admin"), ": run 12 succeeded."))
        )


def now() -> datetime:
    return datetime.now(UTC)


def waiting_card() -> Message:
    return Message(
        "Run 12 · deploy site-bdii at ZA-UJ port=2171 · waiting for an expert",
        lines=("2 items on 1 host; 9 of 11 tasks checked, 2 will run unseen",),
        table=Table(
            (),
            (
                ("~", "bdii1", "site-bdii : configure port", (Code("/etc/bdii/bdii.conf"),)),
                ("~", "bdii1", "site-bdii : restart bdii", "handler"),
                ("?", "bdii1", "yaim : run yaim", "command"),
            ),
        ),
        fields=(
            ("Asked", ("by uj-admin ", When(now(), f"{now():%H:%M} UTC"))),
            (
                "Revision",
                (Link("4f2c1d9", "https://github.com/x/y/commit/4f2c1d9"), " “bdii port”"),
            ),
            ("Must be approved", ("by ", When(now() + timedelta(hours=4), "later today"))),
        ),
        code="--- /etc/bdii/bdii.conf\n-BDII_PORT=2170\n+BDII_PORT=2171",
        notes=("deploy is one of 3 entries that ZA-UJ may run",),
        buttons=(
            Button("Approve 12", "approve 12", id="b-approve"),
            Button("Deny 12", "deny 12", id="b-deny"),
            Button("Cancel 12", "cancel 12", Account("web", "", "uj-admin"), "b-cancel"),
        ),
        kind=Kind.CARD,
        run=12,
        state="waiting",
    )


def running_card(task: int) -> Message:
    first = f"Run 12 · deploy site-bdii at ZA-UJ port=2171 · running, task {task} of 11, 1 host"
    return Message(first, kind=Kind.CARD, run=12, state="running")


def done_card() -> Message:
    return Message(
        "Run 12 · deploy site-bdii at ZA-UJ port=2171 · succeeded, 2 changed on 1 host, 2 min 51 s",
        lines=(
            ("As planned; nothing else changed. Approved by roc-expert ", When(now(), "now UTC")),
        ),
        notes=((Code("log 12"), " · ", Code("history ZA-UJ")),),
        kind=Kind.CARD,
        run=12,
        state="succeeded",
    )


def refusal() -> Message:
    return Message(
        "You are not a member of AAROC on GitHub. Experts can invite you: roc-expert.",
        kind=Kind.REFUSAL,
        to=Audience.ASKER,
    )


def status() -> Message:
    return Message(
        "12 sites: 8 quiet · 1 running · 1 failed · 1 drifted · 1 read in part",
        table=Table(
            ("Site", "State", ""),
            (
                ("KE-NAIROBI", "running", "run 15, deploy site-bdii, task 3 of 11"),
                ("ZA-MERAKA", "failed", "run 9, deploy top-bdii, 2 days ago"),
                ("maren", "in part", (Code("Ansible/group_vars/identity-maren"), " is a vault")),
            ),
        ),
        notes=(("8 quiet: ", Code("status all")),),
    )


class Server:
    """A server on loopback that can be stopped and started on the same port."""

    def __init__(self, page: MemoryPage | None = None) -> None:
        self.page = page or MemoryPage()
        self.port = 0
        self.runner: web.AppRunner | None = None
        self.not_ready: str | None = None
        self.chat: WebChat
        self.bot: Bot

    async def ready(self) -> str | None:
        return self.not_ready

    async def start(self) -> None:
        """Start with a chat and a bot of its own, as a restarted process has."""
        self.chat = WebChat(self.page, SPEAKERS)
        heard = self.bot.heard if hasattr(self, "bot") else []
        self.bot = Bot(self.chat)
        self.bot.heard = heard  # the intake is durable
        self.runner = await start(create_app(self.ready, self.chat), "127.0.0.1", self.port)
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()
            self.runner = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"
