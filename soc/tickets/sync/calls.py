"""What a vendor called about: kept before it is answered; its tickets are read afterwards, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import structlog

from soc import clock
from soc.delivery.connectors import borrow
from soc.domain.actor import Actor
from soc.errors import SocError
from soc.ids import derived_id
from soc.integrations.kit.inbound.hooks import TicketCall
from soc.integrations.kit.tickets import TicketConnector
from soc.store.db import write_session
from soc.store.nouns.vendors.hook_events import CHANGED, DELETED, HookEventRow, keep_events
from soc.tickets.sync.poll import work_calls

log = structlog.get_logger(__name__)


def take_calls(integration: str, calls: Sequence[TicketCall]) -> Callable[[], None]:
    """Keep them, each once; what is returned reads their tickets. A process that ends before: the next poll reads them."""
    if not calls:
        return _nothing
    rows = [
        HookEventRow(
            id=derived_id("hook", integration, call.id), integration=integration, about=call.about,
            event=DELETED if call.deleted else CHANGED, made_by=str(Actor.vendor(integration)), received_at=clock.now(),
        )
        for call in calls
    ]  # fmt: skip
    with write_session() as session:
        keep_events(session, rows)
    return partial(_read, integration)


def _nothing() -> None:
    return None


def _read(integration: str) -> None:
    try:
        with borrow(integration) as connector:
            if isinstance(connector, TicketConnector):
                work_calls(integration, connector)
    except SocError as error:
        log.info("calls_wait_for_the_poll", integration=integration, error=error.message)
