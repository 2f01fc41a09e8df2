"""What the demo says of runs that wait since it was open last."""

from dataclasses import replace
from datetime import UTC, datetime

from aaroc_bot.core.message import Account
from aaroc_bot.core.rights import Person
from aaroc_bot.core.run import Asked, Decision, Run, State
from aaroc_bot.core.sites import Revision
from aaroc_bot.demo import ROC, still_waiting

NOW = datetime(2026, 6, 8, 14, 40, tzinfo=UTC)
EXPERT, SECOND, UJ = Person(3, "roc-expert"), Person(5, "roc-second"), Person(1, "uj-admin")


def waits(number: int, by: Person, *approved: Person) -> Run:
    """Give a run that somebody asked for and that waits for another yes."""
    return Run(
        number=number,
        verb="run",
        word="ping",
        subject="ping",
        plan_only=False,
        site="ZA-UJ",
        holds=("ZA-UJ",),
        given=(),
        parameters=(),
        revision=Revision("a" * 40, "first", "uj-admin", NOW),
        asked=Asked(by, Account("web", "", by.login), ROC, NOW),
        needed=2,
        state=State.WAITING,
        changed_at=NOW,
        approvals=tuple(Decision(person, NOW) for person in approved),
    )


def test_the_expert_is_pointed_to_one_that_they_may_approve() -> None:
    own, once, free = waits(1, EXPERT), waits(2, UJ, EXPERT), waits(3, UJ, SECOND)
    asked = "Still waiting for approval: 1 (run ping at ZA-UJ), 2 (run ping at ZA-UJ)"
    assert still_waiting([own, once, free]) == (
        f"{asked}, 3 (run ping at ZA-UJ). As roc-expert: approve 3"
    )
    assert still_waiting([own, once]) == f"{asked}."
    assert still_waiting([replace(own, state=State.RUNNING)]) == ""
