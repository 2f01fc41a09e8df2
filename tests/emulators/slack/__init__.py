"""Slack as a test fixture: the Web API, Socket Mode and signed requests, kept strict."""

from tests.emulators.slack.lines import lines
from tests.emulators.slack.state import Shown, State
from tests.emulators.slack.workspace import Slack

__all__ = ["Shown", "Slack", "State", "lines"]
