"""The sandbox's GitHub survives a restart: its world is in a file after every change."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from aaroc_bot.sandbox.github.people import Invitation, Team, User
from aaroc_bot.sandbox.github.pull import CheckRun, Protection, Pull, Status
from aaroc_bot.sandbox.github.shapes.repository import Allowed
from aaroc_bot.sandbox.github.tokens import App, Token
from aaroc_bot.sandbox.github.world import World, sample_world


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept, under the names that the world itself has for it."""

    users: dict[int, User]
    bots: dict[int, User]
    members: dict[int, str]
    teams: dict[str, Team]
    invitations: dict[int, Invitation]
    next_id: int
    next_team: int
    pulls: dict[int, Pull]
    next_pull: int
    statuses: dict[str, list[Status]]
    check_runs: dict[str, list[CheckRun]]
    protected: dict[str, Protection]
    ruled: dict[str, Protection]
    allowed: Allowed
    heads: dict[str, str] | None
    tokens: dict[str, Token]
    app: App | None
    pushers: dict[str, int] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)


@cache
def _form() -> TypeAdapter[Kept]:
    return TypeAdapter(Kept)


def kept_world(path: Path, token: str) -> World:
    """Go on with the world that `path` keeps, or begin with the sample's; keep it there.

    A file that cannot be read as one is put aside, never written over.
    Raises OSError if it cannot be read or written.
    """
    world = sample_world(token)
    try:
        kept = _form().validate_json(path.read_bytes())
    except FileNotFoundError:
        pass
    except ValidationError:
        path.replace(path.with_name(f"{path.name}.unreadable"))
    else:
        for one in fields(Kept):
            setattr(world, one.name, getattr(kept, one.name))
        world.bot = world.bots[world.bot.id]
    world.changed = lambda: keep(world, path)
    world.changed()
    return world


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only process that keeps a world in `path`. Raises OSError, at once, if another does.

    A process that stops serving has let go of the port while it still ends what was asked.
    """
    with path.with_name(f"{path.name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def keep(world: World, path: Path) -> None:
    """Write the world to a file that its owner alone reads; it is there whole or not at all."""
    now = world.now()
    world.tokens = {
        name: token for name, token in world.tokens.items() if not token.ends or token.ends > now
    }
    kept = Kept(**{one.name: getattr(world, one.name) for one in fields(Kept)})
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    try:
        new.touch(mode=0o600, exist_ok=False)
        new.write_bytes(_form().dump_json(kept))
        new.replace(path)
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
