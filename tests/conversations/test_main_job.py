"""The main job from end to end."""

from tests.conversations.conversation import Conversation


async def test_a_deploy_is_asked_for_planned_approved_run_and_recorded(bot: Conversation) -> None:
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · waiting for an expert, 4 items on 1 host
        uj-admin>   [Approve 1]
        bot to uj-admin> You asked for run 1, so somebody else decides.
        roc-expert> [Approve 1]
        (card 1)    Run 1 · deploy site-bdii at ZA-UJ · succeeded, 4 changed on 1 host, *
    """)
