"""Changes of the repository: each a pull request in the name of who asked for it."""

import pytest

from tests.conversations.conversation import Conversation
from tests.conversations.github_page import approves

VARIABLES = "Ansible/group_vars/za-uj.yml"


@pytest.mark.chats("web", "slack", "telegram")
async def test_a_change_is_proposed_reviewed_merged_planned_and_deployed(
    called: Conversation,
) -> None:
    bot = called
    before = bot.at_newest(VARIABLES)
    await bot.play("""
        uj-admin>   set ZA-UJ bdii_port=2171 because the firewall blocks 2170
        (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
                    | `Ansible/group_vars/za-uj.yml:2` one line. In effect on *
                    | Because: `the firewall blocks 2170`
                    | Author: uj-admin, asked * UTC · on *
                    | [Review 1]
        uj-admin>   merge 1
        bot to uj-admin> *
        uj-admin>   set ZA-UJ bdii_port=2171 because I said so
        bot>        #1 is this already; it is waiting for a review.
        roc-expert> [Review 1]
        bot>        #1 · *
        roc-expert> merge 1
        bot to roc-expert> #1 waits for a review: *
    """)
    await approves(bot, "roc-expert", 1)
    await bot.play("""
        (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · approved by roc-expert
        uj-admin>   changes
        bot>        1 pull request is open
        roc-expert> merge 1
        bot>        #1 was merged by roc-expert: *
        (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · merged by roc-expert
                    | To see what it would do: `plan site-bdii at ZA-UJ`*
                    | [Plan site-bdii at ZA-UJ]
        uj-admin>   [Plan site-bdii at ZA-UJ]
        (card 1)    Run 1 · plan site-bdii at ZA-UJ · planned, 4 items on 1 host
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 2)    Run 2 · deploy site-bdii at ZA-UJ · waiting for an expert, *
        roc-expert> [Approve 2]
        (card 2)    Run 2 · deploy site-bdii at ZA-UJ · succeeded, *
    """)
    assert bot.at_newest(VARIABLES) == before.replace("2170", "2171", 1)
