"""suppressions and maintenance windows

Revision: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TEXTS = (
    "kind",
    "reason",
    "owner",
    "entity",
    "source",
    "signature",
    "class_contains",
    "made_by",
    "changed_by",
)


def upgrade() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _TEXTS),
        *(sa.Column(name, UtcDateTime(), nullable=False) for name in ("starts_at", "ends_at", "created_at")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_suppressions_ends_at", "suppressions", ["ends_at"])


def downgrade() -> None:
    op.drop_table("suppressions")
