"""What is due: the highest step of each ticket becomes lines for whom it tells, lower ones are listed as skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery.ledger import Try
from soc.domain.actor import Actor, Known
from soc.domain.escalation.chain import Chain, Step, dues_of
from soc.domain.escalation.reach import Carrier, Contact, Reach, reach
from soc.domain.escalation.settle import Waiting, settle
from soc.domain.escalation.states import LineState, StepState
from soc.domain.severity import Priority
from soc.escalation.carriers import NEEDS, read_carriers
from soc.escalation.planning import cancel_steps, chain_of, lock_incidents_of, plan_ticket
from soc.escalation.watch import read_watch
from soc.roster.assigning import give
from soc.roster.standing import read_contacts
from soc.store.nouns.escalation import escalation_acks
from soc.store.nouns.escalation import escalations as stored
from soc.store.nouns.escalation.escalations import EscalationLineRow, EscalationPlanRow, EscalationStepRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow, get_ticket
from soc.store.trail.committed import LogOnceCommitted
from soc.tickets import acts

log = structlog.get_logger(__name__)
TICK = Actor.system("escalation", Known.SCHEDULE)
_ORDER = list(Priority)


@dataclass(frozen=True)
class Around:
    """What is the same for all tickets of a tick."""

    now: datetime
    people: Sequence[Contact]
    carriers: Mapping[bool, Mapping[str, Carrier]]


def look_around(session: Session, *, now: datetime) -> Around:
    return Around(now, read_contacts(session, now=now, needs=NEEDS), read_carriers(session))


def settle_due(session: Session, *, now: datetime, limit: int) -> tuple[int, list[Try]]:
    """Settle the due steps of so many tickets, the longest overdue first; returns how many tickets, and what to enqueue.

    Incidents are locked before steps, as acts do, and in the order of their ids: who acts and who ticks wait for each other.
    """
    ids = stored.find_due_tickets(session, now=now, limit=limit)
    if not ids:
        return 0, []
    around = look_around(session, now=now)
    incidents = lock_incidents_of(session, ids)
    tickets = {
        ticket_id: get_ticket(session, ticket_id) for ticket_id in ids
    }  # as they are once we hold them
    rows = stored.lock_due_steps(session, ids, now=now)
    tries: list[Try] = []
    for ticket in tickets.values():
        mine = [row for row in rows if row.ticket_id == ticket.id]
        tries += _settle(session, ticket, incidents[ticket.incident_id], mine, around)
    return len(ids), tries


def _settle(
    session: Session,
    ticket: TicketRow,
    incident: IncidentRow,
    rows: Sequence[EscalationStepRow],
    around: Around,
) -> list[Try]:
    """One ticket's due steps. Its clock and its acknowledgement are asked once more, in this very transaction."""
    now = around.now
    plan = stored.find_plan(session, ticket.id or 0)
    chain = chain_of(session, plan) if plan is not None else None
    due = _still_due(session, ticket, incident, plan, chain, rows, now=now)
    if chain is None or not due:
        return []
    (one,) = settle([Waiting(row.ticket_id, row.step, row.loop, row.due_at or now) for row in due])
    told = next(row for row in due if (row.step, row.loop) == (one.told.step, one.told.loop))
    higher = stored.find_highest_told(session, ticket.id or 0, told.cycle)
    late = higher is not None and (told.step, told.loop) < higher
    moot = [row for row in due if late or row.id != told.id]
    for row in moot:
        why = "a later step was told before" if late else f"“{told.title}” was due too"
        _close(session, row, StepState.SKIPPED, why, now)
    if late:
        return []
    tries = _do(session, ticket, chain, {row.step for row in due if row.loop == 0}, told, now=now)
    step = chain.steps[told.step]
    carriers = around.carriers[ticket.practice]
    found = reach(chain, step, around.people, carriers, owner=incident.owner, now=now)
    _close(session, told, StepState.TOLD, _words(found), now)
    _write_lines(session, ticket, step, told, moot, found, around)
    LogOnceCommitted(session, log).warning(
        "escalated", ticket=ticket.key, step=told.title, loop=told.loop, skipped=len(moot),
        told=len(found.told), fallback=found.instead,
    )  # fmt: skip
    return tries


