"""who took part in an incident before it was split

Revision: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incident_parts", sa.Column("had", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("incident_parts", "had")
