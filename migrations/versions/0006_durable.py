"""Runs that survive: processes, schedules, Procrastinate's tables, what a waiting run keeps."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column(
            "patient",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="when reachable",
        ),
        sa.Column("parts", sa.Text(), comment="JSON: digests of what `inputs` is made of, by part"),
        sa.Column(
            "start_by", Moment, comment="deadline of an approved run, kept while it is tried"
        ),
        sa.Column("turn_at", Moment, comment="when its turn is likely to come; none: not known"),
        sa.Column("again_at", Moment, comment="not tried before this"),
    ):
        op.add_column("runs", column)
    op.add_column(
        "incoming", sa.Column("by", sa.Text(), comment="process that works on it (processes.name)")
    )
    op.add_column(
        "attempts",
        sa.Column(
            "machine", sa.Text(), comment="where its processes can be found; none: not known"
        ),
    )
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["engine"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_runs_ended_at", "runs", ["ended_at"])
    op.create_table(
        "processes",
        sa.Column("name", sa.Text(), nullable=False, comment="AAROC_ENGINE__NAME"),
        sa.Column("kind", sa.Text(), nullable=False, comment="bot or worker"),
        sa.Column(
            "sites", sa.Text(), comment="JSON: the sites that it alone is for; none: it named none"
        ),
        sa.Column(
            "slots", sa.Integer(), nullable=False, comment="runs that it plays at the same time"
        ),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column(
            "seen_at", Moment, nullable=False, comment="its last sign of life (database's clock)"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_processes"),
    )
    op.create_table(
        "schedules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "terms",
            sa.Text(),
            nullable=False,
            comment="JSON: core.schedules.Schedule, as it was set",
        ),
        sa.Column("due", Moment, nullable=False, comment="when it is for next"),
        sa.PrimaryKeyConstraint("name", name="pk_schedules"),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        # Procrastinate keeps no book of what it applied: its schema (unchanged since 3.4) is
        # made here, in this very transaction. A later version's migrations go into ours.
        whole = connection.execution_options(no_parameters=True)  # several statements, with %
        whole.exec_driver_sql(SchemaManager.get_schema())