def _still_due(
    session: Session,
    ticket: TicketRow,
    incident: IncidentRow,
    plan: EscalationPlanRow | None,
    chain: Chain | None,
    rows: Sequence[EscalationStepRow],
    *,
    now: datetime,
) -> list[EscalationStepRow]:
    """Those that are due by the clock as it is now. What is not any more is planned anew, waits or is over."""
    if plan is None or chain is None:
        cancel_steps(session, ticket, why="it has no chain any more", actor=TICK, now=now)
        return []
    if incident.acknowledged_at is not None:
        for row in rows:
            row.state, row.why = StepState.STOPPED.value, "acknowledged"
            session.add(row)
        return []
    watch = read_watch(session, ticket, chain, now=now)
    if (
        watch.stopped
        and ticket.resolved_at is None
        and escalation_acks.is_revived(session, ticket.incident_id)
    ):
        return list(rows)  # the acknowledgement had stopped the clock, and nothing came of it
    if watch.stopped or watch.intake:
        plan_ticket(session, ticket, now=now)
        return []
    dues = {(due.step, due.loop): due.at for due in dues_of(chain, watch.used)}
    for row in rows:
        row.due_at = dues.get((row.step, row.loop)) if row.cycle == watch.cycle else None
        session.add(row)
    return [row for row in rows if row.due_at is not None and row.due_at <= now]


def _close(session: Session, row: EscalationStepRow, state: StepState, why: str, now: datetime) -> None:
    row.state, row.why, row.settled_at = state.value, why, now
    session.add(row)


def _words(found: Reach) -> str:
    """`told Mia Berg (Slack); not reached: Max Adler: off shift until …`."""
    named = [
        f"{one.person.name} ({one.carrier.title})" if one.person else one.carrier.title for one in found.told
    ]
    told = f"told {', '.join(named)}" if named else "told nobody: no channel can be used"
    instead = ", as the fallback" if found.instead and named else ""
    missed = f"; not reached: {'; '.join(found.missed)}" if found.missed else ""
    return f"{told}{instead}{missed}"


def _do(
    session: Session,
    ticket: TicketRow,
    chain: Chain,
    steps: set[int],
    told: EscalationStepRow,
    *,
    now: datetime,
) -> list[Try]:
    """What the steps do to the ticket, the skipped ones' too: raised once, given to somebody else once."""
    tries: list[Try] = []
    doing = [chain.steps[number] for number in sorted(steps)]
    key = f"escalation:{told.ticket_id}:{told.cycle}:{told.step}"
    priority = Priority(ticket.priority) if ticket.priority in _ORDER else Priority.MEDIUM
    if any(step.raise_priority for step in doing) and priority is not Priority.HIGHEST:
        priority = _ORDER[_ORDER.index(priority) - 1]
        asked = acts.Asked(TICK, key, at=now)
        outcome = acts.set_priority(session, ticket.incident_id, priority, asked, reaim=False)
        tries += outcome.tries
    if any(step.reassign for step in doing):
        had = {owner} if (owner := ticket.owner) else set()
        tries += give(session, ticket, priority=priority, actor=TICK, key=key, now=now, but=had)
    return tries


def _write_lines(
    session: Session,
    ticket: TicketRow,
    step: Step,
    told: EscalationStepRow,
    moot: Sequence[EscalationStepRow],
    found: Reach,
    around: Around,
) -> None:
    """A line for each that is told; the notices are made of them, one a recipient."""
    skipped = "; ".join(
        f"{ticket.key} {row.title} (due {row.due_at:%Y-%m-%d %H:%M} UTC)" for row in moot if row.due_at
    )
    note = f"Not reached: {'; '.join(found.missed)}." if found.missed else ""
    note = f"{note} You are told instead." if note and found.instead else note
    for one in found.told:
        session.add(
            EscalationLineRow(
                step_id=told.id or 0, ticket_id=ticket.id or 0,
                recipient=one.person.person_id if one.person else _whole(one.carrier, ticket),
                channel=one.carrier.name, state=LineState.WAITING.value, said=_said(step, told, around.now),
                skipped=skipped, note=note, created_at=around.now, made_by=str(TICK),
            )
        )  # fmt: skip
    session.flush()


def _whole(carrier: Carrier, ticket: TicketRow) -> str:
    """The recipient where nobody is told by name: the ticket itself, or the channel."""
    return f"ticket:{ticket.id}" if carrier.of_ticket else ""


def _said(step: Step, told: EscalationStepRow, now: datetime) -> str:
    due = told.due_at or now
    late = f", {clock.describe(now - due)} ago" if (now - due).total_seconds() >= 60 else ""
    again = f" (told again, {told.loop} of {step.times})" if told.loop else ""
    return f"{step.when}: {due:%Y-%m-%d %H:%M} UTC{late}{again}"
