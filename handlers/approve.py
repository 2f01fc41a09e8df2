"""Deciding about a run: `approve`, `deny`, `cancel`. The rules are in core/approval.py."""

from aaroc_bot.commands import (
    Call,
    Effect,
    Lacking,
    Message,
    Refusal,
    Right,
    Run,
    State,
    Text,
    Verdict,
    command,
)

from ._run_wording import where
from ._sites import decides, no_expert, to_look
from ._wording import experts, joined, to_type
from .deploy import may_ask_again
from .run_card import run_message

WHY_NOT = {
    Verdict.NO_SUCH_RUN: "There is no run {run}.",
    Verdict.OWN_REQUEST: "You asked for run {run}, so somebody else decides.",
    Verdict.NOT_AN_EXPERT: "Run {run} is for ROC experts to decide.",
    Verdict.NOT_YOURS: "Run {run} is ended by who asked for it, by {site}'s admins or by an expert.",
    Verdict.ALREADY: "You have done that already; run {run} is {state}.",
    Verdict.NOT_WAITING: "Run {run} does not wait for approval: it is {state}.",
    Verdict.STILL_PLANNING: "The plan of run {run} is not ready yet.",
    Verdict.ENDED: "Run {run} has ended: {state}.",
    Verdict.NOT_ENDED: "Run {run} has not ended: it is {state}.",
    Verdict.CHANGED: "Run {run} is over: what it was bound to has changed.",
    Verdict.CANNOT_TELL: "GitHub does not answer, so I can't tell what you may decide. "
    "Run {run} waits on.",
    Verdict.NEW_ACCOUNT: "This account is too new to decide; run {run} waits on.",
}
"""Words for each verdict that is a no; RUNNING has its own answer."""

LACKS = {
    Verdict.OWN_REQUEST: Lacking.OWN_REQUEST,
    Verdict.NOT_AN_EXPERT: Lacking.EXPERT,
    Verdict.NOT_YOURS: Lacking.SITE,
    Verdict.CANNOT_TELL: Lacking.KNOWN,
    Verdict.NEW_ACCOUNT: Lacking.OLD_ACCOUNT,
}
"""The right that is missing, where a verdict is about rights."""


@command(
    "approve [run]",
    right=Right.MEMBER,  # `may_approve` decides: own request first, then expert
    effect=Effect.ALTERS,
    decides=True,
    help="Let a waiting run go, with exactly the plan on its card.",
)
async def approve(call: Call, run: int | None = None) -> Message:
    """Record a yes and show the run's card."""
    number = await _which(call, run, "Approve")
    verdict = await call.runs.approve(number, call.standing)
    return await _answer(call, number, verdict)


@command(
    "deny <run> [reason...]",
    right=Right.MEMBER,  # `may_deny` decides
    effect=Effect.REDUCES,
    decides=True,
    help="Send a waiting run back; whoever asked reads the reason.",
)
async def deny(call: Call, run: int, reason: str = "") -> Message:
    """Record a no with its reason and show the run's card."""
    verdict = await call.runs.deny(run, call.standing, reason)
    return await _answer(call, run, verdict)


@command(
    "cancel <run> [now]",
    right=Right.MEMBER,  # `may_cancel` decides
    effect=Effect.REDUCES,
    help="End a run before it starts; one that is under way needs now behind its number.",
)
async def cancel(call: Call, run: int, now: bool = False) -> Message:
    """End a run; one under way is only named with its hosts unless `now` was typed."""
    verdict = await call.runs.cancel(run, call.standing, now=now)
    if verdict is Verdict.RUNNING:
        found = await call.runs.get(run)
        assert found is not None  # it was found a moment ago and rows never vanish
        them = "it" if found.plan and len(found.plan.hosts) == 1 else "them"
        raise Refusal(
            f"Run {run} is under way on {where(found)}; ending it may leave {them} half way.",
            ("To end it all the same: ", to_type(f"cancel {run} now"), "."),
        )
    return await _answer(call, run, verdict)


async def _answer(call: Call, number: int, verdict: Verdict) -> Message:
    run = await call.runs.get(number)
    if run is not None and verdict in {Verdict.YES, Verdict.MORE_NEEDED}:
        return await run_message(call, run)
    site, state = (run.site, run.state.value) if run else ("", "")
    why = WHY_NOT[verdict].format(run=number, site=site, state=state)
    raise Refusal(why, *await _next(call, verdict, run), lacks=LACKS.get(verdict))


async def _next(call: Call, verdict: Verdict, run: Run | None) -> tuple[Text, ...]:
    """Say who can, and what to type next."""
    if run is not None and verdict in LACKS:
        look = await to_look(call, run.site)
        return (look,) if verdict is Verdict.CANNOT_TELL else (await experts(call), look)
    if verdict is Verdict.NO_SUCH_RUN or run is None:
        return (("To look: ", to_type("runs"), "."),)
    if verdict is Verdict.STILL_PLANNING:
        return (joined("Its card offers it once it is.", await to_look(call, run.site)),)
    if verdict is Verdict.ENDED and await may_ask_again(call, run):
        return (("To ask for it again: ", to_type(f"retry {run.number}"), "."),)
    return ()


async def _which(call: Call, run: int | None, verb: str) -> int:
    """Give the run that is meant; without a number only the list of those that wait."""
    if run is not None:
        return run
    waiting = [r for r in await call.runs.active() if r.state is State.WAITING]
    if not waiting and no_expert(call):
        raise Refusal("That is for ROC experts.", await experts(call), lacks=Lacking.EXPERT)
    if not waiting:
        look: Text = ("To look: ", to_type("runs"), ".")
        raise Refusal(f"{verb} which? Nothing waits for approval.", look)
    listed = "; ".join(f"{r.number} ({r.typed}, asked by {r.asked.by.login})" for r in waiting[:5])
    theirs = [r for r in waiting if decides(call) and r.asked.by.id != call.person.id]
    step = await to_look(call, waiting[0].site)
    if no_expert(call):
        step = joined(f"Deciding is for ROC experts. {await experts(call)}", step)
    if theirs:
        step = ("Type it with its number: ", to_type(f"approve {theirs[0].number}"), ".")
    raise Refusal(f"{verb} which? Waiting: {listed}.", step)
