"""Slack and Telegram: who speaks there, where channels went, and what was being posted."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Columns are added without rebuilding a table: Alembic's batch mode would drop triggers.
    op.add_column(
        "runs", sa.Column("event", sa.Text(), comment="what was said; none: not from a chat")
    )
    op.create_index("uq_runs_event", "runs", ["event"], unique=True)
    op.add_column(
        "links",
        sa.Column("by_operator", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "links",
        sa.Column(
            "confirmed",
            sa.Boolean(),
            nullable=False,
            server_default=sa.true(),
            comment="speaks already",
        ),
    )
    op.add_column(
        "links", sa.Column("vouched_by", sa.BigInteger(), comment="expert who vouched for it")
    )
    op.add_column("links", sa.Column("vouched_login", sa.Text()))
    op.add_column(
        "links", sa.Column("code", sa.Text(), comment="confirms it, while it is not confirmed")
    )
    op.add_column(
        "outbox",
        sa.Column(
            "reader", sa.Text(), comment="account that alone reads it, wherever that is possible"
        ),
    )
    op.add_column(
        "outbox",
        sa.Column("mark", sa.Text(), comment="goes with the message while it is posted; then none"),
    )
    op.add_column("outbox", sa.Column("marked_at", sa.DateTime(timezone=True)))
    op.create_table(
        "effects",
        sa.Column("event", sa.Text(), nullable=False, comment="what was said (core/doing.py)"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event", name="pk_effects"),
    )
    op.create_index("ix_effects_at", "effects", ["at"])
    op.create_table(
        "logins",
        sa.Column("account", sa.Text(), nullable=False, comment="chat:workspace:user"),
        sa.Column(
            "device_code", sa.Text(), nullable=False, comment="GitHub's; deleted once it was used"
        ),
        sa.Column("user_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False, comment="where the code is entered"),
        sa.Column(
            "every", sa.Integer(), nullable=False, comment="seconds between questions to GitHub"
        ),
        sa.Column(
            "due", sa.DateTime(timezone=True), nullable=False, comment="not asked before this"
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_logins"),
    )
    op.create_table(
        "frozen",
        sa.Column(
            "person",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="login of the expert, or the operator"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_frozen"),
    )
    op.create_table(
        "addresses",
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False, comment="as the operator set it"),
        sa.Column("now", sa.Text(), nullable=False, comment="as the chat calls it now"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chat", "channel", name="pk_addresses"),
    )


def downgrade() -> None:
    op.drop_table("addresses")
    op.drop_table("frozen")
    op.drop_table("logins")
    op.drop_table("effects")
    for column in ("marked_at", "mark", "reader"):
        op.drop_column("outbox", column)
    for column in ("code", "vouched_login", "vouched_by", "confirmed", "by_operator"):
        op.drop_column("links", column)
    op.drop_index("uq_runs_event", "runs")
    op.drop_column("runs", "event")
