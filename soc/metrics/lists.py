"""What the pages' lists ask at every run: each answer is kept while nothing was written, for all who look.

The rows are nobody's to change. Where an answer also depends on the time of day, it is no older than a few seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soc.metrics.deliveries import count_deliveries
from soc.sla.clocks import count_tickets, find_clocks, list_clocks, read_clocks
from soc.store.db import read_session
from soc.store.nouns.batches import batches
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.combined import search
from soc.store.nouns.combined.search import Found
from soc.store.nouns.deliveries import deliveries
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents import incidents
from soc.store.nouns.incidents.incidents import IncidentFilter, IncidentRow
from soc.store.nouns.rules.decisions import DecisionRow, list_decisions
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, page_tickets
from soc.store.paging import read_again
from soc.store.unchanged import while_unchanged


@while_unchanged
def count_incidents(chosen: IncidentFilter) -> int:
    with read_session() as session:
        return incidents.count_incidents(session, chosen)


@while_unchanged
def list_incidents(
    chosen: IncidentFilter, *, sort: str = "-score", offset: int = 0, limit: int = 50
) -> Sequence[IncidentRow]:
    with read_session() as session:
        return incidents.list_incidents(session, chosen, sort=sort, offset=offset, limit=limit)


@while_unchanged
def incidents_again(ids: tuple[str, ...]) -> Sequence[IncidentRow]:
    """These rows in this order; those that are gone are left out."""
    with read_session() as session:
        return read_again(session, IncidentRow, ids)


@while_unchanged
def incidents_by_id(ids: tuple[str, ...]) -> Mapping[str, IncidentRow]:
    """These incidents by their id; those that are gone are left out."""
    with read_session() as session:
        return {row.id: row for row in read_again(session, IncidentRow, ids)}


@dataclass(frozen=True)
class Story:
    """An incident and what came of it."""

    incident: IncidentRow
    decisions: Sequence[DecisionRow]
    tickets: Sequence[TicketRow]
    deliveries: Sequence[DeliveryRow]


@while_unchanged
def read_story(incident_id: str) -> Story:
    """Raises NotFound."""
    with read_session() as session:
        return Story(
            incidents.get_incident(session, incident_id),
            list_decisions(session, incident_id),
            page_tickets(session, TicketFilter(incident_ids=(incident_id,))).rows,
            deliveries.list_deliveries(session, incident_id=incident_id, limit=1_000),
        )


@while_unchanged
def find_incidents(
    query: str, *, owners: tuple[str, ...] | None = None, offset: int = 0, limit: int = 50
) -> Found:
    with read_session() as session:
        return search.find_incidents(session, query, owners=owners, offset=offset, limit=limit)


@while_unchanged
def list_running() -> Sequence[BatchRow]:
    """The batches at work or waiting."""
    with read_session() as session:
        return batches.list_active(session)


@while_unchanged
def list_batches(*, limit: int) -> Sequence[BatchRow]:
    """Newest first."""
    with read_session() as session:
        return batches.list_batches(session, limit=limit)


@while_unchanged
def list_deliveries(
    *,
    states: tuple[str, ...] = (),
    integration: str = "",
    incident_id: str = "",
    batch_id: str = "",
    owners: tuple[str, ...] | None = None,
    sort: str = "-updated_at",
    offset: int = 0,
    limit: int = 50,
) -> Sequence[DeliveryRow]:
    with read_session() as session:
        return deliveries.list_deliveries(
            session,
            states=states,
            integration=integration,
            incident_id=incident_id,
            batch_id=batch_id,
            owners=owners,
            sort=sort,
            offset=offset,
            limit=limit,
        )


@while_unchanged
def deliveries_again(ids: tuple[str, ...]) -> Sequence[DeliveryRow]:
    """These rows in this order; those that are gone are left out."""
    with read_session() as session:
        return read_again(session, DeliveryRow, ids)


kept_count_deliveries = while_unchanged(count_deliveries)
kept_count_tickets = while_unchanged(count_tickets)
kept_find_clocks = while_unchanged(find_clocks)
kept_list_clocks = while_unchanged(list_clocks)
kept_read_clocks = while_unchanged(read_clocks)
