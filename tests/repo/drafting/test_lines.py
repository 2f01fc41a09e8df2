"""Which lines of a file change."""

from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.repo.drafting.lines import file_change

LINES = st.lists(st.sampled_from([b"a", b"b", b"c", b""]), max_size=12)


def test_a_file_that_comes_or_goes_has_no_first_line() -> None:
    new, gone = file_change("f", None, b"1\n2\n"), file_change("f", b"1\n", None)
    assert (new.line, new.lines, new.new) == (None, 2, True)
    assert (gone.line, gone.lines, gone.gone) == (None, 1, True)


def test_what_stays_is_not_counted() -> None:
    changed = file_change("f", b"1\n2\n3\n4\n5\n", b"1\nx\n3\n4\ny\nz\n")
    assert (changed.line, changed.lines) == (2, 3)
    assert file_change("f", b"1\n2", b"1\n2\n").lines == 1
    assert file_change("f", b"1\n2\n", b"2\n1\n").lines == 2


@given(LINES, LINES)
def test_the_first_line_that_differs_is_told(old: list[bytes], new: list[bytes]) -> None:
    before, after = (b"".join(line + b"\n" for line in side) for side in (old, new))
    changed = file_change("f", before, after)
    assert (changed.lines == 0) == (before == after)
    if changed.lines:
        assert changed.line is not None
        assert old[: changed.line - 1] == new[: changed.line - 1]
        assert old[changed.line - 1 : changed.line] != new[changed.line - 1 : changed.line]
        assert changed.lines <= max(len(old), len(new))
