"""the last incident of each source, found in its index alone

Revision: 0033
Revises: 0032
"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_incidents_source", "incidents")
    op.create_index("ix_incidents_source", "incidents", ["source", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_incidents_source", "incidents")
    op.create_index("ix_incidents_source", "incidents", ["source"])
