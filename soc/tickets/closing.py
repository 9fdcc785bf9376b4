"""A ticket was closed: what its alerts began elsewhere (a PagerDuty incident) is ended."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from soc.delivery import ledger
from soc.delivery.ledger import Intent, Try
from soc.domain.actor import Actor
from soc.domain.delivery import DeliveryState
from soc.domain.message import ResolveAlert
from soc.integrations.registry import takers
from soc.store.deliveries import DeliveryRow
from soc.store.incidents import get_incident, to_incident

#: An alert in one of these has begun nothing at the vendor, and will not.
_NEVER_THERE = (DeliveryState.DEAD, DeliveryState.SUPPRESSED, DeliveryState.CANCELLED)


def resolve_alerts(session: Session, incident_id: str, *, actor: Actor, now: datetime) -> list[Try]:
    """Plan the end of every alert of the incident at vendors that know one; planning twice is planning once.

    Also of one that is still on its way: the ledger lets the end wait for it.
    """
    alerts = session.exec(
        select(DeliveryRow).where(
            DeliveryRow.incident_id == incident_id,
            DeliveryRow.action == "send_alert",
            col(DeliveryRow.state).not_in([state.value for state in _NEVER_THERE]),
            col(DeliveryRow.integration).in_(takers("resolve_alert")),
        )
    ).all()
    if not alerts:
        return []
    incident = to_incident(get_incident(session, incident_id))
    intents = [
        Intent(
            key=f"{alert.integration}:resolve_alert:{incident_id}",
            integration=alert.integration,
            message=ResolveAlert(incident=incident),
            actor=actor,
            incident_id=incident_id,
            batch_id=alert.batch_id,
            practice=alert.practice,
            score=alert.score,
        )
        for alert in alerts
    ]
    return ledger.plan(session, intents, now=now)
