"""Any message becomes HTML that Telegram takes, and nothing of others' is in force in it."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from aaroc_bot.chat.telegram_render import ENTITIES, LIMIT, rendered
from aaroc_bot.core.message import Button, File, Message, Table
from aaroc_bot.core.text import Code, Inline, Link, Mention, When
from tests.emulators.telegram.entities import QUIET, find
from tests.emulators.telegram.markup import parse, units

AT = datetime(2026, 6, 8, 14, 2, tzinfo=UTC)

NASTY = [
    "@stranger", "/deploy@aaroc_bot", "#tag", "https://evil.example/x", "evil.example",
    "me@evil.example", "(@stranger)", "<b>", "</code>", "&lt;", "a & b", '"x"', "\u202eabc",
    "👀" * 40, "x" * 700, "two\nlines", "", " ", "t.me/x", "tg://user?id=1",
]  # fmt: skip
words = st.text(max_size=30) | st.sampled_from(NASTY)
addresses = words | st.sampled_from(
    ["https://github.com/a/b?c=1&d=2", "http://127.0.0.1:1/x", "http://a.b", "https://localhost/"]
)
inline: st.SearchStrategy[Inline] = st.one_of(
    words,
    st.builds(Code, words),
    st.builds(Link, words, addresses),
    st.builds(When, st.just(AT), words),
    st.builds(Mention, words, st.none(), words | st.just("77")),
)
texts = words | st.lists(inline, max_size=4).map(tuple)
many = st.integers(1, 60)
messages = st.builds(
    Message,
    text=texts,
    lines=st.builds(lambda lines, n: tuple(lines) * n, st.lists(texts, max_size=4), many),
    table=st.none()
    | st.builds(
        lambda head, rows, n: Table(head, rows * n),
        st.lists(words, max_size=3).map(tuple),
        st.lists(st.lists(texts, max_size=3).map(tuple), max_size=3).map(tuple),
        many,
    ),
    fields=st.lists(st.tuples(words, texts), max_size=4).map(tuple),
    code=st.none() | st.builds(lambda word, n: word * n, words, st.integers(0, 200)),
    notes=st.lists(texts, max_size=3).map(tuple),
    buttons=st.lists(
        st.builds(Button, words, words, st.none(), st.from_regex(r"[\w-]{0,100}", fullmatch=True)),
        max_size=9,
    ).map(tuple),
    file=st.none() | st.builds(File, words, words),
)


@settings(max_examples=150, deadline=None)
@given(messages)
def test_telegram_takes_any_message_and_finds_nothing_of_its_own_in_it(message: Message) -> None:
    ready = rendered(message)
    parsed = parse(ready.html)  # refuses what Telegram refuses
    assert not parsed.doubts
    assert 0 < units(parsed.text) <= LIMIT
    assert parsed.text.strip()
    assert len(parsed.entities) <= ENTITIES
    assert all(e.type in {"bold", "italic", *QUIET} for e in find(parsed.text, parsed.entities))
    for entity in parsed.entities:
        assert entity.user in {0, 77}
        assert not entity.url or entity.url.startswith(("https://", "http://127.0.0.1"))
    for row in ready.buttons:
        assert 1 <= len(row) <= 2
        assert all(0 < len(label) <= 64 and 0 < len(id.encode()) <= 64 for label, id in row)


def test_a_card_reads_as_it_is_meant() -> None:
    card = Message(
        ("Run 12 · deploy site-bdii at ZA-UJ · waiting for ", Mention("roc-expert", 3, "77")),
        lines=(("~ ", Code("bdii1")), "port <2170>"),
        table=Table(("variable", "ZA-UJ"), (("bdii_port", (Code("2171"),)), ("os", "7.4"))),
        fields=(("revision", (Link("4f2c1d9", "https://github.com/a/b"),)),),
        code="one\ntwo",
        notes=(("To look: ", Code("log 12", typed=True)),),
        buttons=tuple(Button(f"{word} 12", f"{word} 12", id=word) for word in ("yes", "no", "end")),
    )
    ready = rendered(card)
    assert ready.html == (
        "<b>Run 12 · deploy site-bdii at ZA-UJ · waiting for "
        '<a href="tg://user?id=77">@roc-expert</a></b>\n'
        "~ <code>bdii1</code>\n"
        "port &lt;2170&gt;\n"
        "<pre>variable   ZA-UJ\nbdii_port  2171\nos         7.4</pre>\n"
        'revision: <a href="https://github.com/a/b">4f2c1d9</a>\n'
        "<pre>one\ntwo</pre>\n"
        "<i>To look: </i><code>log 12</code>"
    )
    assert ready.buttons == ((("yes 12", "yes"), ("no 12", "no")), (("end 12", "end"),))
    assert ready.files == ()


def test_a_name_of_nobody_here_rings_nobody() -> None:
    assert rendered(Message(("for ", Mention("stranger")))).html == (
        "<b>for </b><code>@stranger</code>"
    )


def test_words_that_telegram_would_make_something_of_are_code() -> None:
    html = rendered(Message("·", lines=("bdii1.uj.ac.za, (/status) a/b #52 14:02 me@x.org.",))).html
    assert html == (
        "<b>·</b>\n<code>bdii1.uj.ac.za</code>, (<code>/status</code>) a/b #52 14:02"
        " <code>me@x.org</code>."
    )


def test_a_long_log_keeps_its_end_and_goes_along_whole() -> None:
    log = "\n".join(f"line {n}" for n in range(5000))
    ready = rendered(Message("Log", code=log))
    shown = parse(ready.html).text.splitlines()
    assert shown[0] == "Log"
    assert shown[-2] == "line 4999"
    assert shown[-1] == f"The last {len(shown) - 2} of 5000 lines shown."
    assert [file.name for file in ready.files] == ["message.txt"]
    assert "line 0\n" in ready.files[0].content


def test_a_long_table_keeps_its_top_and_goes_along_whole() -> None:
    rows = tuple((f"SITE-{n}", "quiet") for n in range(900))
    ready = rendered(Message("Sites", table=Table(("site", "state"), rows), notes=("a note",)))
    shown = parse(ready.html).text.splitlines()
    assert shown[1].split() == ["site", "state"]
    assert shown[2].split() == ["SITE-0", "quiet"]
    assert shown[-2:] == ["a note", f"{len(shown) - 4} of 900 rows shown."]
    assert "SITE-899" in ready.files[0].content


def test_a_line_too_long_for_all_is_cut() -> None:
    ready = rendered(Message("x" * 9000))
    assert parse(ready.html).text.splitlines() == ["x" * 998 + "…", "A line was cut."]
    assert ready.files


def test_more_pieces_than_telegram_marks_still_hold_nothing_of_others_in_force() -> None:
    line = tuple(part for _ in range(12) for part in (Code("@stranger"), " ", Code("/stop"), " "))
    parsed = parse(rendered(Message("many", lines=(line,) * 5 + ((Mention("me", 1, "77"),),))).html)
    found = find(parsed.text, parsed.entities)
    assert [entity.type for entity in found] == ["bold", "text_mention"]
    assert parsed.text.replace("\u2060", "").splitlines()[1].startswith("@stranger /stop")
