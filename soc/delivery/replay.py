"""Deliveries that are brought back: dead ones by a person's wish, held ones when their integration works again,
stuck ones by the sweep.

`replay` and `resume` do it; the others are part of the ledger: like it, they write, and the caller's transaction commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.access.once import Once
from soc.audit.write import record
from soc.delivery.ledger import Try, again, close_interrupted, move
from soc.delivery.queues import delivery_queue, enqueue_tries
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.domain.message import message_title
from soc.errors import SocError
from soc.integrations.in_force import load_config
from soc.integrations.registry import kind_of, titles
from soc.store.db import read_session, write_session
from soc.store.nouns.combined.waiting import free_messages
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import (
    count_dead,
    get_dead,
    list_dead,
    list_doubtful,
    list_holding,
    lock_delivery,
    lock_held,
    may_have_arrived,
)
from soc.store.nouns.incidents.incidents import list_ended
from soc.store.nouns.vendors.health import read_health

#: So many are tried again at once, in one transaction.
MOST_AT_ONCE = 1_000
_SWEEP = Actor.system("sweep", Known.SCHEDULE)

#: What nobody was told of.
_NEVER_SENT = (DeliveryState.SUPPRESSED, DeliveryState.JOINED)


def replay(delivery_ids: Sequence[str], *, actor: Actor, once: Once | None = None) -> int:
    """Try dead, suppressed or cancelled deliveries again; returns how many were released (by the first, if `once`).

    What may have reached the vendor is looked up there before it is sent. Others are left as they are, so a
    double click releases once.
    """
    now = clock.now()
    with write_session() as session:
        done = once.claim(session) if once else None
        if done is not None:
            return int(done["released"])
        revived = [revive(session, delivery_id, actor=actor, now=now) for delivery_id in delivery_ids]
        released = [one for one in revived if one is not None]
        if once:
            once.keep(session, {"released": len(released)})
    enqueue_tries(released)
    return len(released)


def replay_all(integration: str, *, actor: Actor, once: Once | None = None) -> int:
    """Try the dead deliveries of this integration again (at most 1,000, the oldest), after the cause was mended.

    As `replay` does, and as `preview_replay_all` shows beforehand; what is suppressed or cancelled was so on purpose and stays. Raises NotFound.
    """
    kind_of(integration)
    with read_session() as session:
        dead = list_dead(session, integration, limit=MOST_AT_ONCE)
    return replay(dead, actor=actor, once=once)


@dataclass(frozen=True)
class WouldSend:
    """`dead`: how many of the integration were given up; `rows` those that go out at once, the oldest first.

    `looked_up`: ids of those that may have arrived, which are looked for at the vendor first. `over`: how many are of incidents
    that are over by now. `paused`: why they would be held, "" where they would not.
    """

    integration: str
    dead: int
    rows: Sequence[DeliveryRow]
    looked_up: frozenset[str]
    over: int
    paused: str

    def messages(self) -> dict[str, int]:
        """How many of each message, by the message's name, the most frequent first."""
        return dict(Counter(row.action for row in self.rows).most_common())

    def words(self) -> list[str]:
        """In sentences for people."""
        told = ", ".join(f"{number:,} × {message_title(name)}" for name, number in self.messages().items())
        said = [f"{titles([self.integration])}: {told or 'nothing was given up'}."]
        if self.dead > len(self.rows):
            said.append(f"The oldest {len(self.rows):,} of {self.dead:,} at once.")
        if self.looked_up:
            said.append(
                f"{len(self.looked_up):,} may have arrived: looked up at the vendor before anything is sent."
            )
        if self.over:
            said.append(f"{self.over:,} of incidents that are over by now.")
        if self.paused:
            said.append(f"It is paused, so they will wait: {self.paused}")
        return said


