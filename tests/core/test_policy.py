from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.entries import Entry, Origin
from aaroc_bot.core.limits import Pace, Spoken, pace
from aaroc_bot.core.message import Account
from aaroc_bot.core.policy import Allowed, CannotTell, Decision, Refused, Why, decide
from aaroc_bot.core.rights import Effect, Membership, Person, Right, Standing

SINCE = datetime(2026, 6, 8, 14, 31, tzinfo=UTC)
ACCOUNT = Account("web", "", "1")


def somebody(
    membership: Membership = Membership.MEMBER,
    *,
    expert: bool | None = False,
    sites: frozenset[str] | None = frozenset(),
    fresh: bool = True,
    bounded: bool = False,
) -> Standing:
    return Standing(
        ACCOUNT,
        Person(7, "somebody"),
        membership,
        expert=expert,
        sites=sites,
        fresh=fresh,
        silent_since=None if fresh else SINCE,
        operator="root" if bounded else None,
        bounded=bounded,
    )


PEOPLE = {
    "unlinked": Standing(ACCOUNT),
    "outsider": somebody(Membership.OUTSIDER),
    "pending": somebody(Membership.PENDING),
    "member": somebody(),
    "admin": somebody(sites=frozenset({"ZA-UJ"})),
    "other": somebody(sites=frozenset({"KE-NAIROBI"})),
    "expert": somebody(expert=True),
    "unknown": somebody(Membership.CANNOT_TELL, expert=None, sites=None),
    "teamless": somebody(expert=None, sites=None),
    "stale admin": somebody(sites=frozenset({"ZA-UJ"}), fresh=False),
    "stale expert": somebody(expert=True, fresh=False),
    "operator": somebody(expert=True, bounded=True),
    "new expert": replace(somebody(expert=True), decides_from=SINCE),
    "frozen expert": replace(somebody(expert=True), frozen=True),
}


def entry(may_run: Right) -> Entry:
    return Entry("run", "ping", "ping.yml", Origin.BOT, "catalogue.yml", 1, may_run=may_run)


READING = "sites status diff history log playbooks runs changes change review digest"
MEMBERS = {"member", "admin", "other", "expert", "teamless", "operator"}
STALE = {"stale admin", "stale expert"}
Row = tuple[str, Right, Effect, str | None, Right | None, bool, set[str]]

# RULES.md, "Who may": command, its right and effect, site, the entry's may_run, whether it
# decides, and who of PEOPLE may.
TABLE: list[Row] = [
    *((w, Right.ANYBODY, Effect.READS, None, None, False, set(PEOPLE)) for w in ("help", "whoami")),
    *(
        (word, Right.ANYBODY, Effect.ALTERS, None, None, False, set(PEOPLE))
        for word in ("login", "logout", "confirm", "join")
    ),
    *(
        (word, Right.MEMBER, Effect.READS, None, None, False, MEMBERS | STALE)
        for word in READING.split()
    ),
    *(
        row
        for word in ("plan", "deploy", "run", "retry")
        for row in [
            (word, Right.MEMBER, Effect.ALTERS, "ZA-UJ", Right.MEMBER, False, MEMBERS),
            (word, Right.MEMBER, Effect.ALTERS, "ZA-UJ", Right.SITE_ADMIN, False,
             {"admin", "expert", "operator"}),
            (word, Right.MEMBER, Effect.ALTERS, "ZA-UJ", Right.EXPERT, False,
             {"expert", "operator"}),
        ]
    ),
    ("approve", Right.EXPERT, Effect.ALTERS, None, None, True, {"expert"}),
    ("deny", Right.EXPERT, Effect.REDUCES, None, None, True, {"expert", "stale expert"}),
    ("cancel", Right.SITE_ADMIN, Effect.REDUCES, "ZA-UJ", None, False,
     {"admin", "expert", "operator"} | STALE),
    ("lock", Right.SITE_ADMIN, Effect.REDUCES, "ZA-UJ", None, False,
     {"admin", "expert", "operator"} | STALE),
    ("unlock", Right.SITE_ADMIN, Effect.ALTERS, "ZA-UJ", None, False,
     {"admin", "expert", "operator"}),
    ("set", Right.SITE_ADMIN, Effect.ALTERS, "ZA-UJ", None, False, {"admin", "expert", "operator"}),
    ("new site", Right.EXPERT, Effect.ALTERS, None, None, False, {"expert", "operator"}),
    ("invite", Right.EXPERT, Effect.ALTERS, None, None, False, {"expert", "operator"}),
    ("welcome", Right.SITE_ADMIN, Effect.ALTERS, "ZA-UJ", None, False,
     {"admin", "expert", "operator"}),
    ("vouch", Right.EXPERT, Effect.ALTERS, None, None, True, {"expert"}),
    ("freeze", Right.EXPERT, Effect.REDUCES, None, None, True, {"expert", "stale expert"}),
    ("accept", Right.EXPERT, Effect.ALTERS, None, None, True, {"expert"}),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[4]}")
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may(row: Row, who: str) -> None:
    _, right, effect, site, may_run, decides, may = row
    about = entry(may_run) if may_run is not None else None
    decision = decide(PEOPLE[who], right, effect, site, about, decides=decides)
    like = "expert" if who == "new expert" and not decides else who
    assert isinstance(decision, Allowed) == (like in may), decision


