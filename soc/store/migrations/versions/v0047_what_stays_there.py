"""what of a ticket stays at its vendor alone

Revision: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("not_synced", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("tickets", "not_synced")
