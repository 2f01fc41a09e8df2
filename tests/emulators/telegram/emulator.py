"""The emulator as tests hold it: people, what can be seen, and faults on purpose."""

from collections.abc import Callable
from typing import Self

from tests.emulators.telegram import shapes
from tests.emulators.telegram.people import People
from tests.emulators.telegram.refusal import Refused
from tests.emulators.telegram.server import Call, refusal
from tests.emulators.telegram.world import Json, Query, Shown, State


class Telegram(People):
    """A Telegram of one's own: ``async with Telegram() as telegram``.

    `faults` collects what a well-behaved bot would not have done; `flooded` what came too
    early for Telegram's limits. `strict` = False stops counting the limits.
    """

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.server.close()

    # --- what the bot needs ---

    @property
    def api_url(self) -> str:
        """Root of the Bot API, as python-telegram-bot's `base_url`."""
        return f"http://127.0.0.1:{self.server.port}/bot"

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.world.token

    @property
    def bot(self) -> Json:
        """The bot as getMe tells of it."""
        return shapes.me(self.world)

    # --- what can be seen ---

    @property
    def faults(self) -> list[str]:
        """What a well-behaved bot would not have done, in order."""
        return self.world.faults

    @property
    def flooded(self) -> list[str]:
        """Calls that were refused for the limits' sake."""
        return self.server.flood.noted

    @property
    def calls(self) -> list[Call]:
        """Every call with a good token."""
        return self.server.calls

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The menu of the default scope: names and descriptions."""
        return self.world.commands.get("default", [])

    @property
    def queries(self) -> list[Query]:
        """Every button pressed, with its answer."""
        return list(self.world.queries.values())

    @property
    def waiting(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self.server.updates.pending)

    @property
    def polling(self) -> bool:
        """Whether the bot is waiting for updates now."""
        return self.server.updates.polling

    def messages(self, chat: int) -> list[Shown]:
        """Every message that people see in a chat, oldest first; service messages are left out."""
        room = self.world.rooms.get(chat)
        found = room.messages.values() if room else ()
        return [shown for shown in found if shown.text or shown.document]

    def states(self, after: int = 0) -> list[State]:
        """Every state of every message of the bot's after `seq`, in order."""
        return [state for state in self.world.states if state.seq > after]

    async def until(self, condition: Callable[[], object], seconds: float = 30) -> None:
        """Wait until `condition` holds; AssertionError after `seconds`."""
        await self.world.until(condition, seconds)

    # --- how it behaves ---

    @property
    def privacy(self) -> bool:
        """Whether the bot in a group hears only commands, mentions and replies to it."""
        return self.world.privacy

    @privacy.setter
    def privacy(self, on: bool) -> None:
        self.world.privacy = on

    @property
    def strict(self) -> bool:
        """Whether the limits on sending are counted."""
        return self.server.strict

    @strict.setter
    def strict(self, on: bool) -> None:
        self.server.strict = on

    @property
    def webhook_at(self) -> str | None:
        """Where updates go instead of the address that the bot set; None: to that."""
        return self.server.webhook_at

    @webhook_at.setter
    def webhook_at(self, url: str | None) -> None:
        self.server.webhook_at = url

    def promote(self, chat: int) -> None:
        """Make the bot an administrator of a chat: it hears everything there."""
        self.world.rooms[chat].admin = True

    # --- faults on purpose ---

    def fail(
        self,
        method: str,
        code: int,
        description: str | None = None,
        retry_after: int | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next calls of a method (``*``: any) with an error, without effect."""
        self.server.fail(method, refusal(code, description, retry_after), times)

    def silent(
        self, method: str, times: int = 1, effect: bool = True, *, hang: bool = False
    ) -> None:
        """Cut the connection instead of answering (`hang`: keep it open and say nothing)."""
        self.server.silent(method, times, effect=effect, hang=hang)

    def revoke(self) -> None:
        """Make the token void: 401 for every call, the poll under way too."""
        self.server.revoked = True
        self.server.updates.end_poll(Refused(401, "Unauthorized"))

    def restore(self) -> None:
        """Make the token good again."""
        self.server.revoked = False

    async def start(self) -> None:
        """Be there, on the same port as before."""
        await self.server.start()

    async def stop(self) -> None:
        """Be away: connections are cut, nothing is delivered, nothing forgotten."""
        await self.server.stop()

    def redeliver(self) -> None:
        """Give every update once more that was confirmed already."""
        self.server.updates.redeliver()

    def deliver(self, kind: str, payload: Json) -> int:
        """Give any update, whether the bot asked for its kind or not; its id is given."""
        number = self.server.updates.push(kind, payload, whatever=True)
        assert number is not None
        return number
