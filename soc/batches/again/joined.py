"""A batch whose files were processed before: what it finds again is joined to what is there, unless somebody said otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from soc.batches.again.repeats import find_repeats
from soc.delivery.ledger import Try
from soc.domain.incident import Incident
from soc.store.nouns.batches import BatchRow
from soc.store.nouns.incidents import join_incidents
from soc.tickets.joining import Joining, Seen, joinings, seen_again


def find_joinings(
    session: Session, batch: BatchRow, incidents: Sequence[Incident], *, now: datetime
) -> dict[str, Joining]:
    """What becomes of those that an earlier batch found in the same content, by their ids."""
    if batch.as_new:
        return {}
    repeats = find_repeats(session, batch.id, incidents)
    known = joinings(session, list(repeats.values()), now=now)
    return {one: known[other] for one, other in repeats.items() if other in known}


def keep_joined(
    session: Session, found: Mapping[str, Joining], *, eligible: Collection[str], now: datetime
) -> None:
    """Those that nobody has to be told of are no work of their own: they stand at the incident that they repeat.

    One that would be told, and whose known one nobody was told of, is work of its own.
    """
    joined = {
        one: joining.known
        for one, joining in found.items()
        if joining.joins and (joining.told or one not in eligible)
    }
    join_incidents(session, joined, now=now)


def tell_joined(
    session: Session,
    batch: BatchRow,
    found: Mapping[str, Joining],
    joined: Mapping[str, Incident],
    *,
    now: datetime,
) -> list[Try]:
    """Each known incident hears once of what was joined to it (`joined`: by id, what some channel did not tell again)."""
    tries: list[Try] = []
    for incident_id, incident in joined.items():
        seen = Seen(f"batch {batch.id} ({batch.name})", incident.score, batch.id)
        tries += seen_again(session, found[incident_id], seen, now=now)
    return tries
