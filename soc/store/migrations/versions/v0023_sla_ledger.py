"""the ledger of the tickets' clocks, and SLA policies in versions

Every ticket that there is gets the rows of what is known of it: its clocks began when it was opened, with the time that it
was given then, and ended when it was resolved. When somebody answered was not kept: a ticket that was under way counts
as answered in time unless its breach was recorded, one that was resolved as answered with that.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from soc.clock import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_WHO = "system:before@unknown"
_TICK = timedelta(microseconds=1)
#: Minutes until the end, by priority, as the default policy has them; the response is what the store has.
_RESOLUTION = {"Highest": 480, "High": 1440, "Medium": 4320, "Low": 10080, "Lowest": 20160}
_RESPONSE = {"Highest": 60, "High": 240, "Medium": 1440, "Low": 4320, "Lowest": 10080}
_AT_ONCE = 2_000


def _moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _whole(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _tables() -> tuple[sa.Table, sa.Table]:
    events = op.create_table(
        "sla_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("tickets.id"), nullable=False),
        _text("clock"),
        sa.Column("cycle", sa.Integer(), nullable=False),
        _text("kind"),
        _moment("at", nullable=False),
        _moment("made_at", nullable=False),
        *(_text(name) for name in ("made_by", "reason", "mark", "policy")),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("priority"),
        _whole("target", nullable=True),
        _whole("carried"),
        _moment("until"),
        _text("source"),
    )
    clocks = op.create_table(
        "sla_clocks",
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("tickets.id"), primary_key=True),
        sa.Column("clock", sa.String(), primary_key=True),
        sa.Column("cycle", sa.Integer(), primary_key=True),
        _text("policy"),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("priority"),
        _whole("target"),
        _text("state"),
        sa.Column("intake", sa.Boolean(), nullable=False),
        _moment("started_at", nullable=False),
        _moment("snapped_to"),
        _moment("due_at", nullable=False),
        _moment("at_risk_at", nullable=False),
        _moment("breached_at"),
        _moment("ended_at"),
        _text("ended_by"),
        sa.Column("runs", sa.Boolean(), nullable=False),
        _whole("used"),
        _moment("position", nullable=False),
        _whole("paused_for"),
        _moment("next_at"),
    )
    return events, clocks


def upgrade() -> None:
    versions = op.create_table(
        "sla_policy_versions",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("body", sa.JSON(), nullable=False),
        _moment("made_at", nullable=False),
        _text("made_by"),
    )
    in_force = op.create_table(
        "sla_policies_in_force",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("changed_by"),
    )
    events, clocks = _tables()
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(_moment("at_risk_at"))
        tickets.add_column(sa.Column("sla_state", sa.String(), nullable=False, server_default=""))
    _index_tickets()
    resolution = _carry_policy(versions, in_force)
    if resolution:
        _carry_tickets(events, clocks, resolution)
    op.create_index("ix_sla_events_ticket", "sla_events", ["ticket_id", "id"])
    op.create_index("ix_sla_clocks_state", "sla_clocks", ["clock", "state", "breached_at"])
    due = sa.text("next_at IS NOT NULL")
    op.create_index("ix_sla_clocks_next", "sla_clocks", ["next_at"], sqlite_where=due, postgresql_where=due)


def _index_tickets() -> None:
    for name, columns, rows in (
        (
            "ix_tickets_running",
            "due_at created_at priority resolved_at at_risk_at sla_state",
            "resolved_at IS NULL",
        ),
        ("ix_tickets_stopped", "resolved_at due_at priority sla_state", "resolved_at IS NOT NULL"),
        ("ix_tickets_clock", "created_at due_at resolved_at priority at_risk_at sla_state", ""),
    ):
        op.drop_index(name, table_name="tickets")
        some = {"sqlite_where": sa.text(rows), "postgresql_where": sa.text(rows)} if rows else {}
        op.create_index(name, "tickets", columns.split(), **some)  # type: ignore[arg-type]


def _carry_policy(versions: sa.Table, in_force: sa.Table) -> dict[str, int]:
    """The times that the store has become the default policy's first version; returns its minutes until the end."""
    known = op.get_bind().execute(sa.text("SELECT priority, minutes FROM sla_policies")).all()
    if not known:
        return {}
    response = {**_RESPONSE, **{priority: minutes for priority, minutes in known if priority in _RESPONSE}}
    resolution = {name: max(minutes, _RESOLUTION[name]) for name, minutes in response.items()}
    body = {
        "id": "default",
        "title": "Default",
        "match": {"priorities": [], "classes": [], "sources": [], "projects": [], "teams": []},
        "targets": {
            name: {"response": minutes, "resolution": resolution[name]} for name, minutes in response.items()
        },
        "start": "detected",
        "reopening": "new time",
        "pauses_in": [],
        "time": {"zone": "UTC", "week": {}, "country": "", "subdivision": "", "holidays": [], "days": {}},
    }
    now = datetime.now(UTC)
    op.bulk_insert(
        versions,
        [
            {
                "id": "default",
                "version": 1,
                "body": json.loads(json.dumps(body)),
                "made_at": now,
                "made_by": _WHO,
            }
        ],
    )
    op.bulk_insert(in_force, [{"id": "default", "version": 1, "position": 1, "changed_by": _WHO}])
    return resolution


