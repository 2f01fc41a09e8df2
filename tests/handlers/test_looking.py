"""Looking at sites, the catalogue and runs: what stands there, and what cannot be told."""

from dataclasses import replace
from datetime import timedelta

from aaroc_bot.commands import (
    Behind,
    Event,
    Finding,
    Level,
    Lock,
    PendingRules,
    Site,
    State,
    Unavailable,
    What,
)
from tests.handlers.ports import (
    EXPERT,
    KENET,
    NEWEST,
    NOW,
    UJ,
    Accepted,
    Book,
    Channel,
    Described,
    Entries,
    Kept,
)
from tests.handlers.recorded import Memory
from tests.handlers.sample import (
    DEPLOY,
    DONE,
    KE_NAIROBI,
    LINE,
    MAREN,
    RUNNING,
    ZA_UJ,
    channel,
)

FAILED = replace(DONE, number=9, site="maren", state=State.FAILED, ended_at=NOW - timedelta(days=2))
LOCK = Lock("ZA-UJ", KENET, "switch `x` @here", NOW, NOW + timedelta(hours=2))


async def test_sites_with_services_hosts_and_aliases() -> None:
    answer = await channel().say(UJ, "sites")
    assert answer.splitlines()[0] == "3 sites at 4f2c1d9 `bdii port`"
    assert "ZA-UJ | 13 hosts | site-bdii, worker-node | uj" in answer


async def test_the_name_of_an_inventorys_file_is_no_name_to_show() -> None:
    odd = replace(ZA_UJ, aliases=("uj", "inventory.za-uj", "inventory.za-uj.yml"))
    room = channel(sites=Described((odd,)))
    assert (await room.say(UJ, "sites")).splitlines()[2].endswith("| uj")
    assert "also typed: uj\n" in await room.say(UJ, "status ZA-UJ")


async def test_status_counts_sites_and_lists_those_that_are_not_quiet() -> None:
    answer = await channel(runs=Book([FAILED, DONE, RUNNING])).say(UJ, "status")
    assert answer.splitlines() == [
        "3 sites: 1 quiet · 1 running · 1 failed",
        "KE-NAIROBI | running | run 15, deploy site-bdii, task 3 of 11",
        "maren | failed | run 9, deploy site-bdii, 2 days ago"
        " · in part: Ansible/group_vars/maren is a vault and I have no password for it",
        "1 quiet: `status all`",
    ]


async def test_a_site_is_not_quiet_after_a_run_that_only_reads_ended_badly() -> None:
    ping = replace(DONE, number=13, verb="run", word="ping", given=(), ended_at=NOW)
    cut = replace(ping, state=State.INTERRUPTED)
    room = channel(runs=Book([DONE, cut]))
    assert "ZA-UJ | interrupted | run 13, run ping, 0 s ago" in await room.say(UJ, "status")
    assert (await room.say(UJ, "status ZA-UJ")).splitlines()[:2] == [
        "ZA-UJ · interrupted: run 13, run ping, 0 s ago",
        "last: run 12 succeeded 2 h ago at 1a2b3c4, asked by uj-admin, approved by roc-expert"
        " (nothing newer)",
    ]
    room.runs = Book([DONE, cut, replace(ping, number=14)])
    assert (await room.say(UJ, "status ZA-UJ")).startswith("ZA-UJ · quiet, run 12 succeeded")
    room.runs = Book([ping])
    expected = "ZA-UJ · quiet, no run that changes it on record yet"
    assert (await room.say(UJ, "status ZA-UJ")).startswith(expected)


async def test_a_ping_that_goes_well_does_not_hide_a_failed_deploy() -> None:
    ping = replace(DONE, number=13, site="maren", verb="run", word="ping", given=())
    room = channel(runs=Book([FAILED, ping]))
    assert "maren | failed | run 9, deploy site-bdii, 2 days ago" in await room.say(UJ, "status")


async def test_status_all_lists_the_quiet_too() -> None:
    answer = await channel(runs=Book([DONE])).say(UJ, "status all")
    assert "ZA-UJ | quiet | run 12 succeeded 2 h ago at 1a2b3c4" in answer
    assert "KE-NAIROBI | quiet | no run on record yet" in answer
    assert "status all" not in answer


async def test_status_shows_locks_with_harmless_words() -> None:
    answer = await channel(locks=Kept({"ZA-UJ": LOCK})).say(UJ, "status")
    assert "ZA-UJ | locked | by kenet-admin until 16:40 UTC, 2 h left: `switch 'x' @here`" in answer


