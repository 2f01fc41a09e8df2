"""Uploading files: an address is asked for, the bytes go there, then the file is shared."""

from dataclasses import dataclass

from aiohttp import web

from tests.emulators.slack.answers import Refused, structure, whole
from tests.emulators.slack.blocks import Json
from tests.emulators.slack.events import Events
from tests.emulators.slack.methods import Method, Methods, Tell
from tests.emulators.slack.state import BOT, BOT_USER, World


@dataclass(slots=True)
class Upload:
    """A file on its way; `content` is None until its bytes came."""

    name: str
    length: int
    content: bytes | None = None
    shared: bool = False


class Files:
    """The three steps of an upload."""

    def __init__(self, world: World, methods: Methods, events: Events, tell: Tell) -> None:
        self._world = world
        self._methods = methods
        self._events = events
        self._tell = tell
        self._uploads: dict[str, Upload] = {}
        self.base_url = ""

    def table(self) -> dict[str, Method]:
        return {
            "files.getUploadURLExternal": Method(
                self._address, "filename* length* alt_txt snippet_type", "files:write"
            ),
            "files.completeUploadExternal": Method(
                self._share,
                "files* channel_id channels initial_comment thread_ts blocks",
                "files:write",
            ),
        }

    def _address(self, arguments: Json) -> Json:
        size = whole(arguments, "length", 0)
        if size < 1:
            raise Refused("invalid_arguments", ["[ERROR] must be positive [json-pointer:/length]"])
        id = self._world.id("F0")
        self._uploads[id] = Upload(arguments["filename"], size)
        return {"upload_url": f"{self.base_url}upload/v1/{id}", "file_id": id}

    async def take(self, request: web.Request) -> web.Response:
        """Take the bytes of a file; no token comes with them."""
        upload = self._uploads.get(request.match_info["id"])
        if upload is None or upload.content is not None:
            self._world.fault("bytes came to an upload that nobody asked for, or twice")
            return web.Response(status=404)
        if "Authorization" in request.headers:
            self._world.fault("a token went to an upload's address")
        content = await request.read()
        if len(content) != upload.length:
            self._world.fault(f"a file of {len(content)} bytes was announced as {upload.length}")
            return web.Response(status=400)
        upload.content = content
        return web.Response(text=f"OK - {len(content)}")

    def _share(self, arguments: Json) -> Json:
        given = structure(arguments["files"], "invalid_arguments")
        if not isinstance(given, list) or not given:
            raise Refused("invalid_arguments", ["[ERROR] must be an array [json-pointer:/files]"])
        uploads = [self._whole(one) for one in given]
        place = arguments.get("channel_id") or arguments.get("channels")
        if place:
            channel = self._methods.channel(str(place), entered=True)
            if channel.archived:
                raise Refused("is_archived")
            shown = self._world.post(
                channel.id,
                BOT_USER,
                str(arguments.get("initial_comment", "")),
                [],
                thread_ts=self._methods.thread(channel.id, arguments),
                files=[(u.name, (u.content or b"").decode(errors="replace")) for u in uploads],
                bot_id=BOT,
                subtype="file_share",
            )
            self._tell(self._events.message(shown))
        for upload in uploads:
            upload.shared = True
        return {"files": [{"id": one["id"], "title": one.get("title", "")} for one in given]}

    def _whole(self, one: object) -> Upload:
        """Give an upload that is complete and not shared yet."""
        id = one.get("id") if isinstance(one, dict) else None
        upload = self._uploads.get(str(id))
        if upload is None or upload.content is None or upload.shared:
            raise Refused("file_not_found")
        return upload
