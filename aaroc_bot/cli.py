"""The command line: `aaroc-bot run|worker|demo|migrate|check|say|link|freeze|doctor|slack`.

Exit status: 0 done (waiting for approval included), 1 refused or failed, 2 not understood
or wrongly set up.
"""

import argparse
import asyncio
import errno
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aaroc_bot.core.message import Place
from aaroc_bot.core.ports import Unavailable
from aaroc_bot.core.sites import Finding, Level
from aaroc_bot.settings import Settings, SettingsFault, read

OK, FAILED, WRONG = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands and give the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    try:
        return _until_ended(options.command(options))
    except SettingsFault as problem:
        _complain(*problem.faults)
    except Unavailable as away:
        _complain(f"{away.what[:1].upper()}{away.what[1:]} does not answer.")
        return FAILED
    except Told as problem:
        _complain(str(problem))
    except BrokenPipeError:  # whoever read it has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return WRONG


class Told(Exception):
    """Something is wrongly set up; the text says what and what to do."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aaroc-bot", description=__doc__)
    parser.add_argument("--version", action="version", version=version("aaroc-bot"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the bot with what is configured")
    run.set_defaults(command=_run)

    worker = commands.add_parser("worker", help="perform runs near their sites, without a chat")
    worker.add_argument("--sites", help="sites that it alone is for: ZA-UJ,ZA-UFS")
    worker.add_argument("--forget", metavar="NAME", help="forget a worker that is gone for good")
    worker.set_defaults(command=_worker)

    demo = commands.add_parser("demo", help="open a ROC in a box with a page to speak on")
    demo.add_argument("--folder", type=Path, default=Path(".demo"), help="where its state lives")
    demo.add_argument("--port", type=int, default=8080, help="port of the page, on loopback")
    demo.add_argument("--fresh", action="store_true", help="start over")
    demo.add_argument("--no-scene", action="store_true", help="play no conversation at first")
    demo.set_defaults(command=_demo)

    migrate = commands.add_parser("migrate", help="bring the database's tables up to date")
    migrate.set_defaults(command=_migrate)

    check = commands.add_parser("check", help="list what is broken in a DevOps repository")
    check.add_argument("path", type=Path, nargs="?", help="default: AAROC_REPOSITORY, if a folder")
    check.add_argument("--json", action="store_true", help="one object a line")
    check.add_argument(
        "--syntax", action="store_true", help="syntax check too, which executes what it reads"
    )
    check.set_defaults(command=_check)

    say = commands.add_parser("say", help="give one command at this machine, without a chat")
    say.add_argument("--as", dest="login", required=True, help="GitHub login to speak as")
    say.add_argument("--json", action="store_true", help="one object a line")
    say.add_argument("--no-wait", action="store_true", help="do not follow a run to its end")
    say.add_argument("text", nargs="+", help="the command, as in the channel")
    say.set_defaults(command=_say)
    _set_up(commands)
    return parser


def _set_up(commands: Any) -> None:
    """Add what an operator needs for people and chats."""
    link = commands.add_parser("link", help="have a chat account speak for a GitHub login")
    link.add_argument("account", nargs="?", help="slack:WORKSPACE:USER or telegram:ID")
    link.add_argument("login", nargs="?", help="GitHub login of the person")
    link.add_argument("--remove", metavar="ACCOUNT", help="have it speak for nobody")
    link.set_defaults(command=_link)

    freeze = commands.add_parser("freeze", help="have no account speak for a GitHub login")
    freeze.add_argument("login", help="GitHub login of the person")
    freeze.add_argument("--lift", action="store_true", help="let them be linked again")
    freeze.set_defaults(command=_freeze)

    doctor = commands.add_parser("doctor", help="look whether everything is set up")
    doctor.add_argument("--json", action="store_true", help="one object a line")
    doctor.set_defaults(command=_doctor)

    slack = commands.add_parser("slack", help="what Slack needs")
    of_slack = slack.add_subparsers(required=True, metavar="COMMAND")
    manifest = of_slack.add_parser("manifest", help="print the manifest of the bot's Slack app")
    manifest.set_defaults(command=_manifest)


def _until_ended(work: Coroutine[Any, Any, int]) -> int:
    """Run to the end; SIGINT and SIGTERM let everything end in order."""

    async def ended() -> int:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # this runs in one

        def end() -> None:
            """End once: a second Ctrl-C must not cut off the ending in order."""
            if not task.cancelling():
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end)
        return await work

    try:
        return asyncio.run(ended())
    except asyncio.CancelledError:
        return OK
    except ExceptionGroup as problems:
        raise problems.exceptions[0] from None


async def _run(options: argparse.Namespace) -> int:
    from functools import partial

    from aaroc_bot.app import opened
    from aaroc_bot.platforms import platforms, roc_channels
    from aaroc_bot.running import process_name
    from aaroc_bot.web.hooks import Hook, create_hooks
    from aaroc_bot.web.server import create_app

    settings = read()
    make, roc = partial(platforms, settings), roc_channels(settings)
    async with opened(settings, make, roc) as bot, AsyncExitStack() as stack:
        if not await bot.presence.acquire_name():
            raise Told(_taken(bot.database.path is None, process_name(settings)))
        stack.enter_context(_living_in(settings.state_dir))
        await bot.try_refresh()
        web, hooks = settings.web, settings.hooks
        app = create_app(bot.ready, part=bot.part)
        await _listen(stack, app, web.host, web.port, "AAROC_WEB__PORT")
        if hooks.port is not None:
            called: dict[str, Hook] = {
                f"/{platform.name}": platform.hook for platform in bot.platforms
            }
            if bot.upstream.hook:
                called["/github"] = bot.upstream.hook
            await _listen(stack, create_hooks(called), hooks.host, hooks.port, "AAROC_HOOKS__PORT")
        print(_up(settings, many=bot.database.path is None), flush=True)
        await bot.live()
    return OK


def _up(settings: Settings, *, many: bool) -> str:
    """Say that the bot is up: its name, the database's kind, its chats, where its health is."""
    from aaroc_bot.platforms import roc_channels
    from aaroc_bot.running import process_name

    chats = " and ".join(place.chat.capitalize() for place in roc_channels(settings))
    health = f"http://{settings.web.host}:{settings.web.port}/readyz"
    database = "PostgreSQL" if many else "SQLite"
    return f"bot {process_name(settings)} is up, on {database}, in {chats or 'no chat'}; {health}"


