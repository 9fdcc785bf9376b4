"""Whose turn it is: messages about one incident keep their order where the vendor holds an incident open; and whether a
message is still wanted when its turn has come.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.message import Escalation, Message, announcements
from soc.integrations.registry import KINDS
from soc.store.nouns.deliveries import DeliveryRow
from soc.store.nouns.escalations import read_called_off
from soc.store.nouns.outbox import find_earlier

#: How long a message waits at least, and at most, before it looks whether the one before it has ended.
SHORTEST_TURN, LONGEST_TURN = timedelta(seconds=2), timedelta(seconds=60)
#: Where the order of messages about one subject matters: an end must not overtake its beginning.
ORDERED = frozenset(kind for kind, declared in KINDS.items() if declared.ordered)


def turn_of(session: Session, row: DeliveryRow, *, now: datetime) -> datetime | None:
    """When to look again, where an earlier message about the same subject has not ended; None: it is this one's turn.

    A vendor that keeps an incident open until it is told otherwise must not hear of its end before its beginning.
    """
    if row.integration not in ORDERED or not row.subject or row.action in announcements():
        return None  # it begins what is said of the incident: nothing comes before it
    earlier = find_earlier(session, row)
    if earlier is None:
        return None
    soonest = now + SHORTEST_TURN
    return min(max(earlier.next_try_at or soonest, soonest), now + LONGEST_TURN)


def still_wanted(session: Session, message: Message) -> tuple[Message | None, str]:
    """What of the message is to be told now, asked of the store in the transaction that writes the intent: an
    acknowledgement that came before this moment holds. None: nothing, and why.
    """
    if not isinstance(message, Escalation):
        return message, ""
    number, off = read_called_off(session, message.subject)
    if not off:
        return message, ""
    if len(off) == number:
        return None, "; ".join(dict.fromkeys(said_by(one.why) for one in off))
    gone, keys = {one.ticket_id for one in off}, {one.key for one in off}
    left = tuple(one for one in message.tickets if one.ticket_id not in gone)
    folded = tuple(key for key in message.folded if key not in keys)
    return message.model_copy(update={"tickets": left, "folded": folded}), ""


def said_by(why: str) -> str:
    """`acknowledged by person:p-7@said` as people read it: `acknowledged by p-7`."""
    words, by, text = why.rpartition(" by ")
    try:
        return f"{words}{by}{Actor.parse(text).id}"
    except ValueError:
        return why
