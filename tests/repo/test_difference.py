"""How two sites' variables differ."""

from hypothesis import given, settings
from hypothesis import strategies as st

from aaroc_bot.core.difference import CELL, ROWS, difference

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="ab1 {\u00e9", max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet="ab", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(["port", "vos", "site_name", "pass", "x"])
HOSTS = st.dictionaries(
    st.sampled_from(["h1", "h2", "h3"]), st.dictionaries(NAMES, JSON, max_size=5), max_size=3
)


def is_secret(name: str) -> bool:
    return "pass" in name


def test_one_value_is_shown_as_such_and_several_with_their_hosts() -> None:
    left = {"ce1": {"port": 2170}, "ce2": {"port": 2170}, "bdii1": {"port": 2171}}
    right = {"b": {"port": "2170", "only": 1}}
    found = difference(left, right, is_secret=is_secret)
    (row,) = found.rows
    assert (row.left, row.right) == ("2170 (2 hosts), 2171 (bdii1)", '"2170"')
    assert (found.only_left, found.only_right, found.compared) == ((), ("only",), 1)


def test_a_host_without_the_variable_is_told() -> None:
    found = difference({"a": {"x": 1}, "b": {}}, {"c": {"x": 1}}, is_secret=is_secret)
    assert found.rows[0].left == "1 (a), not set (b)"


def test_secrets_are_counted_and_never_shown() -> None:
    left = {
        "h": {
            "my_pass": "s3cret-a",
            "db": {"user": "u", "pass": "s3cret-b"},
            "v": {"__ansible_vault": "s3cret-c"},
            "list": [{"pass": "s3cret-d"}],
        }
    }
    right = {"g": {"my_pass": "other", "db": {"user": "w", "pass": "s3cret-e"}, "v": "plain"}}
    found = difference(left, right, is_secret=is_secret)
    assert found.secrets == 4
    assert [row.variable for row in found.rows] == ["db"]
    assert "s3cret" not in str(found)


def test_hosts_of_another_name_are_left_out_and_those_of_none_are_not() -> None:
    left = {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 1}}
    found = difference(
        left, {"d": {"x": 1}}, is_secret=is_secret, foreign_left={"b": "local", "c": ""}
    )
    assert found.differing == 0
    assert found.foreign_left == (("b", "local"),)


def test_long_values_show_where_they_differ() -> None:
    found = difference(
        {"a": {"x": "a" * 300 + "1"}}, {"b": {"x": "a" * 300 + "2"}}, is_secret=is_secret
    )
    assert found.rows[0].left != found.rows[0].right


@settings(deadline=None)
@given(HOSTS)
def test_nothing_differs_from_itself(hosts: dict[str, dict[str, object]]) -> None:
    found = difference(hosts, hosts, is_secret=is_secret)
    assert (found.rows, found.only_left, found.only_right) == ((), (), ())


@settings(deadline=None)
@given(HOSTS, HOSTS)
def test_both_ways_round_are_the_same(
    left: dict[str, dict[str, object]], right: dict[str, dict[str, object]]
) -> None:
    there = difference(left, right, is_secret=is_secret)
    back = difference(right, left, is_secret=is_secret)
    assert there.only_left == back.only_right
    assert (there.differing, there.compared, there.secrets) == (
        back.differing,
        back.compared,
        back.secrets,
    )
    assert [(row.variable, row.left, row.right) for row in there.rows] == [
        (row.variable, row.right, row.left) for row in back.rows
    ]


@settings(deadline=None)
@given(HOSTS, HOSTS, st.text(alphabet="xyz", min_size=12, max_size=12))
def test_no_secret_comes_out(
    left: dict[str, dict[str, object]], right: dict[str, dict[str, object]], secret: str
) -> None:
    hidden = {
        host: {**those, "db": {"pass": secret}, "pass": secret} for host, those in left.items()
    }
    assert secret not in str(difference(hidden, right, is_secret=is_secret))


@settings(deadline=None)
@given(st.integers(1, 400))
def test_the_answer_is_bounded(count: int) -> None:
    left = {"a": {f"v{n:03}": "x" * 500 for n in range(count)}}
    right = {"b": {f"v{n:03}": "y" * 500 for n in range(count)}}
    found = difference(left, right, is_secret=is_secret)
    assert found.differing == count and len(found.rows) == min(count, ROWS)
    assert all(len(row.left) <= CELL for row in found.rows)
    assert list(found.rows) == sorted(found.rows, key=lambda row: row.variable)
