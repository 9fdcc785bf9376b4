"""indexes that the pages read by, so that no page costs more with more rows

Revision: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NEW = (
    ("ix_attempts_started_at", "attempts", "started_at"),
    ("ix_deliveries_batch_counts", "deliveries", "batch_id integration state action next_try_at"),
    ("ix_deliveries_changed", "deliveries", "updated_at id state integration"),
    ("ix_deliveries_counts", "deliveries", "integration state next_try_at"),
    (
        "ix_incidents_gravest",
        "incidents",
        "score created_at count id severity classification status eligible",
    ),
    ("ix_incidents_newest", "incidents", "created_at score id severity classification status eligible"),
    ("ix_tickets_clock", "tickets", "created_at due_at resolved_at priority"),
)
#: Of some rows only: name, table, columns, which rows on SQLite, which on PostgreSQL.
_PARTIAL = (
    ("ix_batches_practice", "batches", "id", "practice IS 1", "practice IS true"),
    ("ix_deliveries_practice", "deliveries", "id", "practice IS 1", "practice IS true"),
    ("ix_tickets_practice", "tickets", "id", "practice IS 1", "practice IS true"),
    (
        "ix_tickets_running",
        "tickets",
        "due_at created_at priority resolved_at",
        "resolved_at IS NULL",
        "resolved_at IS NULL",
    ),
    (
        "ix_tickets_stopped",
        "tickets",
        "resolved_at due_at priority",
        "resolved_at IS NOT NULL",
        "resolved_at IS NOT NULL",
    ),
)
#: Each is the beginning of a new one, which serves for it too, or tells too few rows apart to be of use.
_DROPPED = (
    ("ix_deliveries_batch_id", "deliveries", "batch_id"),
    ("ix_deliveries_integration", "deliveries", "integration"),
    ("ix_incidents_classification", "incidents", "classification"),
    ("ix_incidents_created_score", "incidents", "created_at score"),
    ("ix_incidents_eligible", "incidents", "eligible"),
    ("ix_incidents_severity", "incidents", "severity"),
    ("ix_incidents_status", "incidents", "status"),
)


def upgrade() -> None:
    for name, table, columns in _NEW:
        op.create_index(name, table, columns.split())
    for name, table, columns, on_sqlite, on_postgresql in _PARTIAL:
        op.create_index(
            name,
            table,
            columns.split(),
            sqlite_where=sa.text(on_sqlite),
            postgresql_where=sa.text(on_postgresql),
        )
    for name, table, _columns in _DROPPED:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    for name, table, columns in _DROPPED:
        op.create_index(name, table, columns.split())
    for name, table, *_ in (*_NEW, *_PARTIAL):
        op.drop_index(name, table_name=table)
