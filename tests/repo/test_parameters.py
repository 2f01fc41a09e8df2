"""Parameters as typed, and the patterns that may check them."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aaroc_bot.core.entries import Entry, Origin, Parameter, ParameterType
from aaroc_bot.core.parameters import Wrong, WrongParameter, check
from aaroc_bot.repo.patterns import why_not

ENTRY = Entry(
    "deploy",
    "site-bdiis",
    "b.yml",
    Origin.REPOSITORY,
    ".aaroc/catalogue.yml",
    1,
    parameters=(
        Parameter("port", ParameterType.INTEGER, minimum=1, maximum=65535, default=2170),
        Parameter("ticket", ParameterType.STRING, pattern="[A-Z]+-[0-9]+"),
        Parameter("channel", ParameterType.CHOICE, choices=("stable", "testing")),
        Parameter("force", ParameterType.BOOLEAN, default=False),
        Parameter("note", ParameterType.STRING),
    ),
)


def test_defaults_fill_what_was_not_given() -> None:
    given_, every = check(ENTRY, {"port": "2171", "force": "Yes"})
    assert given_ == (("port", 2171), ("force", True))
    assert every == (("port", 2171), ("force", True))
    assert check(ENTRY, {"ticket": "GGUS-12"})[1] == (
        ("port", 2170),
        ("ticket", "GGUS-12"),
        ("force", False),
    )


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("prt", "1", Wrong.UNKNOWN),
        ("port", "seventy", Wrong.TYPE),
        ("port", "1.5", Wrong.TYPE),
        ("port", "", Wrong.TYPE),
        ("port", "9" * 30, Wrong.TYPE),
        ("port", "0", Wrong.RANGE),
        ("port", "65536", Wrong.RANGE),
        ("ticket", "ggus", Wrong.PATTERN),
        ("ticket", "A-1\n", Wrong.CONTROL),
        ("ticket", "A" * 201, Wrong.LONG),
        ("channel", "Stable", Wrong.CHOICE),
        ("force", "perhaps", Wrong.TYPE),
        ("note", "{{ lookup('pipe','id') }}", Wrong.TEMPLATE),
        ("note", "{% raw %}", Wrong.TEMPLATE),
        ("note", "a\u202eb", Wrong.CONTROL),
        ("note", "a\x1b[31m", Wrong.CONTROL),
        ("note", "x" * 100_000, Wrong.LONG),
    ],
)
def test_what_is_refused_and_why(name: str, typed: str, why: Wrong) -> None:
    with pytest.raises(WrongParameter) as refused:
        check(ENTRY, {name: typed})
    assert (refused.value.name, refused.value.why) == (name, why)
    assert (refused.value.parameter is None) == (why is Wrong.UNKNOWN)


def test_a_required_parameter_is_asked_for() -> None:
    needed = Parameter("ticket", ParameterType.STRING, required=True)
    entry = Entry("run", "x", "x.yml", Origin.BOT, "c", 1, parameters=(needed,))
    with pytest.raises(WrongParameter) as refused:
        check(entry, {})
    assert refused.value.why is Wrong.MISSING


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["port", "ticket", "channel", "force", "note"]), st.text()))
def test_what_passes_is_plain_and_of_its_type(typed: dict[str, str]) -> None:
    try:
        _, every = check(ENTRY, typed)
    except WrongParameter:
        return
    for name, value in every:
        if isinstance(value, str):
            assert value == typed[name] and "{{" not in value and "\n" not in value
        elif name == "port":
            assert type(value) is int and 1 <= value <= 65535


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+", "(a*)*", "(a|a)*b", "(?:a?){30}a{30}", "(.*)*x", r"(\w+\s?)+$", "a*a*a*a*a*b",
        r"(a)\1", "(?=a)b", "(", "x" * 201, "([a-z]+-?)+", "(a|ab)+", "((a+)b?)+",
    ],
)  # fmt: skip
def test_patterns_that_are_refused(pattern: str) -> None:
    assert why_not(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["[A-Z]+-[0-9]+", r"\w+(\.\w+)*", "(?:a|b)", "[a-z]{1,20}", r"\d+\.\d+\.\d+", "(ab)+", "v?1"],
)
def test_patterns_that_are_taken(pattern: str) -> None:
    assert why_not(pattern) is None


@settings(deadline=None)
@given(st.text(alphabet="ab(|)*+?.{2}", max_size=14), st.sampled_from(["a" * 200, "ab" * 100]))
def test_a_pattern_that_is_taken_takes_no_time(pattern: str, text: str) -> None:
    if why_not(pattern) is None:
        started = time.process_time()
        re.fullmatch(pattern, text + "!")
        assert time.process_time() - started < 2