def preview_replay_all(integration: str) -> WouldSend:
    """What `replay_all` would do now; nothing is changed. Raises NotFound."""
    kind_of(integration)
    with read_session() as session:
        rows = get_dead(session, integration, limit=MOST_AT_ONCE)
        health = read_health(session, integration)
        ended = list_ended(session, [row.incident_id for row in rows if row.incident_id])
        return WouldSend(
            integration=integration,
            dead=count_dead(session, integration),
            rows=rows,
            looked_up=frozenset(list_doubtful(session, [row.id for row in rows])),
            over=sum(row.incident_id in ended for row in rows),
            paused=health.paused_reason if health.paused else "",
        )


def resume(integration: str, *, actor: Actor) -> int:
    """Let everything that waits for this integration go on; returns how many deliveries that are."""
    now = clock.now()
    with write_session() as session:
        released = release(session, integration, actor=actor, now=now)
    enqueue_tries(released)
    return len(released)


def release(session: Session, integration: str, *, actor: Actor, now: datetime) -> list[Try]:
    """Let the held deliveries of an integration be tried now."""
    released = []
    for row in lock_held(session, integration):
        row.try_number += 1
        row.next_try_at = row.armed_at = row.updated_at = now
        row.hint = ""
        row.revived_by = str(actor)
        released.append(Try(delivery_queue(row.integration, row.action), row.id, row.try_number, now))
    if released:
        told = Subject(SubjectKind.CONFIGURATION, integration)
        record(session, actor, "release messages", told, after={"messages": len(released)})
    return released


def release_waiting(session: Session, incident_ids: Sequence[str], *, by: str, now: datetime) -> list[Try]:
    """The messages of incidents that awaited release go now; the caller tells the audit."""
    session.flush()
    return [
        Try(delivery_queue(one.integration, one.action), one.delivery_id, one.number, now)
        for one in free_messages(session, incident_ids, by=by, now=now)
    ]


def release_forgotten() -> list[Try]:
    """What is held although its integration is configured and not paused goes on; returns the tries.

    A pause ends in one transaction and what it held is released in the next: a process that dies between the two, or a
    message that is held at that very moment, would wait for good.
    """
    with read_session() as session:
        kinds = [kind for kind in list_holding(session) if not read_health(session, kind).paused]
    tries: list[Try] = []
    for kind in kinds:
        with suppress(SocError), write_session() as session:
            config = load_config(kind, session)
            if config is not None and config.enabled and not read_health(session, kind).paused:
                tries += release(session, kind, actor=_SWEEP, now=clock.now())
    return tries


def revive(session: Session, delivery_id: str, *, actor: Actor, now: datetime) -> Try | None:
    """Bring a dead, suppressed or cancelled delivery back; None when it is in another state.

    One that may have reached the vendor comes back as unknown, so that it is looked up before it is sent.
    """
    row = lock_delivery(session, delivery_id)
    state = DeliveryState(row.state)
    if state not in (DeliveryState.DEAD, *_NEVER_SENT, DeliveryState.CANCELLED):
        return None
    told = Subject(SubjectKind.DELIVERY, row.id)
    record(session, actor, "replay", told, before={"state": state}, after={"incident": row.incident_id})
    doubtful = state not in _NEVER_SENT and may_have_arrived(session, row.id)
    move(row, DeliveryState.UNKNOWN if doubtful else DeliveryState.PENDING, now=now)
    row.failures = row.reconciled = 0
    row.try_number += 1
    row.next_try_at = row.armed_at = now
    row.revived_by = str(actor)
    row.reason = row.error = row.hint = ""
    return Try(delivery_queue(row.integration, row.action), row.id, row.try_number, now)


def rearm(
    session: Session, delivery_id: str, try_number: int, *, now: datetime, settle: timedelta = timedelta(0)
) -> Try | None:
    """For the sweep: this try's workflow is gone without a word; give the delivery a fresh one.

    `settle`: a send that was cut off a moment ago is looked up so much later.
    """
    row = lock_delivery(session, delivery_id)
    if row.try_number != try_number or DeliveryState(row.state) in FINAL_STATES:
        return None
    if DeliveryState(row.state) is DeliveryState.SENDING:
        close_interrupted(session, row, now=now)
        move(row, DeliveryState.UNKNOWN, now=now)
        return again(session, row, at=now + settle, now=now)
    return again(session, row, at=now, now=now)
