"""Settings: what the operator says, read once, checked together (docs/settings.md).

Environment variables with the prefix ``AAROC_``, or ``aaroc-bot.toml`` (in the current
folder, else in the state folder) with the same names; the environment wins. A secret may
stand in a file named by ``..._FILE``. An unknown name is a fault.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

PREFIX = "AAROC_"
FILE = "aaroc-bot.toml"
TEST_PREFIX = "AAROC_TEST_"
"""Names that belong to the project's own tests; left alone."""

_SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{7,20}")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_DURATION = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class SettingsFault(Exception):
    """Settings that cannot be used; `faults` has a sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        """Keep all faults, to be told together."""
        super().__init__("\n".join(faults))
        self.faults = faults


def _duration(value: object) -> object:
    """Read ``90s``, ``30m``, ``4h``, ``7d``; anything else is refused with these words."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(str(value).strip())
    if not match:
        raise ValueError("a duration is written 90s, 30m, 4h or 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class _Part(BaseModel):
    """A group of settings: nothing unknown in it, nothing changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GitHub(_Part):
    """Where membership and teams are asked for; off unless an organisation is named."""

    api_url: str = Field("https://api.github.com", description="root of GitHub's REST API")
    web_url: str = Field("https://github.com", description="where its pages are")
    org: str | None = Field(None, description="the organisation whose members may speak")
    repository: str | None = Field(
        None, description="`owner/name` of the DevOps repository; default: from a GitHub URL"
    )
    experts_team: str = Field("experts", description="slug of the team of ROC experts")
    sites_team: str = Field("sites", description="slug of the parent of the sites' teams")
    token: SecretStr | None = Field(None, description="the bot's own token")
    token_file: Path | None = Field(None, description="file with the bot's own token")
    app_id: int | None = Field(
        None, ge=1, description="id of a GitHub App, in place of a token (docs/github.md)"
    )
    app_key: SecretStr | None = Field(None, description="the App's private key (PEM)")
    app_key_file: Path | None = Field(None, description="file with the App's private key")
    client_id: str | None = Field(
        None, description="of the OAuth App by whose device flow people `login`"
    )
    webhook_secret: SecretStr | None = Field(
        None, description="what GitHub signs its calls to `/github` with; none: no such path"
    )
    webhook_secret_file: Path | None = Field(None, description="file with the webhook's secret")


class Slack(_Part):
    """The Slack workspace; off unless a bot token is named (docs/slack.md)."""

    bot_token: SecretStr | None = Field(None, description="bot token, `xoxb-…`")
    bot_token_file: Path | None = Field(None, description="file with the bot token")
    app_token: SecretStr | None = Field(None, description="app-level token, for Socket Mode")
    app_token_file: Path | None = Field(None, description="file with the app-level token")
    signing_secret: SecretStr | None = Field(
        None, description="for HTTP mode, in place of an app-level token"
    )
    signing_secret_file: Path | None = Field(None, description="file with the signing secret")
    channels: tuple[str, ...] = Field((), description="channel ids; the first is the ROC's")
    workspaces: tuple[str, ...] = Field(
        (), description="ids of other workspaces whose people may speak (Slack Connect)"
    )
    api_url: str = Field("https://slack.com/api/", description="root of the Web API")


class Telegram(_Part):
    """Telegram; off unless a token is named (docs/telegram.md)."""

    token: SecretStr | None = Field(None, description="the bot's token, from BotFather")
    token_file: Path | None = Field(None, description="file with the bot's token")
    chats: tuple[int, ...] = Field((), description="chat ids; the first is the ROC's")
    api_url: str = Field("https://api.telegram.org/bot", description="root of the Bot API")
    webhook_url: str | None = Field(
        None, description="https address that leads to `/telegram`; default: long polling"
    )
    webhook_secret: SecretStr | None = Field(None, description="what Telegram sends with each call")
    webhook_secret_file: Path | None = Field(None, description="file with the webhook's secret")


class Hooks(_Part):
    """The only paths meant for the outside: `/github`, `/slack`, `/telegram`; off without a port."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int | None = Field(None, ge=0, le=65535, description="port to listen on")


class Links(_Part):
    """What a link between a chat account and a person is worth."""

    expert_wait: Duration = Field(
        timedelta(hours=24),
        description="how long an expert's new account decides nothing, unless vouched for",
    )
    lifetime: Duration = Field(timedelta(days=90), description="how long a link lasts")


class Web(_Part):
    """The bot's own page: health, and in `demo` the web chat."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on")


class Ansible(_Part):
    """Keys and limits of the runs."""

    ssh_key_file: Path | None = Field(None, description="one SSH key for every site")
    ssh_key_dir: Path | None = Field(None, description="folder with one SSH key a site, by name")
    known_hosts_file: Path | None = Field(None, description="host keys; no other host is spoken to")
    vault_password_file: Path | None = Field(None, description="one vault password for every site")
    vault_password_dir: Path | None = Field(None, description="folder with one a site, by name")
    local_hosts: tuple[str, ...] = Field(
        (), description="host names (patterns) that a local connection may reach"
    )
    role_hosts: tuple[str, ...] = Field(
        (), description="hosts that role submodules may be fetched from"
    )

    @model_validator(mode="after")
    def _one_way_each(self) -> "Ansible":
        if self.ssh_key_file and self.ssh_key_dir:
            raise ValueError("ssh_key_file and ssh_key_dir exclude each other")
        if self.vault_password_file and self.vault_password_dir:
            raise ValueError("vault_password_file and vault_password_dir exclude each other")
        return self


class Policy(_Part):
    """What holds whatever an entry says."""

    min_approvals: int = Field(
        1, ge=0, le=5, description="approvals that every entry takes that does not only read"
    )
    read_only: frozenset[str] = Field(
        frozenset(), description="entries of the repository that may say `changes: false`"
    )
    approval_time: Duration = Field(timedelta(hours=4), description="how long a request waits")
    start_time: Duration = Field(
        timedelta(hours=4), description="how long an approved run waits to start"
    )


class Limits(_Part):
    """How much at once."""

    commands_a_minute: int = Field(30, ge=1, description="commands an account may give a minute")
    parallel_runs: int = Field(4, ge=1, le=64, description="runs and plans at the same time")


class Settings(BaseSettings):
    """All settings of one bot."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    state_dir: Path = Field(description="folder of the embedded database, mirrors and logs")
    database: SecretStr | None = Field(
        None, description="SQLAlchemy URL; default: SQLite in the state folder"
    )
    database_file: Path | None = Field(None, description="file with that URL")
    repository: str | None = Field(None, description="path or URL of the DevOps repository")
    handlers: tuple[Path, ...] = Field((), description="more folders with handlers")
    plain_commands: bool = Field(
        True, description="whether the ROC channel is heard without a mention"
    )
    github: GitHub = Field(default_factory=GitHub, description="GitHub")
    slack: Slack = Field(default_factory=Slack, description="Slack")
    telegram: Telegram = Field(default_factory=Telegram, description="Telegram")
    hooks: Hooks = Field(default_factory=Hooks, description="calls from outside")
    links: Links = Field(default_factory=Links, description="links")
    web: Web = Field(default_factory=Web, description="page and health")
    ansible: Ansible = Field(default_factory=Ansible, description="running playbooks")
    policy: Policy = Field(default_factory=Policy, description="approvals")
    limits: Limits = Field(default_factory=Limits, description="limits")

    @property
    def database_url(self) -> str:
        """The database's URL, the embedded one where none is named."""
        written = _secret(self.database, self.database_file)
        return written or f"sqlite:///{self.state_dir / 'aaroc-bot.sqlite3'}"

    @property
    def github_token(self) -> str | None:
        """The bot's token, from the setting or its file."""
        return _secret(self.github.token, self.github.token_file)

    @property
    def github_app_key(self) -> str | None:
        """The GitHub App's private key, from the setting or its file."""
        return _secret(self.github.app_key, self.github.app_key_file)

    @property
    def github_webhook_secret(self) -> str | None:
        """What GitHub signs its calls with, from the setting or its file."""
        return _secret(self.github.webhook_secret, self.github.webhook_secret_file)

    @property
    def slack_bot_token(self) -> str | None:
        """Slack's bot token, from the setting or its file."""
        return _secret(self.slack.bot_token, self.slack.bot_token_file)

    @property
    def slack_app_token(self) -> str | None:
        """Slack's app-level token, from the setting or its file."""
        return _secret(self.slack.app_token, self.slack.app_token_file)

    @property
    def slack_signing_secret(self) -> str | None:
        """Slack's signing secret, from the setting or its file."""
        return _secret(self.slack.signing_secret, self.slack.signing_secret_file)

    @property
    def telegram_token(self) -> str | None:
        """Telegram's token, from the setting or its file."""
        return _secret(self.telegram.token, self.telegram.token_file)

    @property
    def telegram_webhook_secret(self) -> str | None:
        """What Telegram sends with each call, from the setting or its file."""
        return _secret(self.telegram.webhook_secret, self.telegram.webhook_secret_file)

    @property
    def github_repository(self) -> str | None:
        """``owner/name``, as set or as a GitHub URL of the DevOps repository says."""
        if self.github.repository:
            return self.github.repository
        match = re.search(r"github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?$", self.repository or "")
        return match[1] if match else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `read` hands over counts: the environment first, then the file."""
        return (env_settings, init_settings)


def _secret(written: SecretStr | None, file: Path | None) -> str | None:
    """Give a secret from its setting, else from its file; a missing file is a fault."""
    if written:
        return written.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsFault([f"{file} cannot be read: {problem}."]) from None


def default_state_dir(environment: Mapping[str, str]) -> Path:
    """Give the platform's folder for a user's state (XDG Base Directory Specification)."""
    base = environment.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "aaroc-bot"


def read() -> Settings:
    """Read the settings of this process.

    Raises `SettingsFault` with a sentence for each fault.
    """
    state = Path(os.environ.get("AAROC_STATE_DIR") or default_state_dir(os.environ))
    written, faults = _file(state)
    faults += _unknown(os.environ, written)
    try:
        settings = Settings(**{"state_dir": state.expanduser().resolve(), **_known(written)})
    except ValidationError as problem:
        told = problem.errors()  # a name that is none is told with the nearest right one
        faults += [_sentence(error) for error in told if error["type"] != "extra_forbidden"]
    except SettingsError:
        faults += _not_json(os.environ)
    else:
        faults += [
            f"AAROC_HANDLERS: {p} is no folder." for p in settings.handlers if not p.is_dir()
        ]
        unread = list(_unreadable(settings))
        faults += unread or _incomplete(settings)
        if not faults:
            return settings
    raise SettingsFault(faults)


def _unreadable(settings: Settings) -> Iterator[str]:
    """Name the files that should hold a secret and cannot be read."""
    parts: dict[str, BaseModel] = {"": settings}
    parts |= {f"{name}__": part for name, part in settings if isinstance(part, _Part)}
    for prefix, part in parts.items():
        values = dict(part)
        for name, file in values.items():
            secret, is_file, _ = name.partition("_file")
            if not is_file or secret not in values or not isinstance(file, Path):
                continue
            try:
                file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as problem:
                why = problem.strerror if isinstance(problem, OSError) else "it is no text"
                yield f"{PREFIX}{f'{prefix}{name}'.upper()}: {file} cannot be read: {why}."


def _incomplete(settings: Settings) -> list[str]:
    """List what is missing beside what is set: half a chat is none."""
    return [
        *_github_faults(settings),
        *_slack_faults(settings),
        *_telegram_faults(settings),
    ]


def _github_faults(settings: Settings) -> Iterator[str]:
    github, name = settings.github, f"{PREFIX}GITHUB__"
    if (github.app_id is None) != (not settings.github_app_key):
        yield f"{name}APP_ID and {name}APP_KEY_FILE go together."
    if github.app_id is not None and settings.github_token:
        yield f"{name}TOKEN or {name}APP_ID is wanted, and one of them only."
    if settings.github_webhook_secret and settings.hooks.port is None:
        yield f"{PREFIX}HOOKS__PORT is missing: GitHub calls the bot there."


def _slack_faults(settings: Settings) -> Iterator[str]:
    slack, name = settings.slack, f"{PREFIX}SLACK__"
    socket, http = bool(settings.slack_app_token), bool(settings.slack_signing_secret)
    if not settings.slack_bot_token:
        if slack.channels or socket or http:
            yield f"{name}BOT_TOKEN is missing."
        return
    if not slack.channels:
        yield f"{name}CHANNELS is missing: the ids of the channels, the ROC's first."
    for channel in slack.channels:
        if not _SLACK_CHANNEL.fullmatch(channel):
            yield f"{name}CHANNELS: {channel} is no id; one is written C0123456789."
    if socket == http:
        both = f"{name}APP_TOKEN (Socket Mode) or {name}SIGNING_SECRET (HTTP)"
        yield f"{both} is wanted, and one of them only."
    if not slack.api_url.endswith("/api/"):
        yield f"{name}API_URL: it ends in /api/."
    if http and settings.hooks.port is None:
        yield f"{PREFIX}HOOKS__PORT is missing: Slack calls the bot there in HTTP mode."


def _telegram_faults(settings: Settings) -> Iterator[str]:
    telegram, name = settings.telegram, f"{PREFIX}TELEGRAM__"
    url, secret = telegram.webhook_url, settings.telegram_webhook_secret
    if not settings.telegram_token:
        if telegram.chats or url or secret:
            yield f"{name}TOKEN is missing."
        return
    if not telegram.chats:
        yield f"{name}CHATS is missing: the ids of the chats, the ROC's first."
    if not telegram.api_url.endswith("/bot"):
        yield f"{name}API_URL: it ends in /bot."
    if not url:
        return
    if not url.startswith("https://"):
        yield f"{name}WEBHOOK_URL: it begins with https://."
    if not secret:
        yield f"{name}WEBHOOK_SECRET is missing: it goes with {name}WEBHOOK_URL."
    elif not _WEBHOOK_SECRET.fullmatch(secret):
        yield f"{name}WEBHOOK_SECRET: 1 to 256 letters, digits, _ and -."
    if settings.hooks.port is None:
        yield f"{PREFIX}HOOKS__PORT is missing: Telegram calls the bot there."


def _known(written: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out names that are no settings: they are told by `_unknown`."""
    return {
        name: {k: v for k, v in value.items() if f"{PREFIX}{name}__{k}".upper() in NAMES}
        if isinstance(value, dict)
        else value
        for name, value in written.items()
        if name in Settings.model_fields
    }


def _file(state: Path) -> tuple[dict[str, Any], list[str]]:
    for path in (Path(FILE), state / FILE):
        if path.is_file():
            try:
                return tomllib.loads(path.read_text(encoding="utf-8")), []
            except (OSError, ValueError) as problem:
                return {}, [f"{path} cannot be read: {problem}."]
    return {}, []


@dataclass(frozen=True, slots=True)
class Named:
    """One setting as the reference lists it: its name in the environment, default, meaning."""

    name: str
    default: str
    meaning: str
    is_list: bool


def reference() -> Iterator[Named]:
    """List every setting there is, for `docs/settings.md` and for the nearest name."""
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, _Part):
            for inner, inner_field in kind.model_fields.items():
                full = f"{PREFIX}{name}__{inner}".upper()
                yield _named(full, inner_field)
        else:
            yield _named(f"{PREFIX}{name}".upper(), field)


