"""who may sign in, and who is signed in

Revision: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("person_id", sa.String(), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("by_groups", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("totp", sa.String(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("invitation", sa.String(), nullable=False),
        sa.Column("invited_until", UtcDateTime(), nullable=True),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("signed_in_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="uq_accounts_identity"),
    )
    op.create_index("ix_accounts_person_id", "accounts", ["person_id"])
    op.create_index(
        "uq_accounts_invitation",
        "accounts",
        ["invitation"],
        unique=True,
        sqlite_where=sa.text("invitation <> ''"),
        postgresql_where=sa.text("invitation <> ''"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("digest", sa.String(), nullable=False, unique=True),
        sa.Column("account_id", sa.String(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("accounts")
