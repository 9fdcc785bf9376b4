"""how often a paused integration was looked into, and when that is next

Revision: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("integration_health") as health:
        health.add_column(sa.Column("probes", sa.Integer(), nullable=False, server_default="0"))
        health.add_column(sa.Column("next_probe_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("integration_health") as health:
        health.drop_column("next_probe_at")
        health.drop_column("probes")
