"""`enable` and `disable`: lines of the inventory, and which host comes or goes."""

import pytest

from aaroc_bot.core.changes import DisableService, EnableService, WhyNot
from tests.repo.drafting.conftest import MakeBench

INVENTORY = "Ansible/inventories/inventory.za-uj"


async def test_a_service_that_the_site_lacks_is_enabled_with_its_group(bench: MakeBench) -> None:
    made = await bench()
    drafted = await made.draft(EnableService("ZA-UJ", "top-bdii", "top1.uj.example"))
    assert drafted.draft.title == "ZA-UJ top-bdii on top1.uj.example"
    added = made.lines(drafted)
    assert "+ [top-bdiis]" in added and "+ top1.uj.example" in added
    (effect,) = drafted.draft.effects
    assert effect.joined == (("top-bdii", "top1.uj.example"),) and not effect.left
    assert effect.services == ("top-bdii",)
    shown = (await made.repository.all())[1].services
    assert "top-bdiis" not in shown  # nothing of it is there yet


async def test_the_groups_own_spelling_counts(bench: MakeBench) -> None:
    files = {"Ansible/inventories/inventory.kenet": "[User_Interfaces]\nui.kenet.example\n"}
    made = await bench(files)
    drafted = await made.draft(EnableService("ZA-UJ", "user-interface", "ui.uj.example"))
    assert "+ [User_Interfaces]" in made.lines(drafted)


async def test_a_host_leaves_a_service(bench: MakeBench) -> None:
    made = await bench()
    drafted = await made.draft(DisableService("ZA-UJ", "site-bdii", "bdii1"))
    assert drafted.draft.title == "ZA-UJ without site-bdii on bdii1"
    (effect,) = drafted.draft.effects
    assert effect.left == (("site-bdii", "bdii1.uj.example"),)
    whole = await made.draft(DisableService("ZA-UJ", "site-bdii"))
    assert whole.contents == drafted.contents
    assert whole.draft.title == "ZA-UJ without site-bdii"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (EnableService("ZA-UJ", "site-bdii", "bdii1.uj.example"), WhyNot.NOTHING),
        (EnableService("ZA-UJ", "site-bdii", "h[1:9]"), WhyNot.NAME),
        (EnableService("ZA-UJ", "site-bdii", "-oProxyCommand=id"), WhyNot.NAME),
        (EnableService("ZA-UJ", "site-bdii", "bdii.kenet.example"), WhyNot.OTHER_SITES),
        (DisableService("ZA-UJ", "top-bdii"), WhyNot.NOT_THERE),
        (DisableService("ZA-UJ", "site-bdii", "wn2.uj.example"), WhyNot.NOT_THERE),
    ],
)
async def test_what_is_not_done(
    bench: MakeBench, wish: EnableService | DisableService, why: WhyNot
) -> None:
    made = await bench()
    assert (await made.refused(wish)).why is why


async def test_a_host_of_a_range_does_not_leave_alone(bench: MakeBench) -> None:
    made = await bench(
        {INVENTORY: "[worker-nodes]\nwn[1:3].uj.example\n[za-uj:children]\nworker-nodes\n"}
    )
    why = await made.refused(DisableService("ZA-UJ", "worker-node", "wn2.uj.example"))
    assert (why.why, why.path, why.line) == (WhyNot.RANGE, INVENTORY, 2)