def _named(name: str, field: FieldInfo) -> Named:
    many = get_origin(field.annotation) in {tuple, frozenset}
    return Named(name, _shown(field.default), field.description or "", many)


def _shown(default: object) -> str:
    if isinstance(default, timedelta):
        hours = default // timedelta(hours=1)
        return f"{hours // 24}d" if hours > 24 else f"{hours}h"
    return (
        ""
        if default in (None, (), frozenset(), "") or "Undefined" in repr(default)
        else str(default)
    )


def _unknown(environment: Mapping[str, str], written: Mapping[str, Any]) -> list[str]:
    typed = [n for n in environment if n.startswith(PREFIX) and not n.startswith(TEST_PREFIX)]
    for name, value in written.items():
        group = isinstance(value, dict) and name in Settings.model_fields
        names = [f"{name}__{inner}" for inner in value] if group else [name]
        typed += [f"{PREFIX}{n}".upper() for n in names]
    return [_not_known(name) for name in sorted(set(typed)) if name.upper() not in NAMES]


def _not_known(name: str) -> str:
    near = difflib.get_close_matches(name.upper(), NAMES, n=1)
    return f"{name} is no setting." + (f" The nearest is {near[0]}." if near else "")


def _not_json(environment: Mapping[str, str]) -> list[str]:
    """Name the lists that are not written as JSON: pydantic-settings would name their group."""
    wrong = []
    for named in reference():
        value = environment.get(named.name)
        if named.is_list and value is not None:
            try:
                json.loads(value)
            except ValueError:
                wrong.append(f'{named.name}: a list is written as JSON: ["one", "two"].')
    return wrong


WANTED = {
    "int_parsing": "a whole number is wanted",
    "int_type": "a whole number is wanted",
    "bool_parsing": "true or false is wanted",
    "path_type": "a path is wanted",
    "tuple_type": 'a list is written as JSON: ["one", "two"]',
    "frozen_set_type": 'a list is written as JSON: ["one", "two"]',
    "string_type": "text is wanted",
}
"""Our words for what pydantic finds; its own follow where there are none."""


def _sentence(error: Any) -> str:
    name = PREFIX + "__".join(str(part) for part in error["loc"] if isinstance(part, str)).upper()
    own = str(error["msg"]).removeprefix("Value error, ")
    what = WANTED.get(error["type"], f"{own[:1].lower()}{own[1:]}")
    return f"{name}: {what}."


NAMES = frozenset(named.name for named in reference())
"""Every name that there is."""
