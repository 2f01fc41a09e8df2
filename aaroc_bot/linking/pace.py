"""How many logins an account may begin: each is a question to GitHub and a code in the world."""

from datetime import datetime, timedelta

from aaroc_bot.core.message import Account

MOST = 3
SPAN = timedelta(hours=1)


class LoginPace:
    """Counts in memory: a restart forgets, and nobody outside can order one."""

    def __init__(self) -> None:
        self._begun: dict[Account, list[datetime]] = {}

    def again(self, account: Account, now: datetime) -> datetime | None:
        """Say from when the account may begin another login; None if it may now."""
        begun = [at for at in self._begun.get(account, ()) if at > now - SPAN]
        return begun[-MOST] + SPAN if len(begun) >= MOST else None

    def begins(self, account: Account, now: datetime) -> None:
        """Count a login, and forget those of an hour ago."""
        self._begun = {one: at for one, at in self._begun.items() if at[-1] > now - SPAN}
        self._begun[account] = [*self._begun.get(account, ())[-MOST:], now]
