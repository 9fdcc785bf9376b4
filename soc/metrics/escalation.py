"""Whether the escalation's clock runs, so that every page and `/metrics` can say it; and what its page shows, kept while nothing was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.domain.escalation.chain import Chain
from soc.domain.escalation.paths import Hole
from soc.domain.severity import Priority
from soc.escalation import chains, preview
from soc.escalation.heartbeat import PATIENCE, oldest_due
from soc.escalation.preview import Telling
from soc.store.db import read_session
from soc.store.nouns.escalation import escalations
from soc.store.nouns.escalation.escalation_clock import read_tick
from soc.store.nouns.escalation.escalations import EscalationStepRow
from soc.store.nouns.sla.sla_intake import LateBatch, list_late_batches
from soc.store.unchanged import while_unchanged


@dataclass(frozen=True)
class EscalationClock:
    """`trouble` says what is wrong with it, `heartbeat` what was wrong with the last call of the heartbeat ("": nothing)."""

    ticked_at: datetime | None
    oldest_due: timedelta
    trouble: str
    heartbeat: str


@while_unchanged
def read_escalation() -> EscalationClock:
    """As it stands now."""
    now = clock.now()
    with read_session() as session:
        tick = read_tick(session)
    oldest = oldest_due(now=now)
    trouble = ""
    # a tick that lies ahead was made before the clock was set back; the next one makes it good
    if tick is not None and now - tick.at > PATIENCE:
        trouble = f"Nobody is told: the escalation's clock has not run for {clock.describe(now - tick.at)}"
    elif oldest > PATIENCE:
        trouble = f"A step of an escalation is late by {clock.describe(oldest)}"
    return EscalationClock(tick.at if tick else None, oldest, trouble, tick.trouble if tick else "")


@dataclass(frozen=True)
class StepOf:
    """A step, and what its ticket and incident are called."""

    step: EscalationStepRow
    key: str
    priority: str
    incident: str


@while_unchanged
def list_coming(*, limit: int = 100) -> Sequence[StepOf]:
    """What is planned, the soonest first."""
    with read_session() as session:
        return _named(session, escalations.list_coming(session, limit=limit))


@while_unchanged
def list_settled(*, limit: int = 100) -> Sequence[StepOf]:
    """What became of steps, the last first."""
    with read_session() as session:
        return _named(session, escalations.list_settled(session, limit=limit))


def _named(session: Session, steps: Sequence[EscalationStepRow]) -> Sequence[StepOf]:
    known = escalations.read_tickets(session, {one.ticket_id for one in steps})
    pairs = ((one, known[one.ticket_id]) for one in steps)
    return [StepOf(one, ticket.key, ticket.priority, incident.title) for one, (ticket, incident) in pairs]


@while_unchanged
def list_late() -> Sequence[LateBatch]:
    """Batches with open tickets that were breached at intake, the newest first."""
    with read_session() as session:
        return list_late_batches(session, open_only=True)


@while_unchanged
def list_chains() -> Sequence[Chain]:
    """In the order in which they are asked."""
    with read_session() as session:
        return chains.read_chains(session)


@while_unchanged
def find_holes(chain: str = "") -> Sequence[Hole]:
    """Of all chains, or of one (its JSON), in the next 14 days."""
    tried = Chain.model_validate_json(chain) if chain else None
    with read_session() as session:
        return preview.find_holes(session, now=clock.now(), chain=tried)


@while_unchanged
def preview_chain(chain: str, priority: Priority) -> Sequence[Telling]:
    """Who would be told when by a chain (its JSON), if a ticket opened now."""
    with read_session() as session:
        tried = Chain.model_validate_json(chain)
        return preview.preview_chain(session, tried, priority, opened=clock.now())
