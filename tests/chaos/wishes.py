"""What people wish for in a chaos test, made from a seed."""

from dataclasses import dataclass, replace
from enum import Enum
from random import Random

from tests.chaos.stage import ASKERS, EXPERTS


class Fate(Enum):
    """What people do about a run once it waits for an expert."""

    APPROVE = "approve"
    DENY = "deny"
    CANCEL = "cancel"
    CANCEL_NOW = "cancel now"
    """Approved, and ended while it is under way."""


CHANCES = {Fate.APPROVE: 80, Fate.DENY: 6, Fate.CANCEL: 6, Fate.CANCEL_NOW: 8}


@dataclass(frozen=True, slots=True)
class Wish:
    """One run that somebody asks for.

    `number` is a parameter of it. `button`: an expert presses one instead of typing.
    `status` is the exit status of its playbook.
    """

    number: int
    site: str
    name: str
    beats: int
    status: int
    asker: str
    expert: str
    chat: str
    answered_in: str
    fate: Fate
    button: bool

    @property
    def typed(self) -> str:
        """How it is asked for."""
        more = f" beats={self.beats} status={self.status}" if self.name == "work" else ""
        return f"run {self.name} at {self.site} wish={self.number}{more}"


def plain(wish: Wish) -> Wish:
    """Give a wish that is approved, and whose playbook succeeds."""
    return replace(wish, fate=Fate.APPROVE, status=0)


def wishes(random: Random, count: int, sites: tuple[str, ...]) -> list[Wish]:
    """Make wishes, at sites of which some are asked for more often than others."""
    made = []
    for number in range(1, count + 1):
        name = "foreseen" if random.random() < 0.1 else "work"
        made.append(
            Wish(
                number=number,
                site=sites[min(random.randrange(len(sites)), random.randrange(len(sites)))],
                name=name,
                beats=random.randint(4, 40),
                status=2 if name == "work" and random.random() < 0.06 else 0,
                asker=random.choice(ASKERS),
                expert=random.choice(EXPERTS),
                chat=random.choice(["slack", "telegram"]),
                answered_in=random.choice(["slack", "telegram"]),
                fate=random.choices(list(CHANCES), list(CHANCES.values()))[0],
                button=random.random() < 0.5,
            )
        )
    return made
