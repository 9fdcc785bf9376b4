"""rate limits, counted where the bytes leave

Revision: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_limits",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("window", sa.JSON(), nullable=False),
    )
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.add_column(sa.Column("booked_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_column("booked_at")
    op.drop_table("rate_limits")
