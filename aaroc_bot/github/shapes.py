"""The parts of GitHub's answers that are read, as its description has them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from aaroc_bot.core.pulls import CheckState, PullRequest, PullState, Review, ReviewState
from aaroc_bot.core.rights import Person

Id = Annotated[int, Field(strict=True, gt=0, lt=2**53)]
Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,2000}$")]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._\-\[\]]{1,100}$")]


class Shape(BaseModel):
    """A part of an answer; what else it holds is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class User(Shape):
    """A user."""

    id: Id
    login: Login

    @property
    def person(self) -> Person:
        """Give who it is."""
        return Person(self.id, self.login)


class HasSha(Shape):
    """Anything that is named by a sha."""

    sha: Sha


class Ref(Shape):
    """A branch."""

    object: HasSha


class Named(Shape):
    """A repository's name; that of a fork that was deleted is None where this stands."""

    full_name: str


class End(Shape):
    """One end of a pull request."""

    ref: str
    sha: Sha
    repo: Named | None = None


class Pull(Shape):
    """A pull request, alone or in a list (where the last four are missing)."""

    number: Id
    title: str
    html_url: Address
    state: Literal["open", "closed"]
    draft: bool = False
    user: User | None
    head: End
    base: End
    updated_at: AwareDatetime
    merged_at: AwareDatetime | None = None
    merge_commit_sha: Sha | None = None
    mergeable: bool | None = None
    merged_by: User | None = None

    @property
    def pull(self) -> PullRequest:
        """Give it in the bot's words. An open one's merge commit is GitHub's trial: left out."""
        merged = self.merged_at is not None
        return PullRequest(
            number=self.number,
            title=self.title,
            url=self.html_url,
            state=PullState.MERGED if merged else PullState(self.state),
            draft=self.draft,
            author=self.user.person if self.user else None,
            head=self.head.sha,
            branch=self.head.ref,
            base=self.base.ref,
            base_sha=self.base.sha,
            updated_at=self.updated_at,
            mergeable=self.mergeable,
            merged_at=self.merged_at,
            merged_by=self.merged_by.person if self.merged_by else None,
            merge_commit=self.merge_commit_sha if merged else None,
        )


class GivenReview(Shape):
    """A review; a pending one is its writer's draft and was not given yet."""

    user: User | None
    state: str
    commit_id: Sha | None = None
    submitted_at: AwareDatetime | None = None

    @property
    def review(self) -> Review | None:
        """Give it in the bot's words; None: of nobody, of no commit, or not given yet."""
        state = _REVIEWS.get(self.state.upper())
        if state is None or not (self.user and self.commit_id and self.submitted_at):
            return None
        return Review(self.user.person, state, self.commit_id, self.submitted_at)


class CheckRun(Shape):
    """A check."""

    name: str
    status: str
    conclusion: str | None = None

    @property
    def state(self) -> CheckState:
        """Say how it stands; a conclusion that nobody knows is none that passed."""
        if self.status != "completed":
            return CheckState.RUNNING
        passed = self.conclusion in {"success", "neutral", "skipped"}
        return CheckState.PASSED if passed else CheckState.FAILED


class CheckRuns(Shape):
    """A page of checks."""

    check_runs: list[CheckRun]


class Status(Shape):
    """A status that somebody set."""

    context: str
    state: str

    @property
    def check(self) -> CheckState:
        """Say how it stands."""
        if self.state == "pending":
            return CheckState.RUNNING
        return CheckState.PASSED if self.state == "success" else CheckState.FAILED


class Statuses(Shape):
    """A page of a commit's statuses."""

    statuses: list[Status]


class Verification(Shape):
    """Whether GitHub vouches for a signature."""

    verified: bool = False


class Written(Shape):
    """A commit as git has it."""

    verification: Verification | None = None


_Maybe = Annotated[User | dict[str, object] | None, Field(union_mode="left_to_right")]


class Commit(Shape):
    """A commit with who GitHub says wrote it: None or without an id where it knows nobody."""

    sha: Sha
    commit: Written
    author: _Maybe = None
    committer: _Maybe = None


class Repository(Shape):
    """A repository; which ways of merging it allows is not told to everybody."""

    full_name: str
    default_branch: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    allow_merge_commit: bool | None = None
    allow_rebase_merge: bool | None = None
    allow_squash_merge: bool | None = None


class Branch(Shape):
    """A branch, and whether it is protected by the older kind of rules."""

    protected: bool


class Asked(Shape):
    """What a rule asks of pull requests; other rules ask other things."""

    require_last_push_approval: bool = False
    required_approving_review_count: int = 0

    @property
    def last_push(self) -> bool:
        """Whether who pushed last cannot be the one whose approval counts."""
        return self.require_last_push_approval and self.required_approving_review_count > 0


class Rule(Shape):
    """A rule of a ruleset."""

    type: str
    parameters: Asked | None = None


class Entry(Shape):
    """A path of a tree; folders and modules have no size."""

    path: str
    mode: Annotated[str, StringConstraints(pattern=r"^[0-7]{6}$")]
    type: str
    sha: Sha
    size: Annotated[int, Field(ge=0)] = 0


class Tree(Shape):
    """A tree, listed with all below it."""

    sha: Sha
    tree: list[Entry]
    truncated: bool


class GitCommit(Shape):
    """A commit, by git's part of the API."""

    sha: Sha
    tree: HasSha


class Blob(Shape):
    """A file's content."""

    sha: Sha
    encoding: Literal["base64", "utf-8"]
    content: str


class Comparison(Shape):
    """Two commits compared."""

    merge_base_commit: HasSha


class MergeResult(Shape):
    """What came of a merge."""

    sha: Sha
    merged: bool


class PullNumber(Shape):
    """A pull request that brought a commit, once it was merged."""

    number: Id
    merged_at: AwareDatetime | None = None


_REVIEWS = {
    "APPROVED": ReviewState.APPROVED,
    "CHANGES_REQUESTED": ReviewState.CHANGES_REQUESTED,
    "COMMENTED": ReviewState.COMMENTED,
    "DISMISSED": ReviewState.DISMISSED,
}

PULL, PULLS = TypeAdapter(Pull), TypeAdapter(list[Pull])
REVIEWS = TypeAdapter(list[GivenReview])
COMMITS = TypeAdapter(list[Commit])
CHECK_RUNS, STATUSES = TypeAdapter(CheckRuns), TypeAdapter(Statuses)
REPOSITORY, BRANCH = TypeAdapter(Repository), TypeAdapter(Branch)
RULES = TypeAdapter(list[Rule])
TREE, GIT_COMMIT, BLOB = TypeAdapter(Tree), TypeAdapter(GitCommit), TypeAdapter(Blob)
HAS_SHA, REF, COMPARISON = TypeAdapter(HasSha), TypeAdapter(Ref), TypeAdapter(Comparison)
MERGE_RESULT = TypeAdapter(MergeResult)
PULL_NUMBERS = TypeAdapter(list[PullNumber])
USER = TypeAdapter(User)
