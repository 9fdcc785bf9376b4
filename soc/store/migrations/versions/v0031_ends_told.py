"""the end of a ticket's response target that its vendor was told, and the one that it is to be told

Revision: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("end_told", UtcDateTime(), nullable=True))
    op.add_column("tickets", sa.Column("end_untold", UtcDateTime(), nullable=True))
    # what runs was told when it was opened: only what changes from now on is told anew
    op.execute(
        "UPDATE tickets SET end_told = (SELECT due_at FROM sla_clocks WHERE sla_clocks.ticket_id = tickets.id"
        " AND sla_clocks.clock = 'response' AND sla_clocks.ended_at IS NULL ORDER BY cycle DESC LIMIT 1)"
    )
    op.create_index(
        "ix_tickets_untold",
        "tickets",
        ["id"],
        sqlite_where=sa.text("end_untold IS NOT NULL"),
        postgresql_where=sa.text("end_untold IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_untold", table_name="tickets")
    op.drop_column("tickets", "end_untold")
    op.drop_column("tickets", "end_told")
