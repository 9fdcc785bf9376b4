"""rows of the clocks' ledger that take another one back

Revision: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sla_events", sa.Column("undoes", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("sla_events", "undoes")
