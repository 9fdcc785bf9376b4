"""Every act that is done here is told to the vendors that keep the ticket; what one of them told of itself is not told back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.domain.acts import ActKind, Verdict
from soc.domain.incident import IncidentStatus
from soc.store.nouns.incidents.investigation_notes import get_note
from soc.store.nouns.tickets.ticket_fields import field_of, value_of
from soc.store.nouns.tickets.tickets import TicketRow, find_of_incident
from soc.tickets.accounts import account_of
from soc.tickets.acts.asked import Change, Happened, follow_acts
from soc.tickets.acts.members import accounts_of
from soc.tickets.acts.moving import STATUS_THERE
from soc.tickets.outgoing import Category, FieldsChanged, NoteAdded, StatusChanged, tell
from soc.tickets.rewording import NoteReworded

#: What a vendor calls an end of this kind, where it asks for a resolution.
RESOLUTIONS: dict[str, str] = {
    Verdict.TRUE_POSITIVE: "Done",
    Verdict.BENIGN: "Won't Do",
    Verdict.RULE_WRONG: "Won't Do",
    Verdict.DATA_WRONG: "Won't Do",
    Verdict.DUPLICATE: "Duplicate",
    Verdict.UNDETERMINED: "Done",
}
#: The verdict as a label of the ticket.
VERDICT_LABEL = "soc-verdict-"


@follow_acts
def tell_of_act(session: Session, happened: Happened) -> Sequence[Try]:
    """Plan what each vendor with a ticket of the incident is told, except the one that told of it."""
    tries: list[Try] = []
    for ticket in happened.tickets:
        if ticket.integration != happened.asked.via:
            for number, change in enumerate(happened.changes):
                tries += _tell(session, ticket, happened, change, number)
    return tries


def _tell(
    session: Session, ticket: TicketRow, happened: Happened, change: Change, number: int
) -> Sequence[Try]:
    actor, verdict = happened.asked.actor, happened.incident.verdict
    told = f"{happened.asked.key}:{number}:{ticket.id}"
    if change.field == "status":
        name, category = STATUS_THERE[IncidentStatus(change.after)]
        resolution = RESOLUTIONS.get(verdict, "") if category == "done" else ""
        moved = StatusChanged(cast(Category, category), name, resolution, id=told)
        return tell(session, ticket, moved, actor)
    if change.field == "priority":
        return tell(session, ticket, FieldsChanged({"priority": change.after}, id=told), actor)
    if change.field == "owner":
        account = account_of(session, ticket.integration, change.after)
        told_to = {} if account is None else {"assignee": account}
        return tell(session, ticket, FieldsChanged(told_to, id=told), actor) if told_to else ()
    if happened.act is ActKind.EDIT_NOTE:
        version = get_note(session, change.note_id).version
        reworded = NoteReworded(change.note_id, version, change.after, internal=not change.public)
        return tell(session, ticket, reworded, actor)
    if change.field == "note":
        note = NoteAdded(
            change.note_id,
            change.after,
            internal=not change.public,
            duplicates=_original(session, ticket, happened),
        )
        return tell(session, ticket, note, actor)
    if change.added or change.removed:
        members = _changed_members(session, ticket, change)
        return (
            tell(session, ticket, FieldsChanged({change.field: members}, id=told), actor)
            if members is not None
            else ()
        )
    if change.field == "verdict" and change.after:
        labels = verdict_labels(session, ticket, change.after)
        return tell(session, ticket, FieldsChanged({"labels": labels}, id=told), actor)
    return ()


def _original(session: Session, ticket: TicketRow, happened: Happened) -> str:
    """The key, at the same vendor, of what the incident was merged into by this act."""
    into = happened.incident.merged_into if happened.act is ActKind.MERGE else ""
    found = find_of_incident(session, into, integration=ticket.integration) if into else None
    return found.key if found is not None and found.practice == ticket.practice else ""


def _changed_members(session: Session, ticket: TicketRow, change: Change) -> tuple[str, ...] | None:
    """What the set of the ticket is from now on; None where nothing of it changes there."""
    assert ticket.id is not None
    row = field_of(session, ticket.id, change.field)
    here = set(value_of(row.local) or value_of(row.base) or ())
    added, removed = (
        accounts_of(session, ticket.integration, change.field, one) for one in (change.added, change.removed)
    )
    after = (here | added) - removed
    return tuple(sorted(after)) if after != here else None


def verdict_labels(session: Session, ticket: TicketRow, verdict: str) -> tuple[str, ...]:
    """The ticket's labels with this verdict, in place of another one."""
    assert ticket.id is not None
    row = field_of(session, ticket.id, "labels")
    known = value_of(row.local) or value_of(row.base) or ()
    others = [one for one in known if not one.startswith(VERDICT_LABEL)]
    return tuple(sorted({*others, VERDICT_LABEL + verdict.replace("_", "-")}))
