"""One attempt of one delivery: begin, speak to the vendor, write down what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from soc import clock
from soc.delivery import breaker, ledger, rate_limit
from soc.delivery.connectors import borrow
from soc.delivery.ledger import Reconcile, Send, Step, Try
from soc.delivery.retry import after_failed_look_up, after_failed_send
from soc.domain.actor import Actor
from soc.domain.delivery import DeliveryState
from soc.domain.message import Message, Receipt
from soc.errors import (
    ConfigurationError,
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    StoreError,
    TransientDeliveryError,
    UnknownOutcome,
    where_it_broke,
)
from soc.integrations.kit.base import Connector
from soc.integrations.registry import acted_event
from soc.store.db import read_session, write_session
from soc.store.nouns.attempts import Ending
from soc.store.nouns.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.health import health_to_change, pause, record_success

log = structlog.get_logger(__name__)

Follow = Callable[[Session, DeliveryRow, Receipt], list[Try]]
Borrow = Callable[[str, Session], AbstractContextManager[Connector | None]]


def attempt(
    delivery_id: str,
    try_number: int,
    kind: str = "",
    *,
    executor: str,
    follow: Follow,
    connectors: Borrow = borrow,
) -> list[Try]:
    """Work on one try; returns what to enqueue next. `kind` is the delivery's integration, where the caller knows.

    `follow` runs in the transaction that records a success and returns the tries it planned.
    """
    if not kind:
        with read_session() as session:
            kind = get_delivery(session, delivery_id).integration
    try:
        with ExitStack() as borrowed:
            with write_session() as session:
                # the configuration of the very moment of the intent: one that is saved meanwhile holds for the next
                connector = borrowed.enter_context(connectors(kind, session))
                if connector is None:
                    ledger.hold_unconfigured(session, delivery_id, try_number, now=clock.now())
                    return []
                work = _Work(delivery_id, try_number, executor, connector, follow)
                step = work.begin(session)
            return work.go_on(step)
    except (ConfigurationError, StoreError) as error:
        log.warning("integration_unusable", integration=kind, error=str(error))
        with write_session() as session:  # the delivery first, then the health: everybody locks in this order
            ledger.hold_unconfigured(session, delivery_id, try_number, now=clock.now())
            pause(session, kind, reason=str(error), actor=Actor.system("attempt"), now=clock.now())
    return []


class _Work:
    """One try with its connector; every method but `begin` opens and commits its own transaction."""

    def __init__(
        self, delivery_id: str, try_number: int, executor: str, connector: Connector, follow: Follow
    ) -> None:
        self.delivery_id = delivery_id
        self.try_number = try_number
        self.executor = executor
        self.connector = connector
        self.follow = follow

    def begin(self, session: Session) -> Step:
        return ledger.begin(
            session,
            self.delivery_id,
            self.try_number,
            executor=self.executor,
            settle=self.connector.settle,
            now=clock.now(),
        )

    def go_on(self, step: Step) -> list[Try]:
        """The intent is committed: do what it says."""
        if isinstance(step, Reconcile):
            return self._reconcile(step)
        if isinstance(step, Send):
            return self._send(step.message)
        return [] if step.then is None else [step.then]

    def _send(self, message: Message) -> list[Try]:
        try:
            receipt = self.connector.deliver(message, delivery_id=self.delivery_id)
        except DeliveryError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a connector may break in any way
            log.error("delivery_broke", delivery=self.delivery_id, **where_it_broke(error))
            return self._failed(
                UnknownOutcome(
                    f"The connector failed unexpectedly ({type(error).__name__}).",
                    reason=FailureReason.BAD_RESPONSE,
                    hint="It is looked up at the vendor before it is sent again; the log has the details.",
                )
            )
        return self._delivered("send", receipt, "delivered")

    def _delivered(self, kind: str, receipt: Receipt, outcome: str) -> list[Try]:
        return _write_down(lambda session: self._record_delivered(session, kind, receipt, outcome))

    def _record_delivered(self, session: Session, kind: str, receipt: Receipt, outcome: str) -> list[Try]:
        now = clock.now()
        row = ledger.end_attempt(session, self.delivery_id, self.try_number, kind, Ending(outcome), now=now)
        if row is None:
            return []
        ledger.deliver(session, row, receipt, now=now)
        record_success(session, row.integration, now=now)
        tries = self.follow(session, row, receipt)
        log.info(
            acted_event(row.integration),
            action=row.action,
            delivery=row.id,
            found_there=kind == "reconcile",
            sends=row.sends,
        )
        return tries

    def _reconcile(self, step: Reconcile) -> list[Try]:
        try:
            receipt = self.connector.reconcile(step.message, delivery_id=self.delivery_id, since=step.since)
        except DeliveryError as error:
            return self._look_up_failed(error)
        except Exception as error:  # noqa: BLE001 - a connector may break in any way
            log.error("reconcile_broke", delivery=self.delivery_id, **where_it_broke(error))
            return self._look_up_failed(
                TransientDeliveryError(
                    f"The look-up failed unexpectedly ({type(error).__name__}).",
                    reason=FailureReason.BAD_RESPONSE,
                )
            )
        if receipt is not None:
            return self._delivered("reconcile", receipt, "found")
        return self._not_found(step)

    def _not_found(self, step: Reconcile) -> list[Try]:
        now = clock.now()
        with write_session() as session:
            ending = Ending("not found", hint="The vendor does not show it.")
            row = ledger.end_attempt(session, self.delivery_id, self.try_number, "reconcile", ending, now=now)
            if row is None:
                return []
            row.reconciled += 1
            if row.reconciled < self.connector.reconcile_rounds:
                return [
                    ledger.retry(session, row, DeliveryState.UNKNOWN, at=now + self.connector.settle, now=now)
                ]
            booked = rate_limit.take_permit(session, row, now=now)
            if (
                booked is not None
            ):  # when its time comes it is looked up once more: much may have happened by then
                row.reconciled -= 1
                return [ledger.wait_for_permit(session, row, at=booked)]
            row.reconciled = 0
            ledger.begin_send(session, row, executor=self.executor, now=now)
        return self._send(step.message)

    def _look_up_failed(self, error: DeliveryError) -> list[Try]:
        """The vendor cannot be asked now: the message stays unknown, and is never sent on a guess."""
        now = clock.now()
        with write_session() as session:
            row = ledger.end_attempt(
                session,
                self.delivery_id,
                self.try_number,
                "reconcile",
                _ending(error, "look-up failed"),
                now=now,
            )
            if row is None:
                return []
            breaker.record_failure(session, row.integration, error, now=now)
            return after_failed_look_up(session, row, error, self.connector, now=now)

    def _failed(self, error: DeliveryError) -> list[Try]:
        now = clock.now()
        unknown = isinstance(error, UnknownOutcome)
        outcome = (
            "unknown" if unknown else "refused" if isinstance(error, PermanentDeliveryError) else "not sent"
        )

        def record(session: Session) -> list[Try]:
            row = ledger.end_attempt(
                session, self.delivery_id, self.try_number, "send", _ending(error, outcome), now=now
            )
            if row is None:
                return []
            health = health_to_change(session, row.integration)
            health.last_failure_at, health.last_error = now, str(error)
            session.add(health)
            session.flush()
            breaker.record_failure(session, row.integration, error, now=now)
            return after_failed_send(session, row, error, self.connector, now=now)

        return _write_down(record)


def _write_down(record: Callable[[Session], list[Try]]) -> list[Try]:
    """Record an outcome, again where the database was busy or away for a moment.

    What the vendor said is known only here: not to write it down would make it unknown and cost a look-up.
    """
    for wait in (0.05, 0.3, 1.0):
        try:
            with write_session() as session:
                return record(session)
        except (OperationalError, IntegrityError) as error:
            log.warning("outcome_not_written_yet", error=type(error).__name__)
            time.sleep(wait)
    with write_session() as session:
        return record(session)


def _ending(error: DeliveryError, outcome: str) -> Ending:
    text = error.message if error.detail in error.message else f"{error.message} {error.detail}"
    return Ending(outcome, reason=error.reason.value, status=error.status, error=text, hint=error.hint)
