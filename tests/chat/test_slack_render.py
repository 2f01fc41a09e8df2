"""Any message fits into what Slack takes, and nothing written by others becomes a link or a ring."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aaroc_bot.chat.slack_render import Rendered, rendered
from aaroc_bot.core.message import Account, Button, File, Message, Table
from aaroc_bot.core.text import Code, Inline, Link, Mention, When
from tests.emulators.slack import blocks as limits

AT = datetime(2026, 6, 8, 14, 2, tzinfo=UTC)
UJ = Account("slack", "T0AAROC", "U0UJ")

NASTY = [
    "<!channel>", "<@U0BOT>", "https://evil.example/x", "*bold* _it_ `code`", "&lt;", "@here",
    "[a](https://evil.example)", "\u202eabc", "```", "x" * 700, "two\nlines", "", " ",
]  # fmt: skip
words = st.text(max_size=30) | st.sampled_from(NASTY)
addresses = words | st.sampled_from(
    ["https://github.com/a/b", "http://127.0.0.1:1/x", "http://a.b"]
)
inline: st.SearchStrategy[Inline] = st.one_of(
    words,
    st.builds(Code, words),
    st.builds(Link, words, addresses),
    st.builds(When, st.just(AT), words),
    st.builds(Mention, words, st.none(), words | st.just("U0UJ")),
)
texts = words | st.lists(inline, max_size=4).map(tuple)
rows = st.lists(st.lists(texts, max_size=3).map(tuple), max_size=3).map(tuple)
many = st.integers(1, 60)
messages = st.builds(
    Message,
    text=texts,
    lines=st.builds(lambda lines, n: tuple(lines) * n, st.lists(texts, max_size=4), many),
    table=st.none()
    | st.builds(
        lambda head, rows, n: Table(head, rows * n),
        st.lists(words, max_size=3).map(tuple),
        rows,
        many,
    ),
    fields=st.lists(st.tuples(words, texts), max_size=4).map(tuple),
    code=st.none() | st.builds(lambda word, n: word * n, words, st.integers(0, 200)),
    notes=st.lists(texts, max_size=3).map(tuple),
    buttons=st.lists(
        st.builds(
            Button, words, words, st.none() | st.just(UJ), st.from_regex(r"[\w-]{1,100}", fullmatch=True)
        ),
        max_size=30,
    ).map(tuple),
    file=st.none() | st.builds(File, words, words),
)  # fmt: skip


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Give every element of the blocks, however deep."""
    if isinstance(value, list):
        for inner in value:
            yield from parts(inner)
    elif isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)


def meant(message: Message, kind: type[Inline]) -> list[Any]:
    """Give the parts of one kind that the bot itself put into the message."""
    cells = [cell for row in (message.table.rows if message.table else ()) for cell in row]
    values = [value for _, value in message.fields]
    lines = [message.text, *message.lines, *cells, *values, *message.notes]
    return [
        part for line in lines if isinstance(line, tuple) for part in line if isinstance(part, kind)
    ]


@settings(max_examples=150, deadline=None)
@given(messages)
def test_any_message_is_one_that_slack_takes(message: Message) -> None:
    shown = rendered(message)
    assert limits.problems(shown.blocks) == []
    assert limits.length(shown.blocks) <= limits.MOST_TEXT
    assert len(json.dumps(shown.blocks, ensure_ascii=False)) <= 13_000
    assert shown.text
    assert len(shown.text) < 4_000
    assert all(file.name for file in shown.files[1:])


@settings(max_examples=150, deadline=None)
@given(messages)
def test_only_the_bots_own_parts_link_or_mention(message: Message) -> None:
    shown = rendered(message)
    links = {link.url for link in meant(message, Link)}
    users = {mention.user for mention in meant(message, Mention)}
    for part in parts(shown.blocks):
        assert part.get("type") not in {"mrkdwn", "markdown", "broadcast", "usergroup", "channel"}
        if part.get("type") == "link":
            assert part["url"] in links
            assert part["url"].startswith(("https://", "http://127.0.0.1"))
        if part.get("type") == "user":
            assert part["user_id"] in users
    assert "<" not in shown.text
    assert ">" not in shown.text


