"""Deliveries whose vendor was still at work (a StackStorm run): ask for their end, and keep its output."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.connectors import borrow
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.delivery.sealing import opened
from soc.domain.message import Receipt, read_message
from soc.errors import DeliveryError, SocError
from soc.integrations.kit.base import Connector
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import list_open_ends, may_have_arrived
from soc.store.nouns.vendors.health import health_to_change

log = structlog.get_logger(__name__)

#: What has not ended after this long is not asked for any more; its page says so.
PATIENCE = timedelta(hours=24)
MOST_AT_ONCE = 200


Moved = Callable[[Session, DeliveryRow, Receipt], list[Try]]


def nowhere(_session: Session, _row: DeliveryRow, _receipt: Receipt) -> list[Try]:
    """Nothing follows."""
    return []


def doubted(
    session: Session, row: DeliveryRow, receipt: Receipt, connector: Connector, *, now: datetime
) -> Receipt:
    """The receipt; to be looked into again where a send of unknown outcome went before, or the vendor shows several.

    "Not found" is no proof of absence: a search may lag behind.
    """
    twice = row.sends > 1 and may_have_arrived(session, row.id)
    if not (twice or receipt.extra.get("duplicates")):
        return receipt
    return connector.doubtful(receipt, sent=row.sent_at or now)


def follow_open_ends(moved: Moved = nowhere) -> int:
    """Ask for every open end once; returns how many ended.

    `moved` runs in the transaction that keeps a receipt of another key than before, and returns the tries it planned.
    """
    now = clock.now()
    with read_session() as session:
        rows = list_open_ends(session, since=now - PATIENCE, limit=MOST_AT_ONCE)
    ended = 0
    for row in rows:
        if not row.receipt.get("remote_id"):  # nobody knows what to ask for
            continue
        try:
            with borrow(row.integration) as connector:
                if connector is None:
                    continue
                message = opened(read_message(row.payload), delivery_id=row.id)
                receipt = connector.follow_up(Receipt.model_validate(row.receipt), message)
        except DeliveryError as error:
            log.info("follow_up_failed", delivery=row.id, reason=error.reason.value)
            continue
        except SocError as error:
            log.warning("integration_unusable", integration=row.integration, error=str(error))
            continue
        if receipt.model_dump() != row.receipt:
            _keep(row, receipt, moved)
        ended += not receipt.open
    return ended


def _keep(row: DeliveryRow, receipt: Receipt, moved: Moved) -> None:
    """Write down what became of it, and tell of what people should know."""
    with write_session() as session:
        ledger.update_receipt(session, row.id, receipt)
        tries = moved(session, row, receipt) if receipt.key != row.receipt.get("key") else []
        note = receipt.extra.get("note", "")
        if note and note != row.receipt.get("extra", {}).get("note"):
            health = health_to_change(session, row.integration)
            health.last_error = note
    enqueue_tries(tries)
