"""A Slack workspace for tests: what people do there, what they see, and what goes wrong."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from tests.emulators.slack.blocks import Json
from tests.emulators.slack.courier import Courier
from tests.emulators.slack.events import MENTION, Events, encoded, typed, with_ids
from tests.emulators.slack.files import Files
from tests.emulators.slack.methods import Methods
from tests.emulators.slack.responses import Responses
from tests.emulators.slack.server import Call, Failure, Server
from tests.emulators.slack.sockets import Sockets
from tests.emulators.slack.state import BOT_USER, TEAM, Channel, Person, Shown, State, World

T = TypeVar("T")


class Slack:
    """The emulator: `async with Slack() as slack`, then the addresses below are live."""

    signing_secret = "emulated-signing-secret"
    team = TEAM
    bot_user = BOT_USER

    def __init__(self) -> None:
        self._world = World()
        self._events = Events(self._world)
        self._sockets = Sockets(self._world)
        self._courier = Courier(self._world, self._sockets, self.signing_secret)
        self._responses = Responses(self._world)
        methods = Methods(self._world, self._events, self._event)
        files = Files(self._world, methods, self._events, self._event)
        self._server = Server(self._world, self._sockets, files, self._responses)
        self._server.methods = methods.table() | files.table()
        self._mentions = 0

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._courier.close()
        await self._server.stop()

    # --- what a client is given -------------------------------------------------------

    @property
    def api_url(self) -> str:
        """The Web API's root, ending in ``/api/``."""
        return f"{self._server.base_url}api/"

    @property
    def bot_token(self) -> str:
        return self._server.bot_token

    @property
    def app_token(self) -> str:
        return self._server.app_token

    @property
    def scopes(self) -> set[str]:
        """The scopes of the bot's token; they may be changed."""
        return self._server.scopes

    @property
    def http_url(self) -> str | None:
        """Where everything is POSTed, signed; None: Socket Mode."""
        return self._courier.http_url

    @http_url.setter
    def http_url(self, url: str | None) -> None:
        self._courier.http_url = url

    @property
    def strict(self) -> bool:
        """Whether rates are counted."""
        return self._server.strict

    @strict.setter
    def strict(self, on: bool) -> None:
        self._server.strict = on

    # --- who and what there is --------------------------------------------------------

    def person(
        self,
        name: str,
        *,
        tz: str = "Africa/Johannesburg",
        team: str | None = None,
        bot: bool = False,
    ) -> str:
        """Let somebody join, of another workspace if `team` says so; gives the user's id."""
        person = Person(self._world.id("U0"), name, tz, team or TEAM, bot)
        self._world.add_person(person)
        return person.id

    def channel(self, name: str, members: Sequence[str] = (), *, bot_in: bool = True) -> str:
        """Open a channel; gives its id. `channels` tells of it, and lets it be altered."""
        channel = Channel(self._world.id("C0"), name, list(members), bot_in)
        self._world.add_channel(channel)
        return channel.id

    def im(self, user: str) -> str:
        """Give the direct message of the bot and somebody."""
        return self._world.im(user).id

    @property
    def channels(self) -> dict[str, Channel]:
        """The channels by id: `bot_in`, `archived` and `members` may be altered."""
        return self._world.channels

    # --- what people do ---------------------------------------------------------------

    async def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread: str | None = None,
        *,
        subtype: str | None = None,
    ) -> str:
        """Write something; ``<@U0BOT>`` mentions the bot. Gives the message's ts."""
        self._join(user, channel)
        text = encoded(text)
        shown = self._world.post(
            channel, user, text, typed(text), thread_ts=thread, subtype=subtype
        )
        self._tell(shown)
        return shown.ts

    async def edit(self, channel: str, ts: str, text: str) -> None:
        """Let the author alter a message. A mention in it comes as an `app_mention` again."""
        shown = self._standing(channel, ts)
        before = self._events.body(shown)
        text = encoded(text)
        shown.text, shown.blocks, shown.edited_ts = text, typed(text), self._world.ts()
        self._world.keep(shown)
        if not self.channels[channel].bot_in:
            return
        self._event(self._events.changed(shown, before))
        if MENTION.search(text) and not self.channels[channel].im:
            self._event(self._events.mention(shown))

    async def delete(self, channel: str, ts: str) -> None:
        """Delete a message."""
        shown = self._standing(channel, ts)
        shown.deleted = True
        self._world.ring()
        if self.channels[channel].bot_in:
            self._event(self._events.deleted(shown))

    async def bot_says(self, channel: str, text: str, thread: str | None = None) -> str:
        """Let another app's bot write something."""
        shown = self._world.post(
            channel,
            "",
            encoded(text),
            [],
            thread_ts=thread,
            bot_id="B0OTHER",
            subtype="bot_message",
        )
        self._tell(shown)
        return shown.ts

    def _tell(self, shown: Shown) -> None:
        """Tell the bot of a new message: a mention twice, in the one order or the other."""
        channel = self.channels[shown.channel]
        if not channel.bot_in:
            return
        events = [self._events.message(shown)]
        if MENTION.search(shown.text) and not channel.im:
            events.append(self._events.mention(shown))
            self._mentions += 1
        for event in reversed(events) if self._mentions % 2 else events:
            self._event(event)

    def _event(self, payload: Json) -> None:
        """Begin to deliver an event that the token's scopes let the app hear."""
        event = payload["event"]
        kinds = ["im"] if event.get("channel_type") == "im" else ["channels", "groups"]
        needed = {f"{kind}:history" for kind in kinds}
        if event["type"] == "app_mention":
            needed = {"app_mentions:read"}
        if not self.scopes.isdisjoint(needed):
            self._courier.event(payload)

    async def command(self, user: str, channel: str, command: str, text: str) -> Json | None:
        """Give a slash command; gives its acknowledgement, None if there was none in time."""
        self._join(user, channel)
        url = self._responses.url(user, channel)
        payload = self._events.command(user, self.channels[channel], command, text, url)
        ack = await self._courier.once("slash_commands", payload)
        if ack is not None:
            self._responses.acknowledged(ack, user, channel, f"{command} {text}".rstrip())
        return ack

    async def press(
        self, user: str, channel: str, ts: str, label: str, *, state: State | None = None
    ) -> Json | None:
        """Press a button, named by its label or action_id, of a message as it stands.

        With `state` as it stood then: the press crossed an edit. Gives what `command` gives.
        """
        shown = self._standing(channel, ts)
        assert shown.to in {None, user}, f"{user} does not see {ts}"
        blocks = with_ids(state.blocks if state else shown.blocks)
        found = [
            (button, block["block_id"])
            for block in blocks
            for button in _buttons(block)
            if label in {button["text"]["text"], button.get("action_id")}
        ]
        assert len(found) == 1, f"{len(found)} buttons {label} in {blocks}"
        button, block_id = found[0]
        url = self._responses.url(user, channel, shown)
        payload = self._events.press(user, shown, button, block_id, url)
        return await self._courier.once("interactive", payload)

    async def deliver(self, payload: Json, kind: str | None = None) -> Json | None:
        """Deliver a payload once, as it is; gives what `command` gives.

        `kind` is the envelope's type: by itself it is told from the payload.
        """
        if kind is None:
            event = "events_api" if "event" in payload else "interactive"
            kind = "slash_commands" if "command" in payload else event
        return await self._courier.once(kind, payload)

    @property
    def events(self) -> list[Json]:
        """Every event's payload so far, in order; `deliver` sends one again."""
        return self._courier.sent

    @property
    def acknowledged(self) -> set[str]:
        """The ids of the events that were taken."""
        return self._courier.acknowledged

    @property
    def given_up(self) -> list[Json]:
        """Events that were never acknowledged, after every redelivery."""
        return self._courier.given_up

    # --- what can be seen -------------------------------------------------------------

    def messages(self, channel: str) -> list[Shown]:
        """The messages that stand or stood in a channel, ephemeral ones too, oldest first."""
        return self._world.messages[channel]

    def states(self, after: int = 0) -> list[State]:
        """Every state of every message of the bot with a seq over `after`, in order."""
        return self._world.history[after:]

    @property
    def faults(self) -> list[str]:
        """What a well-behaved client would not have done."""
        return self._world.faults

    @property
    def ratelimited(self) -> list[tuple[str, str]]:
        """The calls that broke a rate limit: method and channel."""
        return self._server.ratelimited

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API, in order."""
        return self._server.calls

    @property
    def sockets(self) -> int:
        """How many sockets take envelopes now."""
        return self._sockets.count

    @property
    def connections(self) -> int:
        """How many sockets were opened so far."""
        return self._sockets.connections

    async def until(self, condition: Callable[[], T], seconds: float = 30) -> T:
        """Wait until `condition` gives something true, and give that; else AssertionError."""
        return await self._world.until(condition, seconds)

    # --- what goes wrong --------------------------------------------------------------

    def fail(
        self,
        method: str,
        error: str = "ratelimited",
        *,
        retry_after: int = 3,
        status: int = 200,
        times: int = 1,
    ) -> None:
        """Let the next calls of a method fail; another `status` than 200 has no JSON."""
        failure = Failure(error, retry_after, status)
        self._server.failures[method] += [failure] * times

    def silent(
        self, method: str, *, times: int = 1, effect: bool = True, hang: bool = False
    ) -> None:
        """Let the next calls of a method go without an answer, after their effect or not.

        The connection is cut, or (`hang`) nothing comes at all.
        """
        failure = Failure(silent=True, effect=effect, hang=hang)
        self._server.failures[method] += [failure] * times

    async def drop_sockets(self) -> None:
        """Cut every socket off without a word."""
        self._sockets.drop()

    def refuse_sockets(self, times: int = 1) -> None:
        """Refuse the next sockets; the tickets are used up by that."""
        self._sockets.refuse += times

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to open another socket."""
        await self._sockets.disconnect(reason)

    def revoke(self) -> None:
        """Take the tokens' rights away, and the sockets."""
        self._server.revoked = True
        self._sockets.drop()

    def restore(self) -> None:
        """Give the tokens' rights back."""
        self._server.revoked = False

    async def stop(self) -> None:
        """Be away: nobody answers on the port."""
        await self._server.stop()

    async def start(self) -> None:
        """Be back, on the same port."""
        await self._server.start()

    def _join(self, user: str, channel: str) -> None:
        """Whoever speaks in a channel is in it."""
        found = self.channels[channel]
        if user not in found.members:
            assert not found.im, f"{channel} is not a direct message of {user}"
            found.members.append(user)

    def _standing(self, channel: str, ts: str) -> Shown:
        shown = self._world.find(channel, ts, ephemeral=True)
        assert shown is not None, f"no message {ts} stands in {channel}"
        return shown


def _buttons(block: Json) -> list[Json]:
    found = [*block.get("elements", ()), block.get("accessory")]
    return [element for element in found if element and element.get("type") == "button"]
