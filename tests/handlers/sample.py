"""A small ROC to talk about: three sites, three entries, runs in several states."""

from dataclasses import replace
from datetime import timedelta

from aaroc_bot.commands import (
    Asked,
    CheckMode,
    Entry,
    Executing,
    Finding,
    Level,
    Origin,
    Parameter,
    ParameterType,
    Place,
    Revision,
    Right,
    Run,
    Site,
    State,
)
from aaroc_bot.core.message import Account
from aaroc_bot.core.plan import HostCount, Progress, Recap
from aaroc_bot.core.run import Decision
from tests.handlers.ports import EXPERT, NOW, UJ, Channel, Described, Entries

WORKERS = tuple(f"wn{n}" for n in range(1, 13))
ZA_UJ = Site(
    "ZA-UJ",
    "Ansible/inventories/inventory.za-uj",
    aliases=("uj",),
    hosts=("bdii1", *WORKERS),
    services={"site-bdiis": ("bdii1",), "worker-nodes": WORKERS},
    team="za-uj",
    zone="Africa/Johannesburg",
)
KE_NAIROBI = Site(
    "KE-NAIROBI",
    "Ansible/inventories/inventory.kenet",
    aliases=("kenet",),
    hosts=("bdii.ke",),
    services={"site-bdiis": ("bdii.ke",)},
)
VAULT = Finding(
    "Ansible/group_vars/maren", None, Level.WARNING, "is a vault and I have no password for it"
)
MAREN = Site("maren", "Ansible/inventories/inventory.maren", partial=True, findings=(VAULT,))
LINE = Executing("Ansible/group_vars/maren.yml", 3, "proxy", "{{ lookup('pipe', 'id') }}", "d1")

PORT = Parameter("port", ParameterType.INTEGER, default=2170, minimum=1, maximum=65535)
DEPLOY = Entry(
    "deploy",
    "site-bdiis",
    "Ansible/site-bdiis.yml",
    Origin.REPOSITORY,
    ".aaroc/catalogue.yml",
    1,
    check_mode=CheckMode.FULL,
    parameters=(PORT,),
)
PING = Entry(
    "run",
    "ping",
    "ping.yml",
    Origin.BOT,
    "catalogue.yml",
    1,
    may_run=Right.MEMBER,
    approvals=0,
    changes=False,
    check_mode=CheckMode.NONE,
)
REBOOT = replace(PING, subject="reboot", may_run=Right.EXPERT, approvals=2, changes=True)

DONE = Run(
    12,
    "deploy",
    "site-bdii",
    "site-bdiis",
    False,
    "ZA-UJ",
    ("ZA-UJ",),
    (("port", 2171),),
    (("port", 2171),),
    Revision("1a2b3c4" + "0" * 33, "older", "uj-admin", NOW - timedelta(days=3)),
    Asked(UJ, Account("web", "", "uj-admin"), Place("web", "roc"), NOW - timedelta(hours=3)),
    1,
    State.SUCCEEDED,
    NOW - timedelta(hours=2),
    approvals=(Decision(EXPERT, NOW - timedelta(hours=2, minutes=5)),),
    recap=Recap((HostCount("bdii1", ok=11, changed=2),)),
    started_at=NOW - timedelta(hours=2, minutes=3),
    ended_at=NOW - timedelta(hours=2),
    log=True,
)
RUNNING = replace(
    DONE,
    number=15,
    site="KE-NAIROBI",
    holds=("KE-NAIROBI",),
    given=(),
    state=State.RUNNING,
    recap=None,
    ended_at=None,
    progress=Progress(3, 11, "site-bdii : configure port", 1),
)


def channel(**more: object) -> Channel:
    """Open a channel in which the sample is looked at."""
    ports: dict[str, object] = {
        "sites": Described((KE_NAIROBI, MAREN, ZA_UJ)),
        "catalogue": Entries((DEPLOY, PING, REBOOT)),
    }
    return Channel(**(ports | more))  # type: ignore[arg-type]
