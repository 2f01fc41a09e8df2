"""Which commits a person could be the author of, where something is to be accepted."""

from collections.abc import Iterable

from aaroc_bot.core.sites import Executing, Revision
from aaroc_bot.repo.git import GitFault
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.rulebook import PATHS


async def of_the_rules(
    repository: Repository, accepted: str | None, newest: str
) -> tuple[Revision, ...]:
    """Give the commits that changed the rules between two revisions, newest first.

    After a forced push the accepted revision may have commits that the newest one lacks:
    whoever took them out changed the rules too, so these count as well. `accepted` is None
    where that revision is gone: then every commit that ever touched them counts.
    """
    found = await _touching(repository, accepted, newest)
    if accepted is not None:
        found += await _touching(repository, newest, accepted)
    commits = []
    for sha in found:
        revision = await repository.mirror.revision(sha)
        if revision is not None and not await _merges_cleanly(repository, sha):
            commits.append(revision)
    return tuple(commits)


async def _touching(repository: Repository, since: str | None, until: str) -> list[str]:
    """List what touched the rules, with every merge whose rules differ from a parent's.

    `Repository.rule_commits` leaves out a merge that took one side as it was; here that is
    looked at more closely, because taking the older side undoes the newer one.
    """
    span = [until] if since is None else [until, f"^{since}"]
    told = await repository.mirror.git("rev-list", "--full-history", *span, "--", *PATHS)
    return told.decode().split()


async def _merges_cleanly(repository: Repository, sha: str) -> bool:
    """Whether a commit merges, and takes the rules of the only side that changed them.

    Its author chose nothing then. One that takes the side that did not change them has
    undone the other's work, so it does not count as clean.
    """
    git = repository.mirror.git
    _, *parents = (await git("rev-list", "--parents", "-1", sha)).decode().split()
    if len(parents) != 2:
        return False
    first, second = parents
    try:
        bases = (await git("merge-base", "--all", first, second)).decode().split()
    except GitFault:  # two histories without a common commit
        return False
    if len(bases) != 1:
        return False

    async def same(one: str, other: str) -> bool:
        return not await repository.rule_difference(one, other)

    if await same(sha, second) and await same(bases[0], first):
        return True
    return await same(sha, first) and await same(bases[0], second)


async def newest_rules(
    repository: Repository, commits: Iterable[Revision], newest: Revision
) -> Revision:
    """Give the revision to be accepted: the last commit that changed the rules.

    Merges elsewhere do not move it, so what an expert typed stays right. Where no single
    commit has the rules as they are now (two branches met), it is the newest revision.
    """
    for commit in commits:
        if await repository.mirror.contains(commit.sha):
            changed = await repository.rule_difference(commit.sha, newest.sha)
            return newest if changed else commit
    return newest


async def of_the_lines(repository: Repository, lines: Iterable[Executing]) -> tuple[str, ...]:
    """Give the commits that last wrote these lines.

    Where a line's number is not known, the last commit that touched the file counts.
    """
    newest = (await repository.newest()).sha
    found = {await _of_the_line(repository, line, newest) for line in lines}
    return tuple(sorted(found))


async def _of_the_line(repository: Repository, line: Executing, newest: str) -> str:
    git = repository.mirror.git
    if line.line is None:
        return (await git("rev-list", "-1", newest, "--", line.path)).decode().strip()
    where = f"{line.line},{line.line}"
    told = await git("blame", "--porcelain", "-w", "-L", where, newest, "--", line.path)
    return told.decode(errors="replace").split(maxsplit=1)[0]
