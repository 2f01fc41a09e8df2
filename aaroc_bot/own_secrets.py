"""The operator's own secrets, which no message, log or card may ever hold."""

from sqlalchemy import make_url

from aaroc_bot.settings import Settings


def own_secrets(settings: Settings) -> list[str]:
    """List them: tokens, keys, and the password of the database."""
    password = make_url(settings.database_url).password
    return [secret for secret in (*platform_secrets(settings), str(password or "")) if secret]


def platform_secrets(settings: Settings) -> list[str]:
    """List those by which GitHub and the chats are spoken to."""
    return [
        secret
        for secret in (
            settings.github_token,
            settings.github_app_key,
            settings.github_webhook_secret,
            settings.slack_bot_token,
            settings.slack_app_token,
            settings.slack_signing_secret,
            settings.telegram_token,
            settings.telegram_webhook_secret,
        )
        if secret
    ]
