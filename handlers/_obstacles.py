"""The words for why a pull request is not merged, who could help, and what to type next."""

from aaroc_bot.commands import (
    Code,
    Desk,
    Inline,
    Lacking,
    NotMerged,
    Obstacle,
    Text,
    quoted,
)

from ._wording import experts, filled, joined, listed, logins, pull, to_type

HINDERS = {
    Obstacle.NO_SUCH: "There is no pull request {pull}.",
    Obstacle.ENDED: "{pull} is merged or closed already.",
    Obstacle.DRAFT: "{pull} is a draft: its author marks it as ready on GitHub first.",
    Obstacle.OTHER_BRANCH: "{pull} does not go into the default branch, so it is not merged here.",
    Obstacle.OWN: "Nobody merges {pull} who asked for it or wrote one of its commits.",
    Obstacle.NOT_OWNER: "{pull} is merged by an expert, or by who owns all files that it changes.",
    Obstacle.NO_REVIEW: "{pull} waits for a review: nobody who may has approved it.",
    Obstacle.OLD_REVIEW: "{pull} changed since it was approved, so it waits for a review again.",
    Obstacle.OBJECTION: "{people} asks for changes in {pull}.",
    Obstacle.UNPROTECTED: "The default branch is not protected on GitHub, so nothing is merged "
    "from here.",
    Obstacle.CANNOT_TELL: "Whether {pull} may be merged I can't tell.",
    Obstacle.LEFTOVER: "{pull} was made by me, and belongs to nothing that is still asked for, so "
    "it is not merged.",
    Obstacle.SECRET: "{pull} adds a secret in plain text, so it is not merged.",
    Obstacle.CONFLICT: "{pull} can't be merged: others changed the same lines since.",
    Obstacle.REBASED: "{pull} was written anew onto what the default branch is now, so it waits "
    "for a review of that.",
    Obstacle.MOVED: "Somebody added to {pull} while it was being merged. Nothing was merged.",
    Obstacle.PROTECTED: "GitHub does not allow {pull} to be merged.",
    Obstacle.FROZEN: "This account decides nothing any more, so {pull} was not merged.",
}
"""A sentence for each; `pull` and `people` are put in."""

UNVOUCHED = (
    "{pull} has commits whose writer nobody vouches for: anybody who may push writes any name on "
    "one. They are signed, or GitHub is set to want somebody else's approval of what was pushed."
)
"""Instead, where the default branch is protected but does not want that."""

ASKER = "{people}, who asked for {pull}, is frozen or no member any more, so it is not merged."
"""Instead of what is said of the one who merges."""

REVIEWED = {Obstacle.NO_REVIEW, Obstacle.OLD_REVIEW, Obstacle.REBASED, Obstacle.MOVED}
"""What an approving review on GitHub, of the head, takes out of the way."""

LACKS = {
    Obstacle.OWN: Lacking.OWN_REQUEST,
    Obstacle.NOT_OWNER: Lacking.EXPERT,
    Obstacle.FROZEN: Lacking.FREEDOM,
    Obstacle.CANNOT_TELL: Lacking.KNOWN,
}
"""The right that somebody lacked."""


def hinders(desk: Desk, number: int, no: NotMerged) -> Text:
    """Say what keeps a pull request from being merged."""
    parts: dict[str, Inline] = {
        "pull": pull(desk, number),
        "people": logins(no.people) or "A reviewer",
    }
    whose = no.obstacle is Obstacle.NOT_OWNER and no.paths
    missing: Text = ("Not yours: ", quoted(listed(no.paths, 3), 160), ".") if whose else ""
    detail: Text = ("(", quoted(no.detail), ")") if no.detail else ""
    unvouched = no.obstacle is Obstacle.UNPROTECTED and no.detail
    sentence = UNVOUCHED if unvouched else HINDERS[no.obstacle]
    if no.obstacle is Obstacle.FROZEN and no.people:
        sentence = ASKER
    return joined(filled(sentence, **parts), missing, detail)


async def way_out(
    desk: Desk, number: int, no: NotMerged, *, again: bool, looks: bool = False
) -> Text:
    """Say who can take it out of the way, and how; empty where there is nothing to add.

    `again`: the reader may merge it then; `looks`: they look at it right now.
    """
    look: Text = "" if looks else ("To look: ", to_type(f"review {number}"), ".")
    then: Text = ("Then: ", to_type(f"merge {number}"), ".") if again else ""
    match no.obstacle:
        case Obstacle.NO_SUCH:
            return ("Those that are open: ", to_type("changes"))
        case Obstacle.LEFTOVER:
            return "It is closed on GitHub; what is still wanted is said again."
        case Obstacle.SECRET:
            return "It goes into the site's vault, and out of the branch, its commits too."
        case Obstacle.FROZEN if no.people:
            return "It is closed; who wants it still says it again."
        case Obstacle.FROZEN:
            return ("What I know of you: ", to_type("whoami"))
        case Obstacle.UNPROTECTED:
            doctor = Code("aaroc-bot doctor")
            return ("Who administers the repository protects it; ", doctor, " says how.")
        case Obstacle.OWN:
            return joined(await _others(desk, no), look)
        case Obstacle.NOT_OWNER:
            return joined(await experts(desk), look)
        case Obstacle.OBJECTION:
            return joined("They approve it, or take their review back, on GitHub.", then)
        case Obstacle.CONFLICT:
            return joined("It is closed on GitHub, and then said again.", look)
        case Obstacle.CANNOT_TELL:
            return joined("It can be tried again in a while.", look)
        case Obstacle.DRAFT | Obstacle.PROTECTED:
            return then or look
    if no.obstacle in REVIEWED:
        where = joined(await _who(desk, "Who may review it, on GitHub", no), look)
        return joined(where, then)
    return look


async def _who(desk: Desk, what: str, no: NotMerged) -> str:
    """Name who can; where the rules name nobody, the experts can."""
    return f"{what}: {logins(no.people)}." if no.people else await experts(desk)


async def _others(desk: Desk, no: NotMerged) -> str:
    """Name the experts other than those who took part."""
    part = {person.id for person in no.people}
    every = await desk.people.experts() or ()
    known = [p for p in every if p.id not in part]
    other = "Other experts" if len(known) < len(every) else "Experts"
    return f"{other}: {logins(known)}." if known else await experts(desk)
