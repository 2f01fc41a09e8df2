"""Who may decide about a run: facts in, a `Verdict` out (RULES.md, Plans and approvals).

People are GitHub ids, so a second chat account is no second person. Nothing that GitHub
could not tell is taken for a yes or a no.
"""

from aaroc_bot.core.entries import Entry
from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.rights import Membership, Right, Standing
from aaroc_bot.core.run import Run, State


def may_approve(run: Run, by: Standing) -> Verdict:
    """Say whether `by` may approve the run: own request first, then expert, then state.

    It alters something, so rights that are only remembered (`fresh` is False) do not do.
    """
    if by.person is not None and by.person.id == run.asked.by.id:
        return Verdict.OWN_REQUEST
    verdict = is_expert(by)
    if verdict is not Verdict.YES:
        return verdict
    if not by.fresh:
        return Verdict.CANNOT_TELL
    if any(by.person is not None and a.by.id == by.person.id for a in run.approvals):
        return Verdict.ENDED if run.state.ended else Verdict.ALREADY
    return _waits(run)


def may_deny(run: Run, by: Standing) -> Verdict:
    """Say whether `by` may deny the run. It only stops something: remembered rights do."""
    verdict = is_expert(by)
    return _waits(run) if verdict is Verdict.YES else verdict


def may_cancel(run: Run, by: Standing, *, now: bool) -> Verdict:
    """Say whether `by` may end the run: who asked, the site's admins and experts may.

    A running one ends only by ``cancel N now``. Remembered rights do.
    """
    verdict = _looks_after(run, by)
    if verdict is not Verdict.YES:
        return verdict
    if run.state.ended:
        return Verdict.ENDED
    if run.state is not State.RUNNING:
        return Verdict.YES
    if run.cancelling is not None:
        return Verdict.ALREADY
    return Verdict.YES if now else Verdict.RUNNING


def may_still_run(entry: Entry, site: str, by: Standing) -> Verdict:
    """Say whether who asked still has the right to run the entry, just before it starts."""
    if _nobody_here(by):
        return Verdict.NOT_YOURS
    if by.membership is not Membership.MEMBER or not by.fresh:
        return Verdict.CANNOT_TELL
    if entry.may_run is Right.MEMBER or by.expert:
        return Verdict.YES
    if entry.may_run is Right.SITE_ADMIN and by.sites is not None and site in by.sites:
        return Verdict.YES
    unknown = by.expert is None or (entry.may_run is Right.SITE_ADMIN and by.sites is None)
    return Verdict.CANNOT_TELL if unknown else Verdict.NOT_YOURS


def is_expert(by: Standing) -> Verdict:
    """Say whether `by` decides as an expert.

    An operator outside the sandbox never does, nor who is frozen; an account that is new
    does later.
    """
    if by.person is None or by.bounded or by.frozen:
        return Verdict.NOT_AN_EXPERT
    if by.membership is Membership.CANNOT_TELL or by.expert is None:
        return Verdict.CANNOT_TELL
    if by.membership is not Membership.MEMBER or not by.expert:
        return Verdict.NOT_AN_EXPERT
    return Verdict.NEW_ACCOUNT if by.decides_from else Verdict.YES


def _nobody_here(by: Standing) -> bool:
    """Whether it is known that `by` has no rights in the organisation."""
    outside = by.membership in {Membership.OUTSIDER, Membership.PENDING}
    return by.person is None or by.frozen or outside


def _looks_after(run: Run, by: Standing) -> Verdict:
    if _nobody_here(by):
        return Verdict.NOT_YOURS
    if by.membership is Membership.CANNOT_TELL:
        return Verdict.CANNOT_TELL
    own = by.person is not None and by.person.id == run.asked.by.id
    if own or by.expert:
        return Verdict.YES
    if by.sites is not None and run.site in by.sites:
        return Verdict.YES
    unknown = by.expert is None or by.sites is None
    return Verdict.CANNOT_TELL if unknown else Verdict.NOT_YOURS


def _waits(run: Run) -> Verdict:
    if run.state is State.WAITING:
        return Verdict.YES
    if run.state is State.PLANNING:
        return Verdict.STILL_PLANNING
    return Verdict.ENDED if run.state.ended else Verdict.NOT_WAITING
