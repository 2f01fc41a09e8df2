"""Slack's side of `benchmarks.slack`, in a process of its own: signed calls, one a user in flight.

Each call is a slash command in the ROC channel. It is over once it is acknowledged and,
with `--answers`, once its user's id came on standard input: that the bot gave its answer.
A bot that does not acknowledge yet is asked again. The figures go to standard output.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier


def command(team: str, channel: str, user: str, number: int) -> bytes:
    """Write a slash command as Slack posts it."""
    said = {
        "token": "unused",
        "team_id": team,
        "team_domain": "aaroc",
        "channel_id": channel,
        "channel_name": "roc",
        "user_id": user,
        "user_name": user.lower(),
        "command": "/aaroc",
        "text": "sites",
        "api_app_id": "A0AAROC",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:1/unused",
        "trigger_id": f"{time.time_ns()}.{number}",
    }
    return urlencode(said).encode()


class Load:
    """Gives the commands and takes the time."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._signature = SignatureVerifier(options.secret)
        self._answered = {user: asyncio.Semaphore(0) for user in options.users}
        self._took: list[float] = []

    async def run(self) -> dict[str, float]:
        """Give all commands; tell their rate, the 99th percentile of one in ms, and our load."""
        users, commands = self._options.users, self._options.commands
        listening = asyncio.create_task(self._listen())
        connector = aiohttp.TCPConnector(limit=len(users))
        async with aiohttp.ClientSession(connector=connector) as session:
            began, cpu = time.perf_counter(), time.process_time()
            each = commands // len(users)
            await asyncio.gather(*(self._speak(session, user, each) for user in users))
            seconds = time.perf_counter() - began
            busy = (time.process_time() - cpu) / seconds
        listening.cancel()
        tail = statistics.quantiles(self._took, n=100)[98] * 1000
        return {"rate": len(self._took) / seconds, "tail": tail, "busy": busy}

    async def _speak(self, session: aiohttp.ClientSession, user: str, commands: int) -> None:
        """Give one user's commands, each after the last one's end."""
        options = self._options
        for number in range(commands):
            body = command(options.team, options.channel, user, number)
            began = time.perf_counter()
            # There is no event for what happens in another process.
            while await self._post(session, body) != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            if options.answers:
                await self._answered[user].acquire()
            self._took.append(time.perf_counter() - began)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> int:
        stamp = str(int(time.time()))
        signature = self._signature.generate_signature(timestamp=stamp, body=body)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or "",
        }
        async with session.post(self._options.url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def _listen(self) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        async for line in reader:
            self._answered[line.decode().strip()].release()


def main() -> None:
    """Read what to do from the command line, and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--team", required=True)
    parser.add_argument("--channel", required=True)
    parser.add_argument("--commands", type=int, required=True)
    parser.add_argument("--answers", action="store_true")
    parser.add_argument("users", nargs="+")
    print(json.dumps(asyncio.run(Load(parser.parse_args()).run())))


if __name__ == "__main__":
    main()
