"""Comments both ways, by their ids: a new one there is a note here, one of ours is known again, one that is gone is marked."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.acts import Visibility
from soc.domain.message import CommentTicket, RewordComment, read_message
from soc.integrations.kit.tickets import RemoteComment, TicketState
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow, find_note
from soc.store.nouns.tickets.ticket_changes import COMMENT, TicketChangeRow, keep_changes
from soc.store.nouns.tickets.ticket_comments import TicketCommentRow, list_comments
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.accounts import actor_of
from soc.tickets.acts import Asked, add_note, edit_note, keep_remote_id, mark_gone
from soc.tickets.acts.noting import LONGEST_NOTE
from soc.tickets.rewording import is_disputed


def pull_comments(session: Session, ticket: TicketRow, state: TicketState, *, now: datetime) -> list[Try]:
    """Bring the incident's notes up to date with the ticket's comments; returns what is to be told of them elsewhere."""
    assert ticket.id is not None
    known = {row.remote_id: row for row in list_comments(session, ticket.id)}
    tries: list[Try] = []
    for comment in state.comments:
        row = known.get(comment.id)
        if row is None:
            tries += _new(session, ticket, comment, now=now)
        else:
            tries += _known(session, ticket, row, comment, now=now)
    there = {one.id for one in state.comments}
    for row in known.values():
        if row.remote_id not in there and row.deleted_at is None:
            _gone(session, ticket, row, now=now)
    session.flush()
    return tries


def _asked(session: Session, ticket: TicketRow, comment: RemoteComment, *, now: datetime) -> Asked:
    said = comment.updated_at or comment.created_at or now
    place = f"{ticket.integration}:{ticket.remote_id}:comment:{comment.id}"
    actor = actor_of(session, ticket.integration, comment)
    return Asked(
        actor, f"{place}:{said.isoformat()}", via=ticket.integration, source=place, at=min(said, now)
    )


def _text(comment: RemoteComment) -> str:
    """With the names of what stays there alone; never empty, never longer than a note."""
    unsaid = f"[not synced, see the ticket: {', '.join(comment.not_synced)}]" if comment.not_synced else ""
    room = LONGEST_NOTE - len(unsaid) - 2
    text = comment.text.strip()
    cut = text if len(text) <= room else text[: room - 1] + "…"
    return "\n".join(part for part in (cut, unsaid) if part) or "(an empty comment)"


def _new(session: Session, ticket: TicketRow, comment: RemoteComment, *, now: datetime) -> list[Try]:
    assert ticket.id is not None
    row = TicketCommentRow(
        ticket_id=ticket.id, remote_id=comment.id, ours=bool(comment.origin), internal=comment.internal,
        author=comment.author, text=comment.text, not_synced=", ".join(comment.not_synced),
        made_by=str(actor_of(session, ticket.integration, comment)), created_at=comment.created_at, updated_at=comment.updated_at,
    )  # fmt: skip
    tries: list[Try] = []
    if comment.origin:
        row.note_id = _note_of(session, comment.origin)
        if row.note_id:
            keep_remote_id(
                session, row.note_id, integration=ticket.integration, remote_id=comment.id,
                actor=Actor.vendor(ticket.integration),
            )  # fmt: skip
    else:
        seen = Visibility.INTERNAL if comment.internal else Visibility.PUBLIC
        asked = _asked(session, ticket, comment, now=now)
        outcome = add_note(
            session, ticket.incident_id, _text(comment), asked, visibility=seen, remote_id=comment.id
        )
        tries += outcome.tries
        row.note_id = _written(session, ticket, comment)
    session.add(row)
    keep_changes(
        session,
        [
            TicketChangeRow(
                ticket_id=ticket.id, kind=COMMENT, remote_id=comment.id, ours=bool(comment.origin),
                delivery_id=comment.origin, author=comment.author, at=comment.created_at, seen_at=now,
            )
        ],
    )  # fmt: skip
    return tries


def _note_of(session: Session, delivery_id: str) -> str:
    """The note that this delivery told; "" where it was no note (an escalation's comment)."""
    row = session.get(DeliveryRow, delivery_id)
    message = read_message(row.payload) if row is not None else None
    note_id = ""
    if isinstance(message, CommentTicket):
        note_id = message.change
    elif isinstance(message, RewordComment):
        note_id = message.note_id
    return note_id if note_id and session.get(InvestigationNoteRow, note_id) is not None else ""


def _written(session: Session, ticket: TicketRow, comment: RemoteComment) -> str:
    note = find_note(session, integration=ticket.integration, remote_id=comment.id)
    return note.id if note is not None else ""


def _known(
    session: Session, ticket: TicketRow, row: TicketCommentRow, comment: RemoteComment, *, now: datetime
) -> list[Try]:
    """One that was edited there is worded anew here. Ours carries who said it; its first sight is no edit."""
    tries: list[Try] = []
    if row.updated_at is None:
        row.text, row.updated_at, row.created_at = comment.text, comment.updated_at, comment.created_at
    elif comment.updated_at != row.updated_at:
        if not comment.own_words and is_disputed(session, ticket, row.note_id):
            return tries  # worded anew here too: whoever delivers that sees both, and asks a person
        unsaid = ", ".join(comment.not_synced)
        anew = (comment.text, unsaid) != (row.text, row.not_synced)
        if anew and row.note_id and not comment.own_words:
            asked = _asked(session, ticket, comment, now=now)
            tries += edit_note(session, row.note_id, _note_text(row, comment), asked).tries
        row.text, row.updated_at = comment.text, comment.updated_at
        row.not_synced = unsaid
    row.deleted_at = None
    session.add(row)
    return tries


def _note_text(row: TicketCommentRow, comment: RemoteComment) -> str:
    """Without the line that says whose note it is, which ours begin with."""
    text = _text(comment)
    return text.removeprefix(f"{row.author}:\n") if row.ours and row.author else text


def _gone(session: Session, ticket: TicketRow, row: TicketCommentRow, *, now: datetime) -> None:
    """It was deleted there: the note stays here and says so."""
    row.deleted_at = now
    session.add(row)
    if row.note_id:
        actor = Actor.vendor(ticket.integration)
        mark_gone(
            session,
            row.note_id,
            Asked(actor, f"{ticket.integration}:{row.remote_id}:gone", via=ticket.integration, at=now),
        )
