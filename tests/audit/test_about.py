"""Who asks for a ticket by its key is shown what was done to its incident, on which people act."""

from __future__ import annotations

from soc.audit.about import read_subjects
from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import page_entries
from tests.rows import add_ticket

ANA = Actor.said("per-ana")


def test_a_ticket_s_key_finds_what_was_done_to_it_its_incident_and_its_escalation() -> None:
    migrate()
    with write_session() as session:
        ticket, other = add_ticket(session), add_ticket(session, "SOC-2")
        for kind, name in (
            (SubjectKind.TICKET, str(ticket.id)), (SubjectKind.INCIDENT, ticket.incident_id),
            (SubjectKind.ESCALATION, ticket.incident_id), (SubjectKind.INCIDENT, other.incident_id),
        ):  # fmt: skip
            record(session, ANA, f"do {kind.value}", Subject(kind, name))
    with read_session() as session:
        for name in (f"ticket:{ticket.key}", f"ticket:{ticket.key.lower()}", f"ticket:{ticket.id}"):
            page = page_entries(session, subjects=read_subjects(session, name), sort="seq")
            assert [row.action for row in page.rows] == ["do ticket", "do incident", "do escalation"], name
        assert read_subjects(session, "ticket:GONE-1") == [Subject(SubjectKind.TICKET, "GONE-1")]
        assert read_subjects(session, "rule:7") == [Subject(SubjectKind.RULE, "7")]
