"""what tells whether a process has the key of this store; filled at the next start, by whoever can open what is sealed

Revision: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_checks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sealed", sa.String(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("key_checks")
