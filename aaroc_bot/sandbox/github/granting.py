"""The device flow's state: codes that were given out, who confirmed them, and tokens."""

import secrets
from dataclasses import dataclass, field
from time import monotonic

CLIENT_ID = "Iv1.sandbox0000aaroc"
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
SLOWER = 5
"""Seconds that each question asked too soon adds to the interval."""


@dataclass(slots=True)
class Grant:
    """One code: `person` is the id of who confirmed it, `denied` that somebody said no."""

    device: str
    code: str
    until: float
    interval: int
    asked: float
    person: int | None = None
    denied: bool = False


@dataclass(slots=True)
class Granting:
    """Gives out codes and tokens for one OAuth App; plain state that a test changes.

    Times are in seconds. `enabled` False is an App whose device flow was not switched on.
    """

    client_id: str = CLIENT_ID
    enabled: bool = True
    lasts: int = 900
    interval: int = 5
    grants: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)

    def begin(self) -> Grant:
        """Give out a code."""
        code = "".join(secrets.choice(LETTERS) for _ in range(8))
        device, now = secrets.token_hex(20), monotonic()
        grant = Grant(device, f"{code[:4]}-{code[4:]}", now + self.lasts, self.interval, now)
        self.grants[device] = grant
        return grant

    def entered(self, typed: str) -> Grant | None:
        """Find the code that somebody typed, if it still waits for them."""
        bare = typed.replace("-", "").replace(" ", "").upper()
        for grant in self.grants.values():
            decided = grant.denied or grant.person is not None
            if grant.code.replace("-", "") == bare and not decided and monotonic() < grant.until:
                return grant
        return None

    def outcome(self, device: str) -> dict[str, object]:
        """Answer a question about a code, as GitHub does; a token is given once."""
        grant = self.grants.get(device)
        if grant is None:
            return {"error": "incorrect_device_code"}
        now, soon = monotonic(), monotonic() < grant.asked + grant.interval
        grant.asked = now
        if now >= grant.until:
            return {"error": "expired_token"}
        if soon:
            grant.interval += SLOWER
            return {"error": "slow_down", "interval": grant.interval}
        if grant.denied:
            return {"error": "access_denied"}
        if grant.person is None:
            return {"error": "authorization_pending"}
        del self.grants[device]
        token = f"gho_{secrets.token_hex(18)}"
        self.tokens[token] = grant.person
        return {"access_token": token, "token_type": "bearer", "scope": ""}
