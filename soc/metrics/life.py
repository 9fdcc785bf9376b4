"""Where one incident stands, for whoever acts on it: its row, its tickets, who could have it, what was noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soc.store.db import read_session
from soc.store.nouns.incidents import IncidentRow, get_incident, to_incident
from soc.store.nouns.investigation_notes import (
    InvestigationNoteRow,
    NoteVersionRow,
    list_notes,
    list_wordings,
)
from soc.store.nouns.people import PersonRow, list_people
from soc.store.nouns.tickets import TicketFilter, TicketRow, page_tickets
from soc.store.unchanged import while_unchanged


@dataclass(frozen=True)
class Life:
    """`people` are those who are here, by name; `names` everybody's, by id. `priority` is the one in force."""

    incident: IncidentRow
    tickets: Sequence[TicketRow]
    people: Sequence[PersonRow]
    names: Mapping[str, str]
    priority: str


@while_unchanged
def read_life(incident_id: str) -> Life:
    """Raises NotFound."""
    with read_session() as session:
        row = get_incident(session, incident_id)
        tickets = page_tickets(session, TicketFilter(incident_ids=(incident_id,))).rows
        everybody = list_people(session, active_only=False)
    chosen = tickets[0].priority if tickets else row.priority
    return Life(
        incident=row,
        tickets=tickets,
        people=[one for one in everybody if one.active],
        names={one.id: one.name for one in everybody},
        priority=chosen or to_incident(row).priority.value,
    )


@while_unchanged
def list_everybody() -> Sequence[tuple[str, str]]:
    """Id and name of everybody who is here, by name."""
    with read_session() as session:
        return [(one.id, one.name) for one in list_people(session)]


@while_unchanged
def read_notes(incident_id: str) -> list[tuple[InvestigationNoteRow, Sequence[NoteVersionRow]]]:
    """Its notes, oldest first, with the wordings of those that were changed."""
    with read_session() as session:
        return [
            (one, list_wordings(session, one.id) if one.version > 1 else ())
            for one in list_notes(session, incident_id)
        ]
