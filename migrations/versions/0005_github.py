"""GitHub: Changes, pull requests, who wants to join, and what GitHub called about."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("number", sa.BigInteger(), comment="of the pull request; none: not open yet"),
        sa.Column("wish", sa.Text(), nullable=False, comment="core.changes.Wish as JSON"),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column(
            "draft", sa.Text(), nullable=False, comment="core.changes.Draft as JSON, redacted"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_login", sa.Text(), nullable=False),
        sa.Column("asked_account", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("asked_place", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("operator", sa.Text(), comment="operating system's user of `say`"),
        sa.Column("bounded", sa.Boolean(), nullable=False),
        sa.Column("event", sa.Text(), comment="what was said; none: not from a chat"),
        sa.Column("base", sa.Text(), nullable=False, comment="sha that its branch starts from"),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("made", sa.Text(), comment="sha of the commit that the bot made last for it"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("ended_by", sa.BigInteger(), comment="who merged or closed it"),
        sa.Column("ended_login", sa.Text()),
        sa.Column(
            "deploy", sa.BigInteger(), comment="run that was asked for after a rollback's merge"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sa.UniqueConstraint("number", name="uq_changes_number"),
        sa.UniqueConstraint("branch", name="uq_changes_branch"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changes_asked_by", "changes", ["asked_by"])
    op.create_index("ix_changes_state", "changes", ["state"])
    op.create_index("uq_changes_event", "changes", ["event"], unique=True)
    op.create_table(
        "pulls",
        sa.Column("number", Id, autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False, comment="redacted"),
        sa.Column("author", sa.BigInteger()),
        sa.Column("author_login", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column(
            "reviews", sa.Text(), nullable=False, comment="JSON: core.pulls.Review of any head"
        ),
        sa.Column("updated_at", Moment, nullable=False, comment="as GitHub says"),
        sa.Column("told", sa.Boolean(), nullable=False, comment="its end was told in the channel"),
        sa.PrimaryKeyConstraint("number", name="pk_pulls"),
    )
    op.create_table(
        "joins",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False, comment="as written when they asked"),
        sa.Column("site", sa.Text(), nullable=False, comment="empty: no site's team"),
        sa.Column("account", sa.Text(), nullable=False, comment="chat:workspace:user"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="asked, welcomed, sending, invited, joined, over",
        ),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("welcomed_by", sa.BigInteger()),
        sa.Column("welcomed_login", sa.Text()),
        sa.Column("invited_by", sa.BigInteger()),
        sa.Column("invited_login", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False, comment="why it is over"),
        sa.PrimaryKeyConstraint("id", name="pk_joins"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_joins_person_state", "joins", ["person", "state"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False, comment="GitHub's; not signed"),
        sa.Column("body", sa.Text(), nullable=False, comment="SHA-256 of it: that is signed"),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("body", name="uq_deliveries_body"),
    )
    op.create_index("ix_deliveries_at", "deliveries", ["at"])
    op.create_table(
        "marks",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_marks"),
    )


def downgrade() -> None:
    op.drop_table("marks")
    op.drop_table("deliveries")
    op.drop_table("joins")
    op.drop_table("pulls")
    op.drop_table("changes")
