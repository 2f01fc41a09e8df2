"""Teams that the rules name are kept by numeric id."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column(
            "slug", sa.Text(), nullable=False, comment="organisation/slug, as the rules name it"
        ),
        sa.Column(
            "team",
            sa.BigInteger(),
            nullable=False,
            comment="GitHub's id of the team that had it first",
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_teams"),
    )


def downgrade() -> None:
    op.drop_table("teams")
