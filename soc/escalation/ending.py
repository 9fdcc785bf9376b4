"""What an escalation began at a vendor that keeps it open is ended there: acknowledged once somebody looks into each of its tickets,
resolved once all of them are done.

It is asked of the rows, whoever wrote them: in the transaction of each act, and by every tick for what came another way
(a ticket that was closed or deleted at the vendor, an older version, a crash between).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from soc.delivery import ledger
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try
from soc.delivery.turns import said_by
from soc.domain.actor import Actor
from soc.domain.delivery import DeliveryState
from soc.domain.escalation.states import Stands
from soc.domain.message import EndEscalation
from soc.links import incident_url
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.escalation.notice_ends import (
    ToEnd,
    list_ends,
    list_told_tickets,
    lock_ended,
    lock_ending,
)

_SAID: dict[Stands, Literal["acknowledged", "resolved"]] = {
    Stands.ACKNOWLEDGED: "acknowledged",
    Stands.RESOLVED: "resolved",
}


def end_notices(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    ticket_ids: Collection[int] | None = None,
    limit: int = 200,
) -> list[Try]:
    """Plan the ends that are due, of so many notices (`ticket_ids`: those about one of these); each is planned once, and anew after it was taken back."""
    session.flush()
    tries: list[Try] = []
    for one in lock_ending(session, ticket_ids=ticket_ids, limit=limit):
        tries += ledger.plan(session, [_end(session, one, actor)], now=now)
        one.row.stands = one.outcome.value
        session.add(one.row)
    session.flush()
    return tries


def take_ends_back(
    session: Session, ticket_ids: Collection[int], *, at: datetime, now: datetime, actor: Actor
) -> None:
    """Ends that an act planned at this moment and that have not begun to leave are called off with it; what was begun there
    stands as it did, and is ended when somebody acts anew. In the transaction of the undo.
    """
    for notice in lock_ended(session, ticket_ids=ticket_ids):
        ends = list_ends(session, notice)
        undone = [one for one in ends if one.created_at == at and one.state == DeliveryState.PENDING]
        if not undone:
            continue
        for one in undone:
            ledger.cancel(session, one, why="The act was taken back.", now=now)
        told = any(one.state != DeliveryState.CANCELLED for one in ends)
        notice.stands = (Stands.ACKNOWLEDGED if told else Stands.OPEN).value
        session.add(notice)
    session.flush()


def _end(session: Session, one: ToEnd, actor: Actor) -> Intent:
    begun = get_delivery(session, one.row.delivery_id)
    told = list_told_tickets(session, one.row.id)
    by = dict.fromkeys(incident.acknowledged_by for _, incident in told if incident.acknowledged_by)
    message = EndEscalation(
        subject=one.row.id,
        outcome=_SAID[one.outcome],
        incident_id=begun.incident_id or "",
        by=", ".join(said_by(session, f" by {who}").removeprefix(" by ") for who in by),
        keys=tuple(ticket.key for ticket, _ in told),
        url=incident_url(begun.incident_id) if begun.incident_id else "",
    )
    again = sum(row.payload.get("outcome") == message.outcome for row in list_ends(session, one.row))
    return Intent(
        key=key_of(begun.integration, message, version=again), integration=begun.integration, message=message, actor=actor,
        incident_id=begun.incident_id, practice=begun.practice, score=begun.score,
    )  # fmt: skip
