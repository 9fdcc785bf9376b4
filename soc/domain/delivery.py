"""Delivery states and what each outcome of a request means. All of it data.

Source of the classes: the vendors' documented behaviour, one table for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    RETRY = "retry"
    UNKNOWN = "unknown"
    DEAD = "dead"
    SUPPRESSED = "suppressed"
    #: It belongs to what was told before.
    JOINED = "joined"
    #: Its batch found more than may be told at once: it goes when somebody releases it.
    AWAITING = "awaiting"
    CANCELLED = "cancelled"


#: Nothing happens to these by itself any more.
FINAL_STATES = frozenset(
    {
        DeliveryState.DELIVERED,
        DeliveryState.DEAD,
        DeliveryState.SUPPRESSED,
        DeliveryState.JOINED,
        DeliveryState.AWAITING,
        DeliveryState.CANCELLED,
    }
)

#: From each state, where a delivery may go. The ledger refuses every other step.
TRANSITIONS: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    # a restored backup says that it was not sent; it may have been sent since the backup was taken
    DeliveryState.PENDING: frozenset(
        {
            DeliveryState.SENDING,
            DeliveryState.UNKNOWN,
            DeliveryState.SUPPRESSED,
            DeliveryState.CANCELLED,
            DeliveryState.DEAD,
        }
    ),
    DeliveryState.SENDING: frozenset(
        {DeliveryState.DELIVERED, DeliveryState.RETRY, DeliveryState.UNKNOWN, DeliveryState.DEAD}
    ),
    DeliveryState.RETRY: frozenset(
        {DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.CANCELLED, DeliveryState.DEAD}
    ),
    DeliveryState.UNKNOWN: frozenset(
        {DeliveryState.DELIVERED, DeliveryState.SENDING, DeliveryState.DEAD, DeliveryState.CANCELLED}
    ),
    DeliveryState.DEAD: frozenset({DeliveryState.PENDING, DeliveryState.UNKNOWN}),
    DeliveryState.SUPPRESSED: frozenset({DeliveryState.PENDING}),
    DeliveryState.JOINED: frozenset({DeliveryState.PENDING}),
    DeliveryState.AWAITING: frozenset({DeliveryState.PENDING, DeliveryState.JOINED, DeliveryState.CANCELLED}),
    DeliveryState.CANCELLED: frozenset({DeliveryState.PENDING, DeliveryState.UNKNOWN}),
    DeliveryState.DELIVERED: frozenset(),
}


class Outcome(StrEnum):
    """What the answer to a request means for the message it carried."""

    DONE = "done"
    NOT_SENT = "not sent"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"
    CREDENTIALS = "credentials"
    PERMANENT = "permanent"
    CONFLICT = "conflict"
    GONE = "gone"


#: HTTP statuses with a meaning of their own; the rest go by their hundred (see `outcome_of_status`).
STATUS_OUTCOMES: Mapping[int, Outcome] = {
    401: Outcome.CREDENTIALS,
    403: Outcome.CREDENTIALS,
    408: Outcome.UNKNOWN,
    409: Outcome.CONFLICT,
    410: Outcome.GONE,
    425: Outcome.UNKNOWN,
    429: Outcome.THROTTLED,
}


def outcome_of_status(status: int) -> Outcome:
    """The class of an answer to a write: 2xx done, 3xx and 4xx permanent, 5xx unknown, save the named ones."""
    if status in STATUS_OUTCOMES:
        return STATUS_OUTCOMES[status]
    if 200 <= status < 300:
        return Outcome.DONE
    if 500 <= status < 600:
        return Outcome.UNKNOWN
    return Outcome.PERMANENT


#: However long a vendor asks for, it is asked again after this long.
LONGEST_RETRY_AFTER = timedelta(minutes=15)