@pytest.mark.parametrize(
    ("who", "right", "decision"),
    [
        ("unlinked", Right.MEMBER, Refused(Why.NOT_LINKED, Right.MEMBER, "ZA-UJ")),
        ("outsider", Right.MEMBER, Refused(Why.OUTSIDER, Right.MEMBER, "ZA-UJ")),
        ("pending", Right.MEMBER, Refused(Why.PENDING, Right.MEMBER, "ZA-UJ")),
        ("member", Right.SITE_ADMIN, Refused(Why.NOT_SITE_ADMIN, Right.SITE_ADMIN, "ZA-UJ")),
        ("other", Right.SITE_ADMIN, Refused(Why.NOT_SITE_ADMIN, Right.SITE_ADMIN, "ZA-UJ")),
        ("admin", Right.EXPERT, Refused(Why.NOT_EXPERT, Right.EXPERT, "ZA-UJ")),
        ("unknown", Right.MEMBER, CannotTell(None)),
        ("teamless", Right.SITE_ADMIN, CannotTell(None)),
        ("teamless", Right.EXPERT, CannotTell(None)),
        ("stale expert", Right.EXPERT, CannotTell(SINCE)),
        ("frozen expert", Right.MEMBER, Refused(Why.FROZEN, Right.MEMBER, "ZA-UJ")),
    ],
)
def test_why_not(who: str, right: Right, decision: Decision) -> None:
    assert decide(PEOPLE[who], right, Effect.ALTERS, "ZA-UJ") == decision


def test_an_operator_at_the_machine_decides_nothing() -> None:
    for effect in Effect:
        decision = decide(PEOPLE["operator"], Right.EXPERT, effect, decides=True)
        assert decision == Refused(Why.BOUNDED, Right.EXPERT, None)


def test_an_experts_new_account_decides_nothing_yet() -> None:
    for effect in Effect:
        decision = decide(PEOPLE["new expert"], Right.MEMBER, effect, decides=True)
        assert decision == Refused(Why.NEW_ACCOUNT, Right.MEMBER, None)
    # of who is no expert nothing is kept back: they are told what they lack
    member = replace(PEOPLE["member"], decides_from=SINCE)
    decision = decide(member, Right.EXPERT, Effect.ALTERS, decides=True)
    assert decision == Refused(Why.NOT_EXPERT, Right.EXPERT, None)


def test_an_operator_reads_without_github_and_alters_nothing() -> None:
    operator = Standing(ACCOUNT, operator="root", bounded=True)
    assert decide(operator, Right.MEMBER, Effect.READS) == Allowed()
    for effect in (Effect.ALTERS, Effect.REDUCES):
        assert decide(operator, Right.MEMBER, effect) == CannotTell(None)


standings = st.builds(
    Standing,
    account=st.just(ACCOUNT),
    person=st.one_of(st.none(), st.just(Person(7, "somebody"))),
    membership=st.sampled_from(Membership),
    expert=st.sampled_from([True, False, None]),
    sites=st.sampled_from([None, frozenset[str](), frozenset({"ZA-UJ"})]),
    fresh=st.booleans(),
    operator=st.sampled_from([None, "root"]),
    bounded=st.booleans(),
)
rights, effects = st.sampled_from(Right), st.sampled_from(Effect)
sites = st.sampled_from([None, "ZA-UJ", "KE-NAIROBI"])
entries = st.one_of(st.none(), rights.map(entry))


@given(
    standing=standings,
    right=rights,
    effect=effects,
    site=sites,
    about=entries,
    decides=st.booleans(),
)
def test_nobody_alters_without_being_known(
    *,
    standing: Standing,
    right: Right,
    effect: Effect,
    site: str | None,
    about: Entry | None,
    decides: bool,
) -> None:
    decision = decide(standing, right, effect, site, about, decides=decides)
    if decision != Allowed() or (right is Right.ANYBODY and about is None):
        return
    if effect is Effect.READS and standing.operator:
        return
    assert standing.person
    assert standing.membership is Membership.MEMBER
    assert standing.fresh or effect is not Effect.ALTERS
    assert not (standing.bounded and decides)
    needed = max(right, about.may_run) if about else right
    if needed is Right.EXPERT:
        assert standing.expert
    if needed is Right.SITE_ADMIN:
        assert standing.expert or (standing.sites and site in standing.sites)


@given(
    standing=standings,
    one=rights,
    two=rights,
    effect=effects,
    site=sites,
    decides=st.booleans(),
)
def test_asking_for_less_is_never_allowed_less(
    *, standing: Standing, one: Right, two: Right, effect: Effect, site: str | None, decides: bool
) -> None:
    more, less = max(one, two), min(one, two)
    if decide(standing, more, effect, site, decides=decides) == Allowed():
        assert decide(standing, less, effect, site, decides=decides) == Allowed()


@given(st.lists(st.integers(0, 20), max_size=60), st.integers(0, 6))
def test_no_minute_hears_more_than_the_limit_and_each_excess_is_told_once(
    gaps: list[int], limit: int
) -> None:
    now, spoken, heard, told = SINCE, Spoken(), list[datetime](), False
    for gap in gaps:
        now += timedelta(seconds=gap)
        what, spoken = pace(spoken, now, limit)
        assert len(spoken.times) <= limit
        if what is Pace.PASS:
            heard.append(now)
            told = False
        else:
            assert what is (Pace.COUNT if told else Pace.TELL)
            told = True
        assert (spoken.unheard > 0) == told
        assert len([at for at in heard if now - at < timedelta(minutes=1)]) <= limit
