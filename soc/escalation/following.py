"""What follows a delivery beside the ticket's own row: who gets a ticket that opened, and its escalation's plan."""

from __future__ import annotations

from sqlmodel import Session

from soc import clock
from soc.delivery.ledger import Try
from soc.domain.message import Receipt
from soc.escalation.planning import plan_ticket
from soc.roster.assigning import assign_opened
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.escalation.escalations import find_plan
from soc.store.nouns.tickets.tickets import lock_tickets
from soc.tickets import opening

#: What may open a ticket.
_OPENS = ("open_ticket", "call_action")


def follow_delivery(session: Session, row: DeliveryRow, receipt: Receipt) -> list[Try]:
    """As `soc.tickets.opening.follow_delivery`; a ticket that is new is given to somebody, and planned, in the same
    transaction.
    """
    tries = opening.follow_delivery(session, row, receipt)
    if row.action not in _OPENS or row.incident_id is None:
        return tries
    now = clock.now()
    session.flush()
    for ticket in lock_tickets(session, row.incident_id):
        if find_plan(session, ticket.id or 0) is None:
            tries += assign_opened(session, ticket, now=now)
            plan_ticket(session, ticket, now=now)
    return tries
