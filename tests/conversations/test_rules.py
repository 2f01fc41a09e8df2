"""A merge gives no rights: rules and lines that execute wait for an expert who wrote neither."""

import pytest

from tests.conversations.conversation import Conversation

RULES = ".aaroc.yml"
CATALOGUE = ".aaroc/catalogue.yml"
VARIABLES = "Ansible/group_vars/za-uj.yml"


async def test_newer_rules_count_once_another_expert_accepted_them(bot: Conversation) -> None:
    rules = bot.at_newest(RULES)
    more = rules.replace("aliases: [uj]", "aliases: [uj, jozi]")
    looser = bot.at_newest(CATALOGUE) + (
        "\n- {verb: run, name: check-site, playbook: Ansible/drill.yml, engine: ansible,"
        " may_run: member, approvals: 0, changes: false, check_mode: none}\n"
    )
    sha = await bot.push("roc-expert", "Call it Jozi", {RULES: more, CATALOGUE: looser})
    await bot.play(f"""
        uj-admin>   status jozi
        bot to uj-admin> No site `jozi`. *
        uj-admin>   status
        bot>        5 sites: *
                    | Rules newer than those in force wait for an expert (in force: *, waiting: {sha[:7]}).
        uj-admin>   accept rules
        bot to uj-admin> That is for ROC experts.
        uj-admin>   accept rules {sha}
        bot to uj-admin> That is for ROC experts.
        roc-expert> status
        bot>        5 sites: *
                    | Rules newer * waiting: {sha[:7]}). To read them: `accept rules`
        roc-expert> accept rules
        bot>        Rules wait for an expert: {sha[:7]}, 1 commit touches them.
                    | {sha[:7]} `Amina Haddad` `Call it Jozi`
                    | +*aliases: [uj, jozi]
                    | You wrote one of these commits, so another expert decides. Other experts: roc-second.
        roc-expert> accept rules {sha}
        bot to roc-expert> You wrote one of the commits behind the rules of {sha[:7]}, so another expert decides.
                    | Experts: roc-expert, roc-second.
        roc-second> accept rules abcdef1
        bot to roc-second> The rules of abcdef1 are not those that wait.
        uj-admin>   status jozi
        bot to uj-admin> No site `jozi`. *
        roc-second> accept rules
        bot>        Rules wait for an expert: {sha[:7]}, 1 commit touches them.
                    | Accept them, if you wrote none of these commits: `accept rules {sha}`
        roc-second> [Accept rules {sha[:7]}]
        bot>        In force now: the rules of {sha[:7]}.
        uj-admin>   status jozi
        bot>        ZA-UJ · quiet, no run on record yet
        roc-second> accept rules
        bot>        No newer rules wait; in force are those of {sha[:7]}.
        uj-admin>   playbooks
        bot>        The catalogue: 7 entries, 1 fault found when it was loaded
                    | `.aaroc/catalogue.yml:*` *
    """)
    await bot.recorded(f"""
        refusal uj-admin: accept rules {sha} -> not an expert: That is for ROC experts.
        refusal roc-expert: accept rules {sha} -> wrote it: You wrote one of the commits *
        acceptance roc-second: *
    """)


@pytest.mark.chats("web", "slack", "telegram")
async def test_lines_that_execute_stop_their_site_until_they_are_accepted(
    bot: Conversation,
) -> None:
    line = 'ansible_ssh_common_args: "-o ProxyCommand=id"\n'
    await bot.push("uj-admin", "za-uj: by a proxy", {VARIABLES: bot.at_newest(VARIABLES) + line})
    await bot.play("""
        uj-admin>   deploy site-bdii at ZA-UJ
        bot to uj-admin> Nothing can run there: *ansible_ssh_common_args in Ansible/group_vars/za-uj.yml:*
        uj-admin>   run ping at ZA-UJ
        bot to uj-admin> Nothing can run there: *
        uj-admin>   status ZA-UJ
        bot>        ZA-UJ · not accepted: 1 line of its variables executes; nothing can be run
                    | *An expert can accept them. Experts: roc-expert, roc-second.
        uj-admin>   accept ZA-UJ
        bot to uj-admin> That is for ROC experts.
        roc-expert> status ZA-UJ
        bot>        ZA-UJ · not accepted: *
                    | *To read them all: `accept ZA-UJ`
        roc-expert> accept ZA-UJ 0123456789abcdef
        bot to roc-expert> These are not the lines of ZA-UJ that wait now; they may have changed.
        roc-expert> accept ZA-UJ
        bot>        ZA-UJ: 1 line executes on the controller, and nobody accepted them.
                    | `Ansible/group_vars/za-uj.yml:*` ansible_ssh_common_args `-o ProxyCommand=id`
    """)
    offered = next(m for m in reversed(await bot.messages()) if m.first.endswith("accepted them."))
    label = offered.buttons[0].label
    await bot.play(f"""
        uj-admin>   [{label}]
        bot to uj-admin> That is for ROC experts.
        roc-expert> [{label}]
        bot>        ZA-UJ: 1 line accepted by roc-expert.
        roc-expert> accept ZA-UJ
        bot>        Nothing at ZA-UJ waits to be accepted.
        uj-admin>   run ping at ZA-UJ
        (card 1)    Run 1 · run ping at ZA-UJ · succeeded, *
    """)
