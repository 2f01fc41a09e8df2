"""The tables. The same on SQLite and PostgreSQL; `migrations/` creates them.

Times are aware and in UTC (`Moment`). JSON is kept as text that we write ourselves, for
what is hashed or compared must come back as it went in (jsonb reorders).
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit number; on SQLite the type that makes a primary key its row id."""


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite, which keeps no zone, gives it back aware too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone: it would silently mean something else."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("what", Text, nullable=False),
    Column("at", Text, nullable=False, comment="ISO 8601, UTC, microseconds: hashed as it stands"),
    Column("account", Text, nullable=False),
    Column("person", BigInteger),
    Column("login", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("run", BigInteger),
    Column("revision", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_audit_site_what_run_id", "site", "what", "run", "id"),
    Index("ix_audit_run_id", "run", "id"),
)
"""The record. Append-only by trigger, each row hashing the one before (core/audit.py)."""

incoming = Table(
    "incoming",
    metadata,
    Column("event", Text, primary_key=True),
    Column("body", Text, nullable=False, comment="core.message.Incoming as JSON"),
    Column("taken_at", Moment, nullable=False),
    Column("done", Boolean, nullable=False, server_default=false()),
    Column("by", Text, comment="process that works on it (processes.name)"),
    Index("ix_incoming_done_taken_at", "done", "taken_at"),
)
"""What was said, before anything is done about it."""

effects = Table(
    "effects",
    metadata,
    Column("event", Text, primary_key=True, comment="what was said (core/doing.py)"),
    Column("at", Moment, nullable=False, index=True),
)
"""What was said and took effect: after a fall it is answered, and not done again."""

buttons = Table(
    "buttons",
    metadata,
    Column("id", Text, primary_key=True, comment="random, at most 64 bytes (Telegram)"),
    Column("chat", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False, comment="empty: none"),
    Column("message", Text, nullable=False, comment="our name for the message it stands under"),
    Column("label", Text, nullable=False),
    Column("typed", Text, nullable=False),
    Column("only_for", Text, nullable=False, comment="account, empty: everybody"),
    Column("run", BigInteger),
    Column("offered_at", Moment, nullable=False, index=True),
    UniqueConstraint("chat", "channel", "thread", "message", "typed", "only_for"),
)

links = Table(
    "links",
    metadata,
    Column("account", Text, primary_key=True, comment="chat:workspace:user"),
    Column("person", BigInteger, nullable=False, index=True),
    Column("login", Text, nullable=False, comment="as written when it was linked"),
    Column("since", Moment, nullable=False),
    Column("by_operator", Boolean, nullable=False, server_default=false()),
    Column("confirmed", Boolean, nullable=False, server_default=true(), comment="speaks already"),
    Column("vouched_by", BigInteger, comment="expert who vouched for it"),
    Column("vouched_login", Text),
    Column("code", Text, comment="confirms it, while it is not confirmed"),
)
"""Which account speaks for which person. One that is not confirmed speaks for nobody yet."""

logins = Table(
    "logins",
    metadata,
    Column("account", Text, primary_key=True, comment="chat:workspace:user"),
    Column("device_code", Text, nullable=False, comment="GitHub's; deleted once it was used"),
    Column("user_code", Text, nullable=False),
    Column("address", Text, nullable=False, comment="where the code is entered"),
    Column("every", Integer, nullable=False, comment="seconds between questions to GitHub"),
    Column("due", Moment, nullable=False, comment="not asked before this"),
    Column("until", Moment, nullable=False),
)
"""Logins that wait for GitHub's confirmation (device flow)."""

frozen = Table(
    "frozen",
    metadata,
    Column("person", Id, primary_key=True, autoincrement=False),
    Column("login", Text, nullable=False),
    Column("by", Text, nullable=False, comment="login of the expert, or the operator"),
    Column("at", Moment, nullable=False),
)
"""People for whom no account speaks until the operator lifts it."""

addresses = Table(
    "addresses",
    metadata,
    Column("chat", Text, primary_key=True),
    Column("channel", Text, primary_key=True, comment="as the operator set it"),
    Column("now", Text, nullable=False, comment="as the chat calls it now"),
    Column("at", Moment, nullable=False),
)
"""Channels that got another name in their chat (Telegram's supergroups)."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("card", Text, nullable=False, comment="the renderer's name: run, run-waits ..."),
    Column("subject", Text, nullable=False, comment="what it is about: the run's number ..."),
    Column("data", Text, nullable=False, comment="JSON for the renderer, fixed at creation"),
    Column("chat", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("under", Id, comment="outbox row whose message it stands in the thread of"),
    Column("thread", Text, comment="the chat's name of a thread, where it is no card's"),
    Column("ref", Text, comment="the chat's name for the message once it stands"),
    Column("wanted", Integer, nullable=False, comment="version that should be seen"),
    Column("shown", Integer, nullable=False, comment="version that is seen; 0: none"),
    Column("tries", Integer, nullable=False),
    Column("due", Moment, nullable=False, comment="not before this"),
    Column("lost", Boolean, nullable=False, server_default=false()),
    Column("reader", Text, comment="account that alone reads it, wherever that is possible"),
    Column("mark", Text, comment="goes with the message while it is posted; then none"),
    Column("marked_at", Moment),
    UniqueConstraint("card", "subject", "chat", "channel"),
    Index(
        "ix_outbox_unshown",
        "chat",
        "id",
        sqlite_where=text("wanted > shown"),
        postgresql_where=text("wanted > shown"),
    ),
)
"""Cards to be posted and edited. A transition raises `wanted` in its own transaction."""

page = Table(
    "page",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=True),
    Column("ref", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What stands in the web chat, change by change."""

runs = Table(
    "runs",
    metadata,
    Column("number", Id, primary_key=True, autoincrement=True),
    Column("verb", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("entry", Text, nullable=False, comment="core.entries.Entry as JSON, as asked for"),
    Column("changes", Boolean, nullable=False, comment="whether the entry may change hosts"),
    Column("plan_only", Boolean, nullable=False),
    Column("site", Text, nullable=False),
    Column("holds", Text, nullable=False, comment="JSON: the sites that it takes"),
    Column("given", Text, nullable=False, comment="JSON: parameters as typed"),
    Column("parameters", Text, nullable=False, comment="JSON: all, with defaults"),
    Column("revision", Text, nullable=False),
    Column("revision_subject", Text, nullable=False),
    Column("revision_author", Text, nullable=False),
    Column("revision_at", Moment, nullable=False),
    Column("asked_by", BigInteger, nullable=False),
    Column("asked_login", Text, nullable=False),
    Column("asked_account", Text, nullable=False, comment="JSON"),
    Column("asked_place", Text, nullable=False, comment="JSON"),
    Column("asked_at", Moment, nullable=False),
    Column("operator", Text, comment="operating system's user of `say`"),
    Column("needed", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", BigInteger),
    Column("decided_login", Text),
    Column("decided_at", Moment),
    Column("deadline", Moment),
    Column("inputs", Text, comment="digest of what it reads (repo export)"),
    Column("seal", Text, comment="hash of everything an approval is bound to"),
    Column("plan", Text, comment="JSON; never changes once set"),
    Column("progress", Text, comment="JSON"),
    Column("recap", Text, comment="JSON"),
    Column("checked_only", Boolean, nullable=False, server_default=false()),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("cancelling_by", BigInteger),
    Column("cancelling_login", Text),
    Column("retry_of", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("cleared_at", Moment, comment="rights and revision were last found good"),
    Column("event", Text, comment="what was said; none: not from a chat"),
    Column("patient", Boolean, nullable=False, server_default=false(), comment="when reachable"),
    Column("parts", Text, comment="JSON: digests of what `inputs` is made of, by part"),
    Column("start_by", Moment, comment="deadline of an approved run, kept while it is tried"),
    Column("turn_at", Moment, comment="when its turn is likely to come; none: not known"),
    Column("again_at", Moment, comment="not tried before this"),
    Index("ix_runs_state", "state"),
    Index("ix_runs_site_number", "site", "number"),
    Index("ix_runs_ended_at", "ended_at"),
    Index("uq_runs_event", "event", unique=True),
    sqlite_autoincrement=True,
)
"""Runs: the rows are the truth."""

approvals = Table(
    "approvals",
    metadata,
    Column("run", Id, primary_key=True, autoincrement=False),
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("login", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("seal", Text, nullable=False),
)
"""An expert's yes, one a person and run."""

attempts = Table(
    "attempts",
    metadata,
    Column("run", Id, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("plan", Boolean, nullable=False, comment="a play in check mode"),
    Column("engine", Text, nullable=False),
    Column("mark", Text, nullable=False, comment="stands in the environment of its processes"),
    Column("pid", Integer),
    Column("pid_started", BigInteger, comment="the process's start time in clock ticks"),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False, comment="its last sign of life"),
    Column("ended_at", Moment),
    Column("cut", Boolean, nullable=False, server_default=false(), comment="ended by a fall"),
    Column("machine", Text, comment="where its processes can be found; none: not known"),
    Index(
        "ix_attempts_open",
        "engine",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
"""Each time a process was about to be started, on record before it was."""

holds = Table(
    "holds",
    metadata,
    Column("site", Text, primary_key=True),
    Column("run", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("since", Moment, nullable=False),
)
"""A site taken by a run that is under way: the key makes a second one impossible."""

processes = Table(
    "processes",
    metadata,
    Column("name", Text, primary_key=True, comment="AAROC_ENGINE__NAME"),
    Column("kind", Text, nullable=False, comment="bot or worker"),
    Column("sites", Text, comment="JSON: the sites that it alone is for; none: it named none"),
    Column("slots", Integer, nullable=False, comment="runs that it plays at the same time"),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False, comment="its last sign of life (database's clock)"),
)
"""Bots and workers, also those that are gone: which sites a worker is for is remembered."""

schedules = Table(
    "schedules",
    metadata,
    Column("name", Text, primary_key=True),
    Column("terms", Text, nullable=False, comment="JSON: core.schedules.Schedule, as it was set"),
    Column("due", Moment, nullable=False, comment="when it is for next"),
)
"""What is done at set times: whoever moves `due` on does it, and nobody else."""

locks = Table(
    "locks",
    metadata,
    Column("site", Text, primary_key=True),
    Column("person", BigInteger, nullable=False),
    Column("login", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
)

logs = Table(
    "logs",
    metadata,
    Column("run", Id, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False, comment="redacted, bounded"),
)

accepted_rules = Table(
    "accepted_rules",
    metadata,
    Column("id", Id, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("person", BigInteger, comment="none: the operator, at the first start"),
    Column("login", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

accepted_lines = Table(
    "accepted_lines",
    metadata,
    Column("site", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("person", BigInteger),
    Column("login", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

teams = Table(
    "teams",
    metadata,
    Column("slug", Text, primary_key=True, comment="organisation/slug, as the rules name it"),
    Column("team", BigInteger, nullable=False, comment="GitHub's id of the team that had it first"),
    Column("since", Moment, nullable=False),
)
"""Teams that the rules name, by id: any member may create one that takes a freed slug."""

changes = Table(
    "changes",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("number", BigInteger, unique=True, comment="of the pull request; none: not open yet"),
    Column("wish", Text, nullable=False, comment="core.changes.Wish as JSON"),
    Column("site", Text, nullable=False),
    Column("draft", Text, nullable=False, comment="core.changes.Draft as JSON, redacted"),
    Column("reason", Text, nullable=False),
    Column("asked_by", BigInteger, nullable=False),
    Column("asked_login", Text, nullable=False),
    Column("asked_account", Text, nullable=False, comment="JSON"),
    Column("asked_place", Text, nullable=False, comment="JSON"),
    Column("asked_at", Moment, nullable=False),
    Column("operator", Text, comment="operating system's user of `say`"),
    Column("bounded", Boolean, nullable=False),
    Column("event", Text, comment="what was said; none: not from a chat"),
    Column("base", Text, nullable=False, comment="sha that its branch starts from"),
    Column("branch", Text, nullable=False, unique=True),
    Column("made", Text, comment="sha of the commit that the bot made last for it"),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("ended_by", BigInteger, comment="who merged or closed it"),
    Column("ended_login", Text),
    Column("deploy", BigInteger, comment="run that was asked for after a rollback's merge"),
    Index("ix_changes_state", "state"),
    Index("ix_changes_asked_by", "asked_by"),
    Index("uq_changes_event", "event", unique=True),
    sqlite_autoincrement=True,
)
"""Pull requests that the bot opens for people."""

pulls = Table(
    "pulls",
    metadata,
    Column("number", Id, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False, comment="redacted"),
    Column("author", BigInteger),
    Column("author_login", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("reviews", Text, nullable=False, comment="JSON: core.pulls.Review of any head"),
    Column("updated_at", Moment, nullable=False, comment="as GitHub says"),
    Column("told", Boolean, nullable=False, comment="its end was told in the channel"),
)
"""Every pull request of the repository, as GitHub told of it last."""

joins = Table(
    "joins",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("person", BigInteger, nullable=False),
    Column("login", Text, nullable=False, comment="as written when they asked"),
    Column("site", Text, nullable=False, comment="empty: no site's team"),
    Column("account", Text, nullable=False, comment="chat:workspace:user"),
    Column(
        "state", Text, nullable=False, comment="asked, welcomed, sending, invited, joined, over"
    ),
    Column("asked_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("welcomed_by", BigInteger),
    Column("welcomed_login", Text),
    Column("invited_by", BigInteger),
    Column("invited_login", Text),
    Column("why", Text, nullable=False, comment="why it is over"),
    Index("ix_joins_person_state", "person", "state"),
    sqlite_autoincrement=True,
)
"""Who asked to come into the organisation or a site's team, and what became of it."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True, comment="GitHub's; not signed"),
    Column("body", Text, nullable=False, unique=True, comment="SHA-256 of it: that is signed"),
    Column("event", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
"""Calls of GitHub's that were heard, so that one that is played again does nothing."""

marks = Table(
    "marks",
    metadata,
    Column("what", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
"""How far something was told or looked at: the branch's last commit, the first look at pulls."""

github_answers = Table(
    "github_answers",
    metadata,
    Column("question", Text, primary_key=True, comment="root of GitHub's API, and path"),
    Column("answer", Text, nullable=False, comment="JSON: what the bot read, page by page"),
    Column("at", Moment, nullable=False, index=True, comment="when GitHub said so last"),
)
"""What GitHub said last, for a process that starts while it is away. Two days at most."""
