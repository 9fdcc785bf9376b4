"""which trace a batch, a delivery and an attempt belong to (W3C traceparent; "": none)

Revision: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_TABLES = ("batches", "deliveries", "attempts")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("traceparent", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_column(table, "traceparent")
