"""what an escalation notice began at its vendor, so that it is ended there

Revision: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_OF = sa.text("stands IN ('open', 'acknowledged')")


def upgrade() -> None:
    op.add_column("escalation_notices", sa.Column("stands", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_escalation_notices_standing", "escalation_notices", ["id"], sqlite_where=_OF, postgresql_where=_OF
    )


def downgrade() -> None:
    op.drop_index("ix_escalation_notices_standing", table_name="escalation_notices")
    op.drop_column("escalation_notices", "stands")
