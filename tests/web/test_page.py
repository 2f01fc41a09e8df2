"""The page in a real Chromium: seen, heard, used by keyboard, cut off and taken up again."""

import asyncio
import re
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from aaroc_bot.core.message import Button, Incoming, Kind, Message, Place, Table
from aaroc_bot.core.text import Code, Text, When
from tests.web.conftest import Open
from tests.web.fake import Server, done_card, now, running_card

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROC = Place("web", "roc")
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},  # off by default, and part of 2.2 AA
}
expect.set_options(timeout=10_000)


async def say(page: Page, text: str) -> None:
    await page.locator("#line").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator("#line")).to_have_value("")


async def assert_accessible(page: Page) -> None:
    found = await Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert {"color-contrast", "target-size"} <= {rule["id"] for rule in found.response["passes"]}


async def deployed(page: Page) -> None:
    """Say what fills the page with every part of a message."""
    for text in ("status", "log 12", "deploy site-bdii at ZA-UJ port=2171"):
        await say(page, text)
    await page.get_by_role("button", name="Approve 12", exact=True).click()
    await page.locator(".only").wait_for()


async def test_a_deploy_is_asked_for_refused_to_its_asker_and_approved_live(
    open_page: Open,
) -> None:
    uj, expert = await open_page("uj-admin"), await open_page("roc-expert")
    await say(uj, "deploy site-bdii at ZA-UJ port=2171")
    own = uj.get_by_text("You asked for run 12, so somebody else decides.")
    await uj.get_by_role("button", name="Approve 12", exact=True).click()
    await own.locator("visible=true").first.wait_for()
    await expect(uj.get_by_role("button", name="Cancel 12", exact=True)).to_be_visible()
    await expect(expert.get_by_role("button", name="Cancel 12", exact=True)).to_have_count(0)
    await expert.get_by_role("button", name="Approve 12", exact=True).click()
    for page in (uj, expert):
        card = page.locator(".card")
        await expect(card.locator(".state")).to_have_text("✓")
        await expect(card.locator(".first")).to_contain_text("succeeded")
        await expect(card.get_by_role("button")).to_have_count(0)
        await expect(page.locator("article", has=card).locator(".edited")).to_have_count(1)
        await expect(page.get_by_text("run 12 succeeded.").first).to_be_visible()
    assert await expert.get_by_text("somebody else decides").count() == 0


@pytest.mark.parametrize("width", [1100, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_violation_of_wcag(open_page: Open, roc: Server, width: int, scheme: str) -> None:
    page = await open_page("uj-admin", width, scheme)
    await deployed(page)
    await assert_accessible(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate("document.getElementById('channel').scrollWidth") <= width
    await page.locator("#channel").hover()
    await page.locator("article").last.hover()
    await roc.stop()
    await page.get_by_text("Connection lost").wait_for()
    await say(page, "unsent")
    await assert_accessible(page)


async def test_the_keyboard_alone_is_enough(open_page: Open) -> None:
    page = await open_page("uj-admin")
    await expect(page.locator("#line")).to_be_focused()
    await page.keyboard.type("deploy site-bdii at ZA-UJ port=2171")
    await page.keyboard.press("Enter")
    await page.locator(".card").wait_for()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("#line")).to_have_value("deploy site-bdii at ZA-UJ port=2171")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#line")).to_have_value("")
    for _ in range(12):  # back through the thread to the card's buttons
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("document.activeElement.textContent") == "Deny 12":
            break
    await expect(page.get_by_role("button", name="Deny 12", exact=True)).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.locator(".only").wait_for()
    await expect(page.get_by_role("button", name="Approve 12", exact=True)).to_be_focused()
    await page.locator(".skip").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#line")).to_be_focused()
    await page.evaluate("location.hash = 'nobody-of-that-name'")
    await page.locator("#line-label", has_text="as uj-admin").wait_for()
    await page.locator("#speaker").focus()
    await page.keyboard.type("roc")
    await page.locator("#line-label", has_text="as roc-expert").wait_for()
    await expect(page.locator(".only")).to_have_count(0)


async def test_text_is_never_markup(open_page: Open) -> None:
    page = await open_page("uj-admin")
    evil = "<img src=x onerror=alert(1)><script>window.hit=1</script><b>bold</b>"
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    await say(page, evil)
    await page.locator("article code", has_text="<img src=x").wait_for()
    await expect(page.locator(".words")).to_have_text(evil)
    assert await page.locator("#messages img, #messages script, .words b").count() == 0
    assert await page.evaluate("window.hit") is None


async def test_a_break_is_told_and_nothing_is_missing_or_doubled(
    open_page: Open, roc: Server
) -> None:
    uj, expert = await open_page("uj-admin"), await open_page("roc-expert")
    await say(uj, "before")
    await expect(uj.locator(".bot")).to_have_count(1)
    await roc.stop()
    await uj.get_by_text("Connection lost").wait_for()
    await expect(uj.locator("#state-word")).to_have_text("not connected")
    await say(uj, "while away")
    await expect(uj.locator("#pending li")).to_have_count(1)
    await roc.start()
    await roc.chat.post(ROC, Message("said meanwhile"))
    await uj.get_by_text("Connection lost").wait_for(state="hidden")
    for page in (uj, expert):
        await expect(page.locator(".person .words")).to_have_text(["before", "while away"])
        await expect(page.get_by_text("said meanwhile", exact=True)).to_have_count(1)
        await expect(page.locator(".bot")).to_have_count(3)
    await expect(uj.locator("#pending li")).to_have_count(0)
    assert [said.text for said in roc.bot.heard] == ["before", "while away"]


async def test_what_was_not_taken_in_can_be_tried_again_or_changed(
    open_page: Open, roc: Server
) -> None:
    page = await open_page("uj-admin")
    roc.bot.fault = RuntimeError("no")
    await say(page, "status")
    await page.get_by_text("Not taken in").wait_for()
    roc.bot.fault = None
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".person .words")).to_have_text(["status"])
    await page.locator("#line").fill("x" * 1_000_000)
    await page.keyboard.press("Enter")
    await page.get_by_text("1,000,000 characters").wait_for()
    await page.get_by_role("button", name="Leave it").click()
    await say(page, "status all")
    await expect(page.locator(".person .words")).to_have_count(2)


