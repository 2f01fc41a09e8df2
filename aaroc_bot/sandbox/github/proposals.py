"""The pull requests of the sandbox's repository: opened, reviewed, merged, closed.

Every rule of GitHub's that stands in the way raises `Problem`; the pages and the API call
the same methods, which take the lock themselves.
"""

import asyncio

from aaroc_bot.sandbox.github import landing
from aaroc_bot.sandbox.github.bare import Signature
from aaroc_bot.sandbox.github.branches import Branches
from aaroc_bot.sandbox.github.people import User
from aaroc_bot.sandbox.github.problem import Problem, absent, invalid
from aaroc_bot.sandbox.github.pull import Pull, Review, State, approvals, approves_push
from aaroc_bot.sandbox.github.shapes.pulls import review_body, simple_pull
from aaroc_bot.sandbox.persons import ORG

EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
OWN = {"APPROVE": "approve", "REQUEST_CHANGES": "request changes on"}
WAYS = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}


class Proposals(Branches):
    """What people do with pull requests; `by` is always who does it."""

    def __init__(self, org: str = ORG) -> None:
        """Begin with none."""
        super().__init__(org)
        self._judging: dict[int, asyncio.Task[None]] = {}

    def pull(self, number: int) -> Pull:
        """Give a pull request. Raises `Problem` (404)."""
        if number not in self.pulls:
            raise absent()
        return self.pulls[number]

    async def open_pull(
        self, by: User, title: str, branch: str, base: str, body: str | None = None,
        *, draft: bool = False,
    ) -> Pull:  # fmt: skip
        """Open a pull request of `branch` into `base`."""
        async with self.writing:
            await self.settle()
            heads = self.heads or {}
            if not title.strip():
                raise invalid("PullRequest", field="title", code="missing_field")
            for field, named in (("base", base), ("head", branch)):
                if named not in heads:
                    raise invalid("PullRequest", field=field, code="invalid")
            if any(one.branch == branch and one.base == base for one in self.open_pulls()):
                told = f"A pull request already exists for {self.org}:{branch}."
                raise invalid("PullRequest", told)
            if await self.bare.is_ancestor(heads[branch], heads[base]):
                raise invalid("PullRequest", f"No commits between {base} and {branch}")
            now = self.now()
            pull = Pull(
                self.next_pull, title, body, by.id, branch, base, heads[branch], heads[base],
                created=now, updated=now, draft=draft,
            )  # fmt: skip
            await self.take_stock(pull, heads[base])
            self.next_pull += 1
            self.pulls[pull.number] = pull
            self.tell_of_pull("opened", pull, by)
            return pull

    async def edit(
        self,
        number: int,
        by: User,
        *,
        title: str | None = None,
        body: str | None = None,
        state: State | None = None,
    ) -> Pull:
        """Change a pull request's words, close it, or open it again."""
        async with self.writing:
            await self.settle()
            pull = self.pull(number)
            if by.id not in self.writers() | {pull.author}:
                raise absent()
            if title is not None and not title.strip():
                raise invalid("PullRequest", field="title", code="missing_field")
            before = pull.state
            if state == "open" and before == "closed":
                self._may_open_again(pull)
            pull.title = pull.title if title is None else title
            pull.body = pull.body if body is None else body
            pull.updated = self.now()
            if (title, body) != (None, None):
                self.tell_of_pull("edited", pull, by, changes={})
            if state is not None and state != before:
                pull.state = state
                pull.closed = self.now() if state == "closed" else None
                self.tell_of_pull("closed" if state == "closed" else "reopened", pull, by)
            return pull

    async def close(self, number: int, by: User) -> Pull:
        """Close a pull request without merging it."""
        return await self.edit(number, by, state="closed")

    async def ready(self, number: int, by: User) -> Pull:
        """Say of a draft that it can be reviewed; REST knows no way to, only pages and GraphQL."""
        async with self.writing:
            await self.settle()
            pull = self.pull(number)
            if by.id not in self.writers() | {pull.author}:
                raise Problem(403, "Only its author, or who has write access, can do that.")
            if pull.state != "open" or not pull.draft:
                raise Problem(422, "It is no open draft.")
            pull.draft, pull.updated = False, self.now()
            self.tell_of_pull("ready_for_review", pull, by)
            return pull

    async def review(
        self, number: int, by: User, event: str, body: str = "", commit: str | None = None
    ) -> Review:
        """Review a pull request: ``APPROVE``, ``REQUEST_CHANGES`` or ``COMMENT``.

        `commit` is what was looked at, by default the head.
        """
        async with self.writing:
            await self.settle()
            pull = self.pull(number)
            if event not in EVENTS:
                raise Problem(422, "Unprocessable Entity", errors=["Event is not included"])
            if by.id == pull.author and event in OWN:
                told = f"Review Can not {OWN[event]} your own pull request"
                raise Problem(422, "Unprocessable Entity", errors=[told])
            if event != "APPROVE" and not body.strip():
                raise Problem(422, "Unprocessable Entity", errors=["Body can't be blank"])
            if commit and not await self._brings(pull, commit):
                raise Problem(422, "Unprocessable Entity", errors=["Commit is not part of it"])
            seen = commit or pull.head
            review = Review(self.new_id(), by.id, EVENTS[event], body, seen, self.now())
            pull.reviews.append(review)
            pull.updated = review.at
            self._tell_of_review("submitted", pull, review, by)
            return review

    async def dismiss(self, number: int, id: int, by: User) -> Review:
        """Let a review count no more."""
        async with self.writing:
            pull = self.pull(number)
            review = next((one for one in pull.reviews if one.id == id), None)
            if review is None or by.id not in self.writers():
                raise absent()
            if review.state not in {"APPROVED", "CHANGES_REQUESTED"}:
                told = "Can not dismiss a commented pull request review"
                raise Problem(422, "Unprocessable Entity", errors=[told])
            review.state = "DISMISSED"
            pull.updated = self.now()
            self._tell_of_review("dismissed", pull, review, by)
            return review

    async def merge(
        self, number: int, by: User, method: str = "merge", *, sha: str | None = None,
        title: str | None = None, message: str | None = None,
    ) -> str:  # fmt: skip
        """Merge a pull request and give the sha that the base branch is at then.

        `method` is ``merge``, ``squash`` or ``rebase``; `sha` guards the head.
        """
        async with self.writing:
            await self.settle()
            pull = self.pull(number)
            self._may_merge(pull, by, method, sha)
            base = (self.heads or {})[pull.base]
            signature = Signature(by.name, by.address, self.now())
            words = "\n\n".join(filter(None, self._words(pull, method, title, message)))
            if method == "rebase":
                landed = await landing.rebase(self.bare, base, pull.head, signature)
            elif method == "squash":
                landed = await landing.squash(self.bare, base, pull.head, words, signature)
            else:
                landed = await landing.merge(self.bare, base, pull.head, words, signature)
            if not landed:
                raise Problem(405, "Pull Request is not mergeable")
            made = landed

            def note() -> None:
                self.mark_merged(pull, made[-1], made, by)

            await self.move(by, pull.base, base, landed[-1], moved=note)
            return landed[-1]

    def hindrance(self, pull: Pull) -> str | None:
        """Give what the protected branch still wants of a pull request; None if nothing."""
        approve, against = approvals(pull, self.writers())
        guard = self.guard(pull.base)
        wanted = guard.reviews if guard else 0
        if against and wanted:
            return "Changes have been requested by reviewers with write access."
        if len(approve) < wanted:
            few = "review is" if wanted == 1 else "reviews are"
            return f"At least {wanted} approving {few} required by reviewers with write access."
        pusher = self.pushers.get(pull.head)
        if guard and wanted and guard.last_push and not approves_push(pull, approve, pusher):
            return "New changes require approval from someone other than the last pusher."
        return None

    def mergeable_state(self, pull: Pull) -> str:
        """Say in GitHub's word how far a pull request is from being merged."""
        if pull.state == "closed" or pull.mergeable is None:
            return "unknown"
        if not pull.mergeable:
            return "dirty"
        if pull.draft:
            return "draft"
        if self.hindrance(pull):
            return "blocked"
        last = {one.context: one.state for one in self.statuses.get(pull.head, ())}
        return "clean" if set(last.values()) <= {"success"} else "unstable"

    def judge(self, pull: Pull) -> None:
        """Have it worked out, in the background, whether a pull request can be merged.

        As on GitHub nobody knows (None) after its head or its base moved, until it is done.
        """
        pair = ((self.heads or {}).get(pull.base, ""), pull.head)
        if pull.state == "closed" or pull.judged == pair:
            return
        pull.mergeable = None
        if pull.number not in self._judging:
            self._judging[pull.number] = asyncio.create_task(self._judge(pull, pair))

    async def rest(self) -> None:
        """Stop what works in the background."""
        for task in tuple(self._judging.values()):
            task.cancel()
        await asyncio.gather(*self._judging.values(), return_exceptions=True)

    async def _judge(self, pull: Pull, pair: tuple[str, str]) -> None:
        try:
            fits = await landing.merged_tree(self.bare, *pair) is not None
            pull.mergeable, pull.judged = fits, pair
        finally:
            self._judging.pop(pull.number, None)

    async def _brings(self, pull: Pull, commit: str) -> bool:
        return any(
            one.sha == commit
            for one in await landing.commits_between(self.bare, pull.base_sha, pull.head)
        )

    def _may_open_again(self, pull: Pull) -> None:
        if pull.merged:
            raise invalid("PullRequest", "state cannot be changed. The pull request is merged.")
        if (self.heads or {}).get(pull.branch) != pull.head:
            told = f"state cannot be changed. The {pull.branch} branch was moved or deleted."
            raise invalid("PullRequest", told)

    def _may_merge(self, pull: Pull, by: User, method: str, sha: str | None) -> None:
        if by.id not in self.writers():
            raise Problem(403, "You must have write access to merge this pull request.")
        if method not in WAYS:
            told = "Invalid request.\n\nInvalid merge_method."
            raise Problem(422, told)
        if pull.state == "closed":
            raise Problem(405, "Pull Request is not mergeable")
        if pull.draft:
            raise Problem(405, "Pull Request is still a draft")
        if sha is not None and sha != pull.head:
            raise Problem(409, "Head branch was modified. Review and try the merge again.")
        if not getattr(self.allowed, method):
            raise Problem(405, f"{WAYS[method]} are not allowed on this repository.")
        if hindrance := self.hindrance(pull):
            raise Problem(405, hindrance)

    def _words(
        self, pull: Pull, method: str, title: str | None, message: str | None
    ) -> tuple[str, str]:
        """Give the commit's title and text, GitHub's own where none was sent."""
        if method == "squash":
            return title or f"{pull.title} (#{pull.number})", message or ""
        usual = f"Merge pull request #{pull.number} from {self.org}/{pull.branch}"
        return title or usual, pull.title if message is None else message

    def _tell_of_review(self, action: str, pull: Pull, review: Review, by: User) -> None:
        repository = self.repository()
        told = review_body(self.where, pull, review, self.who)
        body = {
            "action": action,
            "review": {"submitted_at": None, **told, "state": review.state.lower()},
            "pull_request": simple_pull(self.where, pull, self.who, repository),
            "repository": repository,
        }
        self.tell("pull_request_review", by, body)
