"""A table that is wider than a phone reads as lines, with everything that stood in it."""

from aaroc_bot.chat.narrow import WIDTH, narrowed
from aaroc_bot.chat.slack_render import rendered as for_slack
from aaroc_bot.chat.telegram_render import rendered as for_telegram
from aaroc_bot.core.message import Message, Table
from aaroc_bot.core.text import Code, Link

COMMIT = Link("ed152b3", "https://github.com/AAROC/DevOps/commit/ed152b3")
WIDE = Message(
    "Runs, newest first",
    lines=("a line before it",),
    table=Table(
        (), (("10:53 UTC", "Run 1 · deploy site-bdii at ZA-UJ port=2171 · waiting", (COMMIT,)),)
    ),
)


def test_a_wide_table_s_links_can_be_followed_in_both_chats() -> None:
    assert '<a href="https://github.com/AAROC/DevOps/commit/ed152b3">' in for_telegram(WIDE).html
    assert COMMIT.url in str(for_slack(WIDE).blocks)
    assert "rich_text_preformatted" not in str(for_slack(WIDE).blocks)
    assert "<pre>" not in for_telegram(WIDE).html


def test_it_stands_where_the_table_stood() -> None:
    first, second = narrowed(WIDE).lines
    assert first == "a line before it" and second[0] == "10:53 UTC"


def test_a_narrow_table_keeps_its_columns() -> None:
    narrow = Message("Differences", table=Table(("", "a"), (((Code("bdii_port"),), "2171"),)))
    assert narrowed(narrow) == narrow
    assert "<pre>" in for_telegram(narrow).html
    assert narrowed(Message("x", table=Table((), (("y" * WIDTH,),)))).table is None
