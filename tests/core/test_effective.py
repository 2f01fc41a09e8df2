"""What a difference does to sites: hosts and effective variables, and no secret in it."""

from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.changes import Effect, VariableEffect
from aaroc_bot.core.difference import CELL
from aaroc_bot.core.effective import MOST, Seen, effects
from aaroc_bot.core.sites import Site

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="ab1 {\n", max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "pass", "token"]), inner, max_size=3)
    ),
    max_leaves=6,
)
VARIABLES = st.dictionaries(st.sampled_from(["port", "vos", "my_pass", "x"]), JSON, max_size=4)
HOSTS = st.dictionaries(st.sampled_from(["h1", "h2", "h3"]), VARIABLES, max_size=3)


def plain(text: str) -> str:
    return text


def seen(hosts: dict[str, dict[str, object]], **more: object) -> Seen:
    site = Site(
        "ZA-UJ",
        "inventory.za-uj",
        hosts=tuple(sorted(hosts)),
        services={"site-bdiis": tuple(sorted(hosts)[:1])} if hosts else {},
        partial=bool(more.get("partial")),
        broken=bool(more.get("broken")),
    )
    vaulted = frozenset({"from-a-vault"})
    return Seen(site, hosts, {"group_vars/za-uj": str(more.get("id", "1"))}, vaulted)


def effect(before: Seen, after: Seen) -> Effect | None:
    found = effects({"ZA-UJ": before}, {"ZA-UJ": after}, plain)
    return found[0] if found else None


def test_hosts_with_the_same_change_stand_together() -> None:
    before = seen({"a": {"port": 1}, "b": {"port": 1}, "c": {"port": 1}})
    after = seen({"a": {"port": 2}, "b": {"port": 2}, "c": {}})
    assert effect(before, after) == Effect(
        "ZA-UJ",
        (VariableEffect("port", "1", "2", ("a", "b")), VariableEffect("port", "1", None, ("c",))),
        services=("site-bdii",),
    )


def test_kinds_of_values_are_told_apart() -> None:
    told = effect(seen({"a": {"x": True, "y": 1}}), seen({"a": {"x": "True", "y": 1.0}}))
    assert told is not None
    assert [(one.before, one.after) for one in told.variables] == [("true", "True"), ("1", "1.0")]


def test_a_host_that_comes_or_goes_is_told_by_its_service() -> None:
    told = effect(seen({"a": {"x": 1}}), seen({"b": {"x": 1}}))
    assert told == Effect(
        "ZA-UJ",
        joined=(("site-bdii", "b"),),
        left=(("site-bdii", "a"),),
        services=("site-bdii",),
    )
    told = effect(seen({"a": {}}), seen({"a": {}, "b": {}}))
    assert told is not None and told.joined == (("ungrouped", "b"),)


def test_secrets_are_only_said_to_change() -> None:
    before = {"my_pass": "old-one", "v": {"__ansible_vault": "1"}, "o": "from-a-vault", "db": {}}
    after = {"my_pass": "new-one", "v": {"__ansible_vault": "2"}, "o": 1, "db": {"pass": "new-one"}}
    told = effect(seen({"a": {**before}}), seen({"a": {**after}}))
    assert told is not None
    shown = {one.variable: (one.before, one.after, one.secret) for one in told.variables}
    assert shown["my_pass"] == shown["v"] == shown["o"] == (None, None, True)
    assert shown["db"] == ("{}", '{"pass": "(secret)"}', False)
    nested = effect(seen({"a": {"db": {"pass": "x"}}}), seen({"a": {"db": {"pass": "y"}}}))
    assert nested is not None and nested.variables[0].secret


def test_what_could_not_be_read_may_hide_more() -> None:
    hosts: dict[str, dict[str, object]] = {"a": {}}
    assert effect(seen(hosts, partial=True), seen(hosts, partial=True)) is None
    told = effect(seen(hosts, partial=True), seen(hosts, partial=True, id=2))
    assert told is not None and told.unread and not told.variables
    assert effect(seen(hosts), seen({}, broken=True)) == Effect("ZA-UJ", unread=True)
    many: dict[str, dict[str, object]] = {"a": {f"v{n}": n for n in range(MOST + 1)}}
    told = effect(seen(hosts), seen(many))
    assert told is not None and told.unread and len(told.variables) == MOST


def test_sites_that_come_and_go() -> None:
    one = seen({"a": {}})
    (new,) = effects({}, {"ZA-UJ": one}, plain)
    assert new.new and new.joined == (("site-bdii", "a"),)
    (gone,) = effects({"ZA-UJ": one}, {}, plain)
    assert gone.gone and gone.left == (("site-bdii", "a"),)


def test_long_values_show_what_differs() -> None:
    told = effect(seen({"a": {"x": "m" * 200 + "old"}}), seen({"a": {"x": "m" * 200 + "new"}}))
    assert told is not None
    (one,) = told.variables
    assert (one.before, one.after) == ("…mmmmmmmmmmold", "…mmmmmmmmmmnew")


@given(HOSTS)
def test_nothing_differs_from_itself(hosts: dict[str, dict[str, object]]) -> None:
    assert effect(seen(hosts), seen(hosts)) is None


@given(HOSTS, HOSTS)
def test_what_is_shown_is_short_on_one_line_and_mirrored(
    one: dict[str, dict[str, object]], other: dict[str, dict[str, object]]
) -> None:
    there, back = effect(seen(one), seen(other)), effect(seen(other), seen(one))
    assert (
        (there is None)
        == (back is None)
        == ((one == other and str(one) == str(other)) or there is None)
    )
    if there and back:
        assert there.joined == back.left and there.services == back.services
        for told in there.variables:
            for text in (told.before, told.after):
                assert text is None or (len(text) <= CELL and text.isprintable())
            assert told.secret or told.before != told.after
