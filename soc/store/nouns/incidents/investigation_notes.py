"""Investigation notes: what people wrote about an incident. Each wording is kept; a vendor's comment is known by its id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.errors import NotFound
from soc.store.columns import key_of, moment, partial_index
from soc.store.nouns.incidents.incidents import IncidentRow


class InvestigationNoteRow(SQLModel, table=True):
    """`text` is the newest wording, `version` its number; all wordings stand in their own table.

    `integration` and `remote_id` name the vendor's comment ("": there is none yet). A comment that was deleted there
    leaves the note here, with the moment (`gone_at`).
    """

    __tablename__ = "investigation_notes"
    __table_args__ = (
        Index("ix_investigation_notes_incident", "incident_id", "created_at"),
        partial_index("ix_investigation_notes_remote", "integration", "remote_id", of="remote_id <> ''"),
    )

    id: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key=key_of(IncidentRow))
    text: str
    version: int
    visibility: str
    #: Where it was written: `here`, or the integration that told of it.
    origin: str
    integration: str = ""
    remote_id: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False))
    changed_at: datetime = Field(sa_column=moment(nullable=False))
    gone_at: datetime | None = Field(default=None, sa_column=moment())
    made_by: str
    changed_by: str = ""


class NoteVersionRow(SQLModel, table=True):
    """One wording of a note."""

    __tablename__ = "note_versions"
    __table_args__ = (UniqueConstraint("note_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    note_id: str = Field(foreign_key=key_of(InvestigationNoteRow))
    version: int
    text: str
    visibility: str
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str


def write_note(session: Session, note: InvestigationNoteRow, *, actor: Actor, now: datetime) -> None:
    """Keep the note as it is now, and its wording as a version of its own."""
    session.add(note)
    session.flush()
    session.add(
        NoteVersionRow(
            note_id=note.id, version=note.version, text=note.text, visibility=note.visibility,
            created_at=now, made_by=str(actor),
        )
    )  # fmt: skip
    session.flush()


def get_note(session: Session, note_id: str) -> InvestigationNoteRow:
    """Raises NotFound."""
    row = session.get(InvestigationNoteRow, note_id)
    if row is None:
        raise NotFound(f"There is no note {note_id}.", hint="List the incident's notes for their ids.")
    return row


def find_note(session: Session, *, integration: str, remote_id: str) -> InvestigationNoteRow | None:
    """The note of this comment at the vendor."""
    row = InvestigationNoteRow
    query = select(row).where(row.integration == integration, row.remote_id == remote_id)
    return session.exec(query.where(col(row.remote_id) != "").limit(1)).first()


def list_notes(session: Session, incident_id: str) -> Sequence[InvestigationNoteRow]:
    """Oldest first."""
    row = InvestigationNoteRow
    query = select(row).where(row.incident_id == incident_id)
    return session.exec(query.order_by(col(row.created_at), col(row.id))).all()


def list_wordings(session: Session, note_id: str) -> Sequence[NoteVersionRow]:
    """Every wording of the note, oldest first."""
    row = NoteVersionRow
    return session.exec(select(row).where(row.note_id == note_id).order_by(col(row.version))).all()


def find_written(
    session: Session, incident_id: str, *, at: datetime, made_by: str
) -> Sequence[InvestigationNoteRow]:
    """The notes that somebody wrote about the incident at that very moment."""
    row = InvestigationNoteRow
    query = select(row).where(row.incident_id == incident_id, row.created_at == at, row.made_by == made_by)
    return session.exec(query).all()
