"""CODEOWNERS as GitHub reads it: its documentation's examples, and what may not be said."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.owners import BIGGEST, codeowners, owners_of


def _matches(pattern: str, path: str) -> bool:
    return owners_of(f"{pattern} @x", path) == ("@x",)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*", ["a", "a/b/c.py"], []),
        ("**", ["a", "a/b/c.py"], []),
        ("*.js", ["a.js", "a/b.js", "b.js/c"], ["a.jsx", "js"]),
        ("/build/logs/", ["build/logs/a", "build/logs/a/b"], ["build/logs", "x/build/logs/a"]),
        ("docs/*", ["docs/a.md"], ["docs/a/b.md", "x/docs/a.md"]),
        ("/*", ["a"], ["a/b"]),
        ("apps/", ["apps/a", "x/apps/a/b"], ["apps", "x/apps"]),
        ("/docs/", ["docs/a", "docs/a/b"], ["x/docs/a"]),
        ("/scripts/", ["scripts/a"], ["scripts"]),
        ("**/logs", ["logs", "logs/a", "build/logs/a", "x/y/logs"], ["logsx", "xlogs"]),
        ("/apps/github", ["apps/github", "apps/github/a"], ["apps/githubs", "x/apps/github"]),
        ("a/b", ["a/b", "a/b/c"], ["x/a/b"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["ab", "a/xb", "x/a/b"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "x/a/b"]),
        ("/Ansible/host_vars/*.uj.example.yml", ["Ansible/host_vars/b.uj.example.yml"], []),
        ("/a?c", ["abc", "abc/d"], ["ac", "a/c"]),
        (r"a\ b", ["a b", "x/a b/c"], ["a", "b", r"a\ b"]),
        (r"a\*b", ["a*b"], ["axb", "ab"]),
        (r"a\#b", ["a#b"], ["a"]),
        ("a#b", ["a#b"], ["a"]),
        ("Docs", ["Docs"], ["docs"]),
        ("**a", ["a", "xa", "x/ya/z"], ["ab"]),
    ],
)
def test_patterns(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [path for path in yes if not _matches(pattern, path)] == []
    assert [path for path in no if _matches(pattern, path)] == []


def test_the_last_that_matches_has_the_word() -> None:
    text = "* @a @org/team\n/x/ @b\n/x/open\n/x/open/mine m@x.example # theirs\n"
    assert owners_of(text, "y") == ("@a", "@org/team")
    assert owners_of(text, "x/y") == ("@b",)
    assert owners_of(text, "x/open/y") == ()
    assert owners_of(text, "x/open/mine") == ("m@x.example",)


def test_nobody_owns_what_no_line_names() -> None:
    assert owners_of("", "a") == owners_of("/b @x", "a") == owners_of("# * @x", "a") == ()


@pytest.mark.parametrize(
    "line",
    ["!a @x", "[ab] @x", "a[b @x", r"\#a @x", "a*** @x", "/ @x", "a//b @x", "* x", "* @", "* @a/b/c",
     "* @a, @b", "* @-a", "a\\"],
)  # fmt: skip
def test_a_broken_line_is_skipped_and_told(line: str) -> None:
    found = codeowners(f"* @first\n{line}\n")
    assert found.broken == (2,)
    assert found.owners_of("a") == ("@first",)


def test_other_ends_of_lines_and_a_mark_at_the_start() -> None:
    assert owners_of("\ufeff* @a\r\n/b\t@b\t\r\n", "b") == ("@b",)
    assert owners_of("\ufeff* @a\r\n", "b") == ("@a",)


def test_a_file_that_github_does_not_read_owns_nothing() -> None:
    found = codeowners("* @a\n" + "#" * BIGGEST)
    assert found.owners_of("a") == () and found.broken


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 500, "a" * 2000 + "b"),
        ("**/" * 500 + "x", "/".join("a" * 500)),
        ("a/**/" * 300 + "x", "/".join("a" * 600)),
        ("?*" * 700, "a" * 699),
        ("\\" * 9_999, "a"),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    began = time.process_time()
    owners_of(f"{pattern} @x", path)
    assert time.process_time() - began < 2


NAMES = st.text("ab.", min_size=1, max_size=3)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
GLOBS = st.text("ab.*?", min_size=1, max_size=4).filter(lambda glob: "**" not in glob)


@given(st.lists(GLOBS, min_size=2, max_size=4), PATHS)
def test_stars_are_as_in_a_regular_expression(globs: list[str], path: str) -> None:
    parts = "/".join(re.escape(g).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") for g in globs)
    below = "" if globs[-1] == "*" else "(?:/.*)?"
    assert _matches("/".join(globs), path) == bool(re.fullmatch(parts + below, path))


@given(PATHS)
def test_a_path_and_its_folders_match_themselves(path: str) -> None:
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        above = "/".join(parts[:end])
        assert _matches(f"/{above}", path)
        assert _matches(f"**/{parts[end - 1]}", path)
        assert _matches(f"/{above}/", path) == (end < len(parts))


@given(st.text(max_size=200), st.text(max_size=40))
def test_nothing_that_is_written_fails(text: str, path: str) -> None:
    for owner in owners_of(text, path):
        assert "@" in owner
