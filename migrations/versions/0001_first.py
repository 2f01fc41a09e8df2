"""The first schema, and the triggers that keep the record append-only."""

from collections.abc import Sequence

from alembic import op

from aaroc_bot.store.tables import metadata

revision = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

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
    metadata.create_all(connection)
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRES:
        connection.exec_driver_sql(statement)
