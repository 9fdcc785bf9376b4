"""Who gets a ticket when it opens, or when an escalation gives it to somebody else; each decision is kept with its reasons."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlmodel import Session

from soc.audit.write import record
from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.acts import Ending
from soc.domain.audit import Subject, SubjectKind
from soc.domain.people import one_line
from soc.domain.roster.assignment import Choice, Way, choose
from soc.domain.severity import Priority
from soc.roster.standing import read_members
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.people.roster import AssignmentRow, find_last_turn
from soc.store.nouns.people.roster_rules import lock_rules, read_rules
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.trail.committed import LogOnceCommitted
from soc.tickets import acts

log = structlog.get_logger(__name__)
#: Who gives out what opens.
ASSIGNMENT = Actor.rule("assignment")


def assign_opened(session: Session, ticket: TicketRow, *, now: datetime) -> list[Try]:
    """Give a ticket that has just opened to somebody, unless somebody has it or nobody is in the roster."""
    if get_incident(session, ticket.incident_id).owner:
        return []
    return give(session, ticket, priority=Priority(ticket.priority), actor=ASSIGNMENT, key="opened", now=now)


def give(
    session: Session,
    ticket: TicketRow,
    *,
    priority: Priority,
    actor: Actor,
    key: str,
    now: datetime,
    but: Collection[str] = (),
) -> list[Try]:
    """Choose somebody (none of `but`) and make them its owner; the decision is kept, also that nobody could be found.

    `key` names the occasion: the same one gives it once. Two at once wait for each other, so that turns are taken in turn.
    """
    rules = lock_rules(session)
    members = read_members(session, now=now)
    if not rules.automatic or not members:
        return []
    choice = choose(
        priority,
        [one.as_candidate() for one in members],
        security_team=rules.security_team,
        last_turn=find_last_turn(session, Way.TURN.value),
        but=but,
    )
    tries: list[Try] = []
    if choice.person_id:
        asked = acts.Asked(actor, f"assignment:{ticket.id}:{key}", at=now)
        outcome = acts.assign(session, ticket.incident_id, choice.person_id, asked)
        if not outcome.new or outcome.ending is not Ending.DONE:
            return []
        tries = list(outcome.tries)
    _keep(session, ticket, choice, actor=actor, now=now)
    return tries


def _keep(session: Session, ticket: TicketRow, choice: Choice, *, actor: Actor, now: datetime) -> None:
    session.add(
        AssignmentRow(
            ticket_id=ticket.id or 0, incident_id=ticket.incident_id, person_id=choice.person_id, way=choice.way.value,
            why=choice.sentence, created_at=now, made_by=str(actor),
        )
    )  # fmt: skip
    session.flush()
    told = LogOnceCommitted(session, log)
    told.info("ticket_assigned", ticket=ticket.key, person=choice.person_id or "nobody", way=choice.way.value)
    if choice.crosses:
        told.warning("too_many_open_tickets", person=choice.person_id)


def preview(session: Session, priority: Priority, *, now: datetime) -> Choice:
    """Who would get a ticket of this priority if it opened now. Nothing is changed."""
    members = read_members(session, now=now)
    last = find_last_turn(session, Way.TURN.value)
    team = read_rules(session).security_team
    return choose(priority, [one.as_candidate() for one in members], security_team=team, last_turn=last)


def set_rules(
    session: Session, *, automatic: bool | None = None, security_team: str | None = None, actor: Actor
) -> None:
    """Whether tickets are given out by themselves, and which team's lead gets what is critical. Raises ConfigurationError."""
    row = lock_rules(session)
    before = {"automatic": row.automatic, "security_team": row.security_team}
    row.automatic = row.automatic if automatic is None else automatic
    if security_team is not None:
        row.security_team = one_line(security_team, "team's name", needed=True)
    after = {"automatic": row.automatic, "security_team": row.security_team}
    if before != after:
        row.changed_by = str(actor)
        session.add(row)
        record(
            session, actor, "change", Subject(SubjectKind.ROSTER, "assignment"), before=before, after=after
        )
