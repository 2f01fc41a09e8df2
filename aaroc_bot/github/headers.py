"""What the headers of GitHub's answers say: limits, and where a list goes on."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from github.Requester import Requester

MINUTE = 60.0
LATEST = 4102444800
"""The year 2100, in seconds: no limit ends later."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many calls GitHub still takes until `resets_at`, by its last answer."""

    remaining: int
    limit: int
    resets_at: datetime

    @property
    def low(self) -> bool:
        """Whether less than a tenth is left."""
        return self.remaining * 10 < self.limit


def limit_of(headers: Mapping[str, str]) -> Limit | None:
    """Read the limit of the REST API's core; None where the answer does not tell it."""
    if headers.get("x-ratelimit-resource", "core") != "core":
        return None
    told = [headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "limit", "reset")]
    if not all(number.isdecimal() and len(number) < 12 for number in told):
        return None
    remaining, limit, reset = map(int, told)
    return Limit(remaining, limit, datetime.fromtimestamp(min(reset, LATEST), UTC))


def pause_of(status: int, headers: Mapping[str, str], message: str) -> float:
    """Give the seconds to wait if this is a rate limit, primary or secondary, else 0.

    A secondary one without `retry-after` ends after a minute, as GitHub's reference says.
    """
    if status not in {403, 429}:
        return 0.0
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return max(1.0, float(after))
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(1.0, float(reset) - time.time() + 1)
    limited = status == 429 or Requester.isRateLimitError(message)
    return MINUTE if limited else 0.0


def next_of(link: str) -> str | None:
    """Find the next page in a Link header."""
    for part in link.split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return address.strip().strip("<>")
    return None
