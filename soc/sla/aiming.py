"""What a running clock is measured against from now on: another priority, another version of a policy."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.severity import Priority
from soc.domain.sla.event import ClockKind, EventKind
from soc.domain.sla.policy import Policy
from soc.sla.book import Book, priority_of
from soc.sla.starting import open_book, row_of
from soc.store.nouns.tickets.tickets import TicketRow


def priority_changed(
    session: Session,
    ticket: TicketRow,
    *,
    priority: Priority,
    at: datetime,
    actor: Actor,
    source: str = "",
    by_escalation: bool = False,
) -> None:
    """What was used is kept, and the time of the new priority holds from now on; an escalation's change moves no aim."""
    # the row may say the new priority already: a ticket's first rows are no proof that its clocks follow it
    fresh = not Book(session, ticket).events
    book = open_book(session, ticket)
    if book.heard(source, EventKind.APPLY_POLICY):
        return
    policy, version = book.policy()
    if not policy.covers(priority):
        policy, version = book.choose(priority)
    for kind in ClockKind:
        cycle = book.cycle_at(kind, at)
        if cycle is None or (cycle.ended_at is not None and cycle.ended_at <= at):
            continue
        if cycle.priority == priority.value and not by_escalation and not fresh:
            continue
        event = row_of(
            cycle, EventKind.APPLY_POLICY, at, policy=policy.id, version=version, priority=priority.value, source=source,
            target=None if by_escalation else policy.targets[priority].of(kind),
            reason=f"the priority is {priority.value}" + (", by an escalation" if by_escalation else ""),
        )  # fmt: skip
        book.add(event, actor=actor)
    book.keep()


def policy_applied(
    session: Session, ticket: TicketRow, policy: Policy, version: int, *, at: datetime, actor: Actor
) -> None:
    """The clocks that run follow this version of a policy from now on; what was used is kept."""
    book = open_book(session, ticket)
    priority = priority_of(ticket)
    for kind in ClockKind:
        cycle = book.current(kind)
        if (
            cycle is None
            or cycle.ended_at is not None
            or (cycle.policy, cycle.version) == (policy.id, version)
        ):
            continue
        event = row_of(
            cycle, EventKind.APPLY_POLICY, at, policy=policy.id, version=version, priority=priority.value,
            target=policy.targets[priority].of(kind), reason=f"version {version} of the policy {policy.id}",
        )  # fmt: skip
        book.add(event, actor=actor)
    book.keep()
