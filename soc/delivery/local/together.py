"""Messages of one kind that wait together leave in one request, where the vendor takes such.

Nothing else is otherwise: each is claimed by itself, its intent committed before the first byte leaves, and each is ended
by itself. What a process that dies or a lost answer leaves behind is looked up one by one, as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import NamedTuple

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery.ledger import Send, Step, Try
from soc.delivery.local import outcomes
from soc.delivery.local.in_flight import at_vendor, working_on
from soc.delivery.local.work import Work
from soc.domain.message import Message, Receipt
from soc.errors import DeliveryError, SocError
from soc.integrations.kit.base import Connector
from soc.integrations.kit.lease import under
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.outbox_due import list_alike
from soc.tracing.context import carried

log = structlog.get_logger(__name__)

Borrowed = Callable[[Session], AbstractContextManager[Connector | None]]
#: Fewer that wait are sent one by one: each at once, by whoever is free.
FROM = 5


class _Claimed(NamedTuple):
    work: Work
    message: Message


def send_together(work: Work, message: Message, borrowed: Borrowed) -> list[Try]:
    """Send the message whose intent is written, with others of its kind that are due; returns what to enqueue next."""
    most = work.connector.together.get(message.action, 1)
    waiting = _waiting(work, message, most=most) if most > 1 else []
    if len(waiting) + 1 < FROM:
        return work.go_on(Send(message))
    tries: list[Try] = []
    with ExitStack() as mine:
        claimed = [_Claimed(work, message)]
        for delivery_id, number in waiting:
            if not mine.enter_context(working_on(delivery_id, number)):
                continue  # another thread of this process is at it
            other = work.beside(delivery_id, number)
            try:
                step = _begin(other, borrowed)
            except outcomes.STORE_AWAY:
                other.keep_begin()
                break
            except (SocError, ValueError) as error:  # its own try will say what is wrong with it
                log.info(
                    "not_sent_together",
                    delivery=delivery_id,
                    reason=type(error).__name__ if isinstance(error, ValueError) else str(error),
                )
                continue
            if isinstance(step, Send):
                claimed.append(_Claimed(other, step.message))
            elif step is None:
                break
            else:
                tries += other.go_on(step)
        return tries + (_send(claimed) if len(claimed) > 1 else work.go_on(Send(message)))


def _waiting(work: Work, message: Message, *, most: int) -> list[tuple[str, int]]:
    with read_session() as session:
        return list_alike(
            session, integration=work.connector.kind, action=message.action, other_than=work.delivery_id,
            now=clock.now(), limit=most - 1,
        )  # fmt: skip


def _begin(other: Work, borrowed: Borrowed) -> Step | None:
    """Its step; None where the configuration is another by now, which holds for this message."""
    with write_session() as session, borrowed(session) as connector:
        if connector is None or connector.config != other.connector.config:
            return None
        return other.begin(session)


def _send(claimed: list[_Claimed]) -> list[Try]:
    with ExitStack() as tries:  # the leader's is the innermost: what it asks the vendor is within its own
        for one in reversed(claimed):
            tries.enter_context(one.work.trying("send", one.message.action))
        return _send_all(claimed)


def _send_all(claimed: list[_Claimed]) -> list[Try]:
    leader, messages = claimed[0].work, {one.work.delivery_id: one.message for one in claimed}
    failed: Exception | None = None
    came: Mapping[str, Receipt | DeliveryError] = {}
    try:
        with under(leader.lease), at_vendor(leader.connector.kind):
            leader.lease.check()
            came = leader.connector.deliver_together(messages)
    except Exception as error:  # noqa: BLE001 - a connector may break in any way
        failed = error
    log.info(
        "sent_together", integration=leader.connector.kind, messages=len(claimed), failed=failed is not None
    )
    tries: list[Try] = []
    for number, one in enumerate(claimed):
        one.work.counts = failed is None or number == 0
        with carried(one.work.own):
            tries += one.work.end_send(failed or came[one.work.delivery_id])
    return tries
