"""The sandbox's GitHub as its people use it: its pages in a browser, its API with a token."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from tests.conversations.conversation import Conversation


async def enters(bot: Conversation, code: str, login: str, decision: str = "confirm") -> None:
    """Enter a code on the page, as a sample person."""
    form = {"user_code": code, "person": login, "decision": decision}
    assert await _sent(bot, "/login/device", form) == 200


async def logs_in(bot: Conversation, who: str, login: str) -> None:
    """Have an account type `login`, and a person enter the code; return once that is begun."""
    bot.github.granting.interval = 1
    await enters(bot, await code_for(bot, who), login)


async def code_for(bot: Conversation, who: str) -> str:
    """Type `login` and give the code of the answer."""
    seen = await bot.answer(who, "login", direct=True)
    enter, code, *_ = seen.first.split()
    assert (seen.to, enter) == (who, "Enter"), seen
    return code.strip("`")


async def acts(bot: Conversation, who: str, number: int, action: str, words: str = "") -> int:
    """Approve, request, comment, merge or close on a pull request's page; give the status.

    What is acted upon is the head as it is now.
    """
    head = bot.github.pull(number).head
    form = {"person": who, "action": action, "head": head, "words": words}
    return await _sent(bot, f"/AAROC/DevOps/pull/{number}", form)


async def approves(bot: Conversation, who: str, number: int) -> None:
    """Approve a pull request on its page, as it is now."""
    assert await acts(bot, who, number, "approve") == 200


async def accepts(bot: Conversation, who: str) -> None:
    """Accept the invitation into the organisation on its page."""
    assert await _sent(bot, f"/orgs/{bot.github.org}/invitation", {"person": who}) == 200


async def _sent(bot: Conversation, path: str, form: Mapping[str, str]) -> int:
    """Send a form as the page does, and follow to where it leads."""
    headers = {"Origin": bot.box.api_url}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(bot.box.api_url + path, data=form) as page,
    ):
        await page.read()
        return page.status


async def opens(
    bot: Conversation, who: str, branch: str, title: str, files: Mapping[str, str]
) -> int:
    """Open a pull request of one commit by somebody, with their own token; give its number."""
    sha = await _committed(bot, who, await _head(bot, who, "main"), title, files)
    await _asks(bot, who, "POST", "/git/refs", ref=f"refs/heads/{branch}", sha=sha)
    made = await _asks(bot, who, "POST", "/pulls", title=title, head=branch, base="main")
    return int(made["number"])


async def adds(bot: Conversation, who: str, number: int, files: Mapping[str, str]) -> str:
    """Put a commit by somebody onto the branch of a pull request; give its sha."""
    branch = bot.github.pull(number).branch
    sha = await _committed(bot, who, await _head(bot, who, branch), "One more", files)
    await _asks(bot, who, "PATCH", f"/git/refs/heads/{branch}", sha=sha)
    return sha


async def _head(bot: Conversation, who: str, branch: str) -> str:
    found = await _asks(bot, who, "GET", f"/git/ref/heads/{branch}")
    return str(found["object"]["sha"])


async def _committed(
    bot: Conversation, who: str, parent: str, message: str, files: Mapping[str, str]
) -> str:
    commit = await _asks(bot, who, "GET", f"/git/commits/{parent}")
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "content": text}
        for path, text in files.items()
    ]
    based = commit["tree"]["sha"]
    tree = await _asks(bot, who, "POST", "/git/trees", base_tree=based, tree=entries)
    made = await _asks(
        bot, who, "POST", "/git/commits", message=message, tree=tree["sha"], parents=[parent]
    )
    return str(made["sha"])


async def _asks(bot: Conversation, who: str, method: str, path: str, **body: object) -> Any:
    """Ask the API about the repository, or alter it, as a person."""
    url = f"{bot.box.api_url}/repos/AAROC/DevOps{path}"
    headers = {"Authorization": f"Bearer {bot.github.act_as(who)}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, url, json=body or None) as answer,
    ):
        assert answer.ok, await answer.text()
        return await answer.json()
