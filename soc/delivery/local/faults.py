"""What becomes of a try when this process is at fault, or was taken for dead while it worked.

Part of the ledger: like it, these write, and the caller's transaction commits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from soc.delivery.ledger import Try, again, deliver, end_attempt, retry
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.domain.message import Receipt
from soc.errors import FailureReason
from soc.store.nouns.deliveries.attempts import Ending, Holder, find_holder
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import lock_delivery

GIVEN_BACK = "It is not the message's fault: another try follows, from whichever process takes it."
STORE_WENT = "The database went away before anything was sent."
#: The first pause, doubled with each send that went wrong by a process's own fault, and the longest.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_BEGUN = FINAL_STATES | {DeliveryState.SENDING}


def _next(row: DeliveryRow, now: datetime) -> datetime:
    doubled: int = 2 ** min(max(row.sends - 1, 0), 10)
    return now + min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def give_back(session: Session, delivery_id: str, try_number: int, *, fault: str, now: datetime) -> list[Try]:
    """A try that this process could not even begin: no failure is counted, the next try is anybody's."""
    row = lock_delivery(session, delivery_id)
    if row.try_number != try_number or DeliveryState(row.state) in _BEGUN:
        return []
    row.updated_at, row.reason, row.error, row.hint = now, FailureReason.LOCAL.value, fault, GIVEN_BACK
    return [again(session, row, at=_next(row, now), now=now)]


def break_off(
    session: Session, delivery_id: str, try_number: int, kind: str, *, fault: str, sent: bool, now: datetime
) -> list[Try]:
    """A send or look-up that this process broke off itself. `sent`: some bytes had left, so it is looked up first."""
    ending = Ending("given back", reason=FailureReason.LOCAL.value, error=fault, hint=GIVEN_BACK)
    row = end_attempt(session, delivery_id, try_number, kind, ending, now=now)
    if row is None:
        return []
    doubtful = sent or kind == "reconcile"
    row.reconciled = 0
    state = DeliveryState.UNKNOWN if doubtful else DeliveryState.RETRY
    return [retry(session, row, state, at=_next(row, now), now=now)]


def begin_again(
    session: Session, delivery_id: str, try_number: int, mine: Holder, *, now: datetime
) -> list[Try]:
    """A try around whose intent the store went away: it may be committed or not, and nothing was sent by it."""
    row = lock_delivery(session, delivery_id)
    state = DeliveryState(row.state)
    if row.try_number != try_number or state in FINAL_STATES or row.next_try_at is None:
        return []
    sending = state is DeliveryState.SENDING
    if sending and find_holder(session, delivery_id, try_number) != mine:
        return []
    ending = Ending("given back", reason=FailureReason.LOCAL.value, error=STORE_WENT, hint=GIVEN_BACK)
    end_attempt(session, delivery_id, try_number, "send" if sending else "reconcile", ending, now=now)
    if not sending:
        return [again(session, row, at=max(now, row.next_try_at), now=now)]
    row.reconciled = 0
    # what was sent before it may have arrived by now
    state = DeliveryState.UNKNOWN if row.sends > 1 else DeliveryState.RETRY
    return [retry(session, row, state, at=now, now=now)]


def settle_late(
    session: Session, delivery_id: str, try_number: int, receipt: Receipt, *, now: datetime
) -> DeliveryRow | None:
    """The answer to a try that was taken for lost, while it is still being wondered about: the vendor has it.

    Whoever looks it up now comes too late with what he finds. None where it was sent again meanwhile.
    """
    row = lock_delivery(session, delivery_id)
    if DeliveryState(row.state) is not DeliveryState.UNKNOWN or row.try_number <= try_number:
        return None
    row.try_number += 1
    deliver(session, row, receipt, now=now)
    return row
