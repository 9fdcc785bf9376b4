"""incidents that were merged into others, and lines that were split off

Revision: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("merged_into", "split_from"):
        op.add_column("incidents", sa.Column(name, sa.String(), nullable=False, server_default=""))
        of = sa.text(f"{name} <> ''")
        op.create_index(f"ix_incidents_{name}", "incidents", [name], sqlite_where=of, postgresql_where=of)
    op.create_table(
        "incident_splits",
        sa.Column("incident_id", sa.String(), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("from_id", sa.String(), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("source_id", sa.String(), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=False, server_default=""),
    )
    op.create_index("ix_incident_splits_from_id", "incident_splits", ["from_id"])


def downgrade() -> None:
    op.drop_table("incident_splits")
    for name in ("merged_into", "split_from"):
        op.drop_index(f"ix_incidents_{name}", table_name="incidents")
        op.drop_column("incidents", name)
