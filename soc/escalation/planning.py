"""A ticket's plan: which steps come when. It is made when the ticket opens, and follows its clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.escalation.chain import Chain, choose_chain, dues_of
from soc.domain.escalation.states import StepState
from soc.escalation.chains import read_chains
from soc.escalation.watch import Watch, read_watch
from soc.store.nouns.escalation import escalation_acks
from soc.store.nouns.escalation import escalations as stored
from soc.store.nouns.escalation.chains import find_created_at, find_version
from soc.store.nouns.escalation.escalations import EscalationPlanRow, EscalationStepRow
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, lock_incident
from soc.store.nouns.tickets.tickets import TicketRow, get_ticket

log = structlog.get_logger(__name__)
PLANNER = Actor.system("escalation")
_OPEN = (StepState.PLANNED, StepState.STOPPED)


def plan_ticket(session: Session, ticket: TicketRow, *, now: datetime) -> None:
    """Bring the ticket's plan in line with its clock. What was told, skipped or cancelled stays so."""
    plan = stored.find_plan(session, ticket.id or 0)
    chain = chain_of(session, plan) if plan is not None else None
    chain = chain or choose_chain(read_chains(session), ticket.priority)
    watch = read_watch(session, ticket, chain, now=now) if chain is not None else None
    if plan is None or (watch is not None and watch.cycle != plan.cycle):
        chain, watch, plan = _begin(session, ticket, now=now)
    plan.due_at, plan.priority, plan.reopened, plan.planned_at = (
        ticket.due_at, ticket.priority, ticket.reopened, now,
    )  # fmt: skip
    session.add(plan)
    if chain is None or watch is None or not plan.chain_id:
        return
    if watch.stopped or watch.intake:
        why = stored.INTAKE if watch.intake else watch.stopped
        if ticket.resolved_at is not None or not escalation_acks.may_go_on(session, ticket.incident_id):
            cancel_steps(session, ticket, why=why, actor=PLANNER, now=now)
            plan.over, plan.why = True, why
        return
    plan.over, plan.why = False, ""
    _follow(session, ticket, plan, chain, watch, now=now)


def keep_priority(session: Session, ticket: TicketRow) -> None:
    """The ticket's priority is another one, and its clocks go on as they were: so does its plan."""
    plan = stored.find_plan(session, ticket.id or 0)
    if plan is not None:
        plan.priority = ticket.priority
        session.add(plan)


def chain_of(session: Session, plan: EscalationPlanRow) -> Chain | None:
    """The chain of a plan in the version it was made with; None: no chain takes the ticket."""
    return find_version(session, plan.chain_id, plan.chain_version) if plan.chain_id else None


def _begin(
    session: Session, ticket: TicketRow, *, now: datetime
) -> tuple[Chain | None, Watch | None, EscalationPlanRow]:
    """A plan for the cycle that begins, by the chain of today; what an earlier cycle had planned is over."""
    cancel_steps(session, ticket, why="reopened: a new cycle began", actor=PLANNER, now=now)
    earlier = stored.list_plans(session, ticket.id or 0)
    for one in earlier:
        one.over = True
        session.add(one)
    chain = choose_chain(read_chains(session), ticket.priority)
    watch = read_watch(session, ticket, chain, now=now) if chain is not None else None
    plan = EscalationPlanRow(
        ticket_id=ticket.id or 0, cycle=watch.cycle if watch else len(earlier) + 1, chain_id=chain.id if chain else "",
        chain_version=chain.version if chain else 0, over=chain is None,
        why="" if chain else f"no chain takes tickets of priority {ticket.priority}",
        planned_at=now, made_by=str(PLANNER),
    )  # fmt: skip
    known = next((one for one in earlier if one.cycle == plan.cycle), None)
    if known is not None:  # the chain of today follows the other clock, which is in a cycle that had its plan
        return chain_of(session, known), watch, known
    session.add(plan)
    session.flush()
    return chain, watch, plan


def _follow(
    session: Session, ticket: TicketRow, plan: EscalationPlanRow, chain: Chain, watch: Watch, *, now: datetime
) -> None:
    known = {
        (row.step, row.loop): row for row in stored.list_steps(session, plan.ticket_id, cycle=plan.cycle)
    }
    stops = get_incident(session, ticket.incident_id).acknowledged_at is not None
    since = find_created_at(session, chain.id) or now
    dues = {(due.step, due.loop): due.at for due in dues_of(chain, watch.used)}
    for place, row in known.items():
        if row.state in [one.value for one in _OPEN]:
            row.due_at = dues.get(place)
            session.add(row)
    for (step, loop), at in dues.items():
        if (step, loop) in known:
            continue
        row = EscalationStepRow(
            ticket_id=plan.ticket_id, cycle=plan.cycle, chain_id=chain.id, chain_version=chain.version, step=step,
            loop=loop, title=chain.steps[step].title, due_at=at, made_by=str(PLANNER),
            state=(StepState.STOPPED if stops else StepState.PLANNED).value,
        )  # fmt: skip
        if at < since:
            row.state, row.settled_at, row.why = (
                StepState.SKIPPED.value,
                now,
                "due before there was this chain",
            )
        session.add(row)
    session.flush()


def cancel_steps(session: Session, ticket: TicketRow, *, why: str, actor: Actor, now: datetime) -> int:
    """Nothing that is planned of the ticket is told any more; returns how many steps that were."""
    rows = stored.lock_steps(session, ticket.id or 0, _OPEN)
    for row in rows:
        row.state, row.why, row.settled_at, row.changed_by = StepState.CANCELLED.value, why, now, str(actor)
        session.add(row)
    session.flush()
    return len(rows)


def plan_missing(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Plan what has no plan, or one of another time than its ticket's: opened elsewhere, changed by an older version."""
    ids = stored.find_unplanned(session, limit=limit)
    lock_incidents_of(session, ids)  # as acts do: who else plans one of them waits, or has done it
    tickets = [get_ticket(session, ticket_id) for ticket_id in stored.find_unplanned(session, of=ids)]
    for ticket in tickets:
        plan_ticket(session, ticket, now=now)
    return len(tickets)


def lock_incidents_of(session: Session, ticket_ids: Sequence[int]) -> Mapping[str, IncidentRow]:
    """The incidents of these tickets, locked in the order of their ids: who acts and who ticks wait for each other."""
    wanted = sorted(set(stored.list_incident_ids(session, ticket_ids)))
    return {incident_id: lock_incident(session, incident_id) for incident_id in wanted}
