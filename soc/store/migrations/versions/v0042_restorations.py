"""restores of a backup

Revision: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restorations",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("restored_at", UtcDateTime(), nullable=False),
        sa.Column("through", UtcDateTime(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("restorations")
