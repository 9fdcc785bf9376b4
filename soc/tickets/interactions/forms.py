"""Opening the form that a person asked for: at once, by the process that heard it, since a vendor lets it be opened for some seconds."""

from __future__ import annotations

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery.connectors import borrow
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.domain.acts import Heard, InteractionState, Wish
from soc.errors import DeliveryError, SocError, where_it_broke
from soc.integrations.kit.inbound.interactive import Form, InteractiveConnector
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.vendors.interactions import InteractionRow, lock_interaction, read_interaction
from soc.tickets.interactions.answering import end, refuse, tell
from soc.tickets.interactions.persons import Person, find_person

log = structlog.get_logger(__name__)

TOO_LATE = "That took too long, and the form could not be opened. Press the button again."


def open_form(interaction_id: str, heard: Heard) -> None:
    """Show it to whoever may act; tell everybody else why not. Raises nothing: what is left over, the sweep ends."""
    try:
        enqueue_tries(_open(interaction_id, heard))
    except Exception as error:  # noqa: BLE001 - nobody waits for it; the person presses again
        log.error("form_not_opened", interaction=interaction_id, **where_it_broke(error))


def _open(interaction_id: str, heard: Heard) -> list[Try]:
    with read_session() as session:
        row = read_interaction(session, interaction_id)
        over, title = _state_of(session, row)
    person = find_person(row)
    if not isinstance(person, Person) or over:
        with write_session() as session:
            row = lock_interaction(session, interaction_id)
            if row.state != InteractionState.RECEIVED.value:
                return []
            if not isinstance(person, Person):
                return refuse(session, row, person, now=clock.now())
            return end(session, row, InteractionState.MOOT, over, person=person, now=clock.now())
    shown = _show(row.integration, Form(heard.wish, heard.incident_id, title, heard.opens, heard.place))
    with write_session() as session:
        row = lock_interaction(session, interaction_id)
        if row.state != InteractionState.RECEIVED.value:
            return []
        state = InteractionState.DONE if shown else InteractionState.MOOT
        return end(session, row, state, "" if shown else TOO_LATE, person=person, now=clock.now())


def _state_of(session: Session, row: InteractionRow) -> tuple[str, str]:
    """Why no form is needed ("": it is), and the incident's title."""
    try:
        incident = get_incident(session, row.incident_id)
    except SocError as error:
        return error.message, ""
    closed = row.wish == Wish.ASK_CLOSE.value and incident.status == "closed"
    return ("This incident is closed already." if closed else ""), incident.title


def _show(integration: str, form: Form) -> bool:
    try:
        with borrow(integration) as connector:
            if not isinstance(connector, InteractiveConnector):
                return False
            connector.open_form(form)
    except DeliveryError as error:
        log.warning("form_refused", integration=integration, reason=error.reason.value, detail=error.detail)
        return False
    return True


def end_late(session: Session, row: InteractionRow) -> list[Try]:
    """A form that nobody opened in its time: the person is told to ask again."""
    return tell(session, row, InteractionState.MOOT, TOO_LATE, now=clock.now())
