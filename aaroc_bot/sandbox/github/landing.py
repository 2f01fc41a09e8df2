"""How a branch lands on another: merge, squash and rebase, by git's plumbing alone."""

from datetime import datetime

from aaroc_bot.sandbox.github.bare import Bare, Commit, Signature

WEB_FLOW = ("GitHub", "noreply@github.com")
"""Who GitHub says made a commit that its own pages made."""


async def merged_tree(bare: Bare, base: str, head: str) -> str | None:
    """Give the tree of both together; None if they conflict or have nothing in common."""
    text = await bare.line("merge-tree", "--write-tree", "--no-messages", base, head)
    return text.splitlines()[0] if text else None


async def merge(bare: Bare, base: str, head: str, message: str, by: Signature) -> list[str] | None:
    """Make the merge commit; None if it conflicts."""
    tree = await merged_tree(bare, base, head)
    if tree is None:
        return None
    maker = Signature(*WEB_FLOW, by.at)
    return [await bare.write_commit(tree, (base, head), by, maker, message)]


async def squash(bare: Bare, base: str, head: str, message: str, by: Signature) -> list[str] | None:
    """Make one commit of them all, by the first one's author; None if it conflicts."""
    tree = await merged_tree(bare, base, head)
    brought = await commits_between(bare, base, head)
    if tree is None or not brought:
        return None
    name, mail, _ = brought[0].author
    others = dict.fromkeys(one.author[:2] for one in brought if one.author[1] != mail)
    if others:
        message += "\n\n" + "\n".join(f"Co-authored-by: {n} <{m}>" for n, m in others)
    maker = Signature(*WEB_FLOW, by.at)
    author = Signature(name, mail, by.at)
    return [await bare.write_commit(tree, (base,), author, maker, message)]


async def rebase(bare: Bare, base: str, head: str, by: Signature) -> list[str] | None:
    """Make each commit anew on the base; authors stay, the committer is who merges."""
    made: list[str] = []
    onto = base
    for one in await commits_between(bare, base, head):
        if len(one.parents) != 1:
            return None
        tree = await _picked(bare, one, onto, by)
        if tree is None:
            return None
        name, mail, at = one.author
        author = Signature(name, mail, datetime.fromisoformat(at))
        onto = await bare.write_commit(tree, (onto,), author, by, one.message)
        made.append(onto)
    return made


async def commits_between(bare: Bare, base: str, head: str) -> list[Commit]:
    """Give the commits that `head` has and `base` has not, oldest first."""
    return await bare.commits("--reverse", "--topo-order", f"{base}..{head}", "--") or []


async def _picked(bare: Bare, one: Commit, onto: str, by: Signature) -> str | None:
    """Give the tree of what a commit changes, put on another.

    git finds the common past by itself, so the other's tree is given one that fits: a
    commit of it whose parent is the picked commit's own.
    """
    tree = await bare.must("rev-parse", f"{onto}^{{tree}}")
    stand_in = await bare.write_commit(
        tree, one.parents, by, by, "stands in while a commit is picked"
    )
    return await merged_tree(bare, stand_in, one.sha)