async def test_what_is_taken_in_late_is_told_as_waiting(open_page: Open, roc: Server) -> None:
    answers = asyncio.Event()

    async def hear(said: Incoming) -> None:
        await answers.wait()
        await roc.bot.hear(said)

    roc.chat.listen(hear)
    page = await open_page("uj-admin")
    await say(page, "status")
    await page.get_by_role("status").get_by_text("not taken in yet, still waiting").wait_for()
    answers.set()
    await expect(page.locator("#pending li")).to_have_count(0)
    await expect(page.locator(".person .words")).to_have_text(["status"])


async def test_a_file_is_downloaded_on_a_click(open_page: Open) -> None:
    page = await open_page("uj-admin")
    await say(page, "log 12")
    async with page.expect_download() as starting:
        await page.get_by_role("link", name="Download run-12.log").click()
    download = await starting.value
    assert download.suggested_filename == "run-12.log"
    text = Path(await download.path()).read_text()
    assert text.splitlines()[-1] == "line 399"


async def test_older_messages_come_on_demand_and_the_place_is_kept(
    open_page: Open, roc: Server
) -> None:
    for n in range(400):
        await roc.chat.post(ROC, Message(f"message {n}"))
    page = await open_page("uj-admin")
    await page.get_by_text("message 399", exact=True).wait_for()
    assert await page.get_by_text("message 0", exact=True).count() == 0
    older = page.get_by_role("button", name="Show older messages")
    while await older.is_visible():
        shown = await page.locator("article").count()
        await older.click()
        await expect(page.locator("article")).not_to_have_count(shown)
    await expect(page.locator("article")).to_have_count(400)
    texts = await page.locator("article .first").all_inner_texts()
    assert texts == [f"message {n}" for n in range(400)]
    await expect(page.get_by_text("message 399", exact=True)).not_to_be_in_viewport()
    await roc.chat.post(ROC, Message("new one"))
    await page.locator("#jump").click()
    await expect(page.get_by_text("new one", exact=True).first).to_be_in_viewport()
    await expect(page.locator("#jump")).to_be_hidden()


async def test_old_threads_are_folded_and_open_on_a_click(open_page: Open, roc: Server) -> None:
    parent = await roc.chat.post(ROC, Message("parent"))
    for n in range(3):
        await roc.chat.post(Place("web", "roc", parent.ref), Message(f"answer {n}"))
    for n in range(12):
        await roc.chat.post(ROC, Message(f"later {n}"))
    page = await open_page("uj-admin")
    toggle = page.get_by_role("button", name="3 answers")
    await expect(toggle).to_have_attribute("aria-expanded", "false")
    await toggle.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("answer 2", exact=True)).to_be_visible()
    await expect(toggle).to_be_focused()
    await expect(toggle).to_have_attribute("aria-expanded", "true")


