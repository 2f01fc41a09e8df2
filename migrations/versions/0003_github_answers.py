"""What GitHub said last is kept: a bot that starts while GitHub is away knows its people."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "github_answers",
        sa.Column("question", sa.Text(), nullable=False, comment="root of GitHub's API, and path"),
        sa.Column(
            "answer", sa.Text(), nullable=False, comment="JSON: what the bot read, page by page"
        ),
        sa.Column(
            "at", sa.DateTime(timezone=True), nullable=False, comment="when GitHub said so last"
        ),
        sa.PrimaryKeyConstraint("question", name="pk_github_answers"),
    )
    op.create_index("ix_github_answers_at", "github_answers", ["at"])


def downgrade() -> None:
    op.drop_table("github_answers")
