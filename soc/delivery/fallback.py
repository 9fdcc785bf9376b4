"""A critical incident that its channel has not told anybody about within a minute is told over another one."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try
from soc.delivery.replay import revive
from soc.domain.actor import Actor, Known
from soc.domain.delivery import DeliveryState
from soc.domain.message import SendAlert, announcements
from soc.errors import SocError
from soc.integrations.in_force import load_config
from soc.links import incident_url
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.deliveries.outbox_due import list_late
from soc.store.nouns.incidents.incidents import get_incident, to_incident
from soc.store.trail.committed import LogOnceCommitted

log = structlog.get_logger(__name__)

#: How long a critical incident's message may be under way.
PATIENCE = timedelta(seconds=60)
#: What is older than this is no news any more.
LATEST = timedelta(hours=24)
CRITICAL = 9
_SWEEP = Actor.system("fallback", Known.SCHEDULE)
_SETTLED = (
    DeliveryState.DELIVERED.value, DeliveryState.SUPPRESSED.value, DeliveryState.JOINED.value, DeliveryState.CANCELLED.value,
    DeliveryState.AWAITING.value,
)  # fmt: skip


def send_fallbacks() -> list[Try]:
    """Plan the fallback of every late critical message whose integration names one; returns the tries."""
    now = clock.now()
    with read_session() as session:
        late = list_late(
            session,
            actions=announcements(),
            settled=_SETTLED,
            score=CRITICAL,
            after=now - LATEST,
            before=now - PATIENCE,
        )
    tries: list[Try] = []
    for row in late:
        channel = _fallback_of(row.integration)
        if channel is None:
            continue
        with write_session() as session:
            tries += _plan(session, row.id, channel[0], practice=channel[1])
    return tries


def _fallback_of(integration: str) -> tuple[str, bool] | None:
    """The other integration and whether it is practice; None where none is named, configured and on.

    A configuration that cannot be read (a lost key, a name that is no integration) must not stop the sweep.
    """
    try:
        config = load_config(integration)
        other = getattr(config, "fallback", "")
        target = load_config(other) if other and other != integration else None
    except SocError as error:
        log.warning("fallback_unusable", integration=integration, error=str(error))
        return None
    return (other, target.practice) if target is not None and target.enabled else None


def _plan(session: Session, delivery_id: str, channel: str, *, practice: bool) -> list[Try]:
    row = session.get(DeliveryRow, delivery_id)
    if row is None or row.incident_id is None or row.state in _SETTLED or row.fallback_at is not None:
        return []
    now = clock.now()
    row.fallback_at = now
    LogOnceCommitted(session, log).warning(
        "fallback_used", delivery=row.id, integration=row.integration, fallback=channel
    )
    incident = to_incident(get_incident(session, row.incident_id))
    message = SendAlert(incident=incident, url=incident_url(incident.id))
    intent = Intent(
        # the same key as the channel's own alert: an incident that it tells about anyhow is not told twice
        key=key_of(channel, message),
        integration=channel,
        message=message,
        actor=_SWEEP,
        incident_id=row.incident_id,
        batch_id=row.batch_id,
        practice=practice,
        score=row.score,
    )
    tries = ledger.plan(session, [intent], now=now)
    # an alert that this channel was spared (its switch was off, no rule names it) is wanted now
    revived = [
        revive(session, one.delivery_id, actor=_SWEEP, now=now)
        for one in tries
        if get_delivery(session, one.delivery_id).state == DeliveryState.SUPPRESSED
    ]
    return [one for one in revived if one is not None] or tries
