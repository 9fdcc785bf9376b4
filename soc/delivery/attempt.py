"""One attempt of one delivery: begin, speak to the vendor, write down what came of it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery import breaker, ledger, rate_limit
from soc.delivery.connectors import borrow
from soc.delivery.follow_up import doubted
from soc.delivery.ledger import Reconcile, Send, Step, Try
from soc.delivery.local import outcomes
from soc.delivery.local.faults import begin_again, break_off, give_back, settle_late
from soc.delivery.local.in_flight import at_vendor, working_on
from soc.delivery.retry import after_failed_look_up, after_failed_send, pause_integration
from soc.domain.actor import Actor
from soc.domain.delivery import DeliveryState
from soc.domain.message import Message, Receipt
from soc.errors import (
    ConfigurationError,
    DeliveryError,
    LocalFault,
    PermanentDeliveryError,
    SocError,
    StoreError,
    UnknownOutcome,
    where_it_broke,
)
from soc.integrations.action_events import note_delivered, note_failed
from soc.integrations.kit.base import Connector
from soc.integrations.kit.lease import Lease, under
from soc.store.db import read_session, write_session
from soc.store.nouns.attempts import Ending, Holder
from soc.store.nouns.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.executors import is_elsewhere, who_configures
from soc.store.nouns.health import health_to_change, record_success

log = structlog.get_logger(__name__)

Follow = Callable[[Session, DeliveryRow, Receipt], list[Try]]
Refused = Callable[[Session, DeliveryRow, DeliveryError], None]
Borrow = Callable[[str, Session], AbstractContextManager[Connector | None]]


def attempt(
    delivery_id: str,
    try_number: int,
    kind: str = "",
    *,
    executor: str,
    follow: Follow,
    connectors: Borrow = borrow,
    run: int = 0,
    holds: Callable[[], bool] = lambda: True,
    refused: Refused = lambda _session, _row, _error: None,
) -> list[Try]:
    """Work on one try; returns what to enqueue next. `kind` is the delivery's integration, where the caller knows.

    `follow` runs in the transaction that records a success and returns the tries it planned, `refused` in the one that
    gives the message up. `run` is the executor's; `holds` says, where the bytes leave, whether what it began is its own.
    """
    with working_on(delivery_id, try_number) as mine:
        if not mine or outcomes.is_kept(delivery_id, try_number):
            return []
        if not kind:
            with read_session() as session:
                kind = get_delivery(session, delivery_id).integration
        step: Step | None = None
        try:
            with ExitStack() as borrowed:
                with write_session() as session:
                    # the configuration of the very moment of the intent: one that is saved meanwhile holds for the next
                    connector = borrowed.enter_context(connectors(kind, session))
                    if connector is None:
                        return _not_configured(session, kind, delivery_id, try_number)
                    after = (follow, refused)
                    work = _Work(delivery_id, try_number, Holder(executor, run), connector, after, holds)
                    step = work.begin(session)
                return work.go_on(step)
        except outcomes.STORE_AWAY:
            if step is None or work.lease.used:
                raise
            work.keep_begin()
            return []
        except (ConfigurationError, StoreError, LocalFault) as error:
            if step is not None:
                raise  # not the configuration's fault: the intent was written
            return _unusable(error, kind, delivery_id, try_number)


def _not_configured(session: Session, kind: str, delivery_id: str, try_number: int) -> list[Try]:
    """Held until somebody configures it; where another process's own environment does, the try is left to that one."""
    if who_configures(session, kind):
        fault = "This process has no configuration for it; another one has."
        return give_back(session, delivery_id, try_number, fault=fault, now=clock.now())
    ledger.hold_unconfigured(session, delivery_id, try_number, now=clock.now())
    return []


