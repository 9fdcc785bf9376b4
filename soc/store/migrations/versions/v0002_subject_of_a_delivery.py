"""subject of a delivery

Revision: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.add_column(sa.Column("subject", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE deliveries SET subject = incident_id WHERE incident_id IS NOT NULL")
    op.create_index("ix_deliveries_subject", "deliveries", ["subject"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_subject", table_name="deliveries")
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_column("subject")
