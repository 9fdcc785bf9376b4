"""the groups that a provider named at the last sign-in; keys of a person, with an end, and their successors

Revision: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("api_keys", sa.Column("owner", sa.String(), nullable=False, server_default=""))
    op.add_column("api_keys", sa.Column("hint", sa.String(), nullable=False, server_default=""))
    op.add_column("api_keys", sa.Column("expires_at", UtcDateTime(), nullable=True))
    op.add_column("api_keys", sa.Column("follows", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("follows", "expires_at", "hint", "owner"):
        op.drop_column("api_keys", name)
    op.drop_column("accounts", "groups")