async def test_a_reply_in_a_thread_is_said_there(open_page: Open, roc: Server) -> None:
    page = await open_page("uj-admin")
    card = await roc.chat.post(ROC, Message("Run 12 · " + "deploy site-bdii " * 9))
    await roc.chat.post(Place("web", "roc", card.ref), Message("an answer"))
    gist = "Run 12 · deploy site-bdii deploy site-bdii deploy site-bdii…"
    replies = page.get_by_role("button", name=f"Reply in the thread of aaroc: {gist}", exact=True)
    await expect(replies).to_have_count(2)  # of the card, and of what stands in its thread
    await page.locator("article").last.hover()
    await replies.last.click()
    await expect(page.locator("#replying-to")).to_have_text(f"In the thread of aaroc: “{gist}”")
    await say(page, "log 12")
    await expect(page.locator(".thread .person .words")).to_have_text(["log 12"])
    assert roc.bot.heard[-1].place.thread == card.ref


async def test_what_is_said_is_read_out_once(open_page: Open, roc: Server) -> None:
    page = await open_page("uj-admin")
    posted = await roc.chat.post(ROC, Message("Run 3 · running", state="running"))
    await expect(page.locator("#said p")).to_have_text(["aaroc: Run 3 · running"])
    await roc.chat.edit(posted, Message("Run 3 · running, task 2", state="running"))
    await roc.chat.edit(posted, Message("Run 3 · succeeded", state="succeeded"))
    await expect(page.locator("#said p").last).to_have_text("aaroc: Run 3 · succeeded")
    assert await page.locator("#said p").count() == 2


@pytest.mark.parametrize("width", [700, 360])
async def test_a_wide_table_does_not_widen_the_page(
    open_page: Open, roc: Server, width: int
) -> None:
    page = await open_page("uj-admin", width)
    row = tuple(f"column-{n}-that-is-long" for n in range(8))
    await roc.chat.post(ROC, Message("wide", table=Table(row, (row,)), code="y" * 400))
    await page.locator("table").wait_for()
    assert await page.evaluate("document.getElementById('channel').scrollWidth") <= width


def planned_card(items: int) -> Message:
    """Give the card of a plan, each of its items with what a real one shows."""
    path = "…sts/bdii1.uj.example/etc/bdii/gip/site.conf"
    differing = (Code("GlueServiceEndpoint: ldap://bdii1.uj.ex…"), " → ", Code("BDII_PORT=2345"))
    row: tuple[Text, ...] = ("~", "bdii1.uj.example", "site-bdii : configure port", path, differing)
    return Message(
        "Run 15 · deploy site-bdii at ZA-UJ port=2345 · waiting for an expert, 8 items on 1 host",
        lines=("8 of 8 tasks checked",),
        table=Table((), (row,) * items),
        notes=(("Asked by uj-admin ", When(now(), f"{now():%H:%M} UTC"), " · revision 4f2c1d9"),),
        buttons=tuple(Button(f"{verb} 15", f"{verb} 15") for verb in ("Approve", "Deny", "Cancel")),
        kind=Kind.CARD,
        run=15,
        state="waiting",
    )


@pytest.mark.parametrize(("items", "most"), [(3, 430), (8, 860)])
async def test_a_plan_can_be_read_on_a_phone(
    open_page: Open, roc: Server, items: int, most: int
) -> None:
    page = await open_page("uj-admin", 360)
    await roc.chat.post(ROC, planned_card(items))
    card = page.locator(".card")
    await expect(card.locator("tr")).to_have_count(items)
    box = await card.bounding_box()
    assert box is not None
    assert box["height"] <= most
    assert await page.locator(".scroll").evaluate("it => it.scrollWidth <= it.clientWidth")
    widths = await card.locator("td code").evaluate_all(
        "all => all.map(it => it.getBoundingClientRect().width)"
    )
    assert min(widths) > 100
    await assert_accessible(page)


async def test_a_table_on_a_phone_says_what_each_cell_is(open_page: Open, roc: Server) -> None:
    page = await open_page("uj-admin", 360)
    head = ("site", "hosts", "services", "also typed")
    row = ("ZA-UJ", "bdii1.uj.example, wn1.uj.example", "site-bdii, worker-node", "uj")
    await roc.chat.post(ROC, Message("5 sites", table=Table(head, (row, row))))
    table = page.get_by_role("table")
    await expect(table.get_by_role("columnheader")).to_have_text(list(head))
    await expect(table.get_by_role("cell")).to_have_text(list(row * 2))
    labels = await table.locator("td").evaluate_all("all => all.map(it => it.dataset.label ?? '')")
    assert labels == ["", *head[1:]] * 2
    assert await page.locator(".scroll").evaluate("it => it.scrollWidth <= it.clientWidth")
    await assert_accessible(page)


