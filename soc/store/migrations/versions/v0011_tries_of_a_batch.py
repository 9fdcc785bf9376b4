"""tries of a batch: which comes next and when, how many broke off, and whether a person waived its budget

Revision: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

import soc.clock

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batches") as batches:
        batches.add_column(sa.Column("try_number", sa.Integer(), nullable=False, server_default="1"))
        batches.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        batches.add_column(sa.Column("next_try_at", soc.clock.UtcDateTime(), nullable=True))
        batches.add_column(sa.Column("without_budget", sa.Boolean(), nullable=False, server_default="0"))
        batches.add_column(sa.Column("changed_by", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("batches") as batches:
        for name in ("changed_by", "without_budget", "next_try_at", "failures", "try_number"):
            batches.drop_column(name)
