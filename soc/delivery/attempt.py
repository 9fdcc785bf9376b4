"""One attempt of one delivery: begin, speak to the vendor, write down what came of it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.connectors import borrow
from soc.delivery.ledger import Send, Step, Try
from soc.delivery.local import outcomes
from soc.delivery.local.faults import give_back
from soc.delivery.local.in_flight import working_on
from soc.delivery.local.together import send_together
from soc.delivery.local.work import Follow, Refused, Work, late_arrival
from soc.delivery.retry import pause_integration
from soc.domain.actor import Actor
from soc.errors import ConfigurationError, LocalFault, SocError, StoreError
from soc.integrations.kit.base import Connector
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.attempts import Holder
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.installation.executors import is_elsewhere, who_configures

log = structlog.get_logger(__name__)

__all__ = ["Borrow", "Follow", "Refused", "attempt", "late_arrival"]

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
                    work = Work(delivery_id, try_number, Holder(executor, run), connector, after, holds)
                    step = work.begin(session)
                if isinstance(step, Send):
                    return send_together(work, step.message, lambda one: connectors(kind, one))
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
