"""Who merges what: each sentence of RULES.md (Changes and merges), and the ways around it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.changes import Draft, Effect, VariableEffect
from aaroc_bot.core.merge import LAST_PUSH, MergeFacts, beyond, hindrance, may_merge, needs_review
from aaroc_bot.core.message import Account
from aaroc_bot.core.ports import Obstacle
from aaroc_bot.core.pulls import PullRequest, PullState, Review, ReviewState
from aaroc_bot.core.rights import Membership, Person, Standing

AT = datetime(2026, 6, 8, 14, 0, tzinfo=UTC)
HEAD, OLD = "a" * 40, "b" * 40
ASKER, OWNER, OTHER = Person(1, "uj-admin"), Person(2, "uj-second"), Person(3, "ke-admin")
EXPERT, SECOND = Person(7, "roc-expert"), Person(8, "roc-second")
FILE, SHARED = "Ansible/group_vars/za-uj.yml", "Ansible/group_vars/all.yml"
MERGED = None


def standing(person: Person, **more: Any) -> Standing:
    blank = Standing(Account("web", "", person.login), person, Membership.MEMBER)
    expert = person in {EXPERT, SECOND}
    return replace(blank, expert=expert, sites=frozenset(), **more)


def review(
    by: Person,
    state: ReviewState = ReviewState.APPROVED,
    commit: str = HEAD,
    minutes: int = 0,
) -> Review:
    return Review(by, state, commit, AT + timedelta(minutes=minutes))


PULL = PullRequest(
    52, "t", "https://x", PullState.OPEN, False, Person(99, "bot"), HEAD, "aaroc/1-t", "main",
    OLD, AT, True,
)  # fmt: skip
FACTS = MergeFacts(
    pull=PULL,
    default_branch="main",
    protected=True,
    last_push=False,
    asked=ASKER,
    bounded=False,
    authors=(ASKER,),
    vouched=True,
    paths=(FILE,),
    shared=(),
    owners={FILE: frozenset({ASKER.id, OWNER.id})},
    reviews=(review(EXPERT),),
    standings={p.id: standing(p) for p in (ASKER, OWNER, OTHER, EXPERT, SECOND)},
    reviewers=(EXPERT, SECOND),
)


def found(facts: MergeFacts, by: Standing) -> Obstacle | None:
    no = may_merge(facts, by)
    if no is not None:
        assert no.head == facts.pull.head
    return no.obstacle if no else None


def of(reviewer: Person, **more: Any) -> MergeFacts:
    """The facts with what GitHub says of one reviewer changed."""
    changed = replace(FACTS.standings[reviewer.id], **more)
    return replace(FACTS, standings={**FACTS.standings, reviewer.id: changed})


@pytest.mark.parametrize("by", [EXPERT, SECOND, OWNER])
def test_experts_and_owners_merge_what_was_reviewed(by: Person) -> None:
    assert found(FACTS, standing(by)) is MERGED
    assert hindrance(FACTS) is None


@pytest.mark.parametrize(
    ("facts", "obstacle"),
    [
        (replace(FACTS, pull=replace(PULL, state=PullState.MERGED)), Obstacle.ENDED),
        (replace(FACTS, pull=replace(PULL, state=PullState.CLOSED)), Obstacle.ENDED),
        (replace(FACTS, pull=replace(PULL, draft=True)), Obstacle.DRAFT),
        (replace(FACTS, pull=replace(PULL, base="old")), Obstacle.OTHER_BRANCH),
        (replace(FACTS, protected=False), Obstacle.UNPROTECTED),
        (replace(FACTS, protected=None), Obstacle.CANNOT_TELL),
        (replace(FACTS, paths=None, unread="too big"), Obstacle.CANNOT_TELL),
        (replace(FACTS, asked=None), Obstacle.CANNOT_TELL),
        (replace(FACTS, authors=None), Obstacle.CANNOT_TELL),
        (replace(FACTS, authors=()), Obstacle.CANNOT_TELL),
        (replace(FACTS, authors=(ASKER, None)), Obstacle.CANNOT_TELL),
        (replace(FACTS, reviews=()), Obstacle.NO_REVIEW),
        (replace(FACTS, reviews=(review(EXPERT, commit=OLD),)), Obstacle.OLD_REVIEW),
    ],
)
def test_what_is_in_everybodys_way(facts: MergeFacts, obstacle: Obstacle) -> None:
    assert found(facts, standing(SECOND)) is obstacle
    no = hindrance(facts)
    assert no is not None and no.obstacle is obstacle
    assert needs_review(no) == (obstacle in {Obstacle.NO_REVIEW, Obstacle.OLD_REVIEW})


@pytest.mark.parametrize(
    ("by", "obstacle"),
    [
        (standing(ASKER), Obstacle.OWN),
        (standing(OTHER), Obstacle.NOT_OWNER),
        (standing(EXPERT, bounded=True), Obstacle.NOT_OWNER),
        (standing(EXPERT, frozen=True), Obstacle.FROZEN),
        (standing(EXPERT, decides_from=AT), Obstacle.NOT_OWNER),
        (standing(EXPERT, fresh=False), Obstacle.CANNOT_TELL),
        (replace(standing(EXPERT), membership=Membership.OUTSIDER), Obstacle.NOT_OWNER),
        (replace(standing(EXPERT), membership=Membership.PENDING), Obstacle.NOT_OWNER),
        (replace(standing(EXPERT), membership=Membership.CANNOT_TELL), Obstacle.CANNOT_TELL),
        (replace(standing(EXPERT), expert=None), Obstacle.CANNOT_TELL),
        (replace(standing(OWNER), expert=None), MERGED),
        (replace(standing(OWNER), membership=Membership.OUTSIDER), Obstacle.NOT_OWNER),
        (Standing(Account("web", "", "x")), Obstacle.FROZEN),
    ],
)
def test_who_merges(by: Standing, obstacle: Obstacle | None) -> None:
    assert found(FACTS, by) is obstacle


def test_an_expert_who_asked_or_wrote_does_not_merge_it() -> None:
    assert found(replace(FACTS, asked=EXPERT), standing(EXPERT)) is Obstacle.OWN
    facts = replace(FACTS, authors=(ASKER, SECOND))
    assert found(facts, standing(SECOND)) is Obstacle.OWN


def test_the_reviewer_may_merge_but_neither_asker_nor_author_reviews() -> None:
    assert found(FACTS, standing(EXPERT)) is MERGED
    own = replace(FACTS, reviews=(review(ASKER),))
    assert found(own, standing(SECOND)) is Obstacle.NO_REVIEW
    wrote = replace(FACTS, authors=(ASKER, EXPERT))
    assert found(wrote, standing(SECOND)) is Obstacle.NO_REVIEW
    asked = replace(FACTS, asked=EXPERT)
    assert found(asked, standing(SECOND)) is Obstacle.NO_REVIEW


@pytest.mark.parametrize(
    ("more", "obstacle"),
    [
        ({"frozen": True}, Obstacle.NO_REVIEW),
        ({"membership": Membership.OUTSIDER}, Obstacle.NO_REVIEW),
        ({"membership": Membership.PENDING}, Obstacle.NO_REVIEW),
        ({"membership": Membership.CANNOT_TELL}, Obstacle.CANNOT_TELL),
        ({"fresh": False}, Obstacle.CANNOT_TELL),
        ({"expert": None}, Obstacle.CANNOT_TELL),
        ({"expert": False}, Obstacle.NO_REVIEW),
        ({"person": OTHER}, Obstacle.CANNOT_TELL),
    ],
)
def test_whose_review_counts(more: dict[str, Any], obstacle: Obstacle) -> None:
    assert found(of(EXPERT, **more), standing(SECOND)) is obstacle


def test_a_reviewer_who_was_not_read_counts_for_neither() -> None:
    facts = replace(FACTS, standings={})
    assert found(facts, standing(SECOND)) is Obstacle.CANNOT_TELL


def test_an_owner_of_every_path_reviews() -> None:
    facts = replace(FACTS, reviews=(review(OWNER),))
    assert found(facts, standing(SECOND)) is MERGED
    two = replace(facts, paths=(FILE, "x"), owners={**FACTS.owners, "x": frozenset[int]()})
    assert found(two, standing(SECOND)) is Obstacle.NO_REVIEW
    assert found(two, standing(OWNER)) is Obstacle.NOT_OWNER
    unknown = replace(two, owners={**FACTS.owners, "x": None})
    assert found(unknown, standing(SECOND)) is Obstacle.CANNOT_TELL
    assert found(unknown, standing(OWNER)) is Obstacle.CANNOT_TELL
    stranger = replace(unknown, reviews=(review(OTHER),))
    assert found(stranger, standing(SECOND)) is Obstacle.NO_REVIEW
    assert found(replace(FACTS, owners={}), standing(OWNER)) is Obstacle.NOT_OWNER


def test_nobody_owns_a_change_of_nothing() -> None:
    facts = replace(FACTS, paths=(), reviews=(review(OWNER),))
    assert found(facts, standing(SECOND)) is Obstacle.NO_REVIEW
    assert found(facts, standing(OWNER)) is Obstacle.NOT_OWNER


def test_paths_outside_one_sites_own_files_need_an_expert() -> None:
    owners = {FILE: frozenset({OWNER.id}), SHARED: frozenset({OWNER.id})}
    facts = replace(FACTS, paths=(FILE, SHARED), shared=(SHARED,), owners=owners)
    assert found(facts, standing(OWNER)) is MERGED
    owned = replace(facts, reviews=(review(OWNER),))
    no = may_merge(owned, standing(SECOND))
    assert no is not None and no.obstacle is Obstacle.NO_REVIEW and no.paths == (SHARED,)


def test_what_was_asked_for_at_the_machine_needs_an_expert() -> None:
    facts = replace(FACTS, bounded=True, reviews=(review(OWNER),))
    assert found(facts, standing(SECOND)) is Obstacle.NO_REVIEW
    assert found(replace(facts, reviews=(review(EXPERT),)), standing(SECOND)) is MERGED


CHANGES, COMMENT, DISMISSED = (
    ReviewState.CHANGES_REQUESTED, ReviewState.COMMENTED, ReviewState.DISMISSED,
)  # fmt: skip


@pytest.mark.parametrize(
    ("reviews", "obstacle"),
    [
        ([review(EXPERT), review(SECOND, CHANGES)], Obstacle.OBJECTION),
        ([review(EXPERT), review(SECOND, CHANGES, OLD)], Obstacle.OBJECTION),
        ([review(EXPERT), review(OWNER, CHANGES)], Obstacle.OBJECTION),
        ([review(EXPERT), review(OTHER, CHANGES)], MERGED),
        ([review(EXPERT), review(ASKER, CHANGES)], MERGED),
        ([review(EXPERT), review(EXPERT, CHANGES, minutes=1)], Obstacle.OBJECTION),
        ([review(EXPERT, CHANGES), review(EXPERT, minutes=1)], MERGED),
        ([review(EXPERT), review(EXPERT, COMMENT, minutes=1)], MERGED),
        ([review(EXPERT), review(EXPERT, DISMISSED, minutes=1)], Obstacle.NO_REVIEW),
        ([review(EXPERT, minutes=1), review(EXPERT, commit=OLD)], MERGED),
        ([review(EXPERT), review(EXPERT, commit=OLD, minutes=1)], Obstacle.OLD_REVIEW),
        ([review(SECOND, CHANGES), review(SECOND, DISMISSED, minutes=1)], Obstacle.NO_REVIEW),
        ([review(EXPERT, COMMENT)], Obstacle.NO_REVIEW),
    ],
)
def test_last_words(reviews: list[Review], obstacle: Obstacle | None) -> None:
    assert found(replace(FACTS, reviews=tuple(reviews)), standing(SECOND)) is obstacle


def test_an_objection_that_may_count_is_not_passed_over() -> None:
    facts = replace(of(SECOND, fresh=False), reviews=(review(EXPERT), review(SECOND, CHANGES)))
    assert found(facts, standing(EXPERT)) is Obstacle.CANNOT_TELL


def test_what_nobody_vouches_for_is_merged_only_where_github_looks_who_pushed() -> None:
    facts = replace(FACTS, vouched=False)
    no = may_merge(facts, standing(SECOND))
    assert no is not None and no.obstacle is Obstacle.UNPROTECTED and LAST_PUSH in no.detail
    assert hindrance(facts) == no
    no = may_merge(replace(facts, last_push=None), standing(SECOND))
    assert no is not None and no.obstacle is Obstacle.CANNOT_TELL and LAST_PUSH in no.detail
    assert found(replace(facts, last_push=True), standing(SECOND)) is MERGED


def test_github_may_have_counted_an_approval_that_is_nobodys() -> None:
    """It looks that another than who pushed approved: that may be one who does not count."""
    facts = replace(FACTS, vouched=False, last_push=True)
    for who in (OTHER, ASKER):
        reviews = (review(EXPERT), review(who))
        assert found(replace(facts, reviews=reviews), standing(SECOND)) is Obstacle.CANNOT_TELL
        assert found(replace(FACTS, reviews=reviews), standing(SECOND)) is MERGED
        two = (*reviews, review(OWNER))
        assert found(replace(facts, reviews=two), standing(SECOND)) is MERGED


def test_an_owner_does_not_judge_what_reaches_further() -> None:
    here = Effect("ZA-UJ", (VariableEffect("a", "1", "2", ("h",)),))
    nothing = Effect("KE-NAIROBI")
    draft = Draft("t", (), (here, nothing))
    assert not beyond(draft, {"ZA-UJ"})
    others = [
        None,
        replace(draft, effects=(here, replace(here, site="KE-NAIROBI"))),
        replace(draft, effects=(replace(nothing, unread=True),)),
        replace(draft, executing=("x.yml:1",)),
    ]
    for other in others:
        facts = replace(FACTS, reviews=(review(OWNER),), beyond=beyond(other, {"ZA-UJ"}))
        assert found(facts, standing(SECOND)) is Obstacle.NO_REVIEW
        assert found(replace(facts, reviews=(review(EXPERT),)), standing(OWNER)) is MERGED


def test_a_plain_secret_is_merged_for_nobody() -> None:
    no = may_merge(replace(FACTS, secrets=("a.yml: db_password",)), standing(SECOND))
    assert no is not None and no.obstacle is Obstacle.SECRET and no.detail == "a.yml: db_password"


@pytest.mark.parametrize(
    ("more", "obstacle"),
    [
        ({}, None),
        ({"frozen": True}, Obstacle.FROZEN),
        ({"membership": Membership.OUTSIDER}, Obstacle.FROZEN),
        ({"membership": Membership.PENDING}, Obstacle.FROZEN),
        ({"membership": Membership.CANNOT_TELL}, Obstacle.CANNOT_TELL),
        ({"fresh": False}, Obstacle.CANNOT_TELL),
    ],
)
def test_who_asked_is_a_member_still(more: dict[str, Any], obstacle: Obstacle | None) -> None:
    asker = replace(standing(ASKER), **more)
    assert found(replace(FACTS, asker=asker), standing(SECOND)) is obstacle


def test_who_could_review_is_told_without_who_may_not() -> None:
    no = hindrance(replace(FACTS, reviews=(), asked=SECOND))
    assert no is not None and no.people == (EXPERT,)


PEOPLE = (ASKER, OWNER, OTHER, EXPERT, SECOND)


@given(
    asked=st.sampled_from(PEOPLE),
    authors=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2),
    by=st.sampled_from(PEOPLE),
    reviews=st.lists(
        st.builds(
            review,
            st.sampled_from(PEOPLE),
            st.sampled_from(ReviewState),
            st.sampled_from([HEAD, OLD]),
            st.integers(0, 9),
        ),
        max_size=4,
    ),
    shared=st.booleans(),
    bounded=st.booleans(),
)
def test_whatever_is_merged_was_approved_by_somebody_else(
    *,
    asked: Person,
    authors: list[Person],
    by: Person,
    reviews: list[Review],
    shared: bool,
    bounded: bool,
) -> None:
    facts = replace(
        FACTS,
        asked=asked,
        authors=tuple(authors),
        reviews=tuple(reviews),
        shared=(FILE,) if shared else (),
        bounded=bounded,
    )
    if may_merge(facts, standing(by)) is not None:
        return
    concerned = {asked, *authors}
    assert by not in concerned
    may = {EXPERT, SECOND} if shared or bounded else {EXPERT, SECOND, OWNER, ASKER}
    yes = [r.by for r in reviews if r.state is ReviewState.APPROVED and r.commit == HEAD]
    assert (set(yes) & may) - concerned
