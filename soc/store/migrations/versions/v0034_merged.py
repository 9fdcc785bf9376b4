"""incidents that were merged into others

Revision: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("merged_into", sa.String(), nullable=False, server_default=""))
    of = sa.text("merged_into <> ''")
    op.create_index(
        "ix_incidents_merged_into", "incidents", ["merged_into"], sqlite_where=of, postgresql_where=of
    )


def downgrade() -> None:
    op.drop_index("ix_incidents_merged_into", table_name="incidents")
    op.drop_column("incidents", "merged_into")
