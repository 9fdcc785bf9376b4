"""chains of escalation, what became of their steps, shifts, absences and who was given which ticket

Revision: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TABLES = (
    "assignments", "absences", "shifts", "escalation_acks", "escalation_lines", "escalation_notices", "escalation_steps",
    "escalation_plans", "escalation_chain_versions", "escalation_chains",
)  # fmt: skip


def upgrade() -> None:
    _create_chains()
    _create_steps()
    _create_notices()
    _create_roster()


def _create_chains() -> None:
    op.create_table(
        "escalation_chains",
        *_texts("id", "name", "changed_by"),
        *_numbers("position", "version"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "escalation_chain_versions",
        _id(),
        *_texts("chain_id", "made_by"),
        *_numbers("version"),
        sa.Column("definition", sa.JSON(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("chain_id", "version"),
    )


def _create_steps() -> None:
    op.create_table(
        "escalation_plans",
        _id(),
        *_numbers("ticket_id", "cycle", "chain_version"),
        *_texts("chain_id", "why", "priority", "made_by"),
        sa.Column("over", sa.Boolean(), nullable=False),
        _moment("due_at", nullable=True),
        _moment("planned_at"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "cycle"),
    )
    op.create_table(
        "escalation_steps",
        _id(),
        *_numbers("ticket_id", "cycle", "chain_version", "step", "loop"),
        *_texts("chain_id", "title", "state", "why", "made_by", "changed_by"),
        _moment("due_at", nullable=True),
        _moment("settled_at", nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "cycle", "chain_id", "chain_version", "step", "loop"),
    )
    _partial("ix_escalation_steps_due", "escalation_steps", ["due_at", "ticket_id"], "state = 'planned'")
    op.create_index("ix_escalation_steps_newest", "escalation_steps", ["settled_at", "id"])


def _create_notices() -> None:
    op.create_table(
        "escalation_notices",
        *_texts("id", "recipient", "channel", "delivery_id", "made_by"),
        *_numbers("tickets"),
        _moment("told_at"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_escalation_notices_recipient", "escalation_notices", ["recipient", "told_at"])
    op.create_index("ix_escalation_notices_delivery_id", "escalation_notices", ["delivery_id"])
    op.create_table(
        "escalation_lines",
        _id(),
        *_numbers("step_id", "ticket_id"),
        *_texts("recipient", "channel", "state", "said", "skipped", "note", "why", "made_by", "changed_by"),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("notice_id", sa.String(), nullable=True),
        _moment("created_at"),
        sa.ForeignKeyConstraint(["step_id"], ["escalation_steps.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.ForeignKeyConstraint(["notice_id"], ["escalation_notices.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("step_id", "recipient", "channel"),
    )
    _partial("ix_escalation_lines_waiting", "escalation_lines", ["recipient", "channel"], "state = 'waiting'")
    op.create_index("ix_escalation_lines_of_ticket", "escalation_lines", ["ticket_id", "state"])
    op.create_index("ix_escalation_lines_notice_id", "escalation_lines", ["notice_id"])
    op.create_table(
        "escalation_acks",
        _id(),
        *_texts("incident_id", "made_by", "why"),
        _moment("made_at"),
        _moment("expires_at", nullable=True),
        _moment("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _partial("ix_escalation_acks_open", "escalation_acks", ["expires_at", "incident_id"], "ended_at IS NULL")
    op.create_index("ix_escalation_acks_incident", "escalation_acks", ["incident_id"])


def _create_roster() -> None:
    op.create_table(
        "shifts",
        *_texts("id", "person_id", "weekdays", "start", "end", "zone", "since", "until", "made_by"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_shifts_person_id", "shifts", ["person_id"])
    op.create_table(
        "absences",
        *_texts("id", "person_id", "note", "made_by"),
        _moment("start"),
        _moment("end"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_absences_person", "absences", ["person_id", "end"])
    op.create_table(
        "assignments",
        _id(),
        *_numbers("ticket_id"),
        *_texts("incident_id", "person_id", "way", "why", "made_by"),
        _moment("created_at"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_assignments_ticket_id", "assignments", ["ticket_id"])
    op.create_index("ix_assignments_person", "assignments", ["person_id", "created_at"])
    op.create_index("ix_assignments_newest", "assignments", ["created_at", "id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def _partial(name: str, table: str, columns: list[str], of: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(of), postgresql_where=sa.text(of))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
