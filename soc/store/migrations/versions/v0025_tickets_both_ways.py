"""tickets in step with their vendor in both directions: bases of the merge, conflicts, comments, history, calls

Revision: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_TEXT = sa.String()
_OPEN = "resolved_at IS NULL"
_WAITING = "done_at IS NULL"


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False, server_default=default)


def _ticket(*, key: bool) -> sa.Column[int]:
    return sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("tickets.id"), nullable=False, primary_key=key)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False, primary_key=True)


def _moment(name: str, *, needed: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(), nullable=not needed)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(_text("assignee_id", ""))
        tickets.add_column(_text("absence", ""))
        for name in ("absent_since", "remote_updated_at", "read_at"):
            tickets.add_column(_moment(name))
    op.create_index("ix_tickets_read_at", "tickets", ["read_at"])
    op.create_table(
        "ticket_fields", _ticket(key=True), _key("field"), _json("local"), _json("base"), _text("base_change"),
        _moment("base_at"), _text("changed_by"), _moment("changed_at"),
    )  # fmt: skip
    op.create_table("throttles", _key("name"), _moment("until", needed=True))
    op.create_table(
        "ticket_conflicts",
        sa.Column("id", sa.Integer(), primary_key=True),
        _ticket(key=False), _text("field"), _text("reason"), _json("ours"), _json("theirs"), _json("base"),
        _text("made_by"), _moment("our_at"), _text("their_name"), _moment("their_at"), _text("their_change"),
        _text("delivery_id"), _moment("created_at", needed=True), _moment("updated_at", needed=True),
        _moment("resolved_at"), _text("decision"), _text("changed_by"),
    )  # fmt: skip
    op.create_index("ix_ticket_conflicts_ticket_id", "ticket_conflicts", ["ticket_id"])
    op.create_index("ix_ticket_conflicts_created_at", "ticket_conflicts", ["created_at"])
    op.create_index(
        "ix_ticket_conflicts_open", "ticket_conflicts", ["ticket_id", "field"],
        sqlite_where=sa.text(_OPEN), postgresql_where=sa.text(_OPEN),
    )  # fmt: skip
    op.create_table(
        "ticket_changes", _ticket(key=True), _key("kind"), _key("remote_id"), _flag("ours"), _text("delivery_id"),
        _text("author"), _moment("at"), _json("items"), _moment("seen_at", needed=True),
    )  # fmt: skip
    op.create_table(
        "ticket_comments", _ticket(key=True), _key("remote_id"), _text("note_id"), _flag("ours"), _flag("internal"),
        _text("author"), _text("text"), _text("not_synced"), _text("made_by"), _moment("created_at"),
        _moment("updated_at"), _moment("deleted_at"),
    )  # fmt: skip
    op.create_index("ix_ticket_comments_note_id", "ticket_comments", ["note_id"])
    op.create_table(
        "hook_events", _key("id"), _text("integration"), _text("event"), _text("about"), _text("made_by"),
        _moment("received_at", needed=True), _moment("done_at"),
    )  # fmt: skip
    op.create_index(
        "ix_hook_events_waiting", "hook_events", ["received_at"],
        sqlite_where=sa.text(_WAITING), postgresql_where=sa.text(_WAITING),
    )  # fmt: skip


def downgrade() -> None:
    for table in (
        "hook_events", "ticket_comments", "ticket_changes", "ticket_conflicts", "throttles", "ticket_fields",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_index("ix_tickets_read_at", "tickets")
    with op.batch_alter_table("tickets") as tickets:
        for name in ("read_at", "remote_updated_at", "absent_since", "absence", "assignee_id"):
            tickets.drop_column(name)
