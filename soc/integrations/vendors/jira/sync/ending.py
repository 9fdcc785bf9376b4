"""The exact end of a ticket's response target, beside the day that its due date is: an entity property, for programs."""

from __future__ import annotations

import structlog

from soc.errors import DeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.ticket import SLA_PROPERTY, sla_value

log = structlog.get_logger(__name__)


def keep_end(session: VendorSession, remote_id: str, *, ends: str, due: str) -> None:
    """Written again it is the same, so it needs no look-up. Raises DeliveryError."""
    path = f"/issue/{remote_id}/properties/{SLA_PROPERTY}"
    session.write("PUT", path, body=sla_value(ends=ends, due=due), empty_ok=True)


def keep_end_quietly(session: VendorSession, remote_id: str, *, ends: str, due: str) -> bool:
    """Whether it is kept. The ticket is there, with its day: a property that fails loses nothing that people read."""
    try:
        keep_end(session, remote_id, ends=ends, due=due)
    except DeliveryError as error:
        log.info("response_end_not_kept", ticket=remote_id, reason=error.reason.value)
        return False
    return True
