"""what people did at a vendor that answers back

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = ("id", "integration", "key", "wish", "incident_id", "who", "person_id")
    op.create_table(
        "interactions",
        *(sa.Column(name, sa.String(), nullable=False, primary_key=name == "id") for name in text),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("state", "outcome")),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("made_by", "changed_by")),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("integration", "key"),
    )
    op.create_index("ix_interactions_due", "interactions", ["state", "next_try_at"])
    for column in ("incident_id", "received_at"):
        op.create_index(f"ix_interactions_{column}", "interactions", [column])
    op.create_table(
        "listeners",
        sa.Column("integration", sa.String(), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("executor", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("listeners")
    op.drop_table("interactions")
