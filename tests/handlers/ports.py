"""Small ports in memory, and a way to hear what a handler says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta

from aaroc_bot.changes.nothing import NoChanges
from aaroc_bot.commands import (
    Acceptance,
    AccountLink,
    Allowed,
    Asked,
    Behind,
    Call,
    Change,
    Changes,
    Command,
    Desk,
    Entry,
    Executing,
    Finding,
    Froze,
    Incoming,
    Joining,
    Listing,
    Lock,
    LoginCode,
    Look,
    Membership,
    MergeOutcome,
    Message,
    NotMerged,
    NotOpened,
    Obstacle,
    PendingRules,
    Person,
    Place,
    PullRequest,
    Refusal,
    Request,
    Revision,
    Right,
    Run,
    Site,
    Standing,
    Unavailable,
    Verdict,
    Wish,
    decide,
    load,
)
from aaroc_bot.content import modules
from aaroc_bot.core.grammar import Parsed, lexicon, parse
from aaroc_bot.core.message import Account
from aaroc_bot.core.text import Code, Inline, Text, parts, plain
from aaroc_bot.joining.nothing import NoJoining
from tests.handlers.recorded import Digested, Memory

NOW = datetime(2026, 6, 8, 14, 40, tzinfo=UTC)
UJ, KENET, EXPERT, OUTSIDER = (
    Person(1, "uj-admin"),
    Person(2, "kenet-admin"),
    Person(3, "roc-expert"),
    Person(4, "outsider"),
)
TEAMS: Mapping[str, tuple[str, ...]] = {
    "uj-admin": ("za-uj",),
    "kenet-admin": ("kenet",),
    "roc-expert": ("roc-experts",),
}
HANDLERS = load(modules())
NEWEST = Revision("4f2c1d9" + "0" * 33, "bdii port", "uj-admin", NOW - timedelta(hours=1))


def standing(person: Person | None, **more: object) -> Standing:
    """Give what is known of a sample person; `more` changes parts of it."""
    known: dict[str, object] = {
        "account": Account("web", "", person.login if person else "stranger"),
        "person": person,
        "membership": Membership.OUTSIDER if person in (OUTSIDER, None) else Membership.MEMBER,
        "expert": person == EXPERT,
        "sites": frozenset(
            {"ZA-UJ"} if person == UJ else {"KE-NAIROBI"} if person == KENET else ()
        ),
        "teams": TEAMS.get(person.login, ()) if person else (),
    }
    return Standing(**(known | more))  # type: ignore[arg-type]


@dataclass
class Somebody:
    """Fills the `People` port."""

    known: Sequence[Person] | None = (EXPERT,)
    speaker: Standing | None = None

    async def standing(self, account: Account, *, now: bool = False) -> Standing:
        return self.speaker or Standing(account)

    async def of_person(self, person: Person, *, now: bool = False) -> Standing:
        return standing(person)

    async def named(self, login: str) -> Person | None:
        return next((p for p in (UJ, KENET, EXPERT, OUTSIDER) if p.login == login), None)

    async def experts(self) -> Sequence[Person] | None:
        return self.known

    async def admins(self, site: str) -> Sequence[Person] | None:
        return (UJ,) if site == "ZA-UJ" else ()

    def organisation(self) -> str:
        return "AAROC"


@dataclass
class Described:
    """Fills the `Sites` port; `away` is raised instead of every answer."""

    sites: Sequence[Site] = ()
    hosts: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    of_no_site: Sequence[Finding] = ()
    since: Behind = field(default=Behind(0, 0))
    away: Unavailable | None = None

    async def newest(self) -> Revision:
        if self.away:
            raise self.away
        return NEWEST

    async def revision_named(self, typed: str) -> Revision | None:
        return NEWEST if NEWEST.sha.startswith(typed) else None

    async def all(self) -> Sequence[Site]:
        if self.away:
            raise self.away
        return self.sites

    async def variables(self, site: str) -> Mapping[str, Mapping[str, object]]:
        return self.hosts[site]

    async def behind(self, site: str, sha: str) -> Behind:
        return self.since

    async def findings(self) -> Sequence[Finding]:
        return self.of_no_site


@dataclass
class Entries:
    """Fills the `Catalogue` port."""

    known: Sequence[Entry] = ()
    refused: Sequence[Finding] = ()

    async def entries(self) -> Sequence[Entry]:
        return self.known

    async def findings(self) -> Sequence[Finding]:
        return self.refused


@dataclass
class Accepted:
    """Fills the `Rules` port; `became` is what every `accept` comes to."""

    waiting: PendingRules | None = None
    lines: Mapping[str, Sequence[Executing]] = field(default_factory=dict)
    became: Acceptance = Acceptance.ACCEPTED
    calls: list[tuple[object, ...]] = field(default_factory=list)

    async def accepted(self) -> Revision:
        return Revision("a" * 40, "first rules", "roc-expert", NOW)

    async def pending(self) -> PendingRules | None:
        return self.waiting

    async def accept_rules(
        self, revision: str, by: Person, link: AccountLink | None = None
    ) -> Acceptance:
        self.calls.append((revision, by))
        return self.became

    async def unaccepted(self, site: str) -> Sequence[Executing]:
        return self.lines.get(site, ())

    async def accept_lines(
        self, site: str, digests: Sequence[str], by: Person, link: AccountLink | None = None
    ) -> Acceptance:
        self.calls.append((site, tuple(digests), by))
        return self.became


@dataclass
class Book:
    """Fills the `Runs` port: what is in `kept` can be looked at, nothing can be asked for."""

    kept: Sequence[Run] = ()
    logs: Mapping[int, str] = field(default_factory=dict)
    reading: Sequence[str] = ("ping",)

    async def ask(self, request: Request) -> tuple[Run, bool]:
        raise NotImplementedError

    async def get(self, number: int) -> Run | None:
        return next((run for run in self.kept if run.number == number), None)

    async def approve(self, number: int, by: Standing) -> Verdict:
        return Verdict.NO_SUCH_RUN

    async def deny(self, number: int, by: Standing, reason: str) -> Verdict:
        return Verdict.NO_SUCH_RUN

    async def cancel(self, number: int, by: Standing, *, now: bool) -> Verdict:
        return Verdict.NO_SUCH_RUN

    async def newest(self, *, site: str | None = None, page: int = 1) -> Listing:
        found = sorted(self.kept, key=lambda run: -run.number)
        return Listing(tuple(found[10 * page - 10 : 10 * page]), page, len(found) - 10 * page)

    async def active(self) -> Sequence[Run]:
        return [run for run in self.kept if not run.state.ended]

    async def last(self, site: str) -> Run | None:
        return (await self.lasts()).get(site)

    async def lasts(self) -> Mapping[str, Run]:
        return {r.site: r for r in self.kept if r.state.ended and r.word not in self.reading}

    async def outcomes(self) -> Mapping[str, Run]:
        return {r.site: r for r in self.kept if r.state.ended and not r.plan_only}

    async def log(self, number: int) -> str | None:
        return self.logs.get(number)

    async def usual(self, verb: str, word: str, site: str) -> timedelta | None:
        return None


@dataclass
class Kept:
    """Fills the `Locks` port."""

    locks: dict[str, Lock] = field(default_factory=dict)

    async def lock(self, site: str, by: Standing, reason: str, until: datetime) -> Lock | None:
        assert by.person is not None
        held = self.locks.get(site)
        if held is not None and held.by.id != by.person.id:
            return held
        self.locks[site] = Lock(site, by.person, reason, NOW, until)
        return None

    async def unlock(self, site: str, by: Standing) -> Lock | None:
        return self.locks.pop(site, None)

    async def current(self) -> Mapping[str, Lock]:
        return self.locks


@dataclass
class Linked:
    """Fills the `Linking` port; `code` confirms `other`, `new` waits for a word."""

    possible: bool = False
    person: Person | None = None
    code: str = ""
    other: Account = field(default_factory=lambda: Account("telegram", "", "77"))
    new: Sequence[Account] = ()
    away: Unavailable | None = None
    namesakes: Sequence[Person] = ()
    again: datetime | None = None
    froze: Froze = field(default_factory=lambda: Froze(1, (), ()))
    calls: list[tuple[str, object]] = field(default_factory=list)

    async def login(self, account: Account) -> LoginCode | datetime:
        return self.again or LoginCode("BCDF-GHJK", "https://github.example/login/device", NOW)

    async def waiting(self, account: Account) -> Person | None:
        return self.person

    async def confirm(self, code: str, by: Standing) -> Account | None:
        return self.other if code == self.code else None

    async def logout(self, by: Standing) -> bool:
        return by.link is not None

    async def vouch(self, person: Person, by: Standing) -> Sequence[Account]:
        self.calls.append(("vouch", person))
        return self.new

    async def known(self, login: str) -> Sequence[Person]:
        if self.away:
            raise self.away
        return self.namesakes or [p for p in (UJ, KENET, EXPERT, OUTSIDER) if p.login == login]

    async def freeze(self, person: Person, by: Standing) -> Froze:
        self.calls.append(("freeze", person))
        return self.froze


@dataclass
class Proposed:
    """Fills the `Changes` port: every wish comes to `became`, every merge to `merging`."""

    became: Change | NotOpened | None = None
    known: Sequence[Change] = ()
    looks: Sequence[Look] = ()
    merging: MergeOutcome = field(default_factory=lambda: NotMerged(Obstacle.NO_SUCH))
    past: tuple[str, int] | None = None
    possible: str = ""
    wishes: list[tuple[Wish, str]] = field(default_factory=list)

    async def propose(
        self, wish: Wish, by: Standing, asked: Asked, reason: str
    ) -> Change | NotOpened:
        self.wishes.append((wish, reason))
        assert self.became is not None
        return self.became

    async def get(self, id: int) -> Change | None:
        return next((change for change in self.known if change.id == id), None)

    async def numbered(self, number: int) -> Change | None:
        return next((change for change in self.known if change.number == number), None)

    async def open(self) -> Sequence[tuple[PullRequest, Change | None]]:
        return [(look.pull, look.change) for look in self.looks]

    async def look(self, number: int, *, deep: bool = False) -> Look | None:
        return next((look for look in self.looks if look.pull.number == number), None)

    async def merge(self, number: int, by: Standing) -> MergeOutcome:
        return self.merging

    async def before(self, site: str) -> tuple[str, int] | None:
        return self.past


class Plain:
    """Fills the `Redaction` port: nothing is secret here."""

    def text(self, text: str) -> str:
        return text


@dataclass
class Channel:
    """Says commands to handlers over these ports, and keeps what was answered.

    Whatever an answer suggests is checked: it parses, and whoever reads it may do it.
    """

    people: Somebody = field(default_factory=Somebody)
    sites: Described = field(default_factory=Described)
    catalogue: Entries = field(default_factory=Entries)
    rules: Accepted = field(default_factory=Accepted)
    runs: Book = field(default_factory=Book)
    locks: Kept = field(default_factory=Kept)
    linking: Linked = field(default_factory=Linked)
    changes: Changes = field(default_factory=lambda: NoChanges("none here"))
    joining: Joining = field(default_factory=lambda: NoJoining("none here"))
    record: Memory = field(default_factory=Memory)
    digests: Digested = field(default_factory=Digested)
    zone: str | None = None
    private: bool = False

    async def say(self, by: Person | Standing | None, text: str) -> str:
        """Give the answer as the lines that a reader sees."""
        return written(await self.message(by, text))

    async def message(self, by: Person | Standing | None, text: str) -> Message:
        """Give the answer; a refusal as its message, as what was not understood is answered."""
        who = by if isinstance(by, Standing) else standing(by)
        call = self.call(who, text)
        try:
            message = await self._answer(call, await self._parsed(text))
        except Refusal as refusal:
            message = refusal.message()
        await self._check_suggested(who, message)
        return message

    def call(self, who: Standing, text: str) -> Call:
        """Give the call that a command is."""
        place = Place("web", "roc")
        said = Incoming("1", who.account, place, text, NOW, zone=self.zone, private=self.private)
        people = replace(self.people, speaker=who)
        return Call.at(replace(self, people=people).desk(), said, who, HANDLERS.commands)

    async def _answer(self, call: Call, found: object) -> Message:
        if not isinstance(found, Parsed):
            raise await HANDLERS.refusals[type(found)](call, found)
        who = call.standing
        assert self._allowed(who, found), f"{call.said.text} is not for {who.account}"
        given = {name: value for name, value in found.values.items() if value is not None}
        return await self._command(found).handler(call, **given)

    def desk(self) -> Desk:
        """Give what lies within reach of every handler."""
        own = {"zone", "private"}
        ports = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in own}
        return Desk(
            **ports,
            redaction=Plain(),
            clock=lambda: NOW,
            commit_url=lambda sha: None,
            pull_url=lambda number: f"https://github.example/pull/{number}",
            invitation_url=lambda: "https://github.example/orgs/AAROC/invitation",
        )

    async def _parsed(self, text: str) -> object:
        patterns = [p for command in HANDLERS.commands for p in command.patterns]
        sites = () if self.sites.away else self.sites.sites
        return parse(text, patterns, lexicon(sites, self.catalogue.known))

    def _command(self, parsed: Parsed) -> Command:
        return next(c for c in HANDLERS.commands if parsed.pattern in c.patterns)

    def _allowed(self, who: Standing, parsed: Parsed) -> bool:
        command = self._command(parsed)
        site = str(parsed.values.get("site") or "") or None
        word = parsed.values.get("service") or parsed.values.get("entry")
        entry = None
        if command.right is None:
            entry = next((e for e in self.catalogue.known if e.word == word), None)
        right = Right.MEMBER if command.right is None else command.right
        decision = decide(who, right, command.effect, site, entry, decides=command.decides)
        return isinstance(decision, Allowed)

    async def _check_suggested(self, who: Standing, message: Message) -> None:
        for typed in suggested(message):
            found = await self._parsed(typed)
            assert isinstance(found, Parsed), f"suggested, but not understood: {typed}: {found}"
            assert self._allowed(who, found), f"suggested, but not for {who.account}: {typed}"


def texts(message: Message) -> list[Text]:
    """Give every line of a message in the order in which it is read."""
    table = message.table.rows if message.table else ()
    return [
        message.text,
        *message.lines,
        *(cell for row in table for cell in row),
        *(value for _, value in message.fields),
        *message.notes,
    ]


def suggested(message: Message) -> list[str]:
    """Give the commands that a message suggests, by its text and by its buttons."""
    inline: list[Inline] = [part for text in texts(message) for part in parts(text)]
    typed = [part.text for part in inline if isinstance(part, Code) and part.typed]
    return typed + [button.typed for button in message.buttons]


def written(message: Message) -> str:
    """Write a message as a reader sees it: cells side by side, buttons in brackets."""
    lines = [plain(message.text), *map(plain, message.lines)]
    if message.table:
        rows = [message.table.head] if message.table.head else []
        lines += [" | ".join(row) for row in rows]
        lines += [" | ".join(map(plain, row)) for row in message.table.rows]
    lines += [f"{name}: {plain(value)}" for name, value in message.fields]
    lines += message.code.splitlines() if message.code else []
    lines += map(plain, message.notes)
    lines += [f"[{button.label}]" for button in message.buttons]
    return "\n".join(lines)
