"""A vendor's declared action, as somebody asks for it: written into the ledger first, then done at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from soc import clock
from soc.access.once import Once
from soc.audit.write import record
from soc.delivery import ledger, replay
from soc.delivery.attempt import Follow, attempt
from soc.delivery.connectors import borrow
from soc.delivery.idempotency import key_of_call, latest_key, refuse_another
from soc.delivery.ledger import Intent, Try
from soc.delivery.local.sender import sender
from soc.delivery.queues import enqueue_tries
from soc.delivery.sealing import seal_call
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.delivery import DeliveryState
from soc.domain.message import CallAction, Receipt
from soc.errors import ConfigurationError, NotFound
from soc.ids import derived_id
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import Action, IntegrationConfig
from soc.integrations.registry import kind_of
from soc.integrations.unsaid import without_secrets
from soc.links import incident_url
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.incidents.incident_writing import keep_asked
from soc.store.nouns.incidents.incidents import IncidentRow


@dataclass(frozen=True)
class ActionResult:
    """`new` is False where the same request was made before: then this is what came of it."""

    delivery: DeliveryRow
    new: bool

    @property
    def receipt(self) -> Receipt | None:
        return Receipt.model_validate(self.delivery.receipt) if self.delivery.receipt else None


@dataclass(frozen=True)
class PlannedCall:
    """A call in the ledger, and the tries that are to be made of it now."""

    kind: str
    delivery_id: str
    tries: tuple[Try, ...]
    new: bool

    def result(self) -> ActionResult:
        """Where it stands."""
        with read_session() as session:
            return ActionResult(get_delivery(session, self.delivery_id), new=self.new)


def find_action(kind: str, name: str) -> Action:
    """Raises NotFound."""
    for action in kind_of(kind).actions:
        if action.name == name:
            return action
    raise NotFound(f"{kind_of(kind).title} has no action “{name}”.")


def ask(kind: str, action: Action, request: BaseModel) -> Any:
    """A reading action's answer. Raises ConfigurationError where the integration is absent, DeliveryError."""
    if action.answer is not None:
        return action.answer(request)
    with borrow(kind) as connector:
        if connector is None:
            raise _not_configured(kind)
        return without_secrets(connector.ask(action.name, request), connector.config)


def call(
    kind: str, action: Action, request: BaseModel, *, actor: Actor, once: Once | None = None
) -> ActionResult:
    """Plan the action, try it once at once, and say where it stands; what is left goes on in the engine.

    Raises as `plan_call` does.
    """
    planned = plan_call(kind, action, request, actor=actor, once=once)
    try_now(planned)
    return planned.result()


def plan_call(
    kind: str,
    action: Action,
    request: BaseModel,
    *,
    actor: Actor,
    once: Once | None = None,
    follows: str = "",
    due: str = "",
    ends: str = "",
) -> PlannedCall:
    """Write the call into the ledger; `follows`, `due` and `ends` are as in `OpenTicket`. Whoever does so has it tried: by `try_now`, or by the engine (`leave_to_engine`).

    Raises ConfigurationError where the integration is absent or off, KeyTaken.
    """
    config = load_config(kind)
    if config is None or not config.enabled:
        raise _not_configured(kind)
    values = request.model_dump(mode="json")
    with write_session() as session:
        if once is not None:
            once.claim(session)
        key = key_of_call(kind, action, config, values, once.key if once else "")
        if action.once and once is None:
            key = latest_key(session, key, integration=kind, subject=str(values.get(action.subject, "")))
        context = {"follows": follows, "due": due, "ends": ends}
        intent = _intent(session, kind, action, request, config=config, key=key, actor=actor, context=context)
        delivery_id = derived_id("dlv", key)
        known = session.get(DeliveryRow, delivery_id)
        tries: list[Try] = []
        if known is None:
            tries = ledger.plan(session, [intent], now=clock.now())
        else:
            assert isinstance(intent.message, CallAction)
            refuse_another(known, intent.message)
            if (
                known.state == DeliveryState.DEAD
            ):  # what it died of may be mended: whoever asks again means it
                revived = replay.revive(session, delivery_id, actor=actor, now=clock.now())
                tries = [revived] if revived else []
    return PlannedCall(kind, delivery_id, tuple(tries), new=known is None or bool(tries))


def _intent(
    session: Session,
    kind: str,
    action: Action,
    request: BaseModel,
    *,
    config: IntegrationConfig,
    key: str,
    actor: Actor,
    context: Mapping[str, str],
) -> Intent:
    """The call as it goes into the ledger; an incident that it tells of is kept. `context` is what the message knows beside it."""
    values = request.model_dump(mode="json")
    subject = str(values.get(action.subject, ""))
    incident_id = (
        subject if session.get(IncidentRow, subject) is not None else None
    )  # perhaps one of ours is meant
    score = 1
    if action.incident is not None:
        told = action.incident(request)
        row = keep_asked(session, told, practice=config.practice, actor=actor, now=clock.now())
        # its title and text may be anybody's: they stand in its row
        about = {"integration": kind, "score": row.score, "practice": config.practice}
        record(session, actor, "report", Subject(SubjectKind.INCIDENT, row.id), after=about)
        incident_id, score = row.id, row.score
    message = CallAction(
        name=action.name, subject=subject, request=values, url=incident_url(incident_id), **context
    )
    return Intent(
        key=key,
        integration=kind,
        message=seal_call(message, getattr(request, "SEALED", ()), delivery_id=derived_id("dlv", key)),
        actor=actor,
        incident_id=incident_id if action.incident is not None else None,
        practice=config.practice,
        score=score,
    )


def try_now(planned: PlannedCall, follow: Follow | None = None) -> None:
    """Make the tries in this thread, for as long as the vendor takes; what is left of them goes on in the engine.

    `follow` is what follows a success, in its transaction.
    """
    mine = sender()
    for one in planned.tries:
        then = attempt(
            one.delivery_id,
            one.number,
            planned.kind,
            executor=mine.executor,
            run=mine.run,
            holds=mine.holds,
            follow=follow or _nothing_follows,
        )
        enqueue_tries(then)


def leave_to_engine(planned: PlannedCall) -> None:
    """Have the engine make the tries: nobody here has time for them."""
    enqueue_tries(planned.tries)


def _not_configured(kind: str) -> ConfigurationError:
    title = kind_of(kind).title
    return ConfigurationError(
        f"{title} is not configured or is switched off.",
        hint=f"Save its configuration first (Integrations page, or POST /api/v1/integrations/{kind}/config).",
    )


def _nothing_follows(session: Session, row: DeliveryRow, receipt: Receipt) -> list[Try]:
    """For whoever calls without the floors above, which know what follows."""
    return []


def is_final(row: DeliveryRow) -> bool:
    return DeliveryState(row.state) in (DeliveryState.DELIVERED, DeliveryState.DEAD)
