"""How fast each account speaks, remembered for a minute (core/limits.py has the rule)."""

from collections.abc import Iterator
from datetime import datetime

from aaroc_bot.core.limits import UNLINKED, WINDOW, Pace, Spoken, pace


class Pacing:
    """Counts the commands of each account. Kept in memory: a restart forgives."""

    def __init__(self, a_minute: int) -> None:
        """Allow `a_minute` commands an account, fewer to one that speaks for nobody."""
        self._a_minute = a_minute
        self._spoken: dict[tuple[str, bool], Spoken] = {}

    def limit(self, *, linked: bool) -> int:
        """Give how many commands a minute an account may give."""
        return self._a_minute if linked else min(UNLINKED, self._a_minute)

    def weigh(self, account: str, now: datetime, *, linked: bool) -> tuple[Pace, int]:
        """Weigh a command; with one that passes, how many before it were not heard."""
        key = (account, linked)  # who logged out begins anew as a stranger
        before = self._spoken.get(key, Spoken())
        what, self._spoken[key] = pace(before, now, self.limit(linked=linked))
        return what, before.unheard if what is Pace.PASS else 0

    def forget(self, now: datetime) -> Iterator[tuple[str, int]]:
        """Forget the accounts that fell silent; give those with commands that were not heard."""
        quiet = [key for key, spoken in self._spoken.items() if now - spoken.times[-1] > WINDOW]
        for key in quiet:
            if unheard := self._spoken.pop(key).unheard:
                yield key[0], unheard
