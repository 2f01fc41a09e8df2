"""The manifest asks for what the bot uses, and the manual explains all of it."""

import json
import subprocess
import sys
from pathlib import Path

from aaroc_bot.chat.slack_manifest import COMMAND, EVENTS, SCOPES, manifest

MANUAL = Path(__file__).parents[2] / "docs" / "slack.md"


def test_it_is_json_with_the_scopes_events_and_command() -> None:
    written = json.loads(manifest())
    assert written["oauth_config"]["scopes"]["bot"] == list(SCOPES) == sorted(SCOPES)
    assert written["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    (command,) = written["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert written["settings"]["socket_mode_enabled"] is True
    assert written["settings"]["interactivity"]["is_enabled"] is True


def test_the_manual_says_why_for_each_scope_and_event() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    assert [name for name in (*SCOPES, *EVENTS) if f"`{name}`" not in manual] == []


def test_printing_it_does_not_load_slacks_libraries() -> None:
    code = (
        "import sys, aaroc_bot.chat.slack_manifest as m; m.manifest();"
        "print([n for n in sys.modules if n.startswith('slack_')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