async def test_a_lock_that_a_run_waits_for_is_told_once() -> None:
    queued = replace(
        RUNNING, site="ZA-UJ", state=State.QUEUED, reason="ZA-UJ is locked by kenet-admin until 2"
    )
    room = channel(runs=Book([queued]), locks=Kept({"ZA-UJ": LOCK}))
    answer = await room.say(UJ, "status ZA-UJ")
    assert answer.startswith("ZA-UJ · queued: run 15, deploy site-bdii, waits for the lock\n")
    assert answer.count("by kenet-admin until") == 1


async def test_status_names_what_belongs_to_no_site() -> None:
    stray = Finding(".aaroc.yml", 3, Level.WARNING, "no inventory describes ZA-XX")
    fault = Finding(".aaroc/catalogue.yml", 9, Level.ERROR, "approvals may not be lower")
    pending = PendingRules(NEWEST, (NEWEST,), {}, "")
    room = channel(
        sites=Described((ZA_UJ,), of_no_site=(stray,)),
        catalogue=Entries((DEPLOY,), (fault,)),
        rules=Accepted(pending),
    )
    answer = await room.say(UJ, "status")
    assert "Of no site: `.aaroc.yml:3` no inventory describes ZA-XX" in answer
    assert "Catalogue: 1 fault: `playbooks`" in answer
    assert "wait for an expert (in force: aaaaaaa, waiting: 4f2c1d9)" in answer
    assert "accept rules" not in answer
    assert "To read them: `accept rules`" in await room.say(EXPERT, "status")


async def test_status_of_a_quiet_site() -> None:
    room = channel(runs=Book([DONE]))
    room.sites.since = Behind(2, 1)
    answer = await room.say(UJ, "status uj")
    assert answer.splitlines()[0] == (
        "ZA-UJ · quiet, run 12 succeeded 2 h ago at 1a2b3c4, asked by uj-admin, "
        "approved by roc-expert (2 commits behind, 1 touches ZA-UJ)"
    )
    assert "services: site-bdii (bdii1), worker-node (12 hosts)" in answer
    assert "live state not checked yet" in answer


async def test_how_far_behind_is_told_as_unknown() -> None:
    room = channel(runs=Book([DONE]))
    room.sites.since = Behind(None, None)
    assert "(how far behind that is I can't tell)" in await room.say(UJ, "status ZA-UJ")
    room.sites.since = Behind(3, None)
    expected = "(3 commits behind, how many touch ZA-UJ I can't tell)"
    assert expected in await room.say(UJ, "status ZA-UJ")


async def test_status_of_a_site_names_what_is_broken_with_file_and_line() -> None:
    wrong = Finding("Ansible/inventories/inventory.x", 7, Level.ERROR, "is not UTF-8")
    broken = replace(MAREN, partial=False, broken=True, findings=(wrong,))
    answer = await channel(sites=Described((broken,))).say(UJ, "status maren")
    assert (
        answer.splitlines()[0] == "maren · broken: Ansible/inventories/inventory.x:7 is not UTF-8"
    )
    assert "error | `Ansible/inventories/inventory.x:7` | is not UTF-8" in answer
    assert "hosts" not in answer


async def test_many_findings_are_counted_and_stand_in_a_file() -> None:
    many = tuple(Finding("a.yml", n, Level.WARNING, "odd") for n in range(1, 31))
    room = channel(sites=Described((replace(MAREN, findings=many),)))
    message = await room.message(UJ, "status maren")
    assert message.table and len(message.table.rows) == 8
    assert message.file and message.file.content.count("\n") == 30
    assert "8 of 30 shown" in str(message.notes)


async def test_unaccepted_lines_are_shown_and_only_experts_are_told_to_accept() -> None:
    room = channel(
        sites=Described((replace(MAREN, executing=(LINE,), partial=False),)),
        rules=Accepted(lines={"maren": (LINE,)}),
    )
    answer = await room.say(UJ, "status maren")
    assert "not accepted: 1 line of its variables executes; nothing can be run" in answer
    assert "`Ansible/group_vars/maren.yml:3` proxy" in answer
    assert "An expert can accept them. Experts: roc-expert." in answer
    assert "To read them all: `accept maren`" in await room.say(EXPERT, "status maren")
    room.rules.lines = {}
    answer = await room.say(UJ, "status maren")
    assert "executes, accepted: proxy (Ansible/group_vars/maren.yml:3)" in answer


async def test_shared_foreign_and_claimed_are_told() -> None:
    odd = replace(
        ZA_UJ,
        shared={"bdii1": "KE-NAIROBI"},
        foreign={"wn1": "ZA-UFS", "wn2": ""},
        claimed_by="Ansible/inventories/inventory.uj",
    )
    answer = await channel(sites=Described((odd,))).say(UJ, "status ZA-UJ")
    assert "described twice" in answer.splitlines()[0]
    assert "shared: bdii1 (also of KE-NAIROBI); a run that touches one holds both sites" in answer
    assert "not its own: wn1 (of ZA-UFS), wn2 (no name)" in answer


