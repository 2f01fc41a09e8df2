"""The pages of the sandbox's GitHub, asked as a browser asks, by whoever means well or not."""

import asyncio
import difflib
from collections.abc import Mapping

import pytest
from aiohttp import ClientResponse, ClientSession
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.sandbox.github.device import GRANT
from aaroc_bot.sandbox.github.granting import CLIENT_ID
from aaroc_bot.sandbox.github.pages.difference import LINES, read
from aaroc_bot.sandbox.github.pages.guard import FORM
from aaroc_bot.sandbox.github.people import User
from aaroc_bot.sandbox.github.pull import Pull
from tests.sandbox.playing import Kit, pushed

PULL = "/AAROC/DevOps/pull/1"
EVIL = '<script src=x></script>"&\u202e'


async def opened(kit: Kit, **words: str) -> Pull:
    """Open a pull request of the bot's for uj-admin."""
    await pushed(kit.world, "set-1", {"Ansible/group_vars/za-uj.yml": b"---\nbdii_port: 2171\n"})
    title, body = words.get("title", "ZA-UJ bdii_port 2170 → 2171"), words.get("body", "")
    return await kit.world.open_pull(kit.world.bot, title, "set-1", "main", body)


def who(kit: Kit, login: str) -> User:
    user = kit.world.user(login)
    assert user is not None
    return user


async def get(kit: Kit, path: str, **headers: str) -> tuple[int, str]:
    async with ClientSession() as session, session.get(kit.url + path, headers=headers) as answer:
        assert answer.content_type == "text/html"
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        return answer.status, await answer.text()


