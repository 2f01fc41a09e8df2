"""Deciding about a run: what is said to whom it is not for, and what they can do instead."""

from dataclasses import dataclass, replace

import pytest

from aaroc_bot.commands import Plan, Standing, State, Verdict
from tests.handlers.ports import EXPERT, KENET, UJ, Book
from tests.handlers.sample import RUNNING, channel


@dataclass
class Deciding(Book):
    """Every wish about a run comes to the same."""

    verdict: Verdict = Verdict.YES

    async def approve(self, number: int, by: Standing) -> Verdict:
        return self.verdict

    async def deny(self, number: int, by: Standing, reason: str) -> Verdict:
        return self.verdict

    async def cancel(self, number: int, by: Standing, *, now: bool) -> Verdict:
        return self.verdict


@pytest.mark.parametrize(
    ("hosts", "left"),
    [
        (("bdii1",), "on bdii1; ending it may leave it half way."),
        (("bdii1", "bdii2"), "on bdii1, bdii2; ending it may leave them half way."),
        ((), "on hosts of KE-NAIROBI; ending it may leave them half way."),
    ],
)
async def test_what_may_be_left_half_way_is_counted(hosts: tuple[str, ...], left: str) -> None:
    run = replace(RUNNING, plan=Plan(played=True, hosts=hosts))
    room = channel(runs=Deciding([run], verdict=Verdict.RUNNING))
    answer = await room.say(KENET, "cancel 15")
    assert answer == f"Run 15 is under way {left}\nTo end it all the same: `cancel 15 now`."


@pytest.mark.parametrize("typed", ["approve 15", "deny 15 no", "cancel 15"])
async def test_who_may_not_decide_is_told_who_can_and_what_to_type(typed: str) -> None:
    for verdict in (Verdict.OWN_REQUEST, Verdict.NOT_AN_EXPERT, Verdict.NOT_YOURS):
        room = channel(runs=Deciding([RUNNING], verdict=verdict))
        answer = await room.say(UJ, typed)
        assert answer.endswith("\nExperts: roc-expert.\nTo look: `status KE-NAIROBI`.")
    gone = Deciding([replace(RUNNING, site="ZA-GONE")], verdict=Verdict.NOT_YOURS)
    assert (await channel(runs=gone).say(UJ, typed)).endswith("\nTo look: `runs`.")


async def test_who_is_no_expert_is_not_asked_which_to_approve() -> None:
    assert await channel().say(KENET, "approve") == "That is for ROC experts.\nExperts: roc-expert."
    assert await channel().say(EXPERT, "approve") == (
        "Approve which? Nothing waits for approval.\nTo look: `runs`."
    )
    waiting = replace(RUNNING, state=State.WAITING)
    answer = await channel(runs=Book([waiting])).say(KENET, "approve")
    assert answer.splitlines()[1:] == [
        "Deciding is for ROC experts. Experts: roc-expert. To look: `status KE-NAIROBI`."
    ]


async def test_a_run_whose_plan_is_not_ready_is_approved_on_its_card() -> None:
    run = replace(RUNNING, state=State.PLANNING)
    room = channel(runs=Deciding([run], verdict=Verdict.STILL_PLANNING))
    said = await room.say(EXPERT, f"approve {run.number}")
    assert said == (
        f"The plan of run {run.number} is not ready yet.\n"
        f"Its card offers it once it is. To look: `status {run.site}`."
    )
