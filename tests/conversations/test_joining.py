"""Coming into the organisation: asked for, welcomed by the site, invited by an expert."""

from tests.conversations.conversation import Conversation
from tests.conversations.github_page import accepts


async def test_from_a_wish_to_the_first_status(called: Conversation) -> None:
    bot = called
    await bot.play("""
        stranger>   join ZA-UJ
        bot to stranger> I don't know who you are on GitHub yet. *
        uj-admin>   join
        bot to uj-admin> You are a member of AAROC already.
        outsider>   status
        bot to outsider> You are not a member of AAROC on GitHub. *
        outsider>   join ZA-UJ
        bot>        Your wish stands in the ROC channel now. *
        bot>        outsider asks to join AAROC, for ZA-UJ · waiting for a welcome by uj-admin
                    | GitHub id 90100105. A yes lets them look after ZA-UJ.
                    | [Welcome outsider to ZA-UJ]
        outsider>   [Welcome outsider to ZA-UJ]
        bot to outsider> *
        kenet-admin> welcome outsider to ZA-UJ
        bot to kenet-admin> *
        roc-expert> invite outsider
        bot to roc-expert> *outsider* asked for ZA-UJ, which has to welcome them first.
        uj-admin>   [Welcome outsider to ZA-UJ]
        bot>        They are welcome there; *
        bot>        outsider asks to join AAROC, for ZA-UJ · waiting for an expert
                    | [Invite outsider]
        uj-admin>   [Invite outsider]
        bot to uj-admin> That is for ROC experts.
        roc-expert> [Invite outsider]
        bot>        The invitation is sent; *
        bot>        outsider asks to join AAROC, for ZA-UJ · invited by roc-expert; they accept it on GitHub
        outsider>   status
        bot to outsider> *
        roc-second> invite outsider
        bot to roc-second> *
    """)
    await accepts(bot, "outsider")
    await bot.play("""
        bot>        outsider is in AAROC, in the team of ZA-UJ
        bot to outsider> You are in AAROC on GitHub and look after ZA-UJ.
        outsider>   status
        bot>        5 sites: *
        outsider>   set ZA-UJ bdii_port=2171
        (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
        outsider>   join maren
        bot>        outsider asks to look after maren · waiting for a welcome by an expert
        uj-admin>   welcome outsider to maren
        bot to uj-admin> *
        roc-expert> [Welcome outsider to maren]
        bot>        outsider is in AAROC, in the team of maren
    """)
