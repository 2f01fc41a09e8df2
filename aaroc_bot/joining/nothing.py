"""Where no GitHub is configured nobody can be invited, and that is said."""

from aaroc_bot.core.joining import Join
from aaroc_bot.core.ports import JoinOutcome, NotJoined, WhyNotJoined
from aaroc_bot.core.rights import Standing
from aaroc_bot.core.run import Asked


class NoJoining:
    """Fills the `Joining` port."""

    def __init__(self, why: str) -> None:
        """Say `why` there is none, for people."""
        self.possible = why

    async def get(self, id: int) -> Join | None:
        """Give None: there is none."""
        return None

    async def ask(self, by: Standing, asked: Asked, site: str = "") -> JoinOutcome | NotJoined:
        """Say that it cannot be told who somebody is."""
        return NotJoined(WhyNotJoined.CANNOT_TELL, detail=self.possible)

    async def welcome(self, login: str, site: str, by: Standing) -> JoinOutcome | NotJoined:
        """Say the same."""
        return NotJoined(WhyNotJoined.CANNOT_TELL, site=site, detail=self.possible)

    async def invite(self, login: str, by: Standing) -> JoinOutcome | NotJoined:
        """Say the same."""
        return NotJoined(WhyNotJoined.CANNOT_TELL, detail=self.possible)
