"""who did it, with every write

Rows that are there already were written by nobody known. The default stays in the table (to take it away, SQLite
would have to copy each table anew), but not in the models: a new row without its actor is refused.

Revision: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UNKNOWN = "system:before@unknown"
#: Every row has one.
_ALWAYS = (
    ("api_keys", "made_by"),
    ("batches", "made_by"),
    ("decisions", "made_by"),
    ("deliveries", "made_by"),
    ("integration_versions", "made_by"),
    ("rules", "changed_by"),
    ("ruleset_changes", "changed_by"),
    ("sla_policies", "changed_by"),
    ("tickets", "made_by"),
)
#: Empty until somebody does it.
_LATER = (
    ("api_keys", "revoked_by"),
    ("deliveries", "revived_by"),
    ("incidents", "changed_by"),
    ("integration_health", "changed_by"),
    ("tickets", "changed_by"),
)


def upgrade() -> None:
    for table, column in _ALWAYS + _LATER:
        default = _UNKNOWN if (table, column) in _ALWAYS else ""
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column(column, sa.String(), nullable=False, server_default=default))


def downgrade() -> None:
    for table, column in reversed(_ALWAYS + _LATER):
        with op.batch_alter_table(table) as changed:
            changed.drop_column(column)
