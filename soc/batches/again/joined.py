"""A batch whose files were processed before: what it finds again is joined to what is there, unless somebody said otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from soc.batches.again.repeats import find_repeats
from soc.batches.again.stories import Fresh, find_stories
from soc.delivery.ledger import Try
from soc.domain.incident import Incident
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.incidents.incident_writing import grow_incident, join_incidents
from soc.tickets.joining import Joining, Seen, joinings, seen_again


def find_joinings(
    session: Session, batch: BatchRow, incidents: Sequence[Incident], *, now: datetime
) -> dict[str, Joining]:
    """What becomes of those that an earlier batch found in the same content, by their ids."""
    if batch.as_new:
        return {}
    repeats = find_repeats(session, batch.id, incidents) | find_stories(session, batch.id, incidents, now=now)
    known = joinings(session, list(repeats.values()), now=now)
    return {one: known[other] for one, other in repeats.items() if other in known}


def keep_joined(
    session: Session, found: Mapping[str, Joining], *, eligible: Collection[str], telling: bool, now: datetime
) -> Mapping[str, str]:
    """Those that nobody has to be told of are no work of their own: they stand at the incident that they repeat. Which do.

    One that would be told (`telling`: some channel takes messages of this batch), and whose known one nobody was told of,
    is work of its own.
    """
    joined = {
        one: joining.known
        for one, joining in found.items()
        if joining.joins and (joining.told or one not in eligible or not telling)
    }
    join_incidents(session, joined, now=now)
    return joined


def grow_known(
    session: Session, joined: Mapping[str, str], incidents: Sequence[Incident], fresh: Mapping[str, Fresh]
) -> None:
    """What is new in this batch belongs to the known story from now on; a line that it has already counts once."""
    session.flush()
    for incident in incidents:
        new = fresh.get(incident.id)
        if new is not None and new.lines and incident.id in joined:
            grow_incident(session, joined[incident.id], incident, lines=new.lines, whole=new.whole)


def _what_is_new(incident: Incident, lines: int) -> str:
    if not lines:
        return " Nothing in it is new."
    last = f", the last of {incident.last_seen:%Y-%m-%d %H:%M} UTC" if incident.last_seen is not None else ""
    return f" {lines:,} {'line is' if lines == 1 else 'lines are'} new{last}."


def tell_joined(
    session: Session,
    batch: BatchRow,
    found: Mapping[str, Joining],
    joined: Mapping[str, Incident],
    fresh: Mapping[str, Fresh],
    *,
    now: datetime,
) -> list[Try]:
    """Each known incident hears once of what was joined to it (`joined`: by id, what some channel did not tell again)."""
    tries: list[Try] = []
    for incident_id, incident in joined.items():
        new = fresh[incident_id].lines if incident_id in fresh else 0
        seen = Seen(f"batch {batch.id} ({batch.name})", incident.score, batch.id, _what_is_new(incident, new))
        tries += seen_again(session, found[incident_id], seen, now=now)
    return tries
