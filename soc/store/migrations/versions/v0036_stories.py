"""who takes part in an incident, its steps, and by what it is known in another batch

Revision: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("entities", "steps"):
        op.add_column("incidents", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("incidents", sa.Column("fingerprint", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_incidents_fingerprint", "incidents", ["fingerprint", "created_at"],
        sqlite_where=sa.text("fingerprint <> ''"), postgresql_where=sa.text("fingerprint <> ''"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_incidents_fingerprint", "incidents")
    op.drop_column("incidents", "fingerprint")
    op.drop_column("incidents", "steps")
    op.drop_column("incidents", "entities")
