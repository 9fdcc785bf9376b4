"""How an interaction ends: its state, the words that the person alone reads, the audit's entry of who was refused."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.audit.write import record
from soc.delivery import ledger
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try
from soc.domain.actor import Actor
from soc.domain.acts import InteractionState, Wish
from soc.domain.audit import Subject, SubjectKind
from soc.domain.message import TellPerson
from soc.integrations.registry import takers
from soc.store.nouns.vendors.interactions import InteractionRow
from soc.tickets.interactions.persons import Nobody, Person

_ANSWERING = Actor.system("interactions")


def end(
    session: Session,
    row: InteractionRow,
    state: InteractionState,
    words: str,
    *,
    person: Person | None,
    now: datetime,
) -> list[Try]:
    """It is over; with words, the person is told them. Returns the tries that are due."""
    if person is not None:
        row.person_id, row.changed_by = person.id, str(person.actor)
    return tell(session, row, state, words, now=now)


def refuse(session: Session, row: InteractionRow, nobody: Nobody, *, now: datetime) -> list[Try]:
    """Whoever asked may not: told so, audited, nothing done."""
    row.person_id = nobody.person_id
    record(
        session,
        Actor.vendor(row.integration),
        "refuse",
        Subject(SubjectKind.INTERACTION, row.id),
        after={"asked": row.wish, "incident": row.incident_id, "account": row.who, "why": nobody.why},
    )
    if (
        row.wish == Wish.THREAD_NOTE.value
    ):  # people talk in threads; nobody is to be told at each word that it was no note
        return tell(session, row, InteractionState.REFUSED, "", now=now)
    return tell(session, row, InteractionState.REFUSED, nobody.why, now=now)


def tell(
    session: Session, row: InteractionRow, state: InteractionState, words: str, *, now: datetime
) -> list[Try]:
    row.state, row.outcome, row.ended_at, row.next_try_at = state.value, words, now, None
    row.changed_by = row.changed_by or str(_ANSWERING)
    session.add(row)
    if not words or row.integration not in takers("tell_person"):
        return []
    message = TellPerson(interaction_id=row.id, who=row.who, text=words, place=row.place)
    intent = Intent(
        key=key_of(row.integration, message),
        integration=row.integration,
        message=message,
        actor=_ANSWERING,
        practice=row.practice,
    )
    return ledger.plan(session, [intent], now=now)
