"""How a plan reads on a card: each change once, with its hosts; the rest counted."""

from types import ModuleType

from aaroc_bot.content import modules
from aaroc_bot.core.plan import Item, Plan, Unseen
from aaroc_bot.core.text import plain


def wording() -> ModuleType:
    return next(m for m in modules() if m.__name__.endswith("._run_wording"))


def rows(plan: Plan) -> list[list[str]]:
    table = wording().items(plan)
    return [[plain(cell) for cell in row] for row in table.rows] if table else []


def test_the_same_change_on_several_hosts_is_one_row() -> None:
    diff = "@@ -1 +1 @@\n-BDII_PORT=2135\n+BDII_PORT=2170"
    plan = Plan(
        played=True,
        items=tuple(
            Item(host, "site-bdii", "configure port", path="/etc/bdii.conf", diff=diff)
            for host in ("bdii1", "bdii2")
        ),
        unseen=tuple(
            Unseen(f"wn{number}", "yaim", "run yaim", "command") for number in range(1, 5)
        ),
    )
    assert rows(plan) == [
        [
            "~",
            "bdii1, bdii2",
            "site-bdii : configure port",
            "/etc/bdii.conf",
            "`BDII_PORT=2135` → `BDII_PORT=2170`",
        ],
        ["?", "4 hosts", "yaim : run yaim", "", "a command; check mode does not play it"],
    ]
    assert wording().left_out(plan) == ""


def test_a_long_list_is_cut_at_the_end_and_counted() -> None:
    plan = Plan(
        played=True,
        items=tuple(Item("wn1", "", f"task {number}") for number in range(20)),
        unseen=tuple(Unseen("wn1", "", f"command {number}", "command") for number in range(5)),
    )
    assert [row[2] for row in rows(plan)] == [
        *(f"task {number}" for number in range(8)),
        *(f"command {number}" for number in range(3)),
    ]
    assert wording().left_out(plan) == "11 of 25 shown; all of it stands in the thread."


def test_a_long_line_is_cut_to_what_differs() -> None:
    line = "GlueServiceEndpoint: ldap://bdii1.uj.example.org:{}/o=grid"
    diff = f"@@ -1 +1 @@\n-{line.format(2170)}\n+{line.format(2345)}"
    assert plain(wording().change(Item("bdii1", "", "describe", diff=diff))) == (
        "`…uj.example.org:2170/o=grid` → `…uj.example.org:2345/o=grid`"
    )
