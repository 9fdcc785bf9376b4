"""indexes for somebody's and nobody's incidents and tickets, and for those that ended without a verdict

Revision: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ORDERS = {
    "incidents": ["score", "created_at", "count", "id", "status"],
    "tickets": ["resolved_at", "due_at", "id"],
}
_OPEN = "resolved_at IS NULL"
_BURNING = "severity = 'critical' AND status NOT IN ('resolved', 'closed')"
_UNJUDGED = "verdict = '' AND status IN ('resolved', 'closed')"


def upgrade() -> None:
    op.drop_index("ix_tickets_owned", "tickets")
    for table, columns in _ORDERS.items():
        for name, first, rows in (("owned", ["owner"], "owner <> ''"), ("unowned", [], "owner = ''")):
            op.create_index(
                f"ix_{table}_{name}", table, [*first, *columns],
                sqlite_where=sa.text(rows), postgresql_where=sa.text(rows),
            )  # fmt: skip
    for name, columns, rows in (
        ("burning", ["score", "created_at", "id", "severity", "status"], _BURNING), ("unjudged", ["status", "id"], _UNJUDGED)
    ):  # fmt: skip
        op.create_index(
            f"ix_incidents_{name}", "incidents", columns,
            sqlite_where=sa.text(rows), postgresql_where=sa.text(rows),
        )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_incidents_unjudged", "incidents")
    op.drop_index("ix_incidents_burning", "incidents")
    for table in _ORDERS:
        for name in ("owned", "unowned"):
            op.drop_index(f"ix_{table}_{name}", table)
    op.create_index(
        "ix_tickets_owned", "tickets", ["owner", "due_at", "id"],
        sqlite_where=sa.text(_OPEN), postgresql_where=sa.text(_OPEN),
    )  # fmt: skip
