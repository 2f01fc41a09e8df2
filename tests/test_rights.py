"""RULES.md, "Who may", row by row: what each command declares is what the table says.

`tests/core/test_policy.py` tries the same rows on people. What depends on one run (never
one's own, by whom it was asked for) is `core/approval.py`'s: there the command asks for
membership alone, and `tests/runs/test_decisions.py` has the rest of the row. `merge` too:
whose files a pull request changes is `core/merge.py`'s.
"""

from typing import NamedTuple

import pytest

from aaroc_bot.commands import Command, Effect, Right, load
from aaroc_bot.content import modules


class Row(NamedTuple):
    """The least right (None: the entry's `may_run`), the effect, whether it decides."""

    right: Right | None
    effect: Effect
    decides: bool = False


LOOKING = Row(Right.MEMBER, Effect.READS)
RULES = {
    **dict.fromkeys(("help", "whoami"), Row(Right.ANYBODY, Effect.READS)),
    **dict.fromkeys(("sites", "status", "diff", "history", "log", "playbooks", "runs"), LOOKING),
    **dict.fromkeys(("changes", "change", "review", "digest"), LOOKING),
    **dict.fromkeys(("plan", "deploy", "run"), Row(None, Effect.ALTERS)),
    "retry": Row(Right.MEMBER, Effect.ALTERS),
    "approve": Row(Right.MEMBER, Effect.ALTERS, decides=True),
    "deny": Row(Right.MEMBER, Effect.REDUCES, decides=True),
    "cancel": Row(Right.MEMBER, Effect.REDUCES),
    "lock": Row(Right.SITE_ADMIN, Effect.REDUCES),
    "unlock": Row(Right.SITE_ADMIN, Effect.ALTERS),
    **dict.fromkeys(
        ("set", "unset", "enable", "disable", "rollback"), Row(Right.SITE_ADMIN, Effect.ALTERS)
    ),
    "new": Row(Right.EXPERT, Effect.ALTERS),
    "merge": Row(Right.MEMBER, Effect.ALTERS, decides=True),
    "accept": Row(Right.EXPERT, Effect.ALTERS, decides=True),
    **dict.fromkeys(("login", "logout", "confirm", "join"), Row(Right.ANYBODY, Effect.ALTERS)),
    "welcome": Row(Right.SITE_ADMIN, Effect.ALTERS, decides=True),
    "invite": Row(Right.EXPERT, Effect.ALTERS, decides=True),
    "vouch": Row(Right.EXPERT, Effect.ALTERS, decides=True),
    "freeze": Row(Right.EXPERT, Effect.REDUCES, decides=True),
}

COMMANDS = load(modules()).commands


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_declares_what_the_rules_say(command: Command) -> None:
    row = RULES[command.patterns[0].words[0]]
    assert Row(command.right, command.effect, command.decides) == row


def test_every_row_has_its_command() -> None:
    assert {pattern.words[0] for one in COMMANDS for pattern in one.patterns} == set(RULES)