async def test_a_repository_with_no_site_or_never_read() -> None:
    for command in ("sites", "status", "status all"):
        empty = await Channel().say(UJ, command)
        assert empty.startswith("The repository describes no site at 4f2c1d9.")
        away = Channel(sites=Described(away=Unavailable("the DevOps repository")))
        assert "No site is known: the DevOps repository can't be read." in await away.say(
            UJ, command
        )


async def test_no_repository_is_configured() -> None:
    class Unset(Described):
        async def all(self) -> tuple[Site, ...]:
            return ()

    room = Channel(sites=Unset(away=Unavailable("the DevOps repository (it is not set)")))
    for command in ("sites", "status", "status all"):
        answer = await room.say(UJ, command)
        assert answer.startswith("No site is known: the DevOps repository (it is not set)")


async def test_diff_shows_what_differs_and_counts_secrets() -> None:
    room = channel()
    room.sites.hosts = {
        "ZA-UJ": {"bdii1": {"bdii_port": 2171, "db_password": "hunter22", "same": 1, "mine": 1}},
        "KE-NAIROBI": {"bdii.ke": {"bdii_port": 2170, "same": 1, "theirs": 2}},
    }
    answer = await room.say(UJ, "diff za-uj kenet site-bdii")
    assert answer.splitlines() == [
        "ZA-UJ and KE-NAIROBI, site-bdii: 1 of 2 variables differs, 1 secret not compared",
        "variable | ZA-UJ | KE-NAIROBI",
        "bdii_port | `2171` | `2170`",
        "Only ZA-UJ: mine · only KE-NAIROBI: theirs",
    ]
    assert "hunter22" not in await room.say(UJ, "diff za-uj kenet")


async def test_diff_leaves_out_hosts_of_others_and_says_what_was_not_read() -> None:
    foreign = replace(ZA_UJ, foreign={"wn1": "ZA-UFS"}, partial=True)
    room = channel(sites=Described((foreign, KE_NAIROBI)))
    room.sites.hosts = {
        "ZA-UJ": {"wn1": {"a": 1}, "bdii1": {}},
        "KE-NAIROBI": {"bdii.ke": {"a": 2}},
    }
    answer = await room.say(UJ, "diff ZA-UJ KE-NAIROBI")
    assert "Left out at ZA-UJ, for they bear another site's name: wn1 (of ZA-UFS)." in answer
    assert "ZA-UJ is read in part, so more may differ: `status ZA-UJ`" in answer


async def test_diff_with_itself_of_what_is_broken_or_not_run() -> None:
    room = channel(sites=Described((ZA_UJ, KE_NAIROBI, replace(MAREN, broken=True))))
    room.sites.hosts = {"ZA-UJ": {}, "KE-NAIROBI": {}}
    assert "Both are ZA-UJ; name two sites." in await room.say(UJ, "diff ZA-UJ uj")
    assert "maren can't be read" in await room.say(UJ, "diff ZA-UJ maren")
    answer = await room.say(UJ, "diff ZA-UJ KE-NAIROBI worker-node")
    assert answer == "KE-NAIROBI runs no worker-node.\nIt runs site-bdii."


async def test_a_long_diff_stands_in_a_file() -> None:
    room = channel()
    room.sites.hosts = {
        "ZA-UJ": {"bdii1": {f"v{n}": 1 for n in range(50)}},
        "KE-NAIROBI": {"bdii.ke": {f"v{n}": 2 for n in range(50)}},
    }
    message = await room.message(UJ, "diff ZA-UJ KE-NAIROBI")
    assert message.table and len(message.table.rows) == 20
    assert message.file and message.file.content.count("  ZA-UJ: 1") == 50


async def test_the_catalogue_with_what_was_refused() -> None:
    fault = Finding(".aaroc/catalogue.yml", 9, Level.ERROR, "approvals may not be lower")
    answer = await channel(catalogue=Entries((DEPLOY,), (fault,))).say(UJ, "playbooks")
    assert answer.splitlines() == [
        "The catalogue: 1 entry, 1 fault found when it was loaded",
        "entry | who may run it | approval | check mode | whose | parameters",
        "deploy site-bdii | the site's admins | an expert's | predicts it"
        " | .aaroc/catalogue.yml:1 | port (a number from 1 to 65535, else 2170)",
        "`.aaroc/catalogue.yml:9` approvals may not be lower",
        "How to ask for one: `help`",
    ]