async def send(
    kit: Kit, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> ClientResponse:
    """Send a form as the page's own, or with other headers."""
    async with ClientSession() as session:
        answer = await session.post(
            kit.url + path,
            data=form,
            headers={"Origin": kit.url} if headers is None else headers,
            allow_redirects=False,
        )
        await answer.text()
        return answer


async def test_everything_of_a_pull_request_is_shown_and_nothing_of_it_in_force(kit: Kit) -> None:
    files = {f"Ansible/{EVIL[:8]}.yml": f"a: {EVIL}\n".encode(), "binary": bytes(range(256))}
    head = await pushed(kit.world, "odd", files)
    await kit.world.open_pull(kit.world.bot, f"Title {EVIL}", "odd", "main", f"Text {EVIL}")
    await kit.world.review(1, who(kit, "roc-expert"), "COMMENT", f"Words {EVIL}")
    for path in (PULL, "/AAROC/DevOps/pulls", f"/aaroc/devops/commit/{head}"):
        status, text = await get(kit, path)
        assert status == 200 and "<script" not in text and "\u202e" not in text
        for at in ("Title", "Text", "Words") if path == PULL else ():
            assert f"{at} &lt;script src=x&gt;&lt;/script&gt;&#34;&amp;⟨U+202E⟩" in text
    _, text = await get(kit, PULL)
    assert "written by Lindiwe Maseko (uj-admin)" in text
    assert "lint: " in text and "roc-expert" in text and "Not text: not shown." in text


async def test_it_is_reviewed_and_merged_as_whoever_one_chooses(kit: Kit) -> None:
    pull = await opened(kit)
    form = {"person": "roc-expert", "head": pull.head, "words": "Right."}
    answer = await send(kit, PULL, {**form, "action": "approve"})
    assert answer.status == 303 and answer.headers["Location"].startswith(PULL)
    ((review),) = pull.reviews
    assert (review.by, review.state, review.commit, review.body) == (
        who(kit, "roc-expert").id, "APPROVED", pull.head, "Right.",
    )  # fmt: skip
    assert (await send(kit, PULL, {**form, "action": "merge"})).status == 303
    assert pull.merged_by == review.by
    status, text = await get(kit, PULL)
    assert status == 200 and "Merged by roc-expert" in text and "<form" not in text


async def test_a_draft_is_marked_as_ready_and_only_then_merged(kit: Kit) -> None:
    pull = await opened(kit)
    pull.draft = True
    _, text = await get(kit, PULL)
    assert "Ready for review</button>" in text and ">Merge</button>" not in text
    assert "this one does not: push to <code>set-1</code>" in text
    form = {"head": pull.head, "action": "ready"}
    assert (await send(kit, PULL, {**form, "person": "outsider"})).status == 403 and pull.draft
    assert (await send(kit, PULL, {**form, "person": "kenet-admin"})).status == 303
    _, text = await get(kit, f"{PULL}?done=ready")
    assert not pull.draft and "Ready for review.</p>" in text and ">Merge</button>" in text
    answer = await send(kit, PULL, {**form, "person": "kenet-admin"})
    assert answer.status == 422


REFUSED = [
    ({"person": "kenet-admin", "action": "merge"}, 405, "At least 1 approving review"),
    ({"person": "outsider", "action": "merge"}, 403, "You must have write access"),
    ({"person": "uj-admin", "action": "comment"}, 422, "Body can&#39;t be blank"),
    ({"person": "nobody", "action": "approve"}, 422, "Choose who you are."),
    ({"person": "uj-admin", "action": "delete"}, 422, "Choose what to do."),
    ({"person": "roc-expert", "action": "approve", "head": "f" * 40}, 422, "not part of it"),
    ({"person": "roc-expert", "action": "approve", "head": ""}, 422, "load this page again"),
]


@pytest.mark.parametrize(("form", "status", "words"), REFUSED)
async def test_githubs_rules_hold_and_what_was_typed_stays(
    kit: Kit, form: dict[str, str], status: int, words: str
) -> None:
    pull = await opened(kit)
    async with ClientSession(headers={"Origin": kit.url}) as session:
        sent = {"head": pull.head, **form}
        async with session.post(kit.url + PULL, data=sent) as answer:
            text = await answer.text()
    assert answer.status == status and words in text and 'role="alert"' in text
    assert pull.state == "open" and not pull.reviews
    if kit.world.user(form["person"]):
        assert f'<option value="{form["person"]}" selected>' in text


async def test_only_the_head_that_was_seen_is_merged(kit: Kit) -> None:
    pull = await opened(kit)
    seen = pull.head
    await kit.world.review(1, who(kit, "roc-expert"), "APPROVE")
    await pushed(kit.world, "set-1", {"more.txt": b"more\n"})
    form = {"person": "roc-expert", "head": seen, "action": "merge"}
    assert (await send(kit, PULL, form)).status == 409
    assert pull.state == "open"


FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "{own}", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "{own}", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://evil.example", "Host": "evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_pages_form_is_refused(kit: Kit, headers: dict[str, str]) -> None:
    pull = await opened(kit)
    outsider = who(kit, "outsider")
    kit.world.invite(outsider, kit.world.bot)
    told = {name: value.format(own=kit.url) for name, value in headers.items()}
    form = {"person": "roc-expert", "head": pull.head, "action": "approve"}
    assert (await send(kit, PULL, form, told)).status == 403
    join = {"person": "outsider", "action": "accept"}
    assert (await send(kit, "/orgs/AAROC/invitation", join, told)).status == 403
    assert not pull.reviews and kit.world.members[outsider.id] == "pending"
    grant = kit.world.granting.begin()
    confirm = {"user_code": grant.code, "person": "roc-expert", "decision": "confirm"}
    assert (await send(kit, "/login/device", confirm, told)).status == 403
    assert (await send(kit, "/login/device", {**confirm, "decision": "deny"}, told)).status == 403
    assert grant.person is None and not grant.denied


async def test_a_name_that_only_points_here_reads_nothing(kit: Kit) -> None:
    await opened(kit)
    status, text = await get(kit, PULL, Host="evil.example")
    assert status == 403 and "bdii_port" not in text
    status, text = await get(kit, "/login/device", Host="evil.example")
    assert status == 403 and "uj-admin" not in text


@pytest.mark.parametrize("path", ["/login/device/code", "/login/oauth/access_token"])
async def test_a_login_begins_and_ends_by_the_name_of_this_machine_only(
    kit: Kit, path: str
) -> None:
    grant = kit.world.granting.begin()
    form = {"client_id": CLIENT_ID, "device_code": grant.device, "grant_type": GRANT}
    assert (await send(kit, path, form, {"Host": "evil.example"})).status == 403
    assert (await send(kit, path, form, {})).status == 200


async def test_only_a_form_of_bounded_size_is_read(kit: Kit) -> None:
    pull = await opened(kit)
    form = {"person": "roc-expert", "head": pull.head, "action": "comment", "words": "x" * FORM}
    assert (await send(kit, PULL, form)).status == 413
    kind = "application/x-www-form-urlencoded"
    for sent, status in (("text/plain", 415), (f"{kind}; charset=odd", 415), (kind, 400)):
        headers = {"Origin": kit.url, "Content-Type": sent}
        async with ClientSession() as session:
            answer = await session.post(kit.url + PULL, data=b"action=\xff", headers=headers)
            assert answer.status == status
    assert not pull.reviews


async def test_who_is_invited_joins_with_their_team(kit: Kit) -> None:
    world, outsider = kit.world, who(kit, "outsider")
    world.invite(outsider, who(kit, "roc-expert"), (world.teams["za-uj"].id,))
    path = "/orgs/AAROC/invitation"
    _, text = await get(kit, path)
    assert "outsider was invited by roc-expert to za-uj" in text
    assert (await send(kit, path, {"person": "uj-admin"})).status == 422
    answer = await send(kit, path, {"person": "outsider"})
    assert answer.status == 303
    assert world.members[outsider.id] == "active"
    assert outsider.id in world.teams["za-uj"].people
    _, text = await get(kit, answer.headers["Location"])
    assert "outsider is a member of AAROC now." in text and "Nobody is invited." in text


@pytest.mark.parametrize(
    "path",
    [
        "/AAROC/DevOps/pull/7", "/AAROC/Other/pull/1", "/other/DevOps/pulls",
        f"/AAROC/DevOps/commit/{'f' * 40}", "/orgs/other/invitation",
    ],
)  # fmt: skip
async def test_what_is_not_there_is_a_page_too(kit: Kit, path: str) -> None:
    assert (await get(kit, path))[0] == 404


async def test_a_conflict_is_told(kit: Kit) -> None:
    for number, branch in enumerate(("one", "two"), 1):
        await pushed(kit.world, branch, {"README.md": f"{branch}\n".encode()})
        await kit.world.open_pull(kit.world.bot, branch, branch, "main")
        await kit.world.review(number, who(kit, "roc-expert"), "APPROVE")
    await kit.world.merge(1, who(kit, "roc-expert"))
    async with asyncio.timeout(20):
        while "conflicts" not in (await get(kit, "/AAROC/DevOps/pull/2"))[1]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    form = {"person": "roc-expert", "head": kit.world.pull(2).head, "action": "merge"}
    assert (await send(kit, "/AAROC/DevOps/pull/2", form)).status == 405


async def test_a_long_difference_is_shown_and_an_endless_one_cut(kit: Kit) -> None:
    await pushed(kit.world, "long", {"long.txt": b"".join(b"%d\n" % n for n in range(5000))})
    await kit.world.open_pull(kit.world.bot, "Long", "long", "main")
    _, text = await get(kit, PULL)
    assert text.count('<tr class="added">') == 5000 and "too long" not in text
    await pushed(kit.world, "endless", {"endless.txt": b"x\n" * (LINES + 1)})
    await kit.world.open_pull(kit.world.bot, "Endless", "endless", "main")
    _, text = await get(kit, "/AAROC/DevOps/pull/2")
    assert "The rest is not shown: it is too long." in text
    assert text.count('<tr class="added">') < LINES


LINE = st.sampled_from(
    ["a", "", " ", "diff --git a/x b/x", "@@ -1 +1 @@", "--- a/x", "+++ b/x", "Binary files", "\\"]
)


@given(st.lists(LINE, max_size=12), st.lists(LINE, max_size=12))
def test_lines_are_numbered_as_they_stand(before: list[str], after: list[str]) -> None:
    raw = ":100644 100644 1 2 M\0x\0"
    body = "\n".join(difflib.unified_diff(before, after, "a/x", "b/x", lineterm="", n=99))
    (file,) = read(raw, f"diff --git a/x b/x\nindex 1..2\n{body}\n").files
    lines = [line for hunk in file.hunks for line in hunk.lines]
    whole = before != after
    assert {line.old: line.text for line in lines if line.old} == (
        dict(enumerate(before, 1)) if whole else {}
    )
    assert {line.new: line.text for line in lines if line.new} == (
        dict(enumerate(after, 1)) if whole else {}
    )
