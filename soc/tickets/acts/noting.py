"""Investigation notes: written here or told by a vendor; changed as versions, never lost."""

from __future__ import annotations

from sqlmodel import Session

from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Ending, Visibility
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError
from soc.ids import derived_id
from soc.store.nouns.incidents.investigation_notes import (
    InvestigationNoteRow,
    find_note,
    get_note,
    write_note,
)
from soc.tickets.acts.asked import Asked, Came, Change, Outcome
from soc.tickets.acts.case import Case, act

#: Jira takes comments of 32,767 characters; ours leave room for who wrote it.
LONGEST_NOTE = 30_000
HERE = "here"


def add_note(
    session: Session,
    incident_id: str,
    text: str,
    asked: Asked,
    *,
    visibility: Visibility = Visibility.INTERNAL,
    remote_id: str = "",
) -> Outcome:
    """Write it down. With `via`, `remote_id` is the vendor's comment; one that is known already is not written twice.

    Raises NotFound, ConfigurationError for an empty or too long text.
    """
    clean = clean_note(text)

    def work(case: Case) -> Came:
        if remote_id and find_note(session, integration=asked.via, remote_id=remote_id) is not None:
            return Came(Ending.ALREADY, "The note is here already.")
        return Came(Ending.DONE, "Noted.", changes=(write(case, clean, asked, visibility, remote_id),))

    return act(session, incident_id, ActKind.ADD_NOTE, asked, work)


def write(case: Case, text: str, asked: Asked, visibility: Visibility, remote_id: str = "") -> Change:
    """The note's row, for acts that bring one."""
    note = InvestigationNoteRow(
        id=derived_id("note", asked.key, case.incident.id), incident_id=case.incident.id, text=text, version=1,
        visibility=visibility.value, origin=asked.via or HERE, integration=asked.via if remote_id else "", remote_id=remote_id,
        created_at=asked.at, changed_at=asked.at, made_by=str(asked.actor),
    )  # fmt: skip
    write_note(case.session, note, actor=asked.actor, now=asked.at)
    return Change("note", "", text, note_id=note.id, public=visibility is Visibility.PUBLIC)


def edit_note(
    session: Session, note_id: str, text: str, asked: Asked, *, visibility: Visibility | None = None
) -> Outcome:
    """A new wording; the earlier ones stay readable. Raises NotFound, ConfigurationError."""
    clean = clean_note(text)
    note = get_note(session, note_id)

    def work(_case: Case) -> Came:
        session.refresh(note)
        seen = visibility.value if visibility is not None else note.visibility
        if (note.text, note.visibility) == (clean, seen):
            return Came(Ending.ALREADY, "The note says that already.")
        before, note.text, note.visibility = note.text, clean, seen
        note.version, note.changed_at, note.changed_by = note.version + 1, asked.at, str(asked.actor)
        write_note(session, note, actor=asked.actor, now=asked.at)
        change = Change("note", before, clean, note_id=note.id, public=seen == Visibility.PUBLIC)
        return Came(Ending.DONE, "The note was changed; its earlier wording is kept.", changes=(change,))

    return act(session, note.incident_id, ActKind.EDIT_NOTE, asked, work)


def keep_remote_id(session: Session, note_id: str, *, integration: str, remote_id: str, actor: Actor) -> None:
    """The vendor has the note as this comment. Raises NotFound."""
    note = get_note(session, note_id)
    note.integration, note.remote_id, note.changed_by = integration, remote_id, str(actor)
    session.add(note)
    session.flush()


def mark_gone(session: Session, note_id: str, asked: Asked) -> None:
    """The vendor's comment was deleted there: the note stays here, and says so. Raises NotFound."""
    note = get_note(session, note_id)
    if note.gone_at is None:
        note.gone_at, note.changed_by = asked.at, str(asked.actor)
        session.add(note)
        session.flush()
        subject = Subject(SubjectKind.INCIDENT, note.incident_id)
        after = {"note_id": note_id, "comment": note.remote_id}
        record(session, asked.actor, "mark deleted comment", subject, after=after)


def clean_note(text: str) -> str:
    """The text as it is kept. Raises ConfigurationError."""
    clean = text.replace("\r\n", "\n").strip()
    if not clean:
        raise ConfigurationError("The note is empty.", hint="Write what was found.")
    if len(clean) > LONGEST_NOTE or "\x00" in clean:
        raise ConfigurationError(
            f"The note is longer than {LONGEST_NOTE:,} characters, or holds a NUL.",
            hint="Attach long evidence to the ticket.",
        )
    return clean
