"""What a call of Slack's that failed means for us."""

from collections.abc import Mapping

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError

from aaroc_bot.core.ports import Later, Lost, Shut

GONE = frozenset(
    {
        "cannot_dm_bot",
        "cannot_reply_to_message",
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "thread_not_found",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
    }
)
"""Errors after which the same call never goes through."""

SHUT = frozenset(
    {
        "channel_is_archived",
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "not_in_channel",
    }
)
RESTRICTED = "restricted_action"
"""Errors of a channel that takes nothing from the bot; those of its rules begin with this."""

REFUSED = frozenset(
    {
        "access_denied",
        "account_inactive",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
"""Errors that say that the token is worth nothing."""

AWAY = frozenset({"request_timeout", "service_unavailable", "team_added_to_org"})
"""Errors of Slack's own, which pass."""

STUMBLES = frozenset({"fatal_error", "internal_error"})
"""Errors of Slack's own over one call; others may go through meanwhile."""

PATIENCE = 30.0
"""Seconds to wait where Slack asks for patience and does not say how much."""


class Refused(Exception):
    """Slack refuses the token; the message is its word for why."""


class Away(Exception):
    """Slack does not answer; what was asked may have been done all the same."""


class Stumbled(Exception):
    """Slack failed over one call; what was asked may have been done all the same."""


def judged(problem: Exception) -> Exception:
    """Give what a failed call means: one of the above, `Later`, `Lost`, or the fault itself."""
    if isinstance(problem, aiohttp.ClientError | TimeoutError | OSError | SlackRequestError):
        return Away()
    if not isinstance(problem, SlackApiError):
        return problem
    reply = problem.response
    status = int(getattr(reply, "status_code", 0) or getattr(reply, "status", 0))
    error = word(problem)
    if status == 429 or error in {"ratelimited", "rate_limited"}:
        return Later(_patience(getattr(reply, "headers", {})))
    if error in SHUT or error.startswith(RESTRICTED):
        return Shut(f"Slack: {error}")
    if error in GONE:
        return Lost(f"Slack: {error}")
    if error in REFUSED:
        return Refused(error)
    if error in AWAY or status >= 500 or not error:
        return Away()
    if error in STUMBLES:
        return Stumbled()
    return problem


def word(problem: Exception) -> str:
    """Give Slack's word for what is wrong (``token_revoked``); empty where it said none."""
    if not isinstance(problem, SlackApiError):
        return str(problem)
    data = getattr(problem.response, "data", problem.response)
    return str(data.get("error", "")) if isinstance(data, Mapping) else ""


def named(problem: Exception) -> str:
    """Name a failure for the log by its kind alone: aiohttp writes tickets and tokens into it."""
    kind = type(problem).__name__
    return f"{kind}: {word(problem)}" if isinstance(problem, SlackApiError) else kind


def _patience(headers: Mapping[str, str]) -> float:
    try:
        return max(1.0, float(headers.get("Retry-After", PATIENCE)))
    except ValueError:
        return PATIENCE
