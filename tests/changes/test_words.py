"""What a Change says on GitHub: whatever people typed means nothing there."""

import re

from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.changes.words import branch_word, inert, secret_in, typed
from aaroc_bot.core.changes import (
    DisableService,
    EnableService,
    NewSite,
    RollBack,
    SetVariables,
    UnsetVariable,
    Wish,
)

MEANS = re.compile(
    r"[@#]\w|://|`|[\[\]<>\n\r]|\bGH-\d|skip-checks", re.IGNORECASE
)  # mentions, references, links, code, markup, words to GitHub's checks


@given(st.text(max_size=300) | st.text("@#a1:/[]<>`GH-\n ", max_size=60))
def test_nothing_is_in_force(text: str) -> None:
    line = inert(text, 100)
    assert not MEANS.search(line) and len(line) <= 100


@given(st.text(max_size=100))
def test_a_branch_is_called_what_git_takes(title: str) -> None:
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", branch_word(title))
    assert len(branch_word(title)) <= 40


def test_wishes_read_as_they_are_typed() -> None:
    wishes: dict[Wish, str] = {
        SetVariables("ZA-UJ", (("a", "1"), ("b", "two words"))): 'set ZA-UJ a=1 b="two words"',
        UnsetVariable("ZA-UJ", "a"): "unset ZA-UJ a",
        EnableService("ZA-UJ", "top-bdii", "h"): "enable top-bdii at ZA-UJ on h",
        DisableService("ZA-UJ", "top-bdii"): "disable top-bdii at ZA-UJ",
        DisableService("ZA-UJ", "top-bdii", "h"): "disable top-bdii at ZA-UJ on h",
        NewSite("ZA-XYZ", "ZA-UJ"): "new site ZA-XYZ like ZA-UJ",
        RollBack("ZA-UJ", "a" * 40): "rollback ZA-UJ to aaaaaaa",
        RollBack("ZA-UJ", "a" * 40, 12): "rollback ZA-UJ to run 12",
    }
    assert {wish: typed(wish) for wish in wishes} == wishes


def test_a_value_that_is_a_known_secret_names_its_variable_alone() -> None:
    wish = SetVariables("ZA-UJ", (("a", "1"), ("b", "hidden")))
    assert secret_in(wish, lambda text: text.replace("hidden", "•••")) == "b"
    assert secret_in(wish, str) is None
    assert secret_in(UnsetVariable("ZA-UJ", "hidden"), lambda text: "•••") is None