async def test_runs_are_listed_newest_first_and_turned_by_a_button() -> None:
    room = channel(runs=Book([replace(DONE, number=n) for n in range(1, 15)]))
    message = await room.message(UJ, "runs")
    assert [button.typed for button in message.buttons] == ["runs page 2"]
    answer = await room.say(UJ, "runs")
    assert "Run 14 · deploy site-bdii at ZA-UJ port=2171 · succeeded" in answer.splitlines()[1]
    assert "4 more: `runs page 2`" in answer
    last = await room.message(UJ, "runs page 2")
    assert last.table and len(last.table.rows) == 4 and not last.buttons
    assert "Nothing stands on page 9." in await room.say(UJ, "runs page 9")
    assert await channel().say(UJ, "runs") == "There is no run yet."


async def test_history_tells_runs_refusals_locks_and_acceptances() -> None:
    def event(what: What, **more: object) -> Event:
        return Event(what, NOW, site="ZA-UJ", **more)  # type: ignore[arg-type]

    until = "2026-06-08T16:00:00+00:00"
    record = Memory(
        [
            event(What.RUN, run=12),
            event(
                What.REFUSAL,
                login="outsider",
                text="deploy site-bdii at ZA-UJ",
                outcome="not a member: You are not a member of AAROC on GitHub.",
            ),
            event(
                What.REFUSAL,
                login="kenet-admin",
                text="unlock ZA-UJ",
                outcome="not the site's admin: ZA-UJ is looked after by its team za-uj: uj-admin.",
            ),
            event(What.LOCK, login="uj-admin", outcome=f"locked until {until}: switch: b"),
            event(What.LOCK, login="uj-admin", outcome="the lock ended"),
            event(
                What.ACCEPTANCE, login="roc-expert", outcome="1 line that executes accepted: a:1 x"
            ),
            event(
                What.ACCEPTANCE,
                operator="root",
                outcome="2 lines that execute accepted at the first start",
            ),
            event(What.RUN, run=99, login="uj-admin", text="deploy x", outcome="failed"),
        ]
    )
    record.times = {1: 3}
    answer = await channel(runs=Book([DONE]), record=record).say(UJ, "history uj")
    assert answer.splitlines() == [
        "ZA-UJ, newest first",
        "14:40 UTC | run 12 deploy site-bdii port=2171 · succeeded, 2 changed on 1 host, 3 min"
        " · uj-admin, approved by roc-expert · 1a2b3c4",
        "14:40 UTC | outsider was refused `deploy site-bdii at ZA-UJ` (not a member), 3 times",
        "14:40 UTC | kenet-admin was refused `unlock ZA-UJ` (not ZA-UJ's admin)",
        "14:40 UTC | uj-admin locked it until 16:00 UTC: `switch: b`",
        "14:40 UTC | uj-admin: `the lock ended`",
        "14:40 UTC | roc-expert accepted 1 line that executes: `status ZA-UJ`",
        "14:40 UTC | root, the operator, accepted 2 lines that execute at the first start:"
        " `status ZA-UJ`",
        "14:40 UTC | uj-admin: `failed`",
    ]


async def test_history_is_paged_and_says_when_there_is_none() -> None:
    many = [Event(What.RUN, NOW, site="ZA-UJ", run=12)] * 22
    room = channel(runs=Book([DONE]), record=Memory(many))
    assert "12 more: `history ZA-UJ page 2`" in await room.say(UJ, "history ZA-UJ")
    assert "2 more: `history ZA-UJ page 3`" in await room.say(UJ, "history ZA-UJ page 2")
    assert "Nothing is on record of maren yet." in await room.say(UJ, "history maren")


async def test_log_gives_its_end_and_the_whole_as_a_file() -> None:
    text = "".join(f"line {n}\n" for n in range(1, 341))
    room = channel(runs=Book([DONE, RUNNING], {12: text}))
    message = await room.message(UJ, "log 12")
    assert message.text == "Log of run 12: the last 20 of 340 lines; the whole is 3.0 kB."
    assert message.code and message.code.splitlines()[-1] == "line 340"
    assert message.file and (message.file.name, message.file.content) == ("run-12.log", text)


async def test_log_says_when_none_is_kept() -> None:
    denied = replace(DONE, number=13, state=State.DENIED, started_at=None)
    checked = replace(DONE, number=14, checked_only=True, started_at=None)
    room = channel(runs=Book([denied, checked, RUNNING]))
    assert "it is denied and never ran" in await room.say(UJ, "log 13")
    assert "it was checked only" in await room.say(UJ, "log 14")
    assert "its log is kept when it ends" in await room.say(UJ, "log 15")
    assert await room.say(UJ, "log 99") == "There is no run 99.\nTo look: `runs`"
