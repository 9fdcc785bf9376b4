"""A batch that finds more than people can take in: the gravest are told at once, the others await release.

Their time runs meanwhile: the clocks of a ticket count from when its incident was found. Whoever looks at the batch (or hears
its summary) is told how many wait; somebody releases all of them, or one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.access.once import Once
from soc.audit.write import record
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.delivery.replay import release_waiting
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import Incident
from soc.errors import Conflict
from soc.rules.suppressing import find_hiding
from soc.store.db import write_session
from soc.store.nouns.batches.batches import BatchRow, BatchState, get_batch
from soc.store.nouns.combined.waiting import await_release, lock_awaiting
from soc.store.nouns.incidents.incidents import get_incident
from soc.tickets.joining import Joining

#: What scores so much is told at once, however many there are.
NEVER_WAITS = 9
_RUN = Actor.system("batch")
#: Up to so many the audit tells of each by itself; of more it counts them.
_NAMED = 100


def who_waits(incidents: Sequence[Incident], *, cap: int) -> frozenset[str]:
    """The ids of those beyond the cap (0: there is none). Ranked by score, then by lines, then by id; those that never
    wait take places as the others do."""
    if not cap:
        return frozenset()
    ranked = sorted(incidents, key=lambda one: (-one.score, -one.count, one.id))
    return frozenset(one.id for one in ranked[cap:] if one.score < NEVER_WAITS)


def hold_back(
    session: Session,
    batch: BatchRow,
    chosen: Sequence[Incident],
    joinings: Mapping[str, Joining],
    *,
    now: datetime,
) -> frozenset[str]:
    """Mark those of the eligible ones that await release; returns which. What is hidden, or belongs to what was told
    before, brings nothing new and counts for nothing."""
    if not batch.flood_cap or len(chosen) <= batch.flood_cap:
        return frozenset()
    hidden = find_hiding(session, chosen, now=now)
    known = {one for one, joining in joinings.items() if joining.joins and joining.told}
    fresh = [one for one in chosen if one.id not in hidden and one.id not in known]
    waiting = who_waits(fresh, cap=batch.flood_cap)
    await_release(session, waiting)
    return waiting


def why_it_waits(batch: BatchRow) -> str:
    return f"It awaits release: its batch found more than the {batch.flood_cap:,} that are told at once."


def release_incidents(
    batch_id: str, incident_ids: Collection[str] | None, *, actor: Actor, once: Once | None = None
) -> int:
    """Tell of those of the batch's incidents that wait (of these, or with None of all); returns how many were released.

    What was released before is left alone, so a double click releases once. Raises NotFound for a batch, or one of its
    incidents, that there is not, Conflict while the batch has not ended.
    """
    now = clock.now()
    with write_session() as session:
        done = once.claim(session) if once else None
        if done is not None:
            return int(done["released"])
        batch = get_batch(session, batch_id)
        if batch.state != BatchState.FINISHED:
            raise Conflict(
                f"The batch is {batch.state}.", hint="Its incidents are known once it has finished."
            )
        for incident_id in incident_ids or ():
            get_incident(session, incident_id)
        ids = lock_awaiting(session, batch_id, incident_ids)
        tries = release(session, batch_id, ids, actor=actor, now=now)
        if once:
            once.keep(session, {"released": len(ids)})
    enqueue_tries(tries)
    return len(ids)


def release(session: Session, batch_id: str, ids: Sequence[str], *, actor: Actor, now: datetime) -> list[Try]:
    """In the caller's transaction: these go now, and the audit says who let them."""
    if not ids:
        return []
    tries = release_waiting(session, ids, by=str(actor), now=now)
    told = {"incidents": len(ids), "messages": len(tries)}
    record(session, actor, "release incidents", Subject(SubjectKind.BATCH, batch_id), after=told)
    was, now_is = {"awaiting_release": True}, {"awaiting_release": False}
    for incident_id in ids if len(ids) <= _NAMED else ():
        record(
            session, actor, "release", Subject(SubjectKind.INCIDENT, incident_id), before=was, after=now_is
        )
    return tries


def release_grave(session: Session, known: Collection[str], *, now: datetime) -> list[Try]:
    """Of known incidents that another batch made graver: what never waits goes at once."""
    tries: list[Try] = []
    for incident_id in sorted(set(known)):
        row = get_incident(session, incident_id)
        if row.awaiting_release and row.score >= NEVER_WAITS:
            tries += release(session, row.batch_id, [incident_id], actor=_RUN, now=now)
    return tries
