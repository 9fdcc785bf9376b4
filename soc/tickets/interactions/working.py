"""Working on what was heard: who it was, what they want, done once and told. For the engine, after the vendor was answered."""

from __future__ import annotations

from sqlmodel import Session

from soc import clock
from soc.delivery.connectors import borrow
from soc.delivery.ledger import Try
from soc.domain.acts import InteractionState, Wish
from soc.errors import DeliveryError, SocError
from soc.integrations.kit.inbound.interactive import InteractiveConnector
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.interactions import InteractionRow, lock_interaction, read_interaction
from soc.tickets.interactions.answering import end, refuse, tell
from soc.tickets.interactions.doing import do
from soc.tickets.interactions.forms import end_late
from soc.tickets.interactions.persons import Nobody, Person, find_person

#: After so many tries that broke off it is given up, and the person told.
MOST_TRIES = 8
_NOT_NOW = "It cannot be known who you are at the moment: nothing was done. Press again in a minute."


def work_interaction(interaction_id: str, number: int) -> list[Try]:
    """Do it, unless it was done; returns the tries that are due after it. All of it is one transaction.

    Raises what the store raises; whoever finds it not ended does it again, under the next number.
    """
    with read_session() as session:
        row = read_interaction(session, interaction_id)
    if not _is_waiting(row, number):
        return []
    person = _who(row) if not Wish(row.wish).asks else None
    incident_id = row.incident_id or _incident_of(row)
    with write_session() as session:
        row = lock_interaction(session, interaction_id)
        if not _is_waiting(row, number):
            return []
        row.incident_id = incident_id
        return _settle(session, row, person)


def _is_waiting(row: InteractionRow, number: int) -> bool:
    return row.state == InteractionState.RECEIVED.value and row.number == number


def _who(row: InteractionRow) -> Person | Nobody | None:
    """None where the vendor cannot be asked now."""
    try:
        return find_person(row)
    except DeliveryError:
        return None


def _incident_of(row: InteractionRow) -> str:
    """Of a reply in a thread: the incident whose alert begins it."""
    if row.wish != Wish.THREAD_NOTE.value:
        return ""
    try:
        with borrow(row.integration) as connector:
            return (
                connector.incident_of_thread(row.place) if isinstance(connector, InteractiveConnector) else ""
            )
    except DeliveryError:
        return ""


def _settle(session: Session, row: InteractionRow, person: Person | Nobody | None) -> list[Try]:
    now = clock.now()
    if Wish(row.wish).asks:
        return end_late(session, row)
    if row.wish == Wish.THREAD_NOTE.value and not row.incident_id:  # people talk elsewhere, too
        return tell(session, row, InteractionState.MOOT, "", now=now)
    if person is None:
        return tell(session, row, InteractionState.FAILED, _NOT_NOW, now=now)
    if isinstance(person, Nobody):
        return refuse(session, row, person, now=now)
    try:
        with session.begin_nested():
            done = do(session, row, person, now=now)
    except SocError as error:
        return end(session, row, InteractionState.REFUSED, str(error), person=person, now=now)
    return [*done.tries, *end(session, row, done.state, done.words, person=person, now=now)]


def give_up(session: Session, row: InteractionRow) -> list[Try]:
    """It broke off too often; the log says where."""
    words = "Something went wrong here, and nothing was done. The product's log says what."
    return tell(session, row, InteractionState.FAILED, words, now=clock.now())
