"""One try with its connector: each step in a transaction of its own, what came of it written down whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery import breaker, ledger, rate_limit
from soc.delivery.follow_up import doubted
from soc.delivery.ledger import Reconcile, Send, Skip, Step, Try
from soc.delivery.local import outcomes
from soc.delivery.local.faults import begin_again, break_off, settle_late
from soc.delivery.local.in_flight import at_vendor
from soc.delivery.retry import after_failed_look_up, after_failed_send
from soc.domain.delivery import DeliveryState
from soc.domain.message import Message, Receipt
from soc.errors import (
    DeliveryError,
    LeaseLost,
    LocalFault,
    PermanentDeliveryError,
    UnknownOutcome,
    where_it_broke,
)
from soc.integrations.action_events import note_delivered, note_failed
from soc.integrations.kit.base import Connector
from soc.integrations.kit.lease import Lease, under
from soc.store.db import write_session
from soc.store.nouns.deliveries.attempts import Ending, Holder
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.deliveries.doubts import waits_for_a_person
from soc.store.nouns.vendors.health import health_to_change, record_success
from soc.tracing.attributes import Value
from soc.tracing.context import child_of
from soc.tracing.spans import NOBODY, span

log = structlog.get_logger(__name__)

Follow = Callable[[Session, DeliveryRow, Receipt], list[Try]]
Refused = Callable[[Session, DeliveryRow, DeliveryError], None]


class Work:
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
        #: Whether a failure of its send counts as one of the vendor's: of several in one request one does.
        self.counts = True
        #: The trace that the delivery belongs to, known once the try has begun.
        self.traceparent = self.own = ""
        self.seen = NOBODY

    def beside(self, delivery_id: str, try_number: int) -> Work:
        """Another message that goes out in the same request, under the same lease."""
        other = copy(self)
        other.delivery_id, other.try_number = delivery_id, try_number
        return other

    def begin(self, session: Session) -> Step:
        """Claim the try, unless what became of an earlier begin of it is still to be written: that would take this for its own.

        The caller holds the try (`working_on`).
        """
        if outcomes.is_kept(self.delivery_id, self.try_number):
            return Skip()
        step = ledger.begin(
            session, self.delivery_id, self.try_number, executor=self.holder.executor, run=self.holder.run,
            settle=self.connector.settle, now=clock.now(),
        )  # fmt: skip
        row = get_delivery(session, self.delivery_id)  # this session has it already
        self.traceparent = row.traceparent
        if isinstance(step, Send):
            # planned while the channel was off, or set up otherwise: what follows from it belongs where it goes now
            row.practice = self.connector.practice
        return step

    @contextmanager
    def trying(self, kind: str, action: str) -> Iterator[None]:
        """The attempt as a span, the one that its row in the ledger names."""
        own = self.own = child_of(self.traceparent, self.delivery_id, self.try_number, kind)
        of_it: dict[str, Value] = {"soc.delivery": self.delivery_id, "soc.delivery.try": self.try_number}
        of_it |= {"soc.integration": self.connector.kind, "soc.action": action}
        name = f"{'send' if kind == 'send' else 'look up'} {action}"
        with span(name, "consumer", of_it, parent=self.traceparent, own=own) as self.seen:
            yield

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
        with self.trying("send", message.action):
            return self._send_it(message)

    def _send_it(self, message: Message) -> list[Try]:
        try:
            with under(self.lease), at_vendor(self.connector.kind):
                self.lease.check()  # for connectors that speak by other means than the shared client
                receipt = self.connector.deliver(message, delivery_id=self.delivery_id)
        except Exception as error:  # noqa: BLE001 - a connector may break in any way
            return self.end_send(error)
        return self.end_send(receipt)

    def end_send(self, came: Receipt | Exception) -> list[Try]:
        """Write down what came of the send."""
        if isinstance(came, Receipt):
            return self._delivered("send", came, "delivered")
        if isinstance(came, DeliveryError):
            return self._failed(came)
        if isinstance(came, LeaseLost):  # a busy machine, and nothing was sent: no mistake of anybody's
            log.warning("delivery_left", delivery=self.delivery_id)
        else:
            log.error("delivery_broke", delivery=self.delivery_id, **where_it_broke(came))
        return self._broke_off("send", came)

    def _broke_off(self, kind: str, error: Exception) -> list[Try]:
        """This process's own code or machine failed, not the vendor: no failure is counted, nothing is paused."""
        fault = (
            error.message
            if isinstance(error, LocalFault)
            else f"This process failed unexpectedly ({type(error).__name__}); its log has the details."
        )
        self.seen.fail(type(error).__name__)
        # a fault that is not known to come before the first byte may have come after the last one
        sent = self.lease.used or not isinstance(error, LocalFault)
        return self._write_down(
            kind,
            lambda session: break_off(
                session, self.delivery_id, self.try_number, kind, fault=fault, sent=sent, now=clock.now()
            ),
        )

    def _delivered(self, kind: str, receipt: Receipt, outcome: str) -> list[Try]:
        self.seen.say({"soc.delivery.outcome": outcome})
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
        note_delivered(session, row, receipt, found_there=kind == "reconcile", now=now)
        return tries

    def _reconcile(self, step: Reconcile) -> list[Try]:
        with self.trying("reconcile", step.message.action):
            return self._look_up(step)

    def _look_up(self, step: Reconcile) -> list[Try]:
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
        self.seen.say({"soc.delivery.outcome": "not found"})
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
            if waits_for_a_person(session, row, shown=self.connector.shows(step.message)):
                ledger.bury(session, row, now=now)
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
        self.seen.fail(error.reason.value)

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
        self.seen.say({"soc.delivery.outcome": outcome})
        self.seen.fail(error.reason.value)

        def record(session: Session) -> list[Try]:
            now, ending = clock.now(), _ending(error, outcome)
            row = ledger.end_attempt(session, self.delivery_id, self.try_number, "send", ending, now=now)
            if row is None:
                return []
            health = health_to_change(session, row.integration)
            health.last_failure_at, health.last_error = now, str(error)
            session.flush()
            if self.counts:
                breaker.record_failure(session, row.integration, error, now=now)
            tries = after_failed_send(session, row, error, self.connector, now=now)
            if row.state == DeliveryState.DEAD:
                self.refused(session, row, error)
            note_failed(session, row, now=clock.now())
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
        note_delivered(session, row, arrived, found_there=False, now=now)
        return follow(session, row, arrived)

    return record


def _ending(error: DeliveryError, outcome: str) -> Ending:
    text = error.message if error.detail in error.message else f"{error.message} {error.detail}"
    return Ending(outcome, reason=error.reason.value, status=error.status, error=text, hint=error.hint)