def _carry_tickets(events: sa.Table, clocks: sa.Table, resolution: dict[str, int]) -> None:
    bind, last = op.get_bind(), 0
    tickets = sa.table(
        "tickets",
        *(sa.column(name) for name in ("id", "priority", "status_category", "sla_state")),
        *(
            sa.column(name, UtcDateTime())
            for name in ("created_at", "due_at", "at_risk_at", "resolved_at", "breached_at", "synced_at")
        ),
    )
    while True:
        query = sa.select(tickets).where(tickets.c.id > last).order_by(tickets.c.id).limit(_AT_ONCE)
        some = bind.execute(query).all()
        if not some:
            return
        rows, kept, changes = [], [], []
        for ticket in some:
            told, stand, change = _of_ticket(ticket, resolution)
            rows += told
            kept += stand
            changes.append(change)
        bind.execute(sa.insert(events), rows)
        bind.execute(sa.insert(clocks), kept)
        bind.execute(
            sa.update(tickets)
            .where(tickets.c.id == sa.bindparam("ticket"))
            .values({name: sa.bindparam(f"new_{name}") for name in ("due_at", "at_risk_at", "sla_state")}),
            changes,
        )
        last = some[-1].id


def _of_ticket(ticket: Any, resolution: dict[str, int]) -> tuple[list[Any], list[Any], dict[str, Any]]:
    start = ticket.created_at
    targets = {
        "response": max(ticket.due_at - start, timedelta(0)),
        "resolution": timedelta(minutes=resolution.get(ticket.priority, _RESOLUTION["Medium"])),
    }
    ends = {"response": _answered(ticket), "resolution": ticket.resolved_at}
    rows, kept = [], []
    for clock, target in targets.items():
        target = max(target, targets["response"])
        base = {
            "ticket_id": ticket.id, "clock": clock, "cycle": 1, "made_at": start, "made_by": _WHO, "mark": "",
            "policy": "default", "version": 1, "priority": ticket.priority, "target": target // _TICK, "carried": 0,
            "until": None, "source": "",
        }  # fmt: skip
        rows.append({**base, "kind": "activate", "at": start, "reason": "it was there before the ledger"})
        due, end = start + target, ends[clock]
        breached = due if end is not None and end > due else None
        if clock == "response" and breached is None:
            breached = ticket.breached_at
        if breached is not None:
            rows.append({**base, "kind": "breach", "at": breached, "reason": "", "target": None})
        if end is not None:
            why = (
                "it was resolved" if ticket.resolved_at else "it was under way; when that began was not kept"
            )
            rows.append({**base, "kind": "fulfil", "at": end, "reason": why, "target": None})
        kept.append(
            {
                "ticket_id": ticket.id,
                "clock": clock,
                "cycle": 1,
                "policy": "default",
                "version": 1,
                "priority": ticket.priority,
                "target": target // _TICK,
                "intake": False,
                "started_at": start,
                "state": "" if end is None else "missed" if breached else "met",
                "snapped_to": None,
                "due_at": breached or due,
                "at_risk_at": start + target / 2,
                "breached_at": breached,
                "ended_at": end,
                "ended_by": _WHO if end is not None else "",
                "runs": end is None,
                "used": 0 if end is None else (end - start) // _TICK,
                "position": end or start,
                "paused_for": 0,
                "next_at": due if end is None and breached is None else None,
            }
        )
    shown = kept[0] if kept[0]["ended_at"] is None or ticket.resolved_at else kept[1]
    state = shown["state"] if ticket.resolved_at else ""
    change = {"due_at": shown["due_at"], "at_risk_at": shown["at_risk_at"], "sla_state": state}
    return rows, kept, {"ticket": ticket.id, **{f"new_{name}": value for name, value in change.items()}}


def _answered(ticket: Any) -> datetime | None:
    ended: datetime | None = ticket.resolved_at
    if ended is not None or ticket.status_category == "new":
        return ended
    known: datetime = ticket.synced_at or ticket.created_at
    return known if ticket.breached_at is not None else min(known, ticket.due_at)


def downgrade() -> None:
    for name in ("sla_clocks", "sla_events", "sla_policies_in_force", "sla_policy_versions"):
        op.drop_table(name)
    for name, columns, rows in (
        ("ix_tickets_running", "due_at created_at priority resolved_at", "resolved_at IS NULL"),
        ("ix_tickets_stopped", "resolved_at due_at priority", "resolved_at IS NOT NULL"),
        ("ix_tickets_clock", "created_at due_at resolved_at priority", ""),
    ):
        op.drop_index(name, table_name="tickets")
        some = {"sqlite_where": sa.text(rows), "postgresql_where": sa.text(rows)} if rows else {}
        op.create_index(name, "tickets", columns.split(), **some)  # type: ignore[arg-type]
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_column("sla_state")
        tickets.drop_column("at_risk_at")
