"""What is said of joining: every outcome, every reason, the card in each state, and the news."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from aaroc_bot.commands import (
    Account,
    Allowed,
    Asked,
    Effect,
    Join,
    JoinOutcome,
    JoinState,
    Kind,
    Membership,
    Message,
    NotAllowed,
    NotJoined,
    Person,
    Refusal,
    Refused,
    Right,
    Standing,
    Why,
    WhyNotJoined,
    decide,
)
from aaroc_bot.core.audit import Lacking
from aaroc_bot.core.grammar import Parsed
from aaroc_bot.core.text import Link, parts
from tests.handlers.ports import (
    EXPERT,
    HANDLERS,
    KENET,
    NOW,
    OUTSIDER,
    UJ,
    Channel,
    Described,
    Linked,
    standing,
    suggested,
    texts,
    written,
)
from tests.handlers.sample import MAREN, ZA_UJ

WISH = Join(1, OUTSIDER, "", Account("web", "demo", "outsider"), JoinState.ASKED, NOW, NOW)
AT_ZA_UJ = replace(WISH, site="ZA-UJ")
WELCOMED = replace(AT_ZA_UJ, state=JoinState.WELCOMED, welcomed_by=UJ)
OTHER = Person(5, "outsider")


@dataclass
class Gate:
    """Fills the `Joining` port: every wish comes to `became`."""

    became: JoinOutcome | NotJoined = JoinOutcome.ASKED
    known: Join | None = None
    possible: str = ""
    wishes: list[tuple[str, ...]] = field(default_factory=list)

    async def get(self, id: int) -> Join | None:
        return self.known if self.known and self.known.id == id else None

    async def ask(self, by: Standing, asked: Asked, site: str = "") -> JoinOutcome | NotJoined:
        self.wishes.append(("join", asked.by.login, site))
        return self.became

    async def welcome(self, login: str, site: str, by: Standing) -> JoinOutcome | NotJoined:
        self.wishes.append(("welcome", login, site))
        return self.became

    async def invite(self, login: str, by: Standing) -> JoinOutcome | NotJoined:
        self.wishes.append(("invite", login))
        return self.became


def room(became: JoinOutcome | NotJoined = JoinOutcome.ASKED, **more: Any) -> Channel:
    return Channel(sites=Described((ZA_UJ, MAREN)), joining=Gate(became), **more)


def gate(channel: Channel) -> Gate:
    assert isinstance(channel.joining, Gate)
    return channel.joining


SAID = [(OUTSIDER, "join"), (UJ, "welcome outsider to ZA-UJ"), (EXPERT, "invite @outsider")]


@pytest.mark.parametrize("outcome", JoinOutcome)
@pytest.mark.parametrize(("by", "typed"), SAID)
async def test_every_outcome_has_words(outcome: JoinOutcome, by: Person, typed: str) -> None:
    said = await room(outcome).message(by, typed)
    assert said.kind is Kind.ANSWER and said.text


ASKERS = (
    WhyNotJoined.MEMBER,
    WhyNotJoined.INVITED,
    WhyNotJoined.IN_TEAM,
    WhyNotJoined.NO_TEAM,
    WhyNotJoined.OFTEN,
    WhyNotJoined.MANY,
    WhyNotJoined.FROZEN,
    WhyNotJoined.CANNOT_TELL,
)
"""What may keep somebody from asking; all but the first three and the flood keep from deciding."""
DECIDERS = tuple(
    why
    for why in WhyNotJoined
    if why not in {WhyNotJoined.MEMBER, WhyNotJoined.IN_TEAM, WhyNotJoined.OFTEN, WhyNotJoined.MANY}
)


def test_every_reason_is_tried() -> None:
    assert {*WhyNotJoined} == {*ASKERS, *DECIDERS}


@pytest.mark.parametrize("why", ASKERS)
async def test_every_reason_not_to_ask_has_words(why: WhyNotJoined) -> None:
    no = NotJoined(why, OUTSIDER, site="ZA-UJ")
    said = await room(no).message(OUTSIDER, "join ZA-UJ")
    assert said.kind is Kind.REFUSAL and "`outsider`" not in written(said)


@pytest.mark.parametrize("why", DECIDERS)
@pytest.mark.parametrize("people", [(), (OUTSIDER, OTHER)])
@pytest.mark.parametrize(("by", "typed"), SAID[1:])
async def test_every_reason_not_to_decide_has_words(
    why: WhyNotJoined, people: tuple[Person, ...], by: Person, typed: str
) -> None:
    if why is WhyNotJoined.SEVERAL and not people:
        return
    site = "ZA-UJ" if by is UJ else ""
    no = NotJoined(why, OUTSIDER, people, site, "GitHub's `words` @here")
    said = await room(no).message(by, typed)
    assert said.kind is Kind.REFUSAL and "You are" not in written(said)
    assert "`words`" not in written(said)


@pytest.mark.parametrize(
    ("by", "typed", "no", "said"),
    [
        (
            EXPERT,
            "invite outsider",
            NotJoined(WhyNotJoined.NOT_ASKED),
            "`outsider` did not ask to join, or it is over.\n"
            "Whoever wants to types `join` themselves.",
        ),
        (
            EXPERT,
            "invite outsider",
            NotJoined(WhyNotJoined.UNWELCOMED, OUTSIDER, (UJ,), "ZA-UJ"),
            "outsider asked for ZA-UJ, which has to welcome them first.\n"
            "uj-admin can: `welcome outsider to ZA-UJ`",
        ),
        (
            EXPERT,
            "invite outsider",
            NotJoined(WhyNotJoined.SEVERAL, people=(OUTSIDER, OTHER)),
            "`outsider` was the login of several who asked: GitHub ids 4, 5. Nothing was done.\n"
            "Say which by the id that the card shows, as `invite 4`.",
        ),
        (
            UJ,
            "welcome outsider to ZA-UJ",
            NotJoined(WhyNotJoined.SEVERAL, people=(OUTSIDER, OTHER), site="ZA-UJ"),
            "`outsider` was the login of several who asked: GitHub ids 4, 5. Nothing was done.\n"
            "Say which by the id that the card shows, as `welcome 4 to ZA-UJ`.",
        ),
        (
            EXPERT,
            "invite outsider",
            NotJoined(WhyNotJoined.REFUSED, OUTSIDER, detail="Resource not accessible"),
            "GitHub did not take it: `Resource not accessible`.\n"
            "It waits on its card, and can be decided again.",
        ),
        (
            OUTSIDER,
            "join",
            NotJoined(WhyNotJoined.MANY),
            "So many asked to join today that I show no more until tomorrow.\n"
            "You can write to an expert yourself. Experts: roc-expert.",
        ),
        (
            OUTSIDER,
            "join",
            NotJoined(WhyNotJoined.OFTEN),
            "You asked often enough for a day; what you asked last stands.\nExperts: roc-expert.",
        ),
    ],
)
async def test_what_can_be_done_instead(by: Person, typed: str, no: NotJoined, said: str) -> None:
    assert await room(no).say(by, typed) == said


async def test_a_login_that_is_none() -> None:
    said = await room(NotJoined(WhyNotJoined.NOT_ASKED)).say(EXPERT, "invite @")
    assert said.startswith("`@` did not ask to join")


async def test_what_is_passed_on() -> None:
    channel = room()
    await channel.say(OUTSIDER, "join za-uj")
    await channel.say(UJ, "welcome @outsider to ZA-UJ")
    await channel.say(EXPERT, "invite @outsider")
    assert gate(channel).wishes == [
        ("join", "outsider", "ZA-UJ"),
        ("welcome", "@outsider", "ZA-UJ"),
        ("invite", "@outsider"),
    ]


async def test_a_stranger_says_first_who_they_are() -> None:
    channel = room(linking=Linked(possible=True), private=True)
    said = await channel.say(None, "join")
    assert said == "I don't know who you are on GitHub yet. Type `login`."
    assert not gate(channel).wishes


@pytest.mark.parametrize(("by", "typed"), SAID)
async def test_where_nobody_can_be_invited(by: Person, typed: str) -> None:
    channel = room()
    gate(channel).possible = "no GitHub is configured"
    said = await channel.say(by, typed)
    assert said == "I can invite nobody here: no GitHub is configured."
    assert not gate(channel).wishes


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (standing(UJ), Why.NOT_EXPERT),
        (standing(OUTSIDER), Why.OUTSIDER),
        (standing(OUTSIDER, membership=Membership.PENDING), Why.PENDING),
        (standing(EXPERT, frozen=True), Why.FROZEN),
        (standing(EXPERT, decides_from=NOW), Why.NEW_ACCOUNT),
        (standing(EXPERT, bounded=True, operator="root"), Why.BOUNDED),
        (standing(None), Why.NOT_LINKED),
    ],
)
async def test_a_button_by_the_wrong_person(who: Standing, why: Why) -> None:
    """Before the handler by what was known, and in it by what GitHub says that moment."""
    channel = room()
    invite = next(c for c in HANDLERS.commands if c.name == "invite")
    assert invite.right is Right.EXPERT and invite.decides
    decision = decide(who, invite.right, invite.effect, decides=invite.decides)
    assert isinstance(decision, Refused) and decision.why is why
    with pytest.raises(NotAllowed) as no:
        await invite.handler(channel.call(who, "invite outsider"), login="outsider")
    assert isinstance(no.value.decision, Refused) and no.value.decision.why is why
    assert not gate(channel).wishes


async def test_who_may_welcome_is_asked_before() -> None:
    welcome = next(c for c in HANDLERS.commands if c.name == "welcome")
    assert welcome.right is Right.SITE_ADMIN and welcome.decides
    for who, may in ((UJ, True), (EXPERT, True), (KENET, False), (OUTSIDER, False)):
        found = decide(standing(who), welcome.right, Effect.ALTERS, "ZA-UJ", decides=True)
        assert isinstance(found, Allowed) is may


# --- the card -------------------------------------------------------------------------------


async def card(join: Join | None, subject: str = "1", **more: Any) -> Message:
    channel = room(**more)
    gate(channel).known = join
    message = await HANDLERS.cards["join"](channel.desk(), subject, {})
    assert message.kind is Kind.CARD
    for typed in suggested(message):
        assert isinstance(await channel._parsed(typed), Parsed), typed
    return message


@pytest.mark.parametrize(
    ("join", "said"),
    [
        (
            WISH,
            "outsider asks to join AAROC · waiting for an expert\n"
            "GitHub id 4. A yes lets them read and ask for what members may.\n"
            "Experts: roc-expert. `invite outsider`\n[Invite outsider]",
        ),
        (
            AT_ZA_UJ,
            "outsider asks to join AAROC, for ZA-UJ · waiting for a welcome by uj-admin\n"
            "GitHub id 4. A yes lets them look after ZA-UJ.\n"
            "If they belong there: `welcome outsider to ZA-UJ`\n[Welcome outsider to ZA-UJ]",
        ),
        (
            replace(AT_ZA_UJ, site="maren"),
            "outsider asks to join AAROC, for maren · waiting for a welcome by an expert\n"
            "GitHub id 4. A yes lets them look after maren.\n"
            "If they belong there: `welcome outsider to maren`\n[Welcome outsider to maren]",
        ),
        (
            replace(WELCOMED, why="GitHub refused it (403)"),
            "outsider asks to join AAROC, for ZA-UJ · waiting for an expert\n"
            "Welcomed to ZA-UJ by uj-admin.\n"
            "GitHub id 4. A yes lets them look after ZA-UJ.\n"
            "Last time: GitHub refused it (403).\n"
            "Experts: roc-expert. `invite outsider`\n[Invite outsider]",
        ),
        (
            replace(WELCOMED, state=JoinState.SENDING, invited_by=EXPERT),
            "outsider asks to join AAROC, for ZA-UJ · decided by roc-expert, being sent to GitHub\n"
            "Welcomed to ZA-UJ by uj-admin.",
        ),
        (
            replace(WISH, state=JoinState.INVITED, invited_by=EXPERT),
            "outsider asks to join AAROC · invited by roc-expert; they accept it on GitHub",
        ),
        (replace(WISH, state=JoinState.INVITED), None),
        (
            replace(WELCOMED, state=JoinState.JOINED),
            "outsider is in AAROC, in the team of ZA-UJ\nWelcomed to ZA-UJ by uj-admin.",
        ),
        (replace(WISH, state=JoinState.JOINED), "outsider is in AAROC"),
        (
            replace(WISH, state=JoinState.OVER, why="frozen"),
            "outsider asks to join AAROC · over: frozen",
        ),
        (
            replace(WISH, account=Account("say", "root", "outsider")),
            "outsider asks to join AAROC · waiting for an expert\n"
            "GitHub id 4. A yes lets them read and ask for what members may.\n"
            "Asked for them at the machine, by root.\n"
            "Experts: roc-expert. `invite outsider`\n[Invite outsider]",
        ),
        (
            replace(AT_ZA_UJ, person=KENET),
            "kenet-admin asks to look after ZA-UJ · waiting for a welcome by uj-admin\n"
            "GitHub id 2. A yes lets them look after ZA-UJ.\n"
            "If they belong there: `welcome kenet-admin to ZA-UJ`\n"
            "[Welcome kenet-admin to ZA-UJ]",
        ),
        (None, "A wish to join that is gone."),
    ],
)
async def test_the_card(join: Join | None, said: str | None) -> None:
    message = await card(join)
    assert said is None or written(message) == said


def linked(message: Message) -> list[str]:
    found = [part for text in texts(message) for part in parts(text)]
    return [part.url for part in found if isinstance(part, Link)]


async def test_who_is_invited_is_told_where_they_accept() -> None:
    pending = standing(OUTSIDER, membership=Membership.PENDING)
    channel = room(NotJoined(WhyNotJoined.INVITED))
    pages = [
        linked(await card(replace(WISH, state=JoinState.INVITED, invited_by=EXPERT))),
        linked(
            await HANDLERS.cards["join-news"](channel.desk(), "1", {"state": "invited", "site": ""})
        ),
        linked(await channel.message(pending, "whoami")),
        linked(await channel.message(pending, "help deploy")),
        linked(await channel.message(OUTSIDER, "join")),
    ]
    call = channel.call(pending, "status")
    refused = decide(pending, Right.MEMBER, Effect.ALTERS)
    assert isinstance(refused, Refused)
    pages.append(linked((await HANDLERS.refusals[Refused](call, refused)).message()))
    assert pages == [["https://github.example/orgs/AAROC/invitation"]] * 6


async def test_a_login_that_is_a_number_is_named_by_its_id() -> None:
    number = Person(77, "4")
    for join, typed in (
        (replace(WISH, person=number), "invite 77"),
        (replace(AT_ZA_UJ, person=number), "welcome 77 to ZA-UJ"),
    ):
        assert {*suggested(await card(join))} == {typed}


async def test_who_could_welcome_is_not_told_where_it_cannot_be() -> None:
    channel = room()
    gate(channel).known = AT_ZA_UJ

    async def silent(site: str) -> None:
        return None

    channel.people.admins = silent  # type: ignore[method-assign]
    message = await HANDLERS.cards["join"](channel.desk(), "1", {})
    assert "waiting for a welcome by one of its admins" in written(message)


@pytest.mark.parametrize("site", ["", "ZA-UJ"])
@pytest.mark.parametrize(
    ("state", "said"),
    [("invited", "You are invited to AAROC"), ("joined", "You are in AAROC"), ("over", "is over")],
)
async def test_the_news_for_who_asked(state: str, said: str, site: str) -> None:
    data = {"state": state, "site": site, "why": "frozen"}
    message = await HANDLERS.cards["join-news"](room().desk(), "1 x", data)
    assert said in written(message) and (
        state != "joined" or bool(site) is ("ZA-UJ" in written(message))
    )


async def test_whoever_only_lacks_something_is_told_so_on_record() -> None:
    for why, lacks in (
        (WhyNotJoined.NO_RIGHT, Lacking.EXPERT),
        (WhyNotJoined.ONESELF, Lacking.OWN_REQUEST),
        (WhyNotJoined.FROZEN, Lacking.FREEDOM),
        (WhyNotJoined.CANNOT_TELL, Lacking.KNOWN),
    ):
        channel = room(NotJoined(why, OUTSIDER))
        invite = next(c for c in HANDLERS.commands if c.name == "invite")
        with pytest.raises(Refusal) as no:
            await invite.handler(channel.call(standing(EXPERT), "invite x"), login="x")
        assert no.value.lacks is lacks
