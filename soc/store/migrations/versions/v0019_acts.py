"""who has an incident, what was done to it and noted about it, and what it turned out to be

Revision: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TEXTS = ("owner", "acknowledged_by", "priority", "verdict", "duplicate_of")
_MOMENTS = ("acknowledged_at", "closed_at")


def upgrade() -> None:
    with op.batch_alter_table("incidents") as incidents:
        for name in _TEXTS:
            incidents.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        for name in _MOMENTS:
            incidents.add_column(sa.Column(name, UtcDateTime(), nullable=True))
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("owner", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_tickets_owned", "tickets", ["owner", "due_at", "id"],
        sqlite_where=sa.text("resolved_at IS NULL"), postgresql_where=sa.text("resolved_at IS NULL"),
    )  # fmt: skip
    _create_acts()
    _create_notes()


def _create_acts() -> None:
    op.create_table(
        "acts",
        *(
            _text(name)
            for name in ("id", "incident_id", "act", "ending", "said", "by", "group", "via", "source")
        ),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _text("made_by"),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        _text("changed_by"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_acts_of_incident", "acts", ["incident_id", "created_at"])
    op.create_index("ix_acts_group", "acts", ["group"])


def _create_notes() -> None:
    op.create_table(
        "investigation_notes",
        *(_text(name) for name in ("id", "incident_id", "text")),
        sa.Column("version", sa.Integer(), nullable=False),
        *(_text(name) for name in ("visibility", "origin", "integration", "remote_id")),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        *(_text(name) for name in ("made_by", "changed_by")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_investigation_notes_incident", "investigation_notes", ["incident_id", "created_at"])
    op.create_index(
        "ix_investigation_notes_remote", "investigation_notes", ["integration", "remote_id"],
        sqlite_where=sa.text("remote_id <> ''"), postgresql_where=sa.text("remote_id <> ''"),
    )  # fmt: skip
    op.create_table(
        "note_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("note_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        *(_text(name) for name in ("text", "visibility")),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _text("made_by"),
        sa.ForeignKeyConstraint(["note_id"], ["investigation_notes.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("note_id", "version"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def downgrade() -> None:
    op.drop_table("note_versions")
    op.drop_table("investigation_notes")
    op.drop_table("acts")
    op.drop_index("ix_tickets_owned", "tickets")
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_column("owner")
    with op.batch_alter_table("incidents") as incidents:
        for name in (*_MOMENTS, *_TEXTS):
            incidents.drop_column(name)
