"""Keeping a site: `lock` holds others' runs back for a day at most, `unlock` lets them go."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from aaroc_bot.commands import (
    Call,
    Code,
    Effect,
    Inline,
    Lock,
    Message,
    NotATime,
    Past,
    Refusal,
    Resolved,
    Right,
    State,
    Text,
    TooFar,
    command,
    duration,
    quoted,
    resolve,
    when,
)

from ._sites import locked, site_named
from ._wording import joined, to_type

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A lock as it was typed, and the zone in which a time without one is meant."""

    site: str
    time: str
    reason: str
    zone: tzinfo

    def again(self, time: str) -> Code:
        """Suggest the same until another time."""
        return to_type(f"lock {self.site} until {time} {quoted(self.reason).text}".rstrip())


@command(
    "lock <site> until <time> [reason...]",
    right=Right.SITE_ADMIN,
    effect=Effect.REDUCES,
    help="Keep a site to yourself for 24 hours at most; others' runs wait.",
)
async def lock(call: Call, site: str, time: str, reason: str | None = None) -> Message:
    """Lock a site. A time that is past is asked about, never moved."""
    wish = _Wish(site, time, reason or "", await _zone(call, site))
    resolved = resolve(time, call.now, wish.zone)
    if not isinstance(resolved, Resolved):
        raise _not_until(call.now, wish, resolved)
    other = await call.locks.lock(site, call.standing, wish.reason, resolved.at)
    if other is not None:
        raise _held(call.now, other)
    return Message(
        (
            f"{site} is locked by {call.person.login} until ",
            *_moment(resolved.at, resolved.zone, call.now),
            f", {duration(resolved.at - call.now)}",
            *((": ", quoted(wish.reason)) if wish.reason else ()),
            ". Others' runs wait.",
        ),
        lines=await _goes_on(call, site),
        notes=(("To end it earlier: ", to_type(f"unlock {site}")),),
    )


@command(
    "unlock <site>",
    right=Right.SITE_ADMIN,
    effect=Effect.ALTERS,  # it lets others' runs go
    help="Lift the lock of a site; its owner is told if that is somebody else.",
)
async def unlock(call: Call, site: str) -> Message:
    """Lift a lock, one's own or another's."""
    was = await call.locks.unlock(site, call.standing)
    if was is None:
        return Message(f"{site} is not locked.")
    told = "" if was.by.id == call.person.id else f" {was.by.login} is told."
    return Message(
        joined(f"{site} is unlocked; it was locked", locked(was, call.now)),
        lines=(f"Runs that waited for it go on.{told}",),
    )


async def _zone(call: Call, site: str) -> tzinfo:
    """Give the zone that a typed time is in: the speaker's, else the site's, else UTC."""
    for name in (call.said.zone, (await site_named(call, site)).zone):
        if name:
            try:
                return ZoneInfo(name)
            except (OSError, ValueError, KeyError):  # what a chat says may be anything
                continue
    return UTC


def _not_until(now: datetime, wish: _Wish, what: Past | TooFar | NotATime) -> Refusal:
    """Say why a site is not locked until then, and offer what may have been meant."""
    if isinstance(what, NotATime):
        return Refusal((quoted(what.typed, 40), " is no time."), ("Example: ", wish.again("2h")))
    moment = _moment(what.at, what.zone, now)
    if isinstance(what, TooFar):
        return Refusal(
            ("A lock lasts 24 hours at most; ", *moment, " is further away."),
            ("The longest: ", wish.again("24h")),
        )
    was = (*moment, f" was {duration(now - what.at)} ago.")
    day = _next_day(now, wish, what)
    if day is None:
        return Refusal(was, ("For how long is it meant? Type it: ", wish.again("2h")))
    return Refusal(was, ("Is the next day meant? Type it: ", wish.again(day)))


def _next_day(now: datetime, wish: _Wish, past: Past) -> str | None:
    """Write the same hour a day later, if a lock may last until then."""
    later = (past.at + DAY).astimezone(past.zone)
    if not now < later <= now + DAY:
        return None
    tomorrow = now.astimezone(past.zone).date() + DAY
    day = "tomorrow" if later.date() == tomorrow else f"{later:%Y-%m-%d}"
    # A zone that was typed is not the one that a time without one is read in.
    typed = "" if past.zone is wish.zone else f" {later.tzname()}"
    return f"{day} {later:%H:%M}{typed}"


def _held(now: datetime, lock: Lock) -> Refusal:
    return Refusal(
        joined(f"{lock.site} is locked", locked(lock, now)),
        (
            "To look: ",
            to_type(f"status {lock.site}"),
            ". To lift it, as the site's admins and experts can: ",
            to_type(f"unlock {lock.site}"),
            f"; {lock.by.login} is told.",
        ),
    )


async def _goes_on(call: Call, site: str) -> tuple[Text, ...]:
    """Name the runs under way: a lock stops none."""
    running = [
        run
        for run in await call.runs.active()
        if run.state is State.RUNNING and site in {run.site, *run.holds}
    ]
    return tuple(f"Run {run.number}, which is running, is not stopped by it." for run in running)


def _moment(at: datetime, zone: tzinfo, now: datetime) -> tuple[Inline, ...]:
    """Write a moment in the zone in which it was meant, and in UTC: ``18:00 SAST (16:00 UTC)``."""
    local, here = at.astimezone(zone), now.astimezone(zone)
    if local.utcoffset() == timedelta():
        return (when(at, now),)
    day = "" if local.date() == here.date() else f"{local.day} {local:%B} "
    return (f"{day}{local:%H:%M} {local.tzname()} (", when(at, now), ")")
