"""troubles of the product itself, and whom they were told to

Revision: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "troubles",
        sa.Column("cause", sa.String(), primary_key=True),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("troubles")
