"""The alerts that were sent about an incident: they show its ticket and how it stands, and what happened is told below them."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.clock import isoformat
from soc.delivery import ledger
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try
from soc.domain.actor import Actor
from soc.domain.acts import VERDICT_TITLES, Verdict
from soc.domain.delivery import DeliveryState
from soc.domain.incident import Incident, IncidentStatus
from soc.domain.message import Message, Receipt, Standing, TellThread, TicketLink, UpdateAlert
from soc.integrations.naming import named
from soc.integrations.registry import takers
from soc.links import incident_url
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import list_told
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, to_incident
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.tickets.tickets import find_ticket

#: Whose alerts can be changed after they were sent.
CHANGEABLE = takers("update_alert")
#: A change in one of these was not made, and will not be.
_NEVER_SHOWN = (DeliveryState.CANCELLED, DeliveryState.DEAD, DeliveryState.SUPPRESSED)
_TELLING = Actor.system("ticket-link")


def refresh_alerts(session: Session, incident_id: str, *, now: datetime) -> list[Try]:
    """Plan the change of each alert whose link or standing is not what was told last; planning twice is planning once."""
    alerts = _delivered(session, incident_id, CHANGEABLE)
    if not alerts:
        return []
    row, ticket = get_incident(session, incident_id), find_ticket(session, incident_id)
    link = TicketLink(key=ticket.key, url=ticket.url) if ticket is not None else None
    incident, standing = to_incident(row), standing_of(session, row)
    intents = [_update(session, alert, incident, link, standing) for alert in alerts]
    return ledger.plan(session, [intent for intent in intents if intent is not None], now=now)


def tell_below(session: Session, incident_id: str, text: str, *, event: str, now: datetime) -> list[Try]:
    """Plan a line below each alert of the incident. `event` names what happened: it is said once."""
    alerts = _delivered(session, incident_id, takers("tell_thread"))
    if not alerts:
        return []
    incident = to_incident(get_incident(session, incident_id))
    intents = []
    for alert in alerts:
        place = Receipt.model_validate(alert.receipt)
        message = TellThread(incident=incident, text=text, event=event, channel=place.key, ts=place.remote_id)
        intents.append(_intent(alert, message, incident, 0))
    return ledger.plan(session, intents, now=now)


def standing_of(session: Session, row: IncidentRow) -> Standing:
    """How it stands, in words for people. One that nobody has touched has nothing to say."""
    over = row.status in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    acknowledged = ""
    if row.acknowledged_at is not None:
        acknowledged = f"{name_of(session, row.acknowledged_by)}, {isoformat(row.acknowledged_at)}"
    return Standing(
        status=row.status.replace("_", " ") if row.status != IncidentStatus.OPEN else "",
        owner=name_of(session, row.owner),
        owner_id=row.owner,
        acknowledged=acknowledged,
        verdict=_verdict(session, row),
        over=over,
    )


def _verdict(session: Session, row: IncidentRow) -> str:
    if row.merged_into:
        into = find_ticket(session, row.merged_into)
        name = into.key if into is not None else f"“{get_incident(session, row.merged_into).title}”"
        return f"merged into {name}"
    return verdict_of(session, row, row.verdict) if row.verdict else ""


def verdict_of(session: Session, row: IncidentRow, verdict: str) -> str:
    """Its title; of a duplicate also of which one, by its ticket's key, or by its title where it has none."""
    title = VERDICT_TITLES[Verdict(verdict)]
    if verdict != Verdict.DUPLICATE or not row.duplicate_of:
        return title
    other = find_ticket(session, row.duplicate_of)
    return f"Duplicate of {other.key if other is not None else f'“{get_incident(session, row.duplicate_of).title}”'}"


def name_of(session: Session, who: str) -> str:
    """A person's id, or an actor's text, as people call them."""
    person = session.get(PersonRow, who) if who else None
    if person is not None or not who:
        return person.name if person is not None else ""
    return named(session, who)


def _delivered(session: Session, incident_id: str, kinds: tuple[str, ...]) -> list[DeliveryRow]:
    """Those whose place is known: without it nothing can be changed there, or said below."""
    states = (DeliveryState.DELIVERED,)
    told = list_told(session, incident_id, action="send_alert", integrations=kinds, states=states)
    return [row for row in told if row.receipt.get("remote_id")]


def _update(
    session: Session, alert: DeliveryRow, incident: Incident, link: TicketLink | None, standing: Standing
) -> Intent | None:
    """The alert's change; None where it shows all of that already, or will."""
    place = Receipt.model_validate(alert.receipt)
    told = list_told(session, incident.id, action="update_alert", integrations=(alert.integration,))
    # one that was called off shows nothing; of one moment the higher version is the later one
    shows = [row for row in told if row.state not in _NEVER_SHOWN]
    last = max(shows, key=lambda row: (row.created_at, len(row.key), row.key)).payload if shows else {}
    shown = {"ticket": last.get("ticket"), "standing": last.get("standing", Standing().model_dump())}
    if shown == {"ticket": link.model_dump() if link else None, "standing": standing.model_dump()}:
        return None
    message = UpdateAlert(
        incident=incident,
        ticket=link,
        standing=standing,
        channel=place.key,
        ts=place.remote_id,
        url=incident_url(incident.id),
    )
    return _intent(alert, message, incident, len(told))


def _intent(alert: DeliveryRow, message: Message, incident: Incident, version: int) -> Intent:
    return Intent(
        key=key_of(alert.integration, message, version=version),
        integration=alert.integration,
        message=message,
        actor=_TELLING,
        incident_id=incident.id,
        batch_id=alert.batch_id,
        practice=alert.practice,
        score=incident.score,
    )
