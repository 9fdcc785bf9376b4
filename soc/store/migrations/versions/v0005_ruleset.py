"""changes of the ruleset, and which ruleset judged a batch

Revision: 0005
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ruleset_changes",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "name"),
    )
    with op.batch_alter_table("batches") as batches:
        batches.add_column(sa.Column("ruleset", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("batches") as batches:
        batches.drop_column("ruleset")
    op.drop_table("ruleset_changes")
