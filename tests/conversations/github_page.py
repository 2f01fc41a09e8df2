"""The page of the sandbox's GitHub, as somebody who enters a login code uses it."""

import aiohttp

from tests.conversations.conversation import Conversation


async def enters(bot: Conversation, code: str, login: str, decision: str = "confirm") -> None:
    """Enter a code on the page, as a sample person."""
    form = {"user_code": code, "person": login, "decision": decision}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{bot.box.api_url}/login/device", data=form) as page,
    ):
        assert page.status == 200, await page.text()


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