async def test_a_moment_and_a_site_s_name_stay_whole_in_a_table(
    open_page: Open, roc: Server
) -> None:
    page = await open_page("uj-admin")
    told = "run 2 deploy site-bdii · waiting for an expert, 3 items on 1 host · uj-admin " * 3
    rows = (((When(now(), "08:11 UTC"),), told), ("KE-NAIROBI", told))
    await roc.chat.post(ROC, Message("ZA-UJ, newest first", table=Table((), rows)))
    await page.locator("table").wait_for()
    heights = await page.locator("td:first-child").evaluate_all(
        """all => all.map(cell => {
            const words = document.createRange();
            words.selectNodeContents(cell);
            return words.getBoundingClientRect().height;
        })"""
    )
    assert max(heights) < 30


async def test_one_is_led_to_a_card_that_changed_out_of_sight(open_page: Open, roc: Server) -> None:
    page = await open_page("roc-expert", 360)
    posted = await roc.chat.post(ROC, planned_card(3))
    for n in range(12):
        await roc.chat.post(ROC, Message(f"later {n}"))
    await expect(page.get_by_text("later 11", exact=True).first).to_be_in_viewport()
    lead = page.locator("#changed")
    await roc.chat.edit(posted, running_card(1))
    await expect(lead).to_have_text("Run 12 running")
    await expect(page.locator("#said p").last).to_contain_text("running, task 1 of 11")
    await roc.chat.edit(posted, done_card())
    await expect(lead).to_have_text("Run 12 succeeded")
    box, last = await lead.bounding_box(), await page.locator("article").last.bounding_box()
    assert box is not None
    assert last is not None
    assert last["y"] + last["height"] <= box["y"]  # it covers nothing of what was said last
    await assert_accessible(page)
    await page.locator("#line").focus()
    await page.keyboard.press("Shift+Tab")
    await expect(lead).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".card .first")).to_be_in_viewport()
    await expect(page.locator("article", has=page.locator(".card"))).to_be_focused()
    await expect(lead).to_be_hidden()


async def test_a_change_in_sight_or_seen_since_leads_nowhere(open_page: Open, roc: Server) -> None:
    page = await open_page("roc-expert")
    posted = await roc.chat.post(ROC, planned_card(3))
    await page.locator(".card").wait_for()
    await roc.chat.edit(posted, running_card(1))
    await expect(page.locator("#said p").last).to_contain_text("running, task 1 of 11")
    await expect(page.locator("#changed")).to_be_hidden()
    for n in range(20):
        await roc.chat.post(ROC, Message(f"later {n}"))
    await expect(page.get_by_text("later 19", exact=True).first).to_be_in_viewport()
    await roc.chat.edit(posted, done_card())
    await page.locator("#changed").wait_for()
    await page.locator(".card").scroll_into_view_if_needed()
    await expect(page.locator("#changed")).to_be_hidden()


async def test_a_suggested_command_is_put_into_the_command_line(
    open_page: Open, roc: Server
) -> None:
    page = await open_page("uj-admin")
    note = ("All: ", Code("status all", typed=True), " · ", Code("words of others"))
    await roc.chat.post(ROC, Message("12 sites", notes=(note,)))
    suggested = page.locator("article").get_by_role("button", name="status all")
    await expect(page.locator(".note button")).to_have_count(1)
    await suggested.click()
    await expect(page.locator("#line")).to_have_value("status all")
    await expect(page.locator("#line")).to_be_focused()
    await page.locator("#line").fill("")
    await suggested.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#line")).to_have_value("status all")
    assert roc.bot.heard == []
    await assert_accessible(page)


async def test_a_number_stays_with_its_unit_and_a_path_breaks_at_its_slashes(
    open_page: Open, roc: Server
) -> None:
    page = await open_page("uj-admin", 360)
    await roc.chat.post(ROC, Message(("took 2 min 51 s at ", Code("/etc/bdii/gip/site.conf"))))
    first = page.locator(".first")
    assert await first.evaluate("it => it.firstChild.data") == "took 2\u00a0min 51\u00a0s at "
    assert await first.locator("code").inner_html() == "/etc/<wbr>bdii/<wbr>gip/<wbr>site.conf"


async def test_times_are_in_the_reader_s_zone_with_the_zone_written(open_page: Open) -> None:
    page = await open_page("uj-admin")
    await say(page, "deploy site-bdii at ZA-UJ port=2171")
    asked = page.locator(".card dd time").first
    await expect(asked).to_have_text(re.compile(r"^\d\d:\d\d (SAST|GMT\+2)$"))
