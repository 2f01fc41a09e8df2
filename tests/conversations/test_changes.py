"""Changes of the repository: each a pull request in the name of who asked for it."""

from aaroc_bot.sandbox.github.world import Misbehaviour
from tests.conversations.conversation import Conversation
from tests.conversations.github_page import approves
from tests.conversations.stage import Stage

VARIABLES = "Ansible/group_vars/za-uj.yml"


async def test_a_change_is_proposed_reviewed_merged_planned_and_deployed(
    called: Conversation,
) -> None:
    await goes_its_way(called)


async def goes_its_way(bot: Conversation) -> None:
    """From a wish to the deployment, with a review on GitHub's page."""
    before = bot.at_newest(VARIABLES)
    await bot.play("""
        uj-admin>   set ZA-UJ bdii_port=2171 because the firewall blocks 2170
        (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
                    | `Ansible/group_vars/za-uj.yml:2` one line. In effect on *
                    | Because: `the firewall blocks 2170`
                    | Author: uj-admin, asked * UTC · on *
                    | [Review 1]
        uj-admin>   merge 1
        bot to uj-admin> Nobody merges #1 who asked for it *
        uj-admin>   set ZA-UJ bdii_port=2171 because I said so
        bot>        #1 already asks for this; it is waiting for a review.
        roc-expert> [Review 1]
        bot>        #1 · *
        roc-expert> merge 1
        bot to roc-expert> #1 waits for a review: *
    """)
    commit = await bot.github.bare.commit(bot.github.pull(1).head)
    assert commit is not None
    assert commit.author[1] == "90100101+uj-admin@users.noreply.github.com"
    assert commit.committer[0] == "aaroc-bot"
    assert '\n"the firewall blocks 2170"\n' in commit.message
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
                    | ~ bdii1.uj.example site-bdii : configure port * → `BDII_PORT=2171`
    """)
    assert bot.at_newest(VARIABLES) == before.replace("2170", "2171", 1)
    await bot.recorded("""
        change uj-admin: set ZA-UJ bdii_port=2171 -> being opened: ZA-UJ bdii_port 2170 → 2171
        change uj-admin: set ZA-UJ bdii_port=2171 -> #1 open
        refusal uj-admin: merge 1 -> own request: *
        refusal roc-expert: merge 1 -> #1 waits for a review: *
        change roc-expert: merge 1 -> merge of #1 at * begins
        change roc-expert: #1 -> #1 merged by roc-expert: Ansible/group_vars/za-uj.yml
    """)


async def test_what_is_opened_and_what_is_not(called: Conversation) -> None:
    bot = called
    await bot.play("""
        uj-admin>   unset ZA-UJ ce_cpu_model because nobody reads it
        (card #1)   #1 · ZA-UJ without ce_cpu_model · waiting for a review
                    | ~ ce_cpu_model `Opteron` → not set on 4 hosts
        uj-admin>   enable top-bdii at ZA-UJ on host1.uj.example
        (card #2)   #2 · ZA-UJ top-bdii on host1.uj.example · waiting for a review
        uj-admin>   disable site-bdii at ZA-UJ
        (card #3)   #3 · ZA-UJ without site-bdii · waiting for a review
        uj-admin>   new site ZA-XYZ like ZA-UJ
        bot to uj-admin> That is for ROC experts.
        roc-expert> new site ZA-XYZ like ZA-UJ
        (card #4)   #4 · New site ZA-XYZ like ZA-UJ · waiting for a review
        roc-second> merge 4
        bot to roc-second> #4 is a draft: its author marks it as ready on GitHub first.
        uj-admin>   set ZA-UJ bdii_port=2170
        bot to uj-admin> Nothing would change at ZA-UJ, so nothing was opened.
        uj-admin>   set ZA-UJ ansible_ssh_common_args=-oProxyCommand=id
        bot to uj-admin> `ansible_ssh_common_args` decides how hosts are reached, *
        uj-admin>   set ZA-UJ site_email="{{ lookup('pipe', 'id') }}"
        bot to uj-admin> `site_email` is taken as plain text: no template, *
        uj-admin>   set ZA-UJ mysql_pass=hunter2hunter2
        bot to uj-admin> * would be a secret in plain text. Nothing was opened.
        uj-admin>   set ZA-UJ vos=dteam
        bot to uj-admin> `vos` in `Ansible/group_vars/za-uj.yml:5` is a list, *
        kenet-admin> set ZA-UJ bdii_port=2172
        bot to kenet-admin> ZA-UJ is looked after by its team za-uj: uj-admin.
        outsider>   set ZA-UJ bdii_port=2172
        bot to outsider> You are not a member of AAROC on GitHub. *
        stranger>   set ZA-UJ bdii_port=2172
        bot to stranger> I don't know who you are on GitHub yet. *
        uj-admin>   changes
        bot>        4 pull requests are open
        outsider>   changes
        bot to outsider> You are not a member of AAROC on GitHub. *
        uj-admin>   change 2
        bot>        #2 · `ZA-UJ top-bdii on host1.uj.example` · waiting for a review
                    | + top-bdii on host1.uj.example
        kenet-admin> review 3
        bot>        #3 · `ZA-UJ without site-bdii` · waiting for a review
                    | - site-bdii no more on bdii1.uj.example
                    | checks: 1 passed
                    | changed before by: `Lindiwe Maseko` * ago
    """)
    assert "hunter2hunter2" not in await bot.kept()


async def test_a_fall_between_row_and_pull_request_opens_it_once(
    stage: Stage, sqlite_url: str
) -> None:
    async with stage.opened(sqlite_url) as bot:
        bot.github.misbehave(Misbehaviour("/repos/AAROC/DevOps/git/refs", status=500, after=True))
        await bot.play("""
            uj-admin>   set ZA-UJ bdii_port=2171 because it falls
            bot>        Change 1 · ZA-UJ bdii_port 2170 → 2171 · being opened
                        | GitHub does not answer; it is tried again
        """)
    async with stage.opened(sqlite_url) as bot:
        await bot.play("""
            (card #1)   #1 · ZA-UJ bdii_port 2170 → 2171 · waiting for a review
                        | Because: `it falls`
        """)
        assert list(bot.github.pulls) == [1]
