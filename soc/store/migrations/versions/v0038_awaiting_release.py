"""what a batch found beyond what may be told at once awaits release

Revision: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "incidents", sa.Column("awaiting_release", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("batches", sa.Column("flood_cap", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_incidents_awaiting",
        "incidents",
        ["batch_id", "score"],
        sqlite_where=sa.text("awaiting_release IS 1"),
        postgresql_where=sa.text("awaiting_release IS true"),
    )


def downgrade() -> None:
    op.drop_index("ix_incidents_awaiting", "incidents")
    op.drop_column("batches", "flood_cap")
    op.drop_column("incidents", "awaiting_release")
