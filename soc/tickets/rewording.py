"""A note that is worded anew here: told to the vendor whose comment of it this product wrote. Others' comments are never
written over: their rich text would be lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from soc import clock
from soc.delivery.idempotency import key_of
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.domain.message import CommentTicket, Receipt, RewordComment, read_message
from soc.ids import derived_id
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import list_told
from soc.store.nouns.tickets.ticket_comments import TicketCommentRow, list_comments
from soc.store.nouns.tickets.ticket_conflicts import list_disputed
from soc.store.nouns.tickets.tickets import TicketRow


@dataclass(frozen=True)
class NoteReworded:
    """`version` is the number of the wording."""

    note_id: str
    version: int
    text: str
    internal: bool = True


def reword(
    session: Session, ticket: TicketRow, change: NoteReworded, *, about: dict[str, Any], said_by: str
) -> RewordComment | None:
    """What the vendor is told; None where the note is no comment of ours there."""
    assert ticket.id is not None
    known = [row for row in list_comments(session, ticket.id) if row.note_id == change.note_id]
    row = known[0] if known else None
    first = CommentTicket(**about, change=change.note_id, text="")
    told_by = derived_id("dlv", key_of(ticket.integration, first))
    if row is not None and (not row.ours or row.deleted_at is not None):
        return None
    if row is None and session.get(DeliveryRow, told_by) is None:
        return None
    return RewordComment(
        **about, change=f"{change.note_id}:{change.version}", said_by=said_by, text=change.text, internal=change.internal,
        comment=row.remote_id if row is not None else "", told_by=told_by,
        before=row.text if row is not None and row.updated_at is not None else "",
    )  # fmt: skip


def record_reworded(
    session: Session, ticket: TicketRow, message: RewordComment, receipt: Receipt, *, now: datetime
) -> None:
    """The comment says so now: its next sight is no edit of somebody else's."""
    assert ticket.id is not None
    row = session.get(TicketCommentRow, (ticket.id, receipt.extra.get("comment", "")))
    if row is None:
        return
    row.text = receipt.extra.get("said") or row.text
    said = receipt.extra.get("updated", "")
    row.updated_at = clock.parse(said) if said else now
    session.add(row)


def is_disputed(session: Session, ticket: TicketRow, note_id: str) -> bool:
    """Whether a wording of here is on its way there, or waits for a person."""
    assert ticket.id is not None
    told = list_told(session, ticket.incident_id, action="reword_comment", integrations=(ticket.integration,))
    waiting = list_disputed(session, ticket.id) if told else set()
    for row in told:
        message = read_message(row.payload)
        mine = isinstance(message, RewordComment) and message.note_id == note_id
        if mine and (DeliveryState(row.state) not in FINAL_STATES or row.id in waiting):
            return True
    return False
