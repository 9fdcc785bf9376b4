"""Deliveries whose vendor was still at work (a StackStorm run): ask for their end, and keep its output."""

from __future__ import annotations

from datetime import timedelta

import structlog

from soc import clock
from soc.delivery import ledger
from soc.delivery.connectors import borrow
from soc.delivery.sealing import opened
from soc.domain.message import Receipt, read_message
from soc.errors import DeliveryError, SocError
from soc.store.db import read_session, write_session
from soc.store.nouns.outbox import list_open_ends

log = structlog.get_logger(__name__)

#: What has not ended after this long is not asked for any more; its page says so.
PATIENCE = timedelta(hours=24)
MOST_AT_ONCE = 50


def follow_open_ends() -> int:
    """Ask for every open end once; returns how many ended."""
    now = clock.now()
    with read_session() as session:
        rows = list_open_ends(session, since=now - PATIENCE, limit=MOST_AT_ONCE)
    ended = 0
    for row in rows:
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
            with write_session() as session:
                ledger.update_receipt(session, row.id, receipt)
        ended += not receipt.open
    return ended
