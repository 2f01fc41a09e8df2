"""All settings of one bot, and its secrets from their files."""

import re
from pathlib import Path

from pydantic import (
    Field,
    SecretStr,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from aaroc_bot.settings.fault import SettingsFault
from aaroc_bot.settings.groups import (
    Ansible,
    Digest,
    Engine,
    GitHub,
    Hooks,
    Limits,
    Links,
    Policy,
    Scheduled,
    Slack,
    Telegram,
    Web,
)

PREFIX = "AAROC_"


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
    schedules: tuple[Scheduled, ...] = Field((), description="what is done at set times")
    digest: Digest = Field(default_factory=Digest, description="the digest")
    engine: Engine = Field(default_factory=Engine, description="several processes")

    @field_validator("schedules")
    @classmethod
    def _named_once(cls, schedules: tuple[Scheduled, ...]) -> tuple[Scheduled, ...]:
        names = [one.name for one in schedules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two schedules are called {', '.join(twice)}")
        return schedules

    @property
    def database_url(self) -> str:
        """The database's URL, the embedded one where none is named."""
        written = secret_of(self.database, self.database_file)
        return written or f"sqlite:///{self.state_dir / 'aaroc-bot.sqlite3'}"

    @property
    def github_token(self) -> str | None:
        """The bot's token, from the setting or its file."""
        return secret_of(self.github.token, self.github.token_file)

    @property
    def github_app_key(self) -> str | None:
        """The GitHub App's private key, from the setting or its file."""
        return secret_of(self.github.app_key, self.github.app_key_file)

    @property
    def github_webhook_secret(self) -> str | None:
        """What GitHub signs its calls with, from the setting or its file."""
        return secret_of(self.github.webhook_secret, self.github.webhook_secret_file)

    @property
    def slack_bot_token(self) -> str | None:
        """Slack's bot token, from the setting or its file."""
        return secret_of(self.slack.bot_token, self.slack.bot_token_file)

    @property
    def slack_app_token(self) -> str | None:
        """Slack's app-level token, from the setting or its file."""
        return secret_of(self.slack.app_token, self.slack.app_token_file)

    @property
    def slack_signing_secret(self) -> str | None:
        """Slack's signing secret, from the setting or its file."""
        return secret_of(self.slack.signing_secret, self.slack.signing_secret_file)

    @property
    def telegram_token(self) -> str | None:
        """Telegram's token, from the setting or its file."""
        return secret_of(self.telegram.token, self.telegram.token_file)

    @property
    def telegram_webhook_secret(self) -> str | None:
        """What Telegram sends with each call, from the setting or its file."""
        return secret_of(self.telegram.webhook_secret, self.telegram.webhook_secret_file)

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


def secret_of(written: SecretStr | None, file: Path | None) -> str | None:
    """Give a secret from its setting, else from its file; a missing file is a fault."""
    if written:
        return written.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsFault([f"{file} cannot be read: {problem}."]) from None
