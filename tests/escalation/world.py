"""A roster, a connected chat, tickets, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import time_machine

from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE, Actor
from soc.escalation import calling_off, chains  # noqa: F401 - acts stop what is planned
from soc.escalation.planning import plan_ticket
from soc.escalation.tick import tick
from soc.sla.ledger import opened
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow, list_deliveries
from soc.store.nouns.escalation.escalations import EscalationStepRow, list_steps
from soc.store.nouns.people.teams import TeamRow
from soc.store.nouns.tickets.tickets import TicketRow
from tests.rows import NIGHT, add_incident, add_person, add_ticket

ANA = Actor.said("per-ana")
PEOPLE = (("ana", "analyst"), ("lea", "lead"), ("mia", "manager"), ("eva", "executive"))


def make_world(*, connected: bool = True) -> None:
    """At NIGHT: four people of the team Security, all on call, and a chat."""
    migrate()
    with time_machine.travel(NIGHT - timedelta(days=1), tick=False):
        if connected:
            save_configuration("slack", {"bot_token": "xoxb-1-2-3", "channel": "C024BE91L"}, actor=AT_A_PAGE)
        with write_session() as session:
            session.add(TeamRow(id="team-1", name="Security", created_at=NIGHT, made_by="x"))
            session.flush()
            for name, role in PEOPLE:
                add_person(session, f"per-{name}", role=role, team_id="team-1", slack_id=f"U{name.upper()}1")
            chains.keep_default(session, now=NIGHT - timedelta(days=1))


def open_tickets(number: int = 1, **values: Any) -> list[TicketRow]:
    """Opened at NIGHT, planned; at Highest due an hour later, else at High four hours."""
    return [open_ticket(n, NIGHT, **values) for n in range(1, number + 1)]


def open_ticket(number: int, opened_at: datetime, **values: Any) -> TicketRow:
    """`SOC-<number>`, with its clocks and its plan."""
    key = f"SOC-{number}"
    with write_session() as session:
        add_incident(session, f"inc-{key}", created_at=opened_at)
        made = add_ticket(session, key, remote_id=str(number), created_at=opened_at, **values)
        opened(session, made, at=opened_at, actor=AT_A_PAGE)
        plan_ticket(session, made, now=opened_at)
    return made


def at(travel: time_machine.Traveller, minutes: float) -> int:
    """Let the clock tick so many minutes after NIGHT."""
    travel.move_to(NIGHT + timedelta(minutes=minutes))
    return tick()


def told() -> list[tuple[str, list[str], list[str]]]:
    """Every escalation planned so far: the recipient, the keys with their steps, and what is folded."""
    return [
        (
            row.payload["recipient"],
            [f"{one['key']} {one['step']}" for one in row.payload["tickets"]],
            row.payload["folded"],
        )
        for row in deliveries()
    ]


def deliveries() -> Sequence[DeliveryRow]:
    """The oldest first, then by recipient."""
    with read_session() as session:
        rows = [row for row in list_deliveries(session, limit=500) if row.action == "escalation"]
    return sorted(rows, key=lambda row: (row.created_at, row.payload["recipient"], row.integration))


def steps(ticket_id: int) -> list[tuple[str, str]]:
    """What became of each step, in order."""
    return [(row.title.split()[0], row.state) for row in step_rows(ticket_id)]


def step_rows(ticket_id: int) -> Sequence[EscalationStepRow]:
    with read_session() as session:
        return list_steps(session, ticket_id)
