"""Every part of a message reaches the page, as plain JSON, and only those who may read it."""

import json
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.chat.following import may_be_followed
from aaroc_bot.chat.web_render import SHOWN, Kept, rendered, shown
from aaroc_bot.core.message import Account, Button, File, Kind, Message, Table
from aaroc_bot.core.text import Code, Inline, Link, Mention, When

AT = datetime(2026, 6, 8, 14, 2, tzinfo=UTC)

words = st.text(max_size=30)
inline: st.SearchStrategy[Inline] = st.one_of(
    words,
    words.map(Code),
    st.builds(Link, words, words | st.just("https://github.com/a/b")),
    words.map(lambda text: When(AT, text)),
    words.map(Mention),
)
texts = words | st.lists(inline, max_size=4).map(tuple)
messages = st.builds(
    Message,
    text=texts,
    lines=st.lists(texts, max_size=2).map(tuple),
    table=st.none()
    | st.builds(
        Table,
        st.lists(words, max_size=2).map(tuple),
        st.lists(st.lists(texts, max_size=2).map(tuple), max_size=2).map(tuple),
    ),
    fields=st.lists(st.tuples(words, texts), max_size=2).map(tuple),
    code=st.none() | words,
    notes=st.lists(texts, max_size=2).map(tuple),
    buttons=st.lists(st.builds(Button, words, words), max_size=2).map(tuple),
    kind=st.sampled_from(Kind),
)


@given(messages)
def test_anything_renders_to_json_without_what_a_reader_cannot_see(message: Message) -> None:
    view = rendered(message, None)
    assert json.loads(json.dumps(view)) == view
    text = json.dumps(view, ensure_ascii=False)
    assert not [c for c in text if unicodedata.category(c) in {"Cf", "Co", "Cs", "Zl", "Zp"}]


def test_no_part_is_left_out() -> None:
    message = Message(
        ("first ", Code("code"), Link("4f2c1d9", "https://github.com/c"), When(AT, "14:02 UTC")),
        lines=(("for ", Mention("roc-expert")),),
        table=Table(("Site",), (("ZA-UJ",),)),
        fields=(("Asked", "uj-admin"),),
        code="a\n\tb",
        notes=("note",),
        buttons=(Button("Approve 12", "approve 12", Account("web", "", "roc-expert"), "r4nd0m"),),
        file=File("run.log", "text"),
        kind=Kind.CARD,
        run=12,
        state="waiting",
    )
    file = {"name": "run.log", "size": 4, "key": "k"}
    assert rendered(message, file) == {
        "kind": "card",
        "run": 12,
        "state": "waiting",
        "text": [
            "first ",
            {"code": "code"},
            {"link": "4f2c1d9", "url": "https://github.com/c"},
            {"when": "2026-06-08T14:02:00+00:00", "plain": "14:02 UTC"},
        ],
        "lines": [["for ", {"mention": "roc-expert"}]],
        "table": {"head": ["Site"], "rows": [[["ZA-UJ"]]]},
        "fields": [["Asked", ["uj-admin"]]],
        "code": "a\n\tb",
        "notes": [["note"]],
        "buttons": [
            {"id": "r4nd0m", "label": "Approve 12", "typed": "approve 12", "only_for": "roc-expert"}
        ],
        "file": file,
    }


def test_a_command_that_is_suggested_is_told_from_words_of_others() -> None:
    message = Message((Code("status all", typed=True), Code("rm -rf")))
    assert rendered(message, None)["text"] == [
        {"code": "status all", "typed": True},
        {"code": "rm -rf"},
    ]


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://github.com/AAROC", True),
        ("http://127.0.0.1:8081/AAROC", True),
        ("http://localhost:8081/AAROC", True),
        ("http://github.com/AAROC", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://", False),
        ("//github.com", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_only_safe_addresses_become_links(url: str, may: bool) -> None:
    assert may_be_followed(url) is may
    link = {"link": "label", "url": url} if may else "label"
    assert rendered(Message((Link("label", url),)), None)["text"] == [link]


@given(messages)
def test_a_private_message_is_shown_to_its_reader_alone(message: Message) -> None:
    kept = Kept("aaroc.1", 0, "aaroc", to="uj-admin", view=rendered(message, None))
    assert shown(kept, 1, "roc-expert") is None
    mine = shown(kept, 1, "uj-admin")
    assert mine is not None
    assert mine["to"] == "uj-admin"


def test_a_button_is_shown_to_its_account_alone() -> None:
    accounts = [Account("web", "", "uj-admin"), Account("slack", "T1", "uj-admin"), None]
    buttons = tuple(Button(f"{a}", "x", a) for a in accounts)
    kept = Kept("aaroc.1", 0, "aaroc", view=rendered(Message("", buttons=buttons), None))

    def labels(user: str) -> list[str]:
        body = shown(kept, 1, user)
        assert body is not None
        return [button["label"] for button in body["view"]["buttons"]]

    assert labels("uj-admin") == ["web:uj-admin", "None"]
    assert labels("roc-expert") == ["None"]


def test_what_a_person_said_is_cut_and_the_rest_counted() -> None:
    body = shown(Kept("uj.1", 0, "uj", said="x" * SHOWN + "\u202eyz"), 1, "uj")
    assert body is not None
    assert (body["said"], body["cut"], body["bot"]) == ("x" * SHOWN, 2, False)
