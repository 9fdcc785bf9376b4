"""An act that was taken back at once stops nothing: what it called off of a ticket's plan is planned again."""

from __future__ import annotations

from sqlmodel import Session

from soc.domain.acts import ActKind
from soc.domain.escalation.states import StepState
from soc.escalation.planning import plan_ticket
from soc.store.nouns import escalations as stored
from soc.tickets.acts import Undone, follow_undos


@follow_undos
def follow_undo(session: Session, undone: Undone) -> None:
    """Of what was being sent at that moment the cancelled stays so: its ticket's next steps tell of it."""
    incident, now = undone.incident, undone.asked.at
    ack = stored.find_open_ack(session, incident.id)
    if undone.act is ActKind.ACKNOWLEDGE and ack is not None and ack.made_at == undone.at:
        ack.ended_at, ack.why = now, "taken back"
        session.add(ack)
    elif ack is None and (ended := stored.find_ack_ended(session, incident.id, at=undone.at)) is not None:
        ended.ended_at, ended.why = None, ""
        session.add(ended)
    stops = incident.acknowledged_at is not None
    for ticket in undone.tickets:
        for row in stored.lock_steps(session, ticket.id or 0, (StepState.STOPPED, StepState.CANCELLED)):
            called_off = row.state == StepState.CANCELLED and row.settled_at == undone.at
            if called_off or (row.state == StepState.STOPPED and not stops):
                row.state = (StepState.STOPPED if stops else StepState.PLANNED).value
                row.why, row.settled_at, row.changed_by = "", None, str(undone.asked.actor)
                session.add(row)
        session.flush()
        plan_ticket(session, ticket, now=now)
