"""who is at work, which run of an executor made an attempt, and when a delivery's next try was named

Revision: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "executors",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("configured", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
    )
    with op.batch_alter_table("attempts") as attempts:
        attempts.add_column(sa.Column("run", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.add_column(sa.Column("armed_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_column("armed_at")
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("run")
    op.drop_table("executors")