def _unusable(error: SocError, kind: str, delivery_id: str, try_number: int) -> list[Try]:
    """What this process finds wrong before it has spoken to anybody is its own finding, as long as others may differ."""
    log.warning("integration_unusable", integration=kind, error=str(error))
    with write_session() as session:  # the delivery first, then the health: everybody locks in this order
        if isinstance(error, LocalFault) or is_elsewhere(session, socket.gethostname()):
            return give_back(session, delivery_id, try_number, fault=str(error), now=clock.now())
        ledger.hold_unconfigured(session, delivery_id, try_number, now=clock.now())
        pause_integration(session, kind, reason=str(error), actor=Actor.system("attempt"), now=clock.now())
    return []


class _Work:
    """One try with its connector; every method but `begin` opens and commits its own transaction."""

    def __init__(
        self,
        delivery_id: str,
        try_number: int,
        holder: Holder,
        connector: Connector,
        after: tuple[Follow, Refused],
        holds: Callable[[], bool],
    ) -> None:
        self.delivery_id = delivery_id
        self.try_number = try_number
        self.holder = holder
        self.connector = connector
        self.follow, self.refused = after
        self.lease = Lease(holds)

    def begin(self, session: Session) -> Step:
        return ledger.begin(
            session,
            self.delivery_id,
            self.try_number,
            executor=self.holder.executor,
            run=self.holder.run,
            settle=self.connector.settle,
            now=clock.now(),
        )

    def keep_begin(self) -> None:
        """The store went away around the intent: it is cleared up when the store answers."""
        which = outcomes.Which(self.delivery_id, self.try_number, "begin")
        outcomes.keep(which, lambda session: begin_again(session, *which[:2], self.holder, now=clock.now()))

    def go_on(self, step: Step) -> list[Try]:
        """The intent is committed: do what it says."""
        if isinstance(step, Reconcile):
            return self._reconcile(step)
        if isinstance(step, Send):
            return self._send(step.message)
        return [] if step.then is None else [step.then]

    def _send(self, message: Message) -> list[Try]:
        try:
            with under(self.lease), at_vendor(self.connector.kind):
                self.lease.check()  # for connectors that speak by other means than the shared client
                receipt = self.connector.deliver(message, delivery_id=self.delivery_id)
        except DeliveryError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a connector may break in any way
            log.error("delivery_broke", delivery=self.delivery_id, **where_it_broke(error))
            return self._broke_off("send", error)
        return self._delivered("send", receipt, "delivered")

    def _broke_off(self, kind: str, error: Exception) -> list[Try]:
        """This process's own code or machine failed, not the vendor: no failure is counted, nothing is paused."""
        fault = (
            error.message
            if isinstance(error, LocalFault)
            else f"This process failed unexpectedly ({type(error).__name__}); its log has the details."
        )
        # a fault that is not known to come before the first byte may have come after the last one
        sent = self.lease.used or not isinstance(error, LocalFault)
        return self._write_down(
            kind,
            lambda session: break_off(
                session, self.delivery_id, self.try_number, kind, fault=fault, sent=sent, now=clock.now()
            ),
        )

    def _delivered(self, kind: str, receipt: Receipt, outcome: str) -> list[Try]:
        return self._write_down(
            kind, lambda session: self._record_delivered(session, kind, receipt, outcome), receipt
        )

    def _record_delivered(self, session: Session, kind: str, receipt: Receipt, outcome: str) -> list[Try]:
        now = clock.now()
        row = ledger.end_attempt(session, self.delivery_id, self.try_number, kind, Ending(outcome), now=now)
        if row is not None:
            receipt = doubted(session, row, receipt, self.connector, now=now)
            ledger.deliver(session, row, receipt, now=now)
        elif (row := settle_late(session, self.delivery_id, self.try_number, receipt, now=now)) is None:
            return []
        record_success(session, row.integration, now=now)
        tries = self.follow(session, row, receipt)
        note_delivered(row, receipt, found_there=kind == "reconcile", now=now)
        return tries

    def _reconcile(self, step: Reconcile) -> list[Try]:
        try:
            with at_vendor(self.connector.kind):
                receipt = self.connector.reconcile(
                    step.message, delivery_id=self.delivery_id, since=step.since
                )
        except DeliveryError as error:
            return self._look_up_failed(error)
        except Exception as error:  # noqa: BLE001 - a connector may break in any way
            log.error("reconcile_broke", delivery=self.delivery_id, **where_it_broke(error))
            return self._broke_off("reconcile", error)
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
                later = now + self.connector.settle
                return [ledger.retry(session, row, DeliveryState.UNKNOWN, at=later, now=now)]
            if (wanted := ledger.ask_again(session, row, step.message, now=now)) is None:
                return []
            booked = rate_limit.take_permit(session, row, now=now)
            if booked is not None:
                row.reconciled -= 1  # much may have happened when its time comes: it is looked up once more
                return [ledger.wait_for_permit(session, row, at=booked, now=now)]
            row.reconciled = 0
            ledger.begin_send(session, row, executor=self.holder.executor, run=self.holder.run, now=now)
        return self._send(wanted)

    def _look_up_failed(self, error: DeliveryError) -> list[Try]:
        """The vendor cannot be asked now: the message stays unknown, and is never sent on a guess."""

        def record(session: Session) -> list[Try]:
            now, ending = clock.now(), _ending(error, "look-up failed")
            row = ledger.end_attempt(session, self.delivery_id, self.try_number, "reconcile", ending, now=now)
            if row is None:
                return []
            breaker.record_failure(session, row.integration, error, now=now)
            return after_failed_look_up(session, row, error, self.connector, now=now)

        return self._write_down("reconcile", record)

    def _failed(self, error: DeliveryError) -> list[Try]:
        permanent = isinstance(error, PermanentDeliveryError)
        outcome = "refused" if permanent else "unknown" if isinstance(error, UnknownOutcome) else "not sent"

        def record(session: Session) -> list[Try]:
            now, ending = clock.now(), _ending(error, outcome)
            row = ledger.end_attempt(session, self.delivery_id, self.try_number, "send", ending, now=now)
            if row is None:
                return []
            health = health_to_change(session, row.integration)
            health.last_failure_at, health.last_error = now, str(error)
            session.add(health)
            session.flush()
            breaker.record_failure(session, row.integration, error, now=now)
            tries = after_failed_send(session, row, error, self.connector, now=now)
            if row.state == DeliveryState.DEAD:
                self.refused(session, row, error)
            note_failed(row, now=clock.now())
            return tries

        return self._write_down("send", record)

    def _write_down(self, kind: str, record: outcomes.Record, receipt: Receipt | None = None) -> list[Try]:
        """Record an outcome, again where the database was busy or away for a moment; else it is kept for later.

        What the vendor said is known only here: not to write it down would make it unknown and cost a look-up.
        """
        for wait in (0.05, 0.3, 1.0):
            try:
                with write_session() as session:
                    return record(session)
            except outcomes.STORE_AWAY as error:
                log.warning("outcome_not_written_yet", error=type(error).__name__)
                time.sleep(wait)
        outcomes.keep(
            outcomes.Which(self.delivery_id, self.try_number, kind),
            record,
            receipt=None if receipt is None else receipt.model_dump(mode="json"),
        )
        return []


def late_arrival(which: outcomes.Which, receipt: dict[str, Any], follow: Follow) -> outcomes.Record:
    """What a process that ended had heard and could not write down: the vendor has the message."""

    def record(session: Session) -> list[Try]:
        now = clock.now()
        ending = Ending("delivered")
        row = ledger.end_attempt(session, which.delivery_id, which.number, which.kind, ending, now=now)
        arrived = Receipt.model_validate(receipt)
        if row is not None:
            ledger.deliver(session, row, arrived, now=now)
        else:
            row = settle_late(session, which.delivery_id, which.number, arrived, now=now)
        if row is None:
            return []
        note_delivered(row, arrived, found_there=False, now=now)
        return follow(session, row, arrived)

    return record


def _ending(error: DeliveryError, outcome: str) -> Ending:
    text = error.message if error.detail in error.message else f"{error.message} {error.detail}"
    return Ending(outcome, reason=error.reason.value, status=error.status, error=text, hint=error.hint)
