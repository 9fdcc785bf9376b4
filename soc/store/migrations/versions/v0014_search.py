"""what incidents are found by

Revision: 0014
Revises: 0013
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

# the words of the rows that are there are found as those of new rows are; both tables stay as this revision makes them
from soc.store.nouns.incidents.search_terms import add_terms

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_AT_ONCE = 1000
_INCIDENTS = sa.table(
    "incidents",
    *(sa.column(name, sa.String()) for name in ("id", "batch_id", "rule_id", "title", "source", "entity", "message")),
    sa.column("score", sa.Integer()),
    sa.column("created_at", sa.String()),
    sa.column("reasons", sa.JSON()),
    sa.column("samples", sa.JSON()),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "search_documents",
        sa.Column("doc", sa.Integer(), primary_key=True),
        sa.Column("incident_id", sa.String(), nullable=False, unique=True),
    )
    text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "search_terms",
        sa.Column("term", text, primary_key=True),
        sa.Column("doc", sa.Integer(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    _fill()


def _fill() -> None:
    """The incidents that are there, the oldest first."""
    connection = op.get_bind()
    table = _INCIDENTS.c
    moments = sa.select(table.created_at, table.score, table.id)
    order = connection.execute(moments.order_by(table.created_at, table.score, table.id)).all()
    columns = [column for column in _INCIDENTS.c if column.name != "created_at"]
    with Session(connection) as session:
        for start in range(0, len(order), _AT_ONCE):
            ids = [row.id for row in order[start : start + _AT_ONCE]]
            rows: list[dict[str, Any]] = [
                dict(row._mapping) for row in connection.execute(sa.select(*columns).where(table.id.in_(ids)))
            ]
            place = {incident_id: number for number, incident_id in enumerate(ids)}
            add_terms(session, sorted(rows, key=lambda row: place[row["id"]]), sort=False)


def downgrade() -> None:
    op.drop_table("search_terms")
    op.drop_table("search_documents")
