"""Whose turn it is: messages about one incident keep their order where the vendor holds an incident open; whether a message
is still wanted when its turn has come; and of those that tell a state (a changed alert) the last one is told, not too often.

Asked when a try begins, under the row's lock: whatever was planned meanwhile is seen. An older state gives way, also one
whose outcome is not known; else it could be sent again after the newer one and bring the old state back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from soc.domain.delivery import DeliveryState
from soc.domain.message import MESSAGES, EndEscalation, Escalation, Message, announcements
from soc.errors import LimitOf
from soc.integrations.naming import named
from soc.integrations.registry import KINDS
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import Neighbours, find_earlier, find_neighbours, last_sent
from soc.store.nouns.escalation.escalation_lines import read_called_off
from soc.store.nouns.escalation.notice_ends import may_have_begun
from soc.store.nouns.vendors.throttles import throttled_until

#: How long a message waits at least, and at most, before it looks whether the one before it has ended.
SHORTEST_TURN, LONGEST_TURN = timedelta(seconds=2), timedelta(seconds=60)
#: One that is being sent is looked at again after so long.
LOOK_AGAIN = timedelta(seconds=1)
#: Where the order of messages about one subject matters: an end must not overtake its beginning.
ORDERED = frozenset(kind for kind, declared in KINDS.items() if declared.ordered)


def limits_on(row: DeliveryRow) -> dict[LimitOf, str]:
    """The names of the vendor's limits that hold for this message alone; none where they are not told apart."""
    kind = KINDS.get(row.integration)
    if kind is None or not kind.told_apart:
        return {}
    called = f"{row.action}:{row.payload.get('name', '')}" if row.action == "call_action" else row.action
    found = {LimitOf.CALL: f"{row.integration}:{LimitOf.CALL}:{called}"}
    return (
        {**found, LimitOf.SUBJECT: f"{row.integration}:{LimitOf.SUBJECT}:{row.subject}"}
        if row.subject
        else found
    )


def throttle_of(session: Session, row: DeliveryRow) -> datetime | None:
    """Until when the vendor asked this message's call, or its ticket, to wait."""
    names = list(limits_on(row).values())
    return throttled_until(session, names) if names else None


def turn_of(session: Session, row: DeliveryRow, *, now: datetime) -> datetime | None:
    """When to look again, where an earlier message about the same subject has not ended; None: it is this one's turn.

    A vendor that keeps an incident open until it is told otherwise must not hear of its end before its beginning.
    """
    if tells_a_state(row.action):
        return _turn_after(row, find_neighbours(session, row), now=now)
    waits = MESSAGES[row.action].WAITS if row.action in MESSAGES else False
    if not (waits or row.integration in ORDERED) or not row.subject or row.action in announcements():
        return None  # it begins what is said of the incident: nothing comes before it
    earlier = find_earlier(session, row)
    if earlier is None:
        return _spaced(session, row, now=now) if waits else None
    soonest = now + SHORTEST_TURN
    return min(max(earlier.next_try_at or soonest, soonest), now + LONGEST_TURN)


def still_wanted(session: Session, message: Message) -> tuple[Message | None, str]:
    """What of the message is to be told now, asked of the store in the transaction that writes the intent: an
    acknowledgement that came before this moment holds. None: nothing, and why.
    """
    if isinstance(message, EndEscalation) and not may_have_begun(session, message.subject):
        return None, "what it ends never arrived"
    if not isinstance(message, Escalation):
        return message, ""
    number, off = read_called_off(session, message.subject)
    if not off:
        return message, ""
    if len(off) == number:
        return None, "; ".join(dict.fromkeys(said_by(session, one.why) for one in off))
    gone, keys = {one.ticket_id for one in off}, {one.key for one in off}
    left = tuple(one for one in message.tickets if one.ticket_id not in gone)
    folded = tuple(key for key in message.folded if key not in keys)
    return message.model_copy(update={"tickets": left, "folded": folded}), ""


def said_by(session: Session, why: str) -> str:
    """`acknowledged by person:per-7@said` as people read it: `acknowledged by Mia Berg`."""
    words, by, text = why.rpartition(" by ")
    return f"{words}{by}{named(session, text)}" if by else why


def tells_a_state(action: str) -> bool:
    return action in MESSAGES and MESSAGES[action].LAST_WINS


def _turn_after(row: DeliveryRow, others: Neighbours, *, now: datetime) -> datetime | None:
    """When it may be told at the earliest, None for now: not while another is being sent, nor right after one."""
    if others.sending:
        return now + LOOK_AGAIN
    kind = KINDS.get(row.integration)
    spacing = timedelta(seconds=kind.update_spacing if kind is not None else 0.0)
    if others.last_sent is None or not spacing:
        return None
    # the last one arrived no earlier than it was sent; a clock that was set back holds nobody up for longer than that
    free = others.last_sent + spacing
    return free if now < free <= now + spacing else None


def gave_way(session: Session, row: DeliveryRow, *, now: datetime) -> bool:
    """Whether a newer state of the same thing is there: then this one is cancelled, and never told."""
    if not tells_a_state(row.action) or not find_neighbours(session, row).newer:
        return False
    row.next_try_at, row.reason = None, ""
    row.hint = "Overtaken: a newer state of the same alert is told instead."
    row.state, row.updated_at = DeliveryState.CANCELLED.value, now
    return True


def _spaced(session: Session, row: DeliveryRow, *, now: datetime) -> datetime | None:
    """Vendors limit how fast one ticket is written: its changes keep a distance."""
    kind = KINDS.get(row.integration)
    if kind is None or not kind.spacing:
        return None
    last = last_sent(session, row)
    free = None if last is None else last + kind.spacing
    return free if free is not None and now < free <= now + kind.spacing else None
