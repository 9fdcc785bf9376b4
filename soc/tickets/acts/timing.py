"""What an act does to the clocks of the tickets, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.acts import ActKind
from soc.domain.severity import Priority
from soc.sla import ledger
from soc.store.nouns.incidents.acts import list_done_since
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.acts.asked import Asked

#: Acts that answer a ticket, where a person does them.
ANSWERS: dict[ActKind, str] = {
    ActKind.ACKNOWLEDGE: "acknowledged it",
    ActKind.ASSIGN: "assigned it",
    ActKind.ADD_NOTE: "wrote a note",
    ActKind.MERGE: "merged others into it",
    ActKind.SPLIT: "split it",
}


def move_clocks(
    session: Session,
    tickets: Sequence[TicketRow],
    kind: ActKind,
    asked: Asked,
    before: Mapping[str, Any],
    *,
    reaim: bool,
) -> None:
    """`before` is what the tickets were, by their ids. Without `reaim` a new priority moves no running clock."""
    via = f" in {asked.via}" if asked.via else ""
    for ticket in tickets:
        was = before[str(ticket.id)]
        told: dict[str, Any] = {"at": asked.at, "actor": asked.actor, "source": asked.source}
        if was["priority"] != ticket.priority and ticket.priority in set(Priority):
            ledger.priority_changed(
                session, ticket, priority=Priority(ticket.priority), by_escalation=not reaim, **told
            )
        if (was["status"], was["status_category"]) != (ticket.status, ticket.status_category):
            ledger.status_changed(
                session,
                ticket,
                status=ticket.status,
                category=ticket.status_category,
                before_category=was["status_category"],
                **told,
            )
        elif kind in ANSWERS:
            ledger.person_acted(session, ticket, act=ANSWERS[kind] + via, **told)


def answer_by_acts(session: Session, ticket: TicketRow, *, since: datetime) -> None:
    """What people did to the incident from then on answers the ticket too: it may have been on its way meanwhile."""
    answers = [one.value for one in ANSWERS]
    for act in list_done_since(session, ticket.incident_id, since=since, acts=answers):
        via = f" in {act.via}" if act.via else ""
        ledger.person_acted(
            session, ticket, at=act.created_at, actor=Actor.parse(act.made_by), act=ANSWERS[ActKind(act.act)] + via,
            source=act.source,
        )  # fmt: skip
