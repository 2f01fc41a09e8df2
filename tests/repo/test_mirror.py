"""The mirror: what it fetches, what it survives, what it does not execute."""

import asyncio
import os
from pathlib import Path

import pytest

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.tree import Kind
from tests.repo.conftest import Upstream


@pytest.fixture
def mirror(upstream: Upstream, tmp_path: Path) -> Mirror:
    return Mirror(str(upstream.folder), tmp_path / "state")


async def test_nothing_is_known_of_a_repository_that_never_answered(tmp_path: Path) -> None:
    mirror = Mirror(str(tmp_path / "nowhere"), tmp_path / "state")
    assert not await mirror.refresh()
    with pytest.raises(Unavailable) as away:
        await mirror.newest()
    assert away.value.since is not None


async def test_the_newest_commit_moves(mirror: Mirror, upstream: Upstream) -> None:
    first = upstream.commit({"a": "1"}, "first")
    assert await mirror.refresh()
    assert (await mirror.newest()).sha == first
    assert not await mirror.refresh()
    second = upstream.commit({"a": "2"}, "bdii port")
    assert await mirror.refresh()
    newest = await mirror.newest()
    assert (newest.sha, newest.subject, newest.author) == (second, "bdii port", "uj-admin")
    assert await mirror.revision(first[:7]) is not None
    assert await mirror.revision("main") is None
    assert await mirror.count(first, second) == 1
    assert await mirror.count(first, second, ["b"]) == 0


async def test_the_last_mirror_serves_while_the_repository_is_away(
    mirror: Mirror, upstream: Upstream, tmp_path: Path
) -> None:
    sha = upstream.commit({"a": "1"})
    await mirror.refresh()
    upstream.folder.rename(tmp_path / "moved")
    assert not await mirror.refresh()
    assert mirror.silent_since is not None
    assert (await mirror.newest()).sha == sha
    assert (await (await mirror.tree(sha)).read(["a"])) == {"a": b"1"}
    (tmp_path / "moved").rename(upstream.folder)
    await mirror.refresh()
    assert mirror.silent_since is None


async def test_two_processes_may_fetch_at_the_same_moment(
    mirror: Mirror, upstream: Upstream, tmp_path: Path
) -> None:
    upstream.commit({"a": "1"})
    others = [mirror, *(Mirror(str(upstream.folder), tmp_path / "state") for _ in range(3))]
    await mirror.refresh()
    for number in range(8):
        sha = upstream.commit({"a": f"again {number}"})
        await asyncio.gather(*(other.refresh() for other in others))
        assert all(other.silent_since is None for other in others)
        assert (await mirror.newest()).sha == sha


async def test_a_forced_push_keeps_the_old_revision_readable_but_off_the_branch(
    mirror: Mirror, upstream: Upstream
) -> None:
    upstream.commit({"a": "1"})
    gone = upstream.commit({"a": "2"})
    await mirror.refresh()
    upstream.git("reset", "--hard", "--quiet", "HEAD~1")
    new = upstream.commit({"a": "3"})
    assert await mirror.refresh()
    assert (await mirror.newest()).sha == new
    assert await mirror.contains(new)
    assert not await mirror.contains(gone)
    assert (await (await mirror.tree(gone)).read(["a"])) == {"a": b"2"}
    assert not await mirror.contains("0" * 40)
    with pytest.raises(Unavailable):
        await mirror.tree("0" * 40)


async def test_a_tree_is_read_whatever_its_attributes_and_names(
    mirror: Mirror, upstream: Upstream
) -> None:
    (upstream.folder / "link").symlink_to("/etc/passwd")
    sha = upstream.commit(
        {".gitattributes": "* export-ignore export-subst\n", "a b\nc": "$Format:%H$", "x.sh": "#"}
    )
    await mirror.refresh()
    tree = await mirror.tree(sha)
    assert tree.nodes["link"].kind is Kind.LINK
    assert await tree.read(["link", "a b\nc", "none"]) == {"a b\nc": b"$Format:%H$"}


async def test_hooks_and_configuration_of_the_repository_are_not_in_force(
    mirror: Mirror, upstream: Upstream, tmp_path: Path
) -> None:
    upstream.commit({"a": "1"})
    mark = tmp_path / "executed"
    script = tmp_path / "hook"
    script.write_text(f"#!/bin/sh\ntouch {mark}\nexec git pack-objects --stdout\n")
    script.chmod(0o755)
    upstream.git("config", "uploadpack.packObjectsHook", str(script))
    for hook in ("post-checkout", "reference-transaction", "post-merge"):
        (upstream.folder / ".git" / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (upstream.folder / ".git" / "hooks" / hook).chmod(0o755)
    assert await mirror.refresh()
    assert not mark.exists()


async def test_an_address_is_never_a_command_or_an_option(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    for address in (f"ext::touch {mark}", f"--upload-pack=touch {mark}", "git://127.0.0.1/x"):
        mirror = Mirror(address, tmp_path / "state")
        assert not await mirror.refresh()
    assert not mark.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
async def test_a_repository_of_another_user_is_mirrored(mirror: Mirror, upstream: Upstream) -> None:
    upstream.commit({"a": "1"})
    for folder, names, files in os.walk(upstream.folder):
        for name in [".", *names, *files]:
            os.chown(Path(folder, name), 12345, 12345)
    assert await mirror.refresh()


async def test_a_lock_that_a_killed_git_left_behind_is_removed(
    mirror: Mirror, upstream: Upstream, tmp_path: Path
) -> None:
    upstream.commit({"a": "1"})
    await mirror.refresh()
    new = upstream.commit({"a": "2"})
    lock = tmp_path / "state" / "mirror.git" / "refs" / "aaroc" / "newest.lock"
    lock.touch()
    assert not await mirror.refresh()
    os.utime(lock, (0, 0))
    again = Mirror(str(upstream.folder), tmp_path / "state")
    assert await again.refresh()
    assert (await again.newest()).sha == new


async def test_commits_that_touch_paths_are_told_with_what_they_change(
    mirror: Mirror, upstream: Upstream
) -> None:
    first = upstream.commit({".aaroc.yml": "sites: {}\n", "b": "1"})
    second = upstream.commit({"b": "2"})
    upstream.git("checkout", "--quiet", "-b", "side", first)
    upstream.commit({".aaroc.yml": "sites: {A: {}}\n"}, "side")
    upstream.git("checkout", "--quiet", "main")
    upstream.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    third = upstream.commit({".aaroc.yml": "sites: {B: {}}\n"}, "rules")
    await mirror.refresh()
    touching = await mirror.commits_touching([".aaroc.yml"], second, third)
    assert [one.subject for one in touching] == ["rules", "side"]
    assert "+sites: {B: {}}" in await mirror.difference([".aaroc.yml"], first, third)
