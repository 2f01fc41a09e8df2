"""Every outcome that ends a command has its words; one without would fail closed, as a fault."""

from typing import get_args

import pytest

from aaroc_bot.commands import (
    CannotTell,
    DoneBefore,
    Fault,
    Gone,
    NotForYou,
    Refused,
    TooMany,
    Unavailable,
    load,
)
from aaroc_bot.content import modules
from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.understood import NotUnderstood

OUTCOMES = (
    *get_args(NotUnderstood),
    Refused,
    CannotTell,
    TooMany,
    Gone,
    NotForYou,
    Unavailable,
    Fault,
    DoneBefore,
)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.__name__)
def test_every_outcome_has_words(outcome: type) -> None:
    assert outcome in load(modules()).refusals


def test_every_verdict_that_is_a_no_has_words() -> None:
    deciding = next(m for m in modules() if m.__name__.endswith(".approve"))
    answered = {Verdict.YES, Verdict.MORE_NEEDED, Verdict.RUNNING}
    assert set(deciding.WHY_NOT) | answered == set(Verdict)
