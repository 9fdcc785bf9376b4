"""whose file a path is, without reading every row

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_batch_files_path", "batch_files", ["path"])


def downgrade() -> None:
    op.drop_index("ix_batch_files_path", table_name="batch_files")
