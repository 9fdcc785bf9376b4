"""A ticket for an incident because a person asks for one: the one that it has, or the one that no rule asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.delivery.ledger import Try
from soc.delivery.replay import revive
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.errors import ConfigurationError
from soc.integrations.in_force import standing_of
from soc.integrations.naming import named
from soc.integrations.registry import takers, titles
from soc.store.nouns.deliveries.outbox import list_told
from soc.store.nouns.incidents.families import survivor_of
from soc.store.nouns.incidents.incidents import lock_incident
from soc.tickets.joining import Way, asked_again, keep_following, reopen_asked
from soc.tickets.outgoing import plan_opening

_OPENS = "open_ticket"


@dataclass(frozen=True)
class Opening:
    """`said` is for people; `new` is False where there is a ticket, or one is on its way. `tries` are to be enqueued."""

    said: str
    new: bool
    tries: tuple[Try, ...] = ()


def ask_for_ticket(session: Session, incident_id: str, *, actor: Actor, now: datetime) -> Opening:
    """Have the incident's ticket opened; asked for twice it is one. Raises NotFound, ConfigurationError (no integration opens any)."""
    incident_id = survivor_of(session, incident_id)
    row = lock_incident(session, incident_id)
    again = asked_again(session, incident_id, now=now)
    if again.joining is not None and again.joining.joins:
        if again.joining.way is Way.JOINED:
            return Opening(f"It has its ticket already: {again.joining.ticket}.", new=False)
        key = f"ask:{incident_id}:{clock.isoformat(now)}"
        opened = reopen_asked(
            session, again.joining, f"the words of {named(session, str(actor))}", key, now=now
        )
        return Opening(again.joining.said, new=True, tries=tuple(opened))
    if again.follows:
        assert again.joining is not None
        row = keep_following(session, again.joining.known, again.incident_id, actor=actor, now=now)
        incident_id = row.id
    kind = _opener(session)
    told = list_told(session, incident_id, action=_OPENS, integrations=(kind,))
    for delivery in told:
        if DeliveryState(delivery.state) not in FINAL_STATES:
            return Opening("Its ticket is being opened already.", new=False)
    tries: list[Try] = []
    if told:
        brought = revive(session, told[-1].id, actor=actor, now=now)
        tries = [brought] if brought is not None else []
    else:
        tries = plan_opening(session, row, kind, actor=actor, now=now, follows=again.follows)
    record(
        session,
        actor,
        "ask for ticket",
        Subject(SubjectKind.INCIDENT, incident_id),
        after={"integration": kind},
    )
    return Opening("Its ticket is being opened.", new=True, tries=tuple(tries))


def _opener(session: Session) -> str:
    """The integration that opens tickets here. Raises ConfigurationError."""
    for kind in takers(_OPENS):
        if standing_of(kind, session).enabled:
            return kind
    raise ConfigurationError(
        "No integration that opens tickets is set up.",
        hint=f"Set up {titles(takers(_OPENS))} on the page Integrations.",
    )
