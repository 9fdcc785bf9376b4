"""A ticket that somebody asks for once more, for an incident that has one: the same rule as for what is found again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel
from sqlmodel import Session

from soc import clock
from soc.access.once import Once
from soc.audit.write import record
from soc.delivery.actions import PlannedCall, plan_call
from soc.delivery.idempotency import key_of_call
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import Incident
from soc.ids import derived_id
from soc.integrations.in_force import load_config, load_usable
from soc.integrations.kit.base import Action
from soc.integrations.kit.bodies import kept_id
from soc.integrations.naming import named
from soc.sla.planned import Answer, answer_by
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.families import survivor_of
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.tickets.joining.known import Joining, belongs_to
from soc.tickets.joining.rule import Way
from soc.tickets.joining.seen import Seen, seen_again

#: A score that raises nothing.
_UNSAID = 1
_MOST = 1000


class AskedAgain(NamedTuple):
    """`incident_id` is whose ticket it is from now on; `joining` is None where none was opened so far."""

    incident_id: str
    joining: Joining | None

    @property
    def follows(self) -> str:
        """The key of the done ticket that a new one goes on from, else ""."""
        return self.joining.ticket if self.joining is not None and not self.joining.joins else ""


def asked_again(session: Session, incident_id: str, *, now: datetime) -> AskedAgain:
    """What becomes of it: the incident's own ticket, or one of an incident that follows it. Nothing is written."""
    current, next_one = _newest(session, survivor_of(session, incident_id))
    if (into := survivor_of(session, current)) != current:
        current, next_one = _newest(session, into)
    joining = belongs_to(session, current, now=now)
    if joining is None or not joining.ticket:
        return AskedAgain(current, None)
    return AskedAgain(current if joining.joins else next_one, joining)


def _newest(session: Session, incident_id: str) -> tuple[str, str]:
    """The last of those that follow the incident (itself, where none does), and the id of the next one."""
    current = incident_id
    for number in range(2, _MOST):
        following = kept_id(f"{incident_id}~{number}")
        if session.get(IncidentRow, following) is None:
            return current, following
        current = following
    return current, current


def keep_following(
    session: Session, known: str, following: str, *, actor: Actor, now: datetime
) -> IncidentRow:
    """The incident that goes on from a known one: the same thing, with nothing done about it yet."""
    values = session.get_one(IncidentRow, known).model_dump()
    fresh = {"id": following, "created_at": now, "status": "open", "changed_by": str(actor), "joined_to": "",
             "owner": "", "acknowledged_at": None, "acknowledged_by": "", "verdict": "", "duplicate_of": "",
             "closed_at": None, "merged_into": "", "awaiting_release": False}  # fmt: skip
    row = IncidentRow(**{**values, **fresh})
    session.add(row)
    session.flush()
    subject = Subject(SubjectKind.INCIDENT, following)
    record(session, actor, "follow", subject, before={"follows": ""}, after={"follows": known})
    return row


def reopen_asked(session: Session, joining: Joining, where: str, key: str, *, now: datetime) -> Sequence[Try]:
    """A done ticket that is asked for within the window is open again, and says why."""
    return seen_again(session, joining, Seen(where, _UNSAID, key), now=now)


def call_for_ticket(
    kind: str, action: Action, request: BaseModel, *, actor: Actor, once: Once | None = None
) -> PlannedCall:
    """As `plan_call`, for an action that opens an incident's ticket. Raises as that does.

    Open: one comment there, and the severity that is asked for. Done within the window: open again. After it: a new ticket that
    follows. The same keyed request again is that, and nothing more.
    """
    assert action.incident is not None
    # the caller's own id may be none that an incident can have here
    now, subject = clock.now(), action.incident(request).id
    with read_session() as session:
        again = AskedAgain(subject, None)
        if not _is_repeated(session, kind, action, request, once):
            again = asked_again(session, subject, now=now)
    if again.incident_id != subject:
        request = request.model_copy(update={action.subject: again.incident_id})
    told = _answer_by(kind, action.incident(request), now=now)
    planned = plan_call(
        kind, action, request, actor=actor, once=once, follows=again.follows, **told._asdict()
    )
    joining = again.joining
    if joining is not None and joining.joins and (planned.new or joining.way is Way.REOPENED):
        with write_session() as session:
            key = f"{planned.delivery_id}:{clock.isoformat(now)}"
            who = named(session, str(actor)) if actor.of_roster else actor.id
            tries = reopen_asked(session, joining, f"a call of the API ({who})", key, now=now)
        enqueue_tries(tries)
    return planned


def _answer_by(kind: str, incident: Incident, *, now: datetime) -> Answer:
    """Until when what is asked for has to be answered, by the incident's own clock or the policy that takes it."""
    with read_session() as session:
        config = load_usable(kind, session)
        zone = config.zone_of_days if config is not None else ""
        return answer_by(session, incident, integration=kind, now=now, zone=zone)


def _is_repeated(session: Session, kind: str, action: Action, request: BaseModel, once: Once | None) -> bool:
    """Whether this very keyed request was taken before."""
    config = load_config(kind, session)
    if once is None or config is None:
        return False
    key = key_of_call(kind, action, config, request.model_dump(mode="json"), once.key)
    return session.get(DeliveryRow, derived_id("dlv", key)) is not None
