"""The one clock that is handed around."""

from datetime import UTC, datetime


def now() -> datetime:
    """Tell the time, aware, in UTC."""
    return datetime.now(UTC)
