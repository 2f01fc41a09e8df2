"""Accepting what the repository says about rights, and lines of a site that execute.

A merge gives no rights (RULES.md, Rules of the repository). Both commands show first what
there is, and accept only what the second one names: exactly what was read.
"""

import hashlib
from collections.abc import Sequence

from aaroc_bot.commands import (
    Acceptance,
    Button,
    Call,
    Effect,
    Executing,
    File,
    Lacking,
    Message,
    PendingRules,
    Refusal,
    Right,
    Text,
    command,
    quoted,
)

from ._lists import Row, shortened
from ._sites import where
from ._wording import commit, count, experts, joined, logins, to_type

DIGEST = 32
"""Hex digits that name lines. With few, two sets of lines could be made that share them."""
LINES = 20
DIFFERENCE = 3_000
"""Characters of the rules' difference in the message; a file has all."""


@command(
    "accept rules [revision]",
    right=Right.EXPERT,
    effect=Effect.ALTERS,
    decides=True,
    help="Put newer rules of the repository in force; without a revision, show them.",
)
async def accept_rules(call: Call, revision: str | None = None) -> Message:
    """Accept the rules that wait, at the revision that was read."""
    pending = await call.rules.pending()
    if pending is None:
        accepted = await call.rules.accepted()
        return Message(("No newer rules wait; in force are those of ", commit(call, accepted), "."))
    if revision is None:
        return await _rules(call, pending)
    became = await call.rules.accept_rules(revision, call.person, call.standing.link)
    if became is Acceptance.ACCEPTED:
        return Message(("In force now: the rules of ", commit(call, pending.revision), "."))
    raise await _not_accepted(call, became, f"rules of {revision[:7]}", "accept rules")


async def _rules(call: Call, pending: PendingRules) -> Message:
    """Show which commits changed the rules, and how; offer a yes to who wrote none of them."""
    typed = f"accept rules {pending.revision.sha}"
    author = call.person.id in pending.authors.values()
    step: Text = ("Accept them, if you wrote none of these commits: ", to_type(typed))
    if author:
        others = [p for p in await call.people.experts() or () if p.id != call.person.id]
        who = f" Other experts: {logins(others)}." if others else ""
        step = f"You wrote one of these commits, so another expert decides.{who}"
    rows: list[Row] = [
        ((commit(call, one),), (quoted(one.author, 40),), (quoted(one.subject, 60),))
        for one in pending.commits
    ]
    top = shortened(rows, limit=10, name="commits.txt")
    text = pending.difference
    cut = len(text) > DIFFERENCE
    return Message(
        ("Rules wait for an expert: ", commit(call, pending.revision), f", {_commits(pending)}."),
        table=top.table,
        code=text[:DIFFERENCE] if cut else text or None,
        notes=(
            *(
                (f"{DIFFERENCE:,} of {len(text):,} characters shown; rules.diff has all.",)
                if cut
                else ()
            ),
            step,
        ),
        buttons=() if author else (Button(f"Accept rules {pending.revision.short}", typed),),
        file=File("rules.diff", text) if cut else None,
    )


def _commits(pending: PendingRules) -> str:
    touch = "touches" if len(pending.commits) == 1 else "touch"
    return f"{count(len(pending.commits), 'commit')} {touch} them"


@command(
    "accept <site> [digest:revision]",
    right=Right.EXPERT,
    effect=Effect.ALTERS,
    decides=True,
    help="Show a site's lines that execute; then accept exactly those by their digest.",
)
async def accept_lines(call: Call, site: str, digest: str | None = None) -> Message:
    """Show the lines of a site that execute, or accept exactly those that were shown."""
    lines = await call.rules.unaccepted(site)
    if not lines:
        return Message(f"Nothing at {site} waits to be accepted.")
    if digest is None:
        return _lines(site, lines)
    if digest != digest_of(lines):
        raise Refusal(
            f"These are not the lines of {site} that wait now; they may have changed.",
            ("To read them: ", to_type(f"accept {site}")),
        )
    digests = [line.digest for line in lines]
    became = await call.rules.accept_lines(site, digests, call.person, call.standing.link)
    if became is Acceptance.ACCEPTED:
        return Message(
            f"{site}: {count(len(lines), 'line')} accepted by {call.person.login}.",
            table=shortened(_rows(lines), limit=LINES, name=f"accepted-{site}.txt").table,
            notes=(("How the site stands: ", to_type(f"status {site}")),),
        )
    raise await _not_accepted(call, became, f"lines of {site}", f"accept {site}")


def digest_of(lines: Sequence[Executing]) -> str:
    """Name a set of lines, whatever their order: file, variable and value of each."""
    text = "\n".join(sorted(line.digest for line in lines))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST]


def _lines(site: str, lines: Sequence[Executing]) -> Message:
    """Show each line with its file, its number and its value."""
    typed = f"accept {site} {digest_of(lines)}"
    top = shortened(
        _rows(lines), limit=LINES, name=f"lines-{site}.txt", head=("where", "variable", "value")
    )
    verb = "executes" if len(lines) == 1 else "execute"
    return Message(
        f"{site}: {count(len(lines), 'line')} {verb} on the controller, and nobody accepted them.",
        lines=("Until they are accepted nothing is planned or run at the site.",),
        table=top.table,
        notes=(*top.notes, ("Accept exactly these, if you wrote none: ", to_type(typed))),
        buttons=(Button(f"Accept {site} {digest_of(lines)}", typed),),
        file=top.file,
    )


def _rows(lines: Sequence[Executing]) -> list[Row]:
    return [((quoted(where(one)),), one.variable, (quoted(one.shown),)) for one in lines]


async def _not_accepted(call: Call, became: Acceptance, what: str, command: str) -> Refusal:
    """Say why nothing was accepted, and what to type or whom to ask next."""
    look: Text = ("To read what waits: ", to_type(command))
    match became:
        case Acceptance.AUTHOR:
            text = f"You wrote one of the commits behind the {what}, so another expert decides."
            return Refusal(text, await experts(call), lacks=Lacking.OWN_WORDS)
        case Acceptance.CANNOT_TELL:
            text = f"Who wrote the {what} I can't tell, so nothing was accepted."
            again = joined("It can be tried again once GitHub answers.", look)
            return Refusal(text, again, lacks=Lacking.KNOWN)
        case Acceptance.NOBODY:
            text = "This account decides nothing any more, so nothing was accepted."
            return Refusal(text, ("What I know of you: ", to_type("whoami")), lacks=Lacking.EXPERT)
        case Acceptance.NOT_THAT:
            return Refusal(f"The {what} are not those that wait.", look)
        case _:
            return Refusal(f"The {what} wait for nobody any more.", look)