def _taken(many: bool, name: str) -> str:
    """Say that a live process is in the way, and what to do."""
    if not many:
        return "Another bot is alive on this database; for several it must be PostgreSQL."
    return (
        f"A process called {name} is alive on this database: "
        "give this one another AAROC_ENGINE__NAME."
    )


@contextmanager
def _living_in(folder: Path) -> Iterator[None]:
    """Keep every other bot and worker out of the state folder."""
    from aaroc_bot.store.folder import lived_in

    with lived_in(folder) as alone:
        if not alone:
            raise Told(
                f"{folder} is used by another bot or worker; AAROC_STATE_DIR names another folder."
            )
        yield


async def _worker(options: argparse.Namespace) -> int:
    from aaroc_bot.linking.operator import operator
    from aaroc_bot.own_secrets import platform_secrets
    from aaroc_bot.working import forget_worker, opened_worker

    settings = read()
    if options.forget:
        print(await forget_worker(settings, options.forget, operator()))
        return OK
    if platform_secrets(settings):
        raise Told("A worker needs no secret of GitHub's, Slack's or Telegram's: set none here.")
    async with opened_worker(settings, options.sites) as worker:
        if not await worker.presence.acquire_name():
            raise Told(_taken(True, worker.name))
        with _living_in(settings.state_dir):
            whose = "every site that no other worker is for"
            print(f"worker {worker.name} is for {', '.join(worker.sites or [whose])}", flush=True)
            await worker.live()
    return OK


async def _listen(stack: AsyncExitStack, app: Any, host: str, port: int, setting: str) -> None:
    """Listen until the stack is left; `setting` names the port."""
    from aaroc_bot.web.server import start

    try:
        runner = await start(app, host, port)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise Told(f"Port {port} of {host} is taken; {setting} names another.") from None
        raise Told(f"Cannot listen on {host}:{port}: {problem.strerror}.") from None
    stack.push_async_callback(runner.cleanup)


async def _demo(options: argparse.Namespace) -> int:
    from aaroc_bot.demo import NotHere, demo
    from aaroc_bot.sandbox.box import NotABox

    try:
        await demo(options.folder, options.port, fresh=options.fresh, scene=not options.no_scene)
    except (NotABox, NotHere) as problem:
        raise Told(str(problem)) from None
    return OK


