"""A person decides: what is kept of it here, what is told there, and that it is decided once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlmodel import Session, select

from soc.delivery.ledger import Try
from soc.domain.message import (
    ChangeTicket,
    CommentTicket,
    FieldValue,
    MoveTicket,
    RewordComment,
    TicketAddress,
    TicketMessage,
    read_message,
)
from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.incidents.investigation_notes import get_note
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow, get_conflict
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow, field_of, kept, value_of
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.acts import Asked, add_note
from soc.tickets.outgoing import open_conflict
from soc.tickets.sync.deciding import Decision, decide
from tests.rows import NIGHT, add_delivery, add_person, add_ticket
from tests.tickets.both_sides import ANA

ADDRESS = TicketAddress(key="SOC-1", url="u", remote_id="1")


@pytest.fixture(autouse=True)
def _ticket() -> Iterator[None]:
    migrate()
    with time_machine.travel(NIGHT, tick=False):
        with write_session() as session:
            add_ticket(session)
            add_person(session, "per-kim", jira_account="u-kim")
        yield


def clash(field: str, ours: FieldValue | None, theirs: FieldValue | None, **more: Any) -> int:
    """The number of a conflict about this field, which was something else when both sides last agreed."""
    with write_session() as session:
        if ours is not None:
            session.add(TicketFieldRow(ticket_id=1, field=field, local=kept(ours), base_change="before"))
        row = open_conflict(
            session, session.get_one(TicketRow, 1), field, reason="Both changed it.", theirs=theirs, actor=ANA, **more
        )  # fmt: skip
        assert row.id is not None
        return row.id


def decided(conflict: int, decision: Decision) -> list[Try]:
    with write_session() as session:
        return decide(session, conflict, decision, actor=ANA)


def told() -> list[TicketMessage]:
    """What is on its way to the vendor, oldest first."""
    with read_session() as session:
        rows = session.exec(
            select(DeliveryRow).where(DeliveryRow.state == "pending").order_by(DeliveryRow.created_at)
        )
        return [message for row in rows if isinstance(message := read_message(row.payload), TicketMessage)]


def field(session: Session, name: str) -> tuple[Any, ...]:
    row = field_of(session, 1, name)
    return value_of(row.local), value_of(row.base), row.base_change, row.changed_by


def test_ours_is_told_as_a_change_of_what_is_there_now() -> None:
    tries = decided(clash("priority", "High", "Low", their_change="c-7"), "ours")
    [message] = told()
    assert isinstance(message, ChangeTicket)
    change = message.fields["priority"]
    assert (len(tries), change.before, change.after, change.seen) == (1, "Low", "High", "c-7")
    with read_session() as session:
        assert field(session, "priority")[:3] == ("High", "Low", "c-7")
        assert field_of(session, 1, "priority").base_at == NIGHT


def test_ours_of_a_status_is_told_as_a_move() -> None:
    with write_session() as session:
        session.get_one(TicketRow, 1).status_category = "indeterminate"
    decided(clash("status", "Waiting", "Open"), "ours")
    [message] = told()
    assert isinstance(message, MoveTicket)
    assert (message.category, message.status, message.before, message.seen) == (
        "indeterminate",
        "Waiting",
        "Open",
        "before",
    )


def test_nothing_is_told_where_this_side_has_nothing_to_say_or_says_the_same() -> None:
    assert decided(clash("priority", None, "Low"), "ours") == []
    assert decided(clash("summary", "s", "s"), "ours") == []
    assert decided(clash("due", "2026-01-15", None), "theirs") == []  # nobody knows what is there
    with read_session() as session:
        assert field(session, "due")[:2] == ("2026-01-15", None)
    assert told() == []


def test_theirs_holds_here_as_an_act_of_whoever_decided_and_is_not_told_back() -> None:
    for name, ours, theirs in (
        ("priority", "High", "Low"),
        ("status", "Open", "In Progress"),
        ("assignee", "u-lee", "u-kim"),
        ("labels", ("a",), ("b", "c")),
        ("summary", "ours", "theirs"),
    ):
        decided(clash(name, ours, theirs), "theirs")
        with read_session() as session:
            assert field(session, name) == (theirs, theirs, "before", str(ANA))
            assert field_of(session, 1, name).changed_at == NIGHT
    with read_session() as session:
        ticket, incident = session.get_one(TicketRow, 1), get_incident(session, "inc-SOC-1")
        assert (ticket.priority, ticket.status, ticket.owner, ticket.summary) == (
            "Low",
            "In Progress",
            "per-kim",
            "theirs",
        )
        assert (incident.priority, incident.status, incident.owner) == ("Low", "in_progress", "per-kim")
        assert incident.changed_by == str(ANA)
    assert told() == []


def test_what_cannot_be_an_act_here_is_kept_as_the_field_alone() -> None:
    decided(clash("status", "Open", "Waiting for customer"), "theirs")
    decided(clash("priority", "High", "Blocker"), "theirs")
    decided(clash("assignee", "u-kim", "u-stranger"), "theirs")
    with read_session() as session:
        ticket, incident = session.get_one(TicketRow, 1), get_incident(session, "inc-SOC-1")
        assert (ticket.status, incident.status) == ("Waiting for customer", "in_progress")
        assert (ticket.priority, incident.priority, incident.owner) == ("Highest", "", "")
        assert [field(session, name)[0] for name in ("priority", "assignee")] == ["Blocker", "u-stranger"]


def comment_conflict(message: TicketMessage, theirs: FieldValue | None, **more: Any) -> int:
    with write_session() as session:
        add_delivery(session, "dlv-1", action=message.action, state="dead", subject="inc-SOC-1", incident_id="inc-SOC-1",
                     payload=message.model_dump(mode="json"))  # fmt: skip
    return clash("comment", None, theirs, **{"delivery_id": "dlv-1", **more})


def note() -> str:
    with write_session() as session:
        add_note(session, "inc-SOC-1", "first", Asked(ANA, "n", via="jira"))
    with read_session() as session:
        entry = session.exec(select(AuditRow).where(AuditRow.action == "add note")).one()
        return str(entry.after["note_id"])


def reword(note_id: str) -> RewordComment:
    return RewordComment(
        ticket=ADDRESS,
        change=f"{note_id}:2",
        text="ours",
        said_by="ana",
        comment="7",
        told_by="dlv-0",
        before="first",
    )


def test_of_two_wordings_ours_is_told_over_the_one_that_is_there_and_theirs_holds_without_the_author_s_line() -> (
    None
):
    note_id = note()
    number = comment_conflict(reword(note_id), "ana:\ntheirs")
    assert len(decided(number, "ours")) == 1
    [message] = told()
    assert isinstance(message, RewordComment)
    assert (message.before, message.text, message.comment) == ("ana:\ntheirs", "ours", "7")
    assert message.change == f"{note_id}:2:decided-{number}"
    again = clash("comment", None, "ana:\ntheirs", delivery_id="dlv-1")
    assert decided(again, "theirs") == []
    with read_session() as session:
        assert get_note(session, note_id).text == "theirs"
    assert len(told()) == 1


@pytest.mark.parametrize("theirs", [None, "something"])
def test_a_refused_comment_is_sent_once_more_or_stays_here_alone(theirs: str | None) -> None:
    number = comment_conflict(CommentTicket(ticket=ADDRESS, change="note-1", text="ours"), theirs)
    assert decided(number, "theirs") == []
    assert told() == []
    again = clash("comment", None, theirs, delivery_id="dlv-1")
    assert [one.delivery_id for one in decided(again, "ours")] == ["dlv-1"]
    assert decided(clash("comment", None, theirs), "ours") == []  # of no delivery


def test_a_rewording_whose_other_wording_nobody_knows_is_sent_as_it_was() -> None:
    number = comment_conflict(reword(note()), None)
    assert [one.delivery_id for one in decided(number, "ours")] == ["dlv-1"]


def test_every_decision_is_in_the_audit_with_both_values_and_that_of_a_lost_ticket_does_nothing_more() -> (
    None
):
    decided(clash("labels", ("b", "a"), None), "ours")
    assert decided(clash("ticket", None, "deleted"), "theirs") == []
    with read_session() as session:
        query = select(AuditRow).where(AuditRow.action == "decide conflict").order_by(AuditRow.seq)
        labels, lost = [(row.before, row.after) for row in session.exec(query)]
        row = get_conflict(session, 2)
        assert (row.decision, row.changed_by, row.resolved_at) == ("theirs", str(ANA), NIGHT)
        assert session.exec(select(IncidentRow.status)).one() == "open"
        with pytest.raises(NotFound):
            decide(session, 9, "ours", actor=ANA)
    assert labels == ({"labels": {"ours": "a, b", "theirs": ""}}, {"labels": "ours"})
    assert lost == ({"ticket": {"ours": "", "theirs": "deleted"}}, {"ticket": "theirs"})
    assert TicketConflictRow.__tablename__ == "ticket_conflicts"
