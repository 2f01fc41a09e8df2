"""How much one person may send through all pages that speak as them."""

import time

from aaroc_bot.chat.web import LIMIT

BURST, A_SECOND = 60, 10
"""Messages at once and for long; the dispatcher's own limit of commands is lower."""

CHARACTERS, CHARACTERS_A_SECOND = 3 * LIMIT, LIMIT // 8
"""The same in characters: reading them keeps the loop from everybody else."""


class Allowance:
    """A burst of messages and of characters, filled up again as time passes."""

    def __init__(self) -> None:
        """Begin full."""
        self._messages, self._characters = float(BURST), float(CHARACTERS)
        self._at = time.monotonic()

    def take(self, characters: int) -> bool:
        """Use up one message of so many characters; False if there is not enough left.

        One that is longer than what is taken in costs no more than the longest that is: it
        is told so, rather than that it came too soon.
        """
        now = time.monotonic()
        passed, self._at = now - self._at, now
        cost = min(characters, LIMIT)
        self._messages = min(BURST, self._messages + passed * A_SECOND)
        self._characters = min(CHARACTERS, self._characters + passed * CHARACTERS_A_SECOND)
        if self._messages < 1 or self._characters < cost:
            return False
        self._messages -= 1
        self._characters -= cost
        return True
