"""Acts taken back: what they changed is as it was before, and what was not told yet is told to nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.delivery import ledger as outbox
from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Ending
from soc.domain.audit import Subject, SubjectKind
from soc.domain.delivery import DeliveryState
from soc.sla import ledger
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.incidents.acts import CLOCKED, TOLD, ActRow, columns_of
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.investigation_notes import find_written
from soc.store.nouns.incidents.parts import take_part_back
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.acts.asked import Asked, Came, Change, Outcome, Undone, undo_followers
from soc.tickets.acts.case import Case, follow, lock_case
from soc.tickets.acts.timing import answer_by_acts

#: So long an act can be taken back, and what it tells vendors waits.
UNDO_FOR = timedelta(seconds=10)
#: And by a command: until one is typed and has started, ten seconds are over.
UNDO_AT_A_SHELL = timedelta(minutes=1)
#: Acts that write a note.
_WRITE = (ActKind.ADD_NOTE, ActKind.CLOSE, ActKind.MERGE, ActKind.SPLIT)
#: What others are told of, by the incident's column.
_TOLD_OF = {"status": "status", "owner": "owner", "priority": "priority", "verdict": "verdict"}


def undo_group(session: Session, rows: Sequence[ActRow], *, actor: Actor) -> Sequence[Outcome]:
    """Take back what was done together. Of a split all or nothing: a line is in one incident, never in two or in none."""
    parted = [one for one in rows if one.act == ActKind.SPLIT]
    moved_on = [
        one
        for one in parted
        if one.undone_at is None and _moved_on(lock_case(session, one.incident_id).state(), one.after)
    ]
    if moved_on:
        said = "Somebody changed one of the two since; they stay as they are."
        return [_came(one, Ending.REFUSED, said) for one in rows]
    return [undo_act(session, one, actor=actor) for one in rows]


def undo_act(session: Session, row: ActRow, *, actor: Actor) -> Outcome:
    """Give back what it changed, unless somebody changed that since; call off what was not sent, and tell what was."""
    kind, now = ActKind(row.act), clock.now()
    if row.undone_at is not None:
        return _came(row, Ending.ALREADY, "It was taken back already.", by=row.changed_by)
    case = lock_case(session, row.incident_id)
    before = case.state()
    if _moved_on(before, row.after):
        return _came(row, Ending.REFUSED, "Somebody changed it since; it stays as it is.")
    _give_back(case, row.before)
    if kind is ActKind.SPLIT:
        take_part_back(session, row.incident_id, now=now)
    for note in find_written(session, row.incident_id, at=row.created_at, made_by=row.made_by):
        if kind in _WRITE:
            note.gone_at, note.changed_by = now, str(actor)
            session.add(note)
    asked = Asked(actor, f"undo:{row.id}", group=row.group, at=now)
    session.flush()
    row.undone_at, row.changed_by = now, str(actor)
    for one in (case.incident, *case.tickets):
        one.changed_by = str(actor)
        session.add(one)
    session.add(row)
    session.flush()
    _turn_clocks_back(case, row, asked)
    for follow_undo in undo_followers():
        follow_undo(session, Undone(kind, row.created_at, asked, case.incident, case.tickets))
    subject = Subject(SubjectKind.INCIDENT, row.incident_id)
    words = f"undo {kind.value.replace('_', ' ')}"
    given, taken = columns_of(row.before), columns_of(row.after)
    record(session, actor, words, subject, before=taken, after=given, group=row.group)
    tries = [] if _call_off(session, row, now=now) else _tell_others(case, row, asked)
    session.flush()
    return _came(row, Ending.DONE, "Taken back.", tries=tuple(tries))


def _came(row: ActRow, ending: Ending, said: str, *, by: str = "", tries: tuple[Try, ...] = ()) -> Outcome:
    return Outcome(row.incident_id, ActKind(row.act), ending, said, by, row.id, tries=tries)


def _moved_on(now: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether what the act left is another value by now."""
    for name, columns in columns_of(after).items():
        here = now["incident"] if name == "incident" else now["tickets"].get(name)
        if here is None or any(here[column] != value for column, value in columns.items()):
            return True
    return False


def _give_back(case: Case, before: Mapping[str, Any]) -> None:
    rows: dict[str, IncidentRow | TicketRow] = {str(one.id): one for one in case.tickets}
    rows["incident"] = case.incident
    for name, columns in before.items():
        for column, value in columns.items():
            moment = column.endswith(("_at", "_seen")) and value is not None
            setattr(rows[name], column, datetime.fromisoformat(value) if moment else value)


def _turn_clocks_back(case: Case, row: ActRow, asked: Asked) -> None:
    """As if it had not been done. What somebody else did meanwhile answers the ticket again, which the act had answered."""
    rows = row.after.get(CLOCKED, ())
    for ticket in case.tickets:
        ledger.undone(
            case.session,
            ticket,
            rows,
            at=asked.at,
            actor=asked.actor,
            reason=f"{row.act.replace('_', ' ')} taken back",
        )
        answer_by_acts(case.session, ticket, since=row.created_at)


def _call_off(session: Session, row: ActRow, *, now: datetime) -> bool:
    """Cancel what waits; whether nobody has been told anything."""
    silent = True
    for delivery_id in row.after.get(TOLD, ()):
        delivery = lock_delivery(session, delivery_id)
        if delivery.state == DeliveryState.PENDING:
            outbox.cancel(session, delivery, why="The act was taken back.", now=now)
        elif delivery.state != DeliveryState.CANCELLED:
            silent = False
    return silent


def _tell_others(case: Case, row: ActRow, asked: Asked) -> list[Try]:
    was, now = row.after.get("incident", {}), row.before.get("incident", {})
    changes = tuple(
        Change(field, str(was[column]), str(now[column]))
        for column, field in _TOLD_OF.items()
        if column in now
    )
    return follow(case, ActKind.SET_STATUS, asked, Came(Ending.DONE, "", changes=changes)) if changes else []
