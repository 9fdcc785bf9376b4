"""Where one incident stands, for whoever acts on it: its row, its tickets, who could have it, what was noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soc import clock
from soc.domain.acts import ActKind
from soc.roster.standing import read_members
from soc.store.db import read_session
from soc.store.nouns.incidents.acts import find_last
from soc.store.nouns.incidents.families import list_merged
from soc.store.nouns.incidents.incidents import ENDED, IncidentRow, get_incident, to_incident
from soc.store.nouns.incidents.investigation_notes import (
    InvestigationNoteRow,
    NoteVersionRow,
    list_notes,
    list_wordings,
)
from soc.store.nouns.incidents.parts import find_part, list_parts
from soc.store.nouns.people.people import PersonRow, list_people
from soc.store.nouns.tickets.ticket_lists import list_keys_of
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, page_tickets
from soc.store.unchanged import while_unchanged

_ENDS = (ActKind.CLOSE, ActKind.SET_STATUS)


@dataclass(frozen=True)
class Life:
    """`people` are those who are here: on duty first, then who holds least; `names` everybody's, by id. `priority` is the one in force; `ended_via` the
    integration that told of its end ("": it was here, or it is open).
    """

    incident: IncidentRow
    tickets: Sequence[TicketRow]
    people: Sequence[PersonRow]
    names: Mapping[str, str]
    priority: str
    ended_via: str = ""


@while_unchanged
def read_life(incident_id: str) -> Life:
    """Raises NotFound."""
    with read_session() as session:
        row = get_incident(session, incident_id)
        tickets = page_tickets(session, TicketFilter(incident_ids=(incident_id,))).rows
        everybody = list_people(session, active_only=False)
        here = sorted(read_members(session, now=clock.now()), key=lambda one: (not one.presence.on, one.held))
        last = find_last(session, incident_id, _ENDS) if row.status in ENDED else None
    chosen = tickets[0].priority if tickets else row.priority
    return Life(
        incident=row,
        tickets=tickets,
        people=[one.person for one in here],
        names={one.id: one.name for one in everybody},
        priority=chosen or to_incident(row).priority.value,
        ended_via=last.via if last is not None else "",
    )


@dataclass(frozen=True)
class Relative:
    """An incident that belongs to another: `key` is its ticket's ("": it has none)."""

    incident: IncidentRow
    key: str

    @property
    def name(self) -> str:
        return self.key or self.incident.title


@dataclass(frozen=True)
class Family:
    """What an incident was merged into or split off, what was merged into it (also by way of others) and what was split off it."""

    into: Relative | None
    merged: Sequence[Relative]
    whole: Relative | None = None
    parts: Sequence[Relative] = ()


@while_unchanged
def read_family(incident_id: str) -> Family:
    """Raises NotFound."""
    with read_session() as session:
        row = get_incident(session, incident_id)
        merged = list_merged(session, incident_id)
        into = get_incident(session, row.merged_into) if row.merged_into else None
        part = find_part(session, incident_id)
        whole = get_incident(session, part.incident_id) if part is not None else None
        parts = [get_incident(session, one.id) for one in list_parts(session, incident_id)]
        everybody = [*merged, *parts, *(one for one in (into, whole) if one is not None)]
        keys = list_keys_of(session, [one.id for one in everybody])

    def related(one: IncidentRow) -> Relative:
        return Relative(one, keys[one.id][0][0] if one.id in keys else "")

    return Family(
        related(into) if into else None,
        [related(one) for one in merged],
        related(whole) if whole else None,
        [related(one) for one in parts],
    )


@while_unchanged
def list_everybody() -> Sequence[tuple[str, str]]:
    """Id and name of everybody who is here, by name."""
    with read_session() as session:
        return [(one.id, one.name) for one in list_people(session)]


@while_unchanged
def read_notes(*incident_ids: str) -> list[tuple[InvestigationNoteRow, Sequence[NoteVersionRow]]]:
    """Their notes, oldest first, with the wordings of those that were changed."""
    with read_session() as session:
        notes = [one for incident_id in incident_ids for one in list_notes(session, incident_id)]
        return [
            (one, list_wordings(session, one.id) if one.version > 1 else ())
            for one in sorted(notes, key=lambda one: (one.created_at, one.id))
        ]
