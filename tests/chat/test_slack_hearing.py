"""From Slack's JSON to what was said: whatever is odd, foreign or old says nothing."""

from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.chat.slack_hearing import Ears, command, message, press
from aaroc_bot.chat.slack_said import said
from aaroc_bot.core.message import Account, Place

AT = datetime(2026, 6, 8, 14, 2, tzinfo=UTC)
EARS = Ears("T0AAROC", "U0BOT", ("C0ROC", "C0SITES"), frozenset({"T0PARTNER"}), plain=True)
Json = dict[str, Any]

EVENT: Json = {
    "type": "message",
    "channel": "C0ROC",
    "channel_type": "channel",
    "user": "U0UJ",
    "text": "status ZA-UJ",
    "ts": "1780000000.000100",
    "team": "T0AAROC",
}
COMMAND: Json = {
    "command": "/aaroc",
    "text": "status",
    "user_id": "U0UJ",
    "team_id": "T0AAROC",
    "channel_id": "C0SITES",
    "trigger_id": "13345224609.738474920.8088930838d88f008e0",
}
PRESS: Json = {
    "type": "block_actions",
    "user": {"id": "U0UJ", "team_id": "T0AAROC"},
    "team": {"id": "T0AAROC"},
    "channel": {"id": "C0ROC"},
    "container": {"type": "message", "message_ts": "1780000000.000100", "channel_id": "C0ROC"},
    "message": {"ts": "1780000000.000100", "thread_ts": "1779999999.000001"},
    "actions": [{"action_id": "r1", "value": "r1", "action_ts": "1780000001.5"}],
}


def event(body: Json | None = None, **changed: object) -> Json:
    """Wrap an event, with fields changed; None takes a field out."""
    inner = {k: v for k, v in (EVENT | changed).items() if v is not None}
    return {"type": "event_callback", "team_id": "T0AAROC", "event": inner} | (body or {})


def test_a_message_is_named_after_itself() -> None:
    incoming = message(event(thread_ts="1779999999.000001"), EARS, AT)
    assert incoming is not None
    assert incoming.event == "slack:T0AAROC:C0ROC:1780000000.000100"
    assert incoming.account == Account("slack", "T0AAROC", "U0UJ")
    assert incoming.place == Place("slack", "C0ROC", "1779999999.000001")
    mention = message(event(type="app_mention", text="<@U0BOT> status ZA-UJ"), EARS, AT)
    assert mention is not None
    assert (mention.event, mention.text) == (incoming.event, incoming.text)


@pytest.mark.parametrize("subtype", ["thread_broadcast", "file_share", None])
def test_what_people_write_is_heard(subtype: str | None) -> None:
    assert message(event(subtype=subtype), EARS, AT) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"subtype": "channel_topic"},
        {"subtype": "me_message"},
        {"bot_id": "B0OTHER"},
        {"bot_profile": {"id": "B0OTHER"}},
        {"edited": {"user": "U0UJ", "ts": "1780000002.1"}},
        {"hidden": True},
        {"user": "U0BOT"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"user": "U0UJ> <!channel"},
        {"channel": "C0ELSEWHERE"},
        {"channel": "C0SITES"},  # no mention
        {"team": "T0FOREIGN"},
        {"user_team": "T0FOREIGN"},
        {"user_team": "T0AAROC", "source_team": "T0FOREIGN"},
        {"text": None},
        {"text": " "},
        {"ts": "now"},
        {"type": "reaction_added"},
    ],
)
def test_anything_else_is_not(changed: Json) -> None:
    assert message(event(**changed), EARS, AT) is None


def test_in_a_shared_channel_it_must_be_told_whose_people_speak() -> None:
    shared = {"is_ext_shared_channel": True}
    assert message(event(shared), EARS, AT) is None
    ours = message(event(shared, user_team="T0AAROC"), EARS, AT)
    partner = message(event(shared, user_team="T0PARTNER", team="T0AAROC"), EARS, AT)
    assert ours is not None
    assert partner is not None
    assert partner.account.workspace == "T0PARTNER"


@pytest.mark.parametrize("team", ["T0FOREIGN", None, "", "T0AAROC:U1"])
def test_foreigners_give_no_command_and_press_nothing(team: str | None) -> None:
    assert command(COMMAND | {"team_id": team}, EARS, AT) is None
    user = {"id": "U0UJ", "team_id": team}
    assert press(PRESS | {"user": user, "actor_team_id": "T0AAROC"}, EARS, AT) is None


def test_a_command_and_a_press() -> None:
    typed, pressed = command(COMMAND, EARS, AT), press(PRESS, EARS, AT)
    assert typed is not None
    assert typed.event == f"slack:command:{COMMAND['trigger_id']}"
    assert typed.addressed
    assert pressed is not None
    assert pressed.button == "r1"
    assert pressed.place.thread == "1779999999.000001"
    assert pressed.event.startswith("slack:press:T0AAROC:U0UJ:C0ROC:1780000000.000100:")
    assert press(PRESS | {"actions": [{"value": "a b", "action_ts": "1.1"}]}, EARS, AT) is None
    assert press(PRESS | {"channel": {"id": "C0ELSEWHERE"}}, EARS, AT) is None


@pytest.mark.parametrize(
    ("written", "typed", "called"),
    [
        ("<@U0BOT>: status", "status", True),
        ("<@U0BOT|aaroc>, status", "status", True),
        ("status <@U0BOT>", "status", True),
        ("<@U0BOT>", "", True),
        ("tell <@U0BOT> that", "tell @aaroc that", True),
        ("vouch <@U7|kenet-admin>", "vouch @kenet-admin", False),
        ("see <#C1|roc> <#C2>", "see #roc #C2", False),
        ("<https://github.com/a/b>", "https://github.com/a/b", False),
        ("<mailto:a@b.org|a@b.org>", "a@b.org", False),
        ("<!here> <!subteam^S1|@experts>", "@here @experts", False),
        ("a &lt;b&gt; &amp;amp; “c”", "a <b> &amp; “c”", False),
        ("port=\0\ud800", "port=\ufffd\ufffd", False),
    ],
)
def test_what_was_typed_is_read_back(written: str, typed: str, called: bool) -> None:
    assert said(written, "U0BOT") == (typed, called)


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("T0AAROC"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


@given(st.sampled_from([event(), COMMAND, PRESS]), st.data())
def test_nothing_that_slack_could_send_is_a_fault(body: Json, data: st.DataObject) -> None:
    changed = dict(body)
    changed[data.draw(st.sampled_from(sorted(changed)))] = data.draw(odd)
    inner = changed.get("event")
    if isinstance(inner, dict) and inner:
        key = data.draw(st.sampled_from(sorted(inner)))
        changed["event"] = inner | {key: data.draw(odd)}
    for hear in (message, command, press):
        found = hear(changed, EARS, AT)
        assert found is None or len(found.event) < 200


def test_a_long_message_is_read_quickly() -> None:
    began = perf_counter()
    for filling in (" ", "<", "<@U0BOT", ">", "&lt;"):
        said("x " + filling * 8_000 + " <@U0BOT> x", "U0BOT")
    assert perf_counter() - began < 1
