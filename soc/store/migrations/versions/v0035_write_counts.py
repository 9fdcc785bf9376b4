"""how often anything was written

Revision: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "write_counts",
        sa.Column("slot", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("writes", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("write_counts")
