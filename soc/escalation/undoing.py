"""An act that was taken back at once stops nothing: what it called off of a ticket's plan is planned again."""

from __future__ import annotations

from sqlmodel import Session

from soc.domain.actor import Actor, ActorKind
from soc.domain.acts import ActKind
from soc.domain.escalation.states import LineState, StepState
from soc.escalation.ending import take_ends_back
from soc.escalation.planning import plan_ticket
from soc.store.nouns.escalation import escalation_acks, escalation_lines
from soc.store.nouns.escalation import escalations as stored
from soc.store.nouns.incidents.acts import list_done_since
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.acts import Undone, follow_undos

#: What moves an incident on: an acknowledgement that one of them follows does not run out.
MOVES = (
    ActKind.ADD_NOTE, ActKind.SET_STATUS, ActKind.CLOSE, ActKind.SET_VERDICT, ActKind.MERGE,
    ActKind.SPLIT,
)  # fmt: skip
ANSWERS = (*MOVES, ActKind.ASSIGN)


@follow_undos
def follow_undo(session: Session, undone: Undone) -> None:
    """Of what was being sent at that moment the cancelled stays so: its ticket's next steps tell of it."""
    incident, now = undone.incident, undone.asked.at
    ack = escalation_acks.find_open_ack(session, incident.id)
    if undone.act is ActKind.ACKNOWLEDGE and ack is not None and ack.made_at == undone.at:
        ack.ended_at, ack.why = now, "taken back"
        session.add(ack)
    elif (
        ack is None
        and (ended := escalation_acks.find_ack_ended(session, incident.id, at=undone.at)) is not None
    ):
        ended.ended_at, ended.why = None, ""
        session.add(ended)
    stops = incident.acknowledged_at is not None
    for ticket in undone.tickets:
        for row in stored.lock_steps(session, ticket.id or 0, (StepState.STOPPED, StepState.CANCELLED)):
            called_off = row.state == StepState.CANCELLED and row.settled_at == undone.at
            if called_off or (row.state == StepState.STOPPED and not stops):
                row.state = (StepState.STOPPED if stops else StepState.PLANNED).value
                row.why, row.settled_at, row.changed_by = "", None, str(undone.asked.actor)
                session.add(row)
        session.flush()
        plan_ticket(session, ticket, now=now)
        _told_again(session, undone, ticket)
    ids = [ticket.id or 0 for ticket in undone.tickets]
    take_ends_back(session, ids, at=undone.at, now=now, actor=undone.asked.actor)


def _told_again(session: Session, undone: Undone, ticket: TicketRow) -> None:
    """What people were told, and nobody has answered since, is unanswered as it was."""
    for line in escalation_lines.lock_lines(session, ticket.id or 0, (LineState.ANSWERED,)):
        done = list_done_since(session, undone.incident.id, since=line.created_at, acts=ANSWERS)
        if not any(is_of_people(Actor.parse(one.made_by)) for one in done):
            line.state, line.why, line.changed_by = LineState.TOLD.value, "", str(undone.asked.actor)
            session.add(line)
    session.flush()


def is_of_people(who: Actor) -> bool:
    """Not an act of the product's own, nor of a rule."""
    return who.kind not in (ActorKind.RULE, ActorKind.SYSTEM)
