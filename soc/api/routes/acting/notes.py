"""Investigation notes: read with every wording, and changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from soc.access.scopes import Scope
from soc.api.inputs import RowId
from soc.api.lists import Answer
from soc.api.routes.acting.acts import ActOutcome, NoteRequest, answer
from soc.api.scopes import needs
from soc.domain.acts import Visibility
from soc.store.db import read_session
from soc.store.nouns.incidents import investigation_notes as stored
from soc.store.nouns.incidents.incidents import get_incident
from soc.tickets import acts

router = APIRouter(tags=["incidents"])
_TEXT = "The address belongs to the night's backup job."


class Note(Answer):
    """A note in its newest wording."""

    id: str = Field(examples=["note-0bqr4mj9p4g2"])
    incident_id: str = Field(examples=["inc-0bqr4mj9p4g2"])
    text: str = Field(examples=[_TEXT])
    version: int = Field(description="How many wordings there are.", examples=[1])
    visibility: Visibility = Field(examples=["internal"])
    origin: str = Field(description="`here`, or the integration that it came from.", examples=["here"])
    remote_id: str = Field(description="Its comment where the ticket is kept, or empty.", examples=["10501"])
    created_at: datetime = Field(examples=["2026-01-14T22:10:00Z"])
    changed_at: datetime = Field(examples=["2026-01-14T22:10:00Z"])
    gone_at: datetime | None = Field(
        description="When its comment was deleted there; the note stays.", examples=[None]
    )
    made_by: str = Field(examples=["person:per-7k2m9q4x1c@said"])
    changed_by: str = Field(description="Who changed it last, or empty.", examples=[""])


class Wording(Answer):
    """One wording of a note."""

    version: int = Field(examples=[1])
    text: str = Field(examples=[_TEXT])
    visibility: Visibility = Field(examples=["internal"])
    created_at: datetime = Field(examples=["2026-01-14T22:10:00Z"])
    made_by: str = Field(examples=["person:per-7k2m9q4x1c@said"])


class NoteDetail(Note):
    """A note with all of its wordings."""

    wordings: list[Wording]


class IncidentNotes(BaseModel):
    """All notes of an incident, oldest first."""

    items: list[Note]


@router.get(
    "/incidents/{incident_id}/notes", dependencies=[needs(Scope.READ)], summary="Notes of an incident"
)
def list_notes(incident_id: RowId) -> IncidentNotes:
    """Oldest first, each in its newest wording."""
    with read_session() as session:
        get_incident(session, incident_id)
        notes = [Note.model_validate(one) for one in stored.list_notes(session, incident_id)]
        return IncidentNotes(items=notes)


@router.get("/notes/{note_id}", dependencies=[needs(Scope.READ)], summary="One note")
def get_note(note_id: RowId) -> NoteDetail:
    """With every wording it had, oldest first."""
    with read_session() as session:
        note = Note.model_validate(stored.get_note(session, note_id))
        wordings = [Wording.model_validate(one) for one in stored.list_wordings(session, note_id)]
        return NoteDetail(**note.model_dump(), wordings=wordings)


@router.put(
    "/notes/{note_id}", dependencies=[needs(Scope.ACT)], summary="Change a note", response_model=ActOutcome
)
def change_note(note_id: RowId, data: NoteRequest, request: Request) -> Any:
    """A new wording; the earlier ones stay readable."""
    return answer(
        request,
        None,
        lambda session, asked: acts.edit_note(session, note_id, data.text, asked, visibility=data.visibility),
    )