def lines(shown: Rendered) -> list[str]:
    """Give what a reader sees, one line each."""
    text = ""
    for element in shown.blocks[0]["elements"]:
        for part in element["elements"]:
            text += str(part.get("text") or part.get("fallback") or "@" + part.get("user_id", ""))
        text += "\n"
    return text.splitlines()


def test_every_part_stands_in_its_order() -> None:
    message = Message(
        ("Run 12 · ", Link("4f2c1d9", "https://github.com/c"), " · ", When(AT, "14:02 UTC")),
        lines=(("for ", Mention("roc-expert", 7, "U0EX"), Mention("uj-admin")),),
        table=Table(
            ("Site", "State"), (("ZA-UJ", "quiet"), ((Link("KE", "https://k.example"),), "a"))
        ),
        fields=(("Asked", "uj-admin"),),
        code="a\n\tb\n",
        notes=(("Type ", Code("log 12", typed=True)),),
        buttons=(
            Button("Approve 12", "approve 12", None, "r1"),
            Button("Deny 12", "deny 12", UJ, "r2"),
            Button("no id", "x"),
        ),
        file=File("run-12.log", "text"),
    )
    shown = rendered(message)
    assert lines(shown) == [
        "Run 12 · 4f2c1d9 · 14:02 UTC",
        "for @U0EX@uj-admin",
        "Site   State",
        "ZA-UJ  quiet",
        "KE     a",
        "Asked: uj-admin",
        "a",
        "\tb",
        "Type log 12",
        "run-12.log, 4 bytes",
    ]
    assert shown.text == "Run 12 · 4f2c1d9 · 14:02 UTC"
    first, second = shown.blocks[1]["elements"]
    assert (first["text"]["text"], first["value"], first["style"]) == (
        "Approve 12",
        "r1",
        "primary",
    )
    assert second["style"] == "danger"
    assert shown.files == (message.file,)
    bold = {"type": "text", "text": "Run 12 · ", "style": {"bold": True}}
    assert shown.blocks[0]["elements"][0]["elements"][0] == bold


def test_a_button_for_another_is_left_out_of_what_one_alone_reads() -> None:
    message = Message("x", buttons=(Button("a", "a", UJ, "r1"),))
    assert len(rendered(message, UJ).blocks) == 2
    assert len(rendered(message, Account("slack", "T0AAROC", "U0EX")).blocks) == 1
    other_chat = Message("x", buttons=(Button("a", "a", Account("telegram", "", "7"), "r1"),))
    assert len(rendered(other_chat).blocks) == 1


def test_a_long_table_shows_its_top_and_is_a_file_as_a_whole() -> None:
    table = Table(("Site",), tuple((f"SITE-{n}",) for n in range(60)))
    shown = rendered(Message("60 sites", table=table))
    assert lines(shown)[-2:] == ["SITE-39", "40 of 60 rows shown; all in table.txt"]
    edited = rendered(Message("60 sites", table=table), with_files=False)
    assert lines(edited)[-1] == "40 of 60 rows shown"
    assert edited.files == ()
    (file,) = shown.files
    assert file.name == "table.txt"
    assert file.content.splitlines() == ["Site", *(f"SITE-{n}" for n in range(60))]


def test_long_code_keeps_its_end_and_counts_what_is_cut() -> None:
    code = "".join(f"line {n}\n" for n in range(1000))
    shown = rendered(Message("x", code=code))
    cut, *kept = lines(shown)[1:]
    assert kept[-1] == "line 999"
    assert cut == f"{1000 - len(kept)} lines before this; all in output.txt"
    assert shown.files == (File("output.txt", code),)
    log = File("run-1.log", code)
    with_log = rendered(Message("x", code=code, file=log))
    assert with_log.files == (log,)
    assert "all in run-1.log" in lines(with_log)[1]


def test_lines_that_have_no_room_are_counted() -> None:
    message = Message("x", lines=("y" * 990,) * 10, notes=("a note",))
    shown = rendered(message)
    assert sum(line == "y" * 990 for line in lines(shown)) == 10
    more = rendered(Message("x", lines=("y" * 990,) * 14, notes=("a note",)))
    assert "4 more not shown here; all in message.txt" in lines(more)
    assert lines(more)[-1] == "a note"
    (file,) = more.files
    assert file.content.count("y" * 990) == 14
