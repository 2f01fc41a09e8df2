"""Who may decide, what is sealed, what follows a plan: over everything that there could be."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.approval import is_expert, may_approve, may_cancel, may_deny, may_still_run
from aaroc_bot.core.deciding import after_plan, needed_approvals
from aaroc_bot.core.entries import CheckMode, Entry, Origin
from aaroc_bot.core.message import Account, Place
from aaroc_bot.core.plan import Item, Plan, Unseen
from aaroc_bot.core.ports import Verdict
from aaroc_bot.core.rights import Membership, Person, Right, Standing
from aaroc_bot.core.run import NEXT, Asked, Decision, Run, State
from aaroc_bot.core.seal import same_terms, seal
from aaroc_bot.core.sites import Revision

AT = datetime(2026, 6, 8, tzinfo=UTC)
people = st.integers(1, 4).map(lambda n: Person(n, f"p{n}"))
unsure = st.sampled_from([True, False, None])
standings = st.builds(
    Standing,
    account=st.just(Account("web", "demo", "x")),
    person=st.none() | people,
    membership=st.sampled_from(Membership),
    expert=unsure,
    sites=st.sampled_from([None, frozenset[str](), frozenset({"ZA-UJ"}), frozenset({"KE"})]),
    fresh=st.booleans(),
    bounded=st.booleans(),
)
entries = st.builds(
    Entry,
    verb=st.just("deploy"),
    subject=st.just("site-bdiis"),
    playbook=st.just("p.yml"),
    origin=st.sampled_from(Origin),
    path=st.just("c.yml"),
    line=st.integers(1, 9),
    may_run=st.sampled_from([Right.MEMBER, Right.SITE_ADMIN, Right.EXPERT]),
    approvals=st.integers(0, 3),
    changes=st.booleans(),
    check_mode=st.sampled_from(CheckMode),
)
hosts = st.sampled_from(["bdii1", "bdii2"])
plans = st.builds(
    Plan,
    played=st.booleans(),
    hosts=st.sets(hosts).map(lambda s: tuple(sorted(s))),
    unreachable=st.sets(hosts).map(lambda s: tuple(sorted(s))),
    items=st.lists(st.builds(Item, hosts, st.just(""), st.text(max_size=5)), max_size=2).map(tuple),
    unseen=st.lists(
        st.builds(Unseen, hosts, st.just(""), st.just("t"), st.just("command")), max_size=1
    ).map(tuple),
)


def run(state: State = State.WAITING, by: int = 1, approved: tuple[int, ...] = ()) -> Run:
    return Run(
        number=1,
        verb="deploy",
        word="site-bdii",
        subject="site-bdiis",
        plan_only=False,
        site="ZA-UJ",
        holds=("ZA-UJ",),
        given=(),
        parameters=(),
        revision=Revision("a" * 40, "", "", AT),
        asked=Asked(Person(by, "p"), Account("web", "demo", "x"), Place("web", "roc"), AT),
        needed=1,
        state=state,
        changed_at=AT,
        approvals=tuple(Decision(Person(id, "p"), AT) for id in approved),
    )


runs = st.builds(
    run,
    state=st.sampled_from(State),
    by=st.integers(1, 4),
    approved=st.sets(st.integers(1, 4), max_size=2).map(tuple),
)


@given(runs, standings)
def test_only_a_known_expert_other_than_the_asker_approves(it: Run, by: Standing) -> None:
    if may_approve(it, by) is Verdict.YES:
        assert it.state is State.WAITING and by.person is not None
        assert by.person.id != it.asked.by.id
        assert by.person.id not in {a.by.id for a in it.approvals}
        assert by.expert is True and by.membership is Membership.MEMBER
        assert by.fresh and not by.bounded


@given(runs, standings)
def test_what_cannot_be_told_is_never_a_yes(it: Run, by: Standing) -> None:
    unknown = replace(by, membership=Membership.CANNOT_TELL, expert=None, sites=None)
    for verdict in (
        may_approve(it, unknown),
        may_deny(it, unknown),
        may_cancel(it, unknown, now=True),
    ):
        assert verdict is not Verdict.YES


@given(runs, standings)
def test_denying_is_for_experts_on_what_they_remember(it: Run, by: Standing) -> None:
    verdict = may_deny(it, by)
    assert verdict is may_deny(it, replace(by, fresh=not by.fresh))
    assert (verdict is Verdict.YES) == (is_expert(by) is Verdict.YES and it.state is State.WAITING)


@given(runs, standings)
def test_a_running_one_is_never_cancelled_without_now(it: Run, by: Standing) -> None:
    verdict = may_cancel(it, by, now=False)
    if verdict is Verdict.YES:
        assert not it.state.ended and it.state is not State.RUNNING
        own = by.person is not None and by.person.id == it.asked.by.id
        assert own or by.expert or (by.sites is not None and it.site in by.sites)


def test_own_request_comes_first() -> None:
    own = Standing(Account("web", "demo", "x"), Person(1, "p1"), Membership.MEMBER, expert=True)
    for state in State:
        assert may_approve(run(state), own) is Verdict.OWN_REQUEST
    assert may_cancel(run(), replace(own, expert=False), now=False) is Verdict.YES


@given(entries, standings)
def test_more_right_never_runs_less(entry: Entry, by: Standing) -> None:
    if may_still_run(entry, "ZA-UJ", by) is Verdict.YES:
        assert by.fresh and by.membership is Membership.MEMBER
        assert may_still_run(entry, "ZA-UJ", replace(by, expert=True)) is Verdict.YES
        tighter = replace(entry, may_run=Right.EXPERT)
        assert (may_still_run(tighter, "ZA-UJ", by) is Verdict.YES) == (by.expert is True)


@given(entries, plans, st.booleans(), st.integers(0, 2))
def test_what_follows_a_plan(entry: Entry, plan: Plan, plan_only: bool, needed: int) -> None:
    following = after_plan(entry, plan, plan_only=plan_only, needed=needed)
    assert following.state in NEXT[State.PLANNING]
    if following.checked_only:
        assert following.state is State.SUCCEEDED and not plan_only
        assert entry.check_mode is CheckMode.FULL and plan.complete and not plan.items
    if following.state is State.QUEUED:
        assert needed == 0 and not plan_only
    if plan_only:
        assert following.state in {State.PLANNED, State.FAILED, State.UNREACHABLE}


@given(entries)
def test_a_bounded_operator_always_needs_somebody(entry: Entry) -> None:
    assert needed_approvals(entry, bounded=True) >= 1
    assert needed_approvals(entry, bounded=False) == entry.approvals


values = st.integers() | st.booleans() | st.text(max_size=5)


@given(entries, plans, plans, values, values)
def test_a_seal_holds_everything(
    entry: Entry, plan: Plan, other: Plan, one: object, two: object
) -> None:
    def sealed(**changes: object) -> str:
        facts = {
            "site": "ZA-UJ",
            "inputs": "f00",
            "entry": entry,
            "ansible": "2.19",
            "parameters": (("port", one),),
            "plan": plan,
        }
        return seal(**{**facts, **changes})  # type: ignore[arg-type]

    assert sealed() == sealed(entry=replace(entry, line=entry.line + 1))
    assert same_terms(entry, replace(entry, line=entry.line + 1))
    assert sealed() != sealed(inputs="f01") and sealed() != sealed(site="KE")
    assert sealed() != sealed(ansible="2.20")
    assert sealed() != sealed(entry=replace(entry, approvals=entry.approvals + 1))
    assert (sealed() == sealed(plan=other)) == (plan == other)
    same = type(one) is type(two) and one == two
    assert (sealed() == sealed(parameters=(("port", two),))) == same
