"""A ticket was closed: what its alerts began elsewhere (a PagerDuty incident) is ended."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.delivery import ledger
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try
from soc.domain.actor import Actor
from soc.domain.delivery import DeliveryState
from soc.domain.message import ResolveAlert
from soc.integrations.registry import takers
from soc.links import incident_url
from soc.store.nouns.deliveries.outbox import list_told
from soc.store.nouns.incidents.incidents import get_incident, to_incident

#: An alert in one of these has begun nothing at the vendor, and will not.
_NEVER_THERE = (
    DeliveryState.DEAD,
    DeliveryState.SUPPRESSED,
    DeliveryState.JOINED,
    DeliveryState.AWAITING,
    DeliveryState.CANCELLED,
)


def resolve_alerts(
    session: Session, incident_id: str, *, actor: Actor, now: datetime, reopened: int
) -> list[Try]:
    """Plan the end of every alert of the incident at vendors that know one; planning twice is planning once.

    Also of one that is still on its way: the ledger lets the end wait for it. `reopened` is how often the ticket was:
    each end after that is told anew.
    """
    alerts = list_told(
        session,
        incident_id,
        action="send_alert",
        integrations=takers("resolve_alert"),
        states=[state for state in DeliveryState if state not in _NEVER_THERE],
    )
    if not alerts:
        return []
    message = ResolveAlert(
        incident=to_incident(get_incident(session, incident_id)), url=incident_url(incident_id)
    )
    intents = [
        Intent(
            key=key_of(alert.integration, message, version=reopened),
            integration=alert.integration,
            message=message,
            actor=actor,
            incident_id=incident_id,
            batch_id=alert.batch_id,
            practice=alert.practice,
            score=alert.score,
        )
        for alert in alerts
    ]
    return ledger.plan(session, intents, now=now)
