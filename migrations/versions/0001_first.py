"""The first schema, and the triggers that keep the record append-only.

A copy of the tables as they were then: `aaroc_bot.store.tables` goes on, this does not.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

tables = sa.MetaData()
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# --- tables
sa.Table(
    "accepted_lines",
    tables,
    sa.Column("site", sa.Text(), nullable=False),
    sa.Column("digest", sa.Text(), nullable=False),
    sa.Column("person", sa.BigInteger()),
    sa.Column("login", sa.Text(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("site", "digest", name="pk_accepted_lines"),
)
sa.Table(
    "accepted_rules",
    tables,
    sa.Column("id", Id, nullable=False),
    sa.Column("revision", sa.Text(), nullable=False),
    sa.Column("person", sa.BigInteger(), comment="none: the operator, at the first start"),
    sa.Column("login", sa.Text(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_accepted_rules"),
)
sa.Table(
    "approvals",
    tables,
    sa.Column("run", Id, autoincrement=False, nullable=False),
    sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("login", sa.Text(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seal", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("run", "person", name="pk_approvals"),
)
sa.Table(
    "attempts",
    tables,
    sa.Column("run", Id, autoincrement=False, nullable=False),
    sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("plan", sa.Boolean(), nullable=False, comment="a play in check mode"),
    sa.Column("engine", sa.Text(), nullable=False),
    sa.Column(
        "mark", sa.Text(), nullable=False, comment="stands in the environment of its processes"
    ),
    sa.Column("pid", sa.Integer()),
    sa.Column("pid_started", sa.BigInteger(), comment="the process's start time in clock ticks"),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column(
        "seen_at", sa.DateTime(timezone=True), nullable=False, comment="its last sign of life"
    ),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column(
        "cut", sa.Boolean(), server_default=sa.false(), nullable=False, comment="ended by a fall"
    ),
    sa.PrimaryKeyConstraint("run", "attempt", name="pk_attempts"),
)
sa.Table(
    "audit",
    tables,
    sa.Column("id", Id, autoincrement=False, nullable=False),
    sa.Column("what", sa.Text(), nullable=False),
    sa.Column(
        "at", sa.Text(), nullable=False, comment="ISO 8601, UTC, microseconds: hashed as it stands"
    ),
    sa.Column("account", sa.Text(), nullable=False),
    sa.Column("person", sa.BigInteger()),
    sa.Column("login", sa.Text(), nullable=False),
    sa.Column("operator", sa.Text(), nullable=False),
    sa.Column("place", sa.Text(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("site", sa.Text(), nullable=False),
    sa.Column("run", sa.BigInteger()),
    sa.Column("revision", sa.Text(), nullable=False),
    sa.Column("outcome", sa.Text(), nullable=False),
    sa.Column("before", sa.Text(), nullable=False),
    sa.Column("hash", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_audit"),
)
sa.Index("ix_audit_run_id", tables.tables["audit"].c["run"], tables.tables["audit"].c["id"])
sa.Index(
    "ix_audit_site_what_run_id",
    tables.tables["audit"].c["site"],
    tables.tables["audit"].c["what"],
    tables.tables["audit"].c["run"],
    tables.tables["audit"].c["id"],
)
sa.Table(
    "buttons",
    tables,
    sa.Column("id", sa.Text(), nullable=False, comment="random, at most 64 bytes (Telegram)"),
    sa.Column("chat", sa.Text(), nullable=False),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("thread", sa.Text(), nullable=False, comment="empty: none"),
    sa.Column(
        "message", sa.Text(), nullable=False, comment="our name for the message it stands under"
    ),
    sa.Column("label", sa.Text(), nullable=False),
    sa.Column("typed", sa.Text(), nullable=False),
    sa.Column("only_for", sa.Text(), nullable=False, comment="account, empty: everybody"),
    sa.Column("run", sa.BigInteger()),
    sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_buttons"),
    sa.UniqueConstraint(
        "chat",
        "channel",
        "thread",
        "message",
        "typed",
        "only_for",
        name="uq_buttons_chat_channel_thread_message_typed_only_for",
    ),
)
sa.Index("ix_buttons_offered_at", tables.tables["buttons"].c["offered_at"])
sa.Table(
    "holds",
    tables,
    sa.Column("site", sa.Text(), nullable=False),
    sa.Column("run", sa.BigInteger(), nullable=False),
    sa.Column("attempt", sa.Integer(), nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("site", name="pk_holds"),
)
sa.Table(
    "incoming",
    tables,
    sa.Column("event", sa.Text(), nullable=False),
    sa.Column("body", sa.Text(), nullable=False, comment="core.message.Incoming as JSON"),
    sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("done", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.PrimaryKeyConstraint("event", name="pk_incoming"),
)
sa.Index(
    "ix_incoming_done_taken_at",
    tables.tables["incoming"].c["done"],
    tables.tables["incoming"].c["taken_at"],
)
sa.Table(
    "links",
    tables,
    sa.Column("account", sa.Text(), nullable=False, comment="chat:workspace:user"),
    sa.Column("person", sa.BigInteger(), nullable=False),
    sa.Column("login", sa.Text(), nullable=False, comment="as written when it was linked"),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("account", name="pk_links"),
)
sa.Index("ix_links_person", tables.tables["links"].c["person"])
sa.Table(
    "locks",
    tables,
    sa.Column("site", sa.Text(), nullable=False),
    sa.Column("person", sa.BigInteger(), nullable=False),
    sa.Column("login", sa.Text(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("site", name="pk_locks"),
)
sa.Table(
    "logs",
    tables,
    sa.Column("run", Id, autoincrement=False, nullable=False),
    sa.Column("text", sa.Text(), nullable=False, comment="redacted, bounded"),
    sa.PrimaryKeyConstraint("run", name="pk_logs"),
)
sa.Table(
    "outbox",
    tables,
    sa.Column("id", Id, nullable=False),
    sa.Column("card", sa.Text(), nullable=False, comment="the renderer's name: run, run-waits ..."),
    sa.Column(
        "subject", sa.Text(), nullable=False, comment="what it is about: the run's number ..."
    ),
    sa.Column(
        "data", sa.Text(), nullable=False, comment="JSON for the renderer, fixed at creation"
    ),
    sa.Column("chat", sa.Text(), nullable=False),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("under", Id, comment="outbox row whose message it stands in the thread of"),
    sa.Column("thread", sa.Text(), comment="the chat's name of a thread, where it is no card's"),
    sa.Column("ref", sa.Text(), comment="the chat's name for the message once it stands"),
    sa.Column("wanted", sa.Integer(), nullable=False, comment="version that should be seen"),
    sa.Column("shown", sa.Integer(), nullable=False, comment="version that is seen; 0: none"),
    sa.Column("tries", sa.Integer(), nullable=False),
    sa.Column("due", sa.DateTime(timezone=True), nullable=False, comment="not before this"),
    sa.Column("lost", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    sa.UniqueConstraint(
        "card", "subject", "chat", "channel", name="uq_outbox_card_subject_chat_channel"
    ),
)
sa.Index(
    "ix_outbox_unshown",
    tables.tables["outbox"].c["chat"],
    tables.tables["outbox"].c["id"],
    sqlite_where=sa.text("wanted > shown"),
    postgresql_where=sa.text("wanted > shown"),
)
sa.Table(
    "page",
    tables,
    sa.Column("seq", Id, autoincrement=True, nullable=False),
    sa.Column("ref", sa.Text(), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint("seq", name="pk_page"),
    sqlite_autoincrement=True,
)
sa.Index("ix_page_ref", tables.tables["page"].c["ref"])
sa.Table(
    "runs",
    tables,
    sa.Column("number", Id, autoincrement=True, nullable=False),
    sa.Column("verb", sa.Text(), nullable=False),
    sa.Column("word", sa.Text(), nullable=False),
    sa.Column("subject", sa.Text(), nullable=False),
    sa.Column(
        "entry", sa.Text(), nullable=False, comment="core.entries.Entry as JSON, as asked for"
    ),
    sa.Column(
        "changes", sa.Boolean(), nullable=False, comment="whether the entry may change hosts"
    ),
    sa.Column("plan_only", sa.Boolean(), nullable=False),
    sa.Column("site", sa.Text(), nullable=False),
    sa.Column("holds", sa.Text(), nullable=False, comment="JSON: the sites that it takes"),
    sa.Column("given", sa.Text(), nullable=False, comment="JSON: parameters as typed"),
    sa.Column("parameters", sa.Text(), nullable=False, comment="JSON: all, with defaults"),
    sa.Column("revision", sa.Text(), nullable=False),
    sa.Column("revision_subject", sa.Text(), nullable=False),
    sa.Column("revision_author", sa.Text(), nullable=False),
    sa.Column("revision_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("asked_by", sa.BigInteger(), nullable=False),
    sa.Column("asked_login", sa.Text(), nullable=False),
    sa.Column("asked_account", sa.Text(), nullable=False, comment="JSON"),
    sa.Column("asked_place", sa.Text(), nullable=False, comment="JSON"),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("operator", sa.Text(), comment="operating system's user of `say`"),
    sa.Column("needed", sa.Integer(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("decided_by", sa.BigInteger()),
    sa.Column("decided_login", sa.Text()),
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.Column("deadline", sa.DateTime(timezone=True)),
    sa.Column("inputs", sa.Text(), comment="digest of what it reads (repo export)"),
    sa.Column("seal", sa.Text(), comment="hash of everything an approval is bound to"),
    sa.Column("plan", sa.Text(), comment="JSON; never changes once set"),
    sa.Column("progress", sa.Text(), comment="JSON"),
    sa.Column("recap", sa.Text(), comment="JSON"),
    sa.Column("checked_only", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("cancelling_by", sa.BigInteger()),
    sa.Column("cancelling_login", sa.Text()),
    sa.Column("retry_of", sa.BigInteger()),
    sa.Column("attempt", sa.Integer(), nullable=False),
    sa.Column(
        "cleared_at", sa.DateTime(timezone=True), comment="rights and revision were last found good"
    ),
    sa.PrimaryKeyConstraint("number", name="pk_runs"),
    sqlite_autoincrement=True,
)
sa.Index("ix_runs_site_number", tables.tables["runs"].c["site"], tables.tables["runs"].c["number"])
sa.Index("ix_runs_state", tables.tables["runs"].c["state"])

# --- triggers

SQLITE = (
    """
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
    """,
    """
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
    """,
    # INSERT OR REPLACE fires no delete trigger; a number that is there does not follow.
    """
    CREATE TRIGGER audit_follows BEFORE INSERT ON audit
    WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit)
      OR NEW.before IS NOT coalesce(
        (SELECT hash FROM audit ORDER BY id DESC LIMIT 1), hex(zeroblob(32)))
    BEGIN SELECT RAISE(ABORT, 'the record grows by its next row only'); END
    """,
)

POSTGRES = (
    """
    CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'the record is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE FUNCTION audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      last record;
    BEGIN
      SELECT id, hash INTO last FROM audit ORDER BY id DESC LIMIT 1;
      IF NEW.id IS DISTINCT FROM coalesce(last.id, 0) + 1
        OR NEW.before IS DISTINCT FROM coalesce(last.hash, repeat('0', 64)) THEN
        RAISE EXCEPTION 'the record grows by its next row only'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()
    """,
    """
    CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
    """,
    """
    CREATE TRIGGER audit_follows BEFORE INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_follows()
    """,
    # ALWAYS: session_replication_role = replica would pass ordinary triggers by.
    "ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_no_change",
    "ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_no_truncate",
    "ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_follows",
)


def upgrade() -> None:
    connection = op.get_bind()
    tables.create_all(connection)
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRES:
        connection.exec_driver_sql(statement)
