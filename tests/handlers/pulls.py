"""A Change of the sample ROC and the pull request that it is."""

from dataclasses import replace
from datetime import timedelta

from aaroc_bot.commands import (
    Asked,
    Change,
    ChangeEffect,
    ChangeState,
    Check,
    CheckState,
    Draft,
    FileChange,
    Look,
    Place,
    PullRequest,
    PullState,
    Review,
    ReviewState,
    SetVariables,
    VariableEffect,
)
from aaroc_bot.core.message import Account
from tests.handlers.ports import EXPERT, NEWEST, NOW, UJ, Channel, Proposed
from tests.handlers.sample import channel

PATH = "Ansible/group_vars/za-uj.yml"
HEAD = "5d3e2f1" + "0" * 33
PORT = VariableEffect("bdii_port", "2170", "2171", ("bdii1",))
DRAFT = Draft(
    "ZA-UJ bdii_port 2170 → 2171",
    (FileChange(PATH, 2, 1),),
    (ChangeEffect("ZA-UJ", (PORT,), services=("site-bdii",)),),
)
CHANGE = Change(
    7,
    SetVariables("ZA-UJ", (("bdii_port", "2171"),)),
    "ZA-UJ",
    DRAFT,
    "the firewall blocks 2170",
    Asked(UJ, Account("web", "", "uj-admin"), Place("web", "roc"), NOW, event="1"),
    False,
    NEWEST.sha,
    "aaroc/7",
    ChangeState.OPEN,
    NOW,
    number=52,
    head=HEAD,
)
PULL = PullRequest(
    52,
    DRAFT.title,
    "https://github.example/pull/52",
    PullState.OPEN,
    False,
    None,
    HEAD,
    "aaroc/7",
    "main",
    NEWEST.sha,
    NOW - timedelta(hours=2),
)
APPROVED = Review(EXPERT, ReviewState.APPROVED, HEAD, NOW - timedelta(minutes=5))
LOOK = Look(
    PULL,
    CHANGE,
    (),
    (Check("lint", CheckState.PASSED), Check("docs", CheckState.FAILED)),
    (PATH,),
    DRAFT,
    authors=(UJ,),
)


def room(change: Change = CHANGE, **more: object) -> Channel:
    """Open a channel where that Change is all there is."""
    ports: dict[str, object] = {"became": change, "known": (change,)}
    if change.number is not None:
        ports["looks"] = (replace(LOOK, change=change),)
    return channel(changes=Proposed(**(ports | more)))  # type: ignore[arg-type]
