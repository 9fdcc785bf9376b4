"""An incident and its tickets while somebody acts on them: locked, done once, and followed by what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from soc.audit.write import record
from soc.delivery.ledger import Try
from soc.domain.acts import ActKind, Ending
from soc.domain.audit import Subject, SubjectKind
from soc.errors import Conflict
from soc.ids import derived_id
from soc.sla import ledger
from soc.store.nouns.incidents.acts import CLOCKED, ActRow, find_act
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, lock_incident
from soc.store.nouns.tickets.tickets import TicketRow, find_by_key, get_ticket, lock_tickets
from soc.tickets.acts.asked import Asked, Came, Happened, Outcome, followers
from soc.tickets.acts.telling import tell_of_act
from soc.tickets.acts.timing import move_clocks

#: What acts change, and what can be given back: columns of the incident and of its tickets. When a ticket's time is up is
#: none of them: the ledger of its clocks says it.
INCIDENT_COLUMNS = (
    "status", "owner", "acknowledged_at", "acknowledged_by", "priority", "verdict", "duplicate_of", "closed_at",
    "merged_into", "count", "first_seen", "last_seen",
)  # fmt: skip
TICKET_COLUMNS = ("status", "status_category", "owner", "priority", "resolved_at", "reopened")


@dataclass(frozen=True)
class Case:
    """The rows that an act works on; nobody else changes them until its transaction has ended."""

    session: Session
    incident: IncidentRow
    tickets: Sequence[TicketRow]

    def state(self) -> dict[str, Any]:
        """What acts can change, as JSON."""
        return {
            "incident": _columns(self.incident, INCIDENT_COLUMNS),
            "tickets": {str(one.id): _columns(one, TICKET_COLUMNS) for one in self.tickets},
        }


def lock_case(session: Session, incident_id: str) -> Case:
    """Raises NotFound."""
    return Case(session, lock_incident(session, incident_id), lock_tickets(session, incident_id))


def _columns(row: IncidentRow | TicketRow, names: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in values.items()}


def incident_of(session: Session, ticket_id: int) -> str:
    """The id of the incident that the ticket is of. Raises NotFound."""
    return get_ticket(session, ticket_id).incident_id


def find_incident(session: Session, reference: str) -> str:
    """The id of the incident that is meant: by its id, or by its ticket's key or number here. Raises NotFound."""
    wanted = reference.strip()
    if wanted.isdecimal():
        return incident_of(session, int(wanted))
    tickets = find_by_key(session, wanted)
    if len({one.incident_id for one in tickets}) > 1:
        raise Conflict(
            f"{len(tickets)} tickets have the key {wanted}.",
            hint="Give the incident's id, or the ticket's number here.",
        )
    return tickets[0].incident_id if tickets else get_incident(session, wanted).id


def act(
    session: Session, incident_id: str, kind: ActKind, asked: Asked, work: Callable[[Case], Came]
) -> Outcome:
    """Do it, unless the same key asked for it before; write it down with what it changed; call who follows.

    Raises NotFound where there is no such incident, and whatever `work` raises for what cannot be asked: then nothing is kept.
    """
    incident = lock_incident(session, incident_id)
    act_id = derived_id("act", asked.key, kind.value, incident_id)
    known = find_act(session, act_id)
    if known is not None:
        return _told_again(known)
    case = Case(session, incident, lock_tickets(session, incident_id))
    before = case.state()
    mark = ledger.mark_rows(session, case.tickets) if asked.group else 0
    came = work(case)
    row = ActRow(
        id=act_id, incident_id=incident_id, act=kind.value, ending=came.ending.value, said=came.said, by=came.by,
        group=asked.group, via=asked.via, source=asked.source, created_at=asked.at, made_by=str(asked.actor),
    )  # fmt: skip
    tries = list(came.tries)
    if came.ending is Ending.DONE:
        move_clocks(session, case.tickets, kind, asked, before["tickets"], reaim=came.reaim)
        row.before, row.after = _difference(before, case.state())
        _sign(case, asked, row.after)
        _tell_audit(case, kind, asked, came, row)
        tries += follow(case, kind, asked, came)
        if asked.group:  # what is done together can be taken back
            row.after = {**row.after, CLOCKED: ledger.rows_since(session, case.tickets, mark)}
    session.add(row)
    session.flush()
    return Outcome(incident_id, kind, came.ending, came.said, came.by, act_id, tries=tuple(tries))


def _told_again(row: ActRow) -> Outcome:
    return Outcome(row.incident_id, ActKind(row.act), Ending(row.ending), row.said, row.by, row.id, new=False)


def _sign(case: Case, asked: Asked, changed: Collection[str]) -> None:
    """Who changed the rows last; `changed` are those, as `Case.state` names them."""
    rows: dict[str, IncidentRow | TicketRow] = {str(one.id): one for one in case.tickets}
    for name, row in {"incident": case.incident, **rows}.items():
        if name in changed:
            row.changed_by = str(asked.actor)
        case.session.add(row)
    case.session.flush()


def _tell_audit(case: Case, kind: ActKind, asked: Asked, came: Came, row: ActRow) -> None:
    """One entry an act: what it changed of the incident, of its tickets by their keys, and what was written."""
    keys = {str(one.id): one.key for one in case.tickets}
    before, after = (
        {keys.get(name, name): columns for name, columns in side.items()} for side in (row.before, row.after)
    )
    for change in came.changes:
        if change.added or change.removed:
            before, after = {**before, change.field: change.before}, {**after, change.field: change.after}
        if change.field == "note":
            before = {**before, **({"note": change.before} if change.before else {})}
            after = {**after, "note": change.after, "note_id": change.note_id}
    subject = Subject(SubjectKind.INCIDENT, case.incident.id)
    words = kind.value.replace("_", " ")
    note = f"via {asked.via} {asked.source}".strip() if asked.via else None
    record(
        case.session, asked.actor, words, subject, before=before, after=after, group=asked.group, note=note
    )


def follow(case: Case, kind: ActKind, asked: Asked, came: Came) -> list[Try]:
    """What others are told of it."""
    happened = Happened(kind, asked, case.incident, case.tickets, came.changes)
    return [
        *tell_of_act(case.session, happened),
        *(one for follow in followers() for one in follow(case.session, happened)),
    ]


def _difference(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns that are another value now: what they were, and what they are."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    pairs = [("incident", before["incident"], after["incident"])]
    pairs += [(number, one, after["tickets"][number]) for number, one in before["tickets"].items()]
    for name, was, now in pairs:
        changed = [column for column in was if was[column] != now[column]]
        if changed:
            old[name] = {column: was[column] for column in changed}
            new[name] = {column: now[column] for column in changed}
    return old, new
