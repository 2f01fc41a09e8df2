"""The groups of settings, each for one thing."""

from datetime import timedelta
from pathlib import Path

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from aaroc_bot.core.schedules import Schedule, task
from aaroc_bot.cron import checked
from aaroc_bot.settings.durations import Duration, written
from aaroc_bot.settings.fault import SettingsClash


class Part(BaseModel):
    """A group of settings: nothing unknown in it, nothing changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GitHub(Part):
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


class Slack(Part):
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


class Telegram(Part):
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


class Hooks(Part):
    """The only paths meant for the outside: `/github`, `/slack`, `/telegram`; off without a port."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int | None = Field(None, ge=0, le=65535, description="port to listen on")


class Links(Part):
    """What a link between a chat account and a person is worth."""

    expert_wait: Duration = Field(
        timedelta(hours=24),
        description="how long an expert's new account decides nothing, unless vouched for",
    )
    lifetime: Duration = Field(timedelta(days=90), description="how long a link lasts")


class Web(Part):
    """The bot's own page: health, and in `demo` the web chat."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on")


class Ansible(Part):
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


class Policy(Part):
    """What holds whatever an entry says."""

    min_approvals: int = Field(
        1, ge=0, le=5, description="approvals that every entry takes that does not only read"
    )
    read_only: frozenset[str] = Field(
        frozenset(), description="entries of the repository that may say `changes: false`"
    )
    approval_time: Duration = Field(timedelta(hours=4), description="how long a request waits")
    reminder: Duration = Field(
        timedelta(minutes=30),
        description="how long before that ends the experts are reminded; not at all where it is "
        "more than half of that",
    )
    start_time: Duration = Field(
        timedelta(hours=4), description="how long an approved run waits to start"
    )

    @model_validator(mode="after")
    def _reminded_within(self) -> "Policy":
        if "reminder" in self.model_fields_set and self.reminder >= self.approval_time:
            own = f"AAROC_POLICY__REMINDER ({written(self.reminder)})"
            whole = f"AAROC_POLICY__APPROVAL_TIME ({written(self.approval_time)})"
            raise SettingsClash([f"{own} must be shorter than {whole}."])
        return self


class Limits(Part):
    """How much at once."""

    commands_a_minute: int = Field(30, ge=1, description="commands an account may give a minute")
    parallel_runs: int = Field(4, ge=1, le=64, description="runs and plans at the same time")


class Digest(Part):
    """The scheduled report of all sites."""

    quiet: bool = Field(False, description="say nothing when there is nothing to say")


class Scheduled(Part):
    """One thing that is done at set times (`AAROC_SCHEDULES`)."""

    name: str = Field(
        min_length=1, max_length=60, description="its name, unique", examples=["weekdays"]
    )
    what: str = Field(description="`digest`, `reminders` or `refresh`", examples=["digest"])
    cron: str = Field(description="when: five fields of cron", examples=["0 8 * * 1-5"])
    zone: str = Field(
        "UTC", description="the time zone that it is meant in", examples=["Africa/Johannesburg"]
    )

    @model_validator(mode="after")
    def _ever_due(self) -> "Scheduled":
        checked(self.schedule)
        return self

    @property
    def schedule(self) -> Schedule:
        """The same as a schedule. Raises `ValueError` for one that cannot be."""
        return Schedule(self.name, task(self.what), self.cron, self.zone)


class Engine(Part):
    """How processes on one database tell who lives (docs/operating.md).

    Whoever falls silent is `lost` after that time; what it played ends by itself within
    `limit` of its last sign of life; only then, after `free`, are its sites free.
    """

    name: str | None = Field(
        None, min_length=1, max_length=200, description="unique name of this process; the host's"
    )
    heartbeat: Duration = Field(timedelta(seconds=5), description="between two signs of life")
    lost: Duration = Field(timedelta(seconds=30), description="after it, silence is a fall")
    limit: Duration = Field(timedelta(seconds=90), description="dead-man's limit of a playbook")
    free: Duration = Field(timedelta(seconds=130), description="until a lost run's site is free")

    @model_validator(mode="after")
    def _in_order(self) -> "Engine":
        def own(name: str, span: timedelta) -> str:
            return f"AAROC_ENGINE__{name} ({written(span)})"

        lost, limit = own("LOST", self.lost), own("LIMIT", self.limit)
        faults = []
        if self.heartbeat * 2 > self.lost:
            faults.append(f"{lost} must be at least twice {own('HEARTBEAT', self.heartbeat)}.")
        if self.lost + self.limit >= self.free:
            faults.append(
                f"{own('FREE', self.free)} must be more than {lost} and {limit} together."
            )
        if faults:
            raise SettingsClash(faults)
        return self