async def _migrate(options: argparse.Namespace) -> int:
    from aaroc_bot.store.schema import migrate

    settings = read()
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        await migrate(settings.database_url)
    except ValueError as problem:
        raise SettingsFault([f"AAROC_DATABASE: {problem}."]) from None
    print("The database's tables are up to date.")
    return OK


async def _check(options: argparse.Namespace) -> int:
    from aaroc_bot.content import folder
    from aaroc_bot.outside import passwords
    from aaroc_bot.repo.catalogue import Floor
    from aaroc_bot.repo.check import check

    settings = read()
    if options.path is None and settings.repository is None:
        raise Told("Name the folder to check: aaroc-bot check PATH (AAROC_REPOSITORY is not set).")
    path = options.path or Path(settings.repository or "")
    if not path.is_dir():
        raise Told(f"{path} is no folder. Name a checkout: aaroc-bot check PATH")
    findings = await check(
        path,
        own=folder("playbooks"),
        floor=Floor(settings.policy.min_approvals, settings.policy.read_only),
        passwords=passwords(settings),
        syntax=options.syntax,
    )
    for finding in findings:
        print(_as_json(finding) if options.json else _as_text(finding))
    if not findings and not options.json:
        print("Nothing is broken.")
    return FAILED if any(f.level is Level.ERROR for f in findings) else OK


def _as_json(finding: Finding) -> str:
    return json.dumps(
        {
            "path": finding.path,
            "line": finding.line,
            "level": finding.level.value,
            "what": finding.what,
        },
        ensure_ascii=False,
    )


def _as_text(finding: Finding) -> str:
    line = f":{finding.line}" if finding.line else ""
    return f"{finding.path}{line}: {finding.level}: {finding.what}"


async def _say(options: argparse.Namespace) -> int:
    from aaroc_bot.app import opened
    from aaroc_bot.say import say, terminal

    async with (
        _world() as (settings, roc),
        opened(settings, lambda _, __: (terminal(),), roc, f"say {os.getpid()}") as bot,
    ):
        return await say(
            bot, options.login, " ".join(options.text), json=options.json, wait=not options.no_wait
        )


async def _link(options: argparse.Namespace) -> int:
    if bool(options.remove) == bool(options.account and options.login):
        raise Told("Write: aaroc-bot link ACCOUNT LOGIN, or: aaroc-bot link --remove ACCOUNT")
    if options.remove:
        return await _at_the_machine(lambda machine: machine.unlink(options.remove))
    return await _at_the_machine(lambda machine: machine.link(options.account, options.login))


async def _freeze(options: argparse.Namespace) -> int:
    if options.lift:
        return await _at_the_machine(lambda machine: machine.lift(options.login))
    return await _at_the_machine(lambda machine: machine.freeze(options.login))


async def _at_the_machine(act: Callable[[Any], Awaitable[str]]) -> int:
    """Do something about accounts as the operator, and say what was done."""
    from aaroc_bot.app import opened
    from aaroc_bot.linking.machine import AtTheMachine, NotDone
    from aaroc_bot.linking.operator import operator

    async with _world() as (settings, roc), opened(settings, lambda _, __: (), roc) as bot:
        await bot.try_refresh()
        try:
            print(await act(AtTheMachine(bot.linking, bot.desk.people, operator())))
        except NotDone as problem:
            _complain(str(problem))
            return FAILED
    return OK


@asynccontextmanager
async def _world() -> AsyncIterator[tuple[Settings, list[Place]]]:
    """Give the settings and the ROC's channels; a box whose demo is closed gets its GitHub."""
    from aaroc_bot.demo import ROC
    from aaroc_bot.platforms import roc_channels
    from aaroc_bot.sandbox.box import prepare
    from aaroc_bot.sandbox.marker import is_sandbox_github

    settings = read()
    if not is_sandbox_github(settings.state_dir, settings.github.api_url):
        yield settings, roc_channels(settings)
        return
    box = await prepare(settings.state_dir, fresh=False)
    os.environ.update(box.settings)
    settings = read()
    async with box.github():
        yield settings, [ROC, *roc_channels(settings)]


async def _doctor(options: argparse.Namespace) -> int:
    from aaroc_bot.doctor import as_json, as_text, examine, healthy

    findings = await examine(read())
    for finding in findings:
        print(as_json(finding) if options.json else as_text(finding))
    return OK if healthy(findings) else FAILED


async def _manifest(options: argparse.Namespace) -> int:
    from aaroc_bot.chat.slack_manifest import manifest

    print(manifest(), end="")
    return OK


def _complain(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
