"""what an earlier batch found in the same content: to which incident it is joined, and whether it is told anew

Revision: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("joined_to", sa.String(), nullable=False, server_default=""))
    op.add_column("batches", sa.Column("as_new", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("batches", "as_new")
    op.drop_column("incidents", "joined_to")
