"""What came of a message about a ticket: both sides agree, or a person is asked; and the ticket that a call opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlmodel import col, select

from soc import clock
from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.message import (
    CallAction,
    ChangeTicket,
    CommentTicket,
    FieldChange,
    Message,
    MoveTicket,
    OpenTicket,
    Receipt,
    RewordComment,
    TicketAddress,
    read_message,
)
from soc.errors import FailureReason, PermanentDeliveryError, TicketConflict
from soc.integrations.vendors.jira.bodies import CreateTicket
from soc.sla.ledger import opened
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.incidents.incidents import get_incident, to_incident
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow, get_note
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.ticket_changes import TicketChangeRow
from soc.store.nouns.tickets.ticket_comments import TicketCommentRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.store.nouns.tickets.ticket_fields import field_of, value_of
from soc.store.nouns.tickets.tickets import TicketRow, find_of_incident
from soc.tickets.acts import Asked, add_note
from soc.tickets.opening import follow_delivery, move_ticket
from soc.tickets.outgoing import is_pending, set_local
from soc.tickets.told import record_refusal
from tests.rows import NIGHT, add_delivery, add_incident, add_ticket
from tests.tickets.both_sides import ANA

MINUTE = timedelta(minutes=1)
INC = "inc-SOC-1"
ADDRESS = TicketAddress(key="SOC-1", url="u", remote_id="1")


@pytest.fixture(autouse=True)
def _ticket() -> Iterator[None]:
    migrate()
    with time_machine.travel(NIGHT + MINUTE, tick=False):
        with write_session() as session:
            add_ticket(session)
        yield


def plan(name: str, message: Message, incident_id: str | None = INC, **values: Any) -> str:
    with write_session() as session:
        known = {
            "action": message.action,
            "state": "sending",
            "payload": message.model_dump(mode="json"),
            "batch_id": "b",
            "subject": incident_id or "",
        }
        add_delivery(session, name, incident_id=incident_id, **{**known, **values})
    return name


def done(name: str, key: str = "SOC-1", remote_id: str = "1", **extra: str) -> None:
    with write_session() as session:
        receipt = Receipt(
            key=key, remote_id=remote_id, url=f"https://jira.example.com/browse/{key}", extra=extra
        )
        follow_delivery(session, get_delivery(session, name), receipt)


def refused(name: str, error: PermanentDeliveryError) -> None:
    with write_session() as session:
        record_refusal(session, get_delivery(session, name), error)


def ticket(incident_id: str = INC) -> TicketRow:
    with read_session() as session:
        found = find_of_incident(session, incident_id, integration="jira")
    assert found is not None
    return found


def field(name: str) -> tuple[Any, ...]:
    with read_session() as session:
        row = field_of(session, 1, name)
        return value_of(row.local), value_of(row.base), row.base_change


def rows(table: type[Any]) -> list[Any]:
    with read_session() as session:
        return list(session.exec(select(table).order_by(*sa.inspect(table).primary_key)).all())


def test_a_move_that_was_taken_is_the_vendor_s_own_status_on_both_sides_unless_it_was_moved_here_since() -> (
    None
):
    move = MoveTicket(ticket=ADDRESS, change="c", category="indeterminate")
    with write_session() as session:
        set_local(session, 1, "status", "indeterminate", actor=ANA, now=NIGHT)
    done(plan("dlv-1", move), entry="e1", status="Started", category="indeterminate")
    assert (field("status"), ticket().status, ticket().status_category) == (
        ("Started", "Started", "e1"),
        "Started",
        "indeterminate",
    )
    [entry] = rows(TicketChangeRow)
    assert (entry.kind, entry.remote_id, entry.ours, entry.delivery_id, entry.at) == (
        "change",
        "e1",
        True,
        "dlv-1",
        NIGHT + MINUTE,
    )
    with write_session() as session:
        set_local(session, 1, "status", "Closed", actor=ANA, now=NIGHT)
    done(plan("dlv-2", move.model_copy(update={"status": "Waiting"})))
    assert field("status") == ("Closed", "Waiting", "e1")  # no entry is known: the last one is
    assert (ticket().status, ticket().status_category, len(rows(TicketChangeRow))) == (
        "Started",
        "indeterminate",
        1,
    )


def test_each_field_of_a_change_that_was_taken_is_agreed_on() -> None:
    fields = {
        "priority": FieldChange(after="Low"),
        "labels": FieldChange(after=("b", "a")),
        "due": FieldChange(after="2026-01-15"),
    }
    with write_session() as session:
        set_local(session, 1, "due", "2026-02-01", actor=ANA, now=NIGHT)
    done(plan("dlv-1", ChangeTicket(ticket=ADDRESS, change="c", fields=fields)), entry="e1")
    assert (field("priority"), field("labels")) == (("Low", "Low", "e1"), (("a", "b"), ("a", "b"), "e1"))
    assert field("due") == ("2026-02-01", "2026-01-15", "e1")


def test_what_is_about_no_ticket_that_is_here_changes_nothing() -> None:
    change = ChangeTicket(ticket=ADDRESS, change="c", fields={"priority": FieldChange(after="Low")})
    with write_session() as session:
        add_incident(session, "inc-2")
    for name, incident_id in (("dlv-1", "inc-2"), ("dlv-2", None)):
        done(plan(name, change, incident_id), entry="e1")
        refused(name, PermanentDeliveryError("No.", reason=FailureReason.CLIENT))
    with read_session() as session:
        alert = OpenTicket(incident=to_incident(get_incident(session, INC)), due="2026-01-15")
    refused(plan("dlv-3", alert, state="dead"), PermanentDeliveryError("No.", reason=FailureReason.CLIENT))
    assert rows(TicketChangeRow) == rows(TicketConflictRow) == []
    assert field("priority") == (None, None, "")


def test_a_note_that_was_taken_is_the_vendor_s_comment_from_then_on_and_its_new_wording_too() -> None:
    with write_session() as session:
        add_note(session, INC, "first", Asked(ANA, "n"))
    [note] = rows(InvestigationNoteRow)
    comment = CommentTicket(ticket=ADDRESS, change=note.id, text="first", said_by="ana", internal=False)
    done(plan("dlv-1", comment))  # the vendor did not say which
    assert rows(TicketCommentRow) == []
    done("dlv-1", comment="7")
    done("dlv-1", comment="7")
    [row] = rows(TicketCommentRow)
    assert (row.remote_id, row.note_id, row.ours, row.internal, row.text, row.author) == (
        "7",
        note.id,
        True,
        False,
        "first",
        "ana",
    )
    with read_session() as session:
        known = get_note(session, note.id)
    assert (known.integration, known.remote_id, known.changed_by) == ("jira", "7", str(Actor.vendor("jira")))
    assert [(one.kind, one.remote_id, one.delivery_id) for one in rows(TicketChangeRow)] == [
        ("comment", "7", "dlv-1")
    ]
    reword = RewordComment(ticket=ADDRESS, change=f"{note.id}:2", text="second", comment="7")
    done(plan("dlv-2", reword), comment="7", said="ana:\nsecond", updated="2026-01-14T21:00:00Z")
    [row] = rows(TicketCommentRow)
    assert (row.text, row.updated_at) == ("ana:\nsecond", clock.parse("2026-01-14T21:00:00Z"))
    done("dlv-2", comment="7")
    [row] = rows(TicketCommentRow)
    assert (row.text, row.updated_at) == ("ana:\nsecond", NIGHT + MINUTE)
    done("dlv-2", comment="unknown")
    assert len(rows(TicketCommentRow)) == 1


def conflict(number: int) -> TicketConflictRow:
    with read_session() as session:
        return session.get_one(TicketConflictRow, number)


def test_a_change_that_was_refused_waits_for_a_person_with_all_that_is_known_of_the_other_side() -> None:
    with write_session() as session:
        set_local(session, 1, "priority", "Low", actor=ANA, now=NIGHT)
    change = ChangeTicket(
        ticket=ADDRESS,
        change="c",
        fields={"priority": FieldChange(after="Low"), "due": FieldChange(after="x")},
    )
    clash = TicketConflict(
        "Somebody changed it.", field="priority", theirs="High", who="Kim K", when="2026-01-14T21:30:00Z", change_id="e7", hint="Decide."
    )  # fmt: skip
    refused(plan("dlv-1", change, made_by=str(ANA)), clash)
    first = conflict(1)
    assert (first.field, value_of(first.ours), value_of(first.theirs), first.made_by) == (
        "priority",
        "Low",
        "High",
        str(ANA),
    )
    assert (first.their_name, first.their_at, first.their_change, first.delivery_id, first.reason) == (
        "Kim K", clock.parse("2026-01-14T21:30:00Z"), "e7", "dlv-1", "Somebody changed it. Decide.",
    )  # fmt: skip
    assert first.our_at == NIGHT
    refused(plan("dlv-2", change), PermanentDeliveryError("Not taken.", reason=FailureReason.CLIENT))
    same = conflict(1)
    assert (same.reason, same.delivery_id, value_of(same.theirs), same.their_name) == (
        "Not taken.",
        "dlv-2",
        "High",
        "Kim K",
    )
    assert len(rows(TicketConflictRow)) == 1  # one a field


def test_without_a_word_of_the_vendor_s_a_refusal_is_about_what_the_message_was() -> None:
    no = PermanentDeliveryError("No.", reason=FailureReason.CLIENT)
    for name, message, about, ours in (
        ("dlv-1", MoveTicket(ticket=ADDRESS, change="c", category="done"), "status", None),
        ("dlv-2", ChangeTicket(ticket=ADDRESS, change="d", fields={}), "ticket", None),
        ("dlv-3", CommentTicket(ticket=ADDRESS, change="n", text="words"), "comment", "words"),
        ("dlv-4", RewordComment(ticket=ADDRESS, change="n:2", text="anew"), "comment", "anew"),
    ):
        refused(plan(name, message), no)
        row = rows(TicketConflictRow)[-1]
        assert (row.field, value_of(row.ours), value_of(row.theirs), row.delivery_id) == (
            about,
            ours,
            None,
            name,
        )
    assert len(rows(TicketConflictRow)) == 4  # each comment is one of its own


def test_only_changes_of_a_ticket_that_have_not_ended_are_on_their_way() -> None:
    def pending() -> bool:
        with read_session() as session:
            return is_pending(session, session.get_one(TicketRow, 1))

    move = MoveTicket(ticket=ADDRESS, change="c", category="done")
    plan("dlv-1", move, state="delivered")
    plan("dlv-2", move, action="send_alert")
    plan("dlv-3", move, integration="other")
    plan("dlv-4", move, "inc-SOC-1", subject="another")
    assert not pending()
    for state in ("pending", "retry", "unknown", "sending"):
        plan(f"dlv-{state}", move, state=state)
        assert pending()
        with write_session() as session:
            session.delete(get_delivery(session, f"dlv-{state}"))
        assert not pending()


def call(name: str, severity: str = "high", **values: Any) -> str:
    request = CreateTicket.model_validate({"incident_id": "inc-2", "incident_data": {"severity": severity}})
    message = CallAction(name=values.pop("called", "create-ticket"), subject="inc-2", request=request.model_dump(mode="json"),
                         ends=values.pop("ends", ""))  # fmt: skip
    return plan(name, message, "inc-2", made_by=str(Actor.key("ci")), **values)


def clocks() -> list[tuple[str, int, str]]:
    with read_session() as session:
        query = select(SlaClockRow).where(SlaClockRow.ticket_id == ticket("inc-2").id)
        query = query.order_by(col(SlaClockRow.clock), col(SlaClockRow.cycle))
        return [(row.clock, row.cycle, row.state) for row in session.exec(query)]


def test_a_called_ticket_has_its_row_and_clocks_and_another_one_takes_its_place_with_nothing_of_it() -> None:
    with write_session() as session:
        add_incident(session, "inc-2", score=8, title="Told by a call", origin="api")
    done(call("dlv-1", ends="2026-01-15T02:00:00Z", sent_at=NIGHT, practice=True), "SOC-7", "7")
    first = ticket("inc-2")
    assert (first.key, first.remote_id, first.summary, first.priority, first.practice) == (
        "SOC-7",
        "7",
        "Told by a call",
        "High",
        True,
    )
    assert (first.created_at, first.end_told, first.status, first.made_by) == (
        NIGHT, clock.parse("2026-01-15T02:00:00Z"), "Open", str(Actor.key("ci")),
    )  # fmt: skip
    assert clocks() == [("resolution", 1, ""), ("response", 1, "")]
    with write_session() as session:
        row = session.get_one(TicketRow, first.id)
        row.sqlmodel_update({"resolved_at": NIGHT, "assignee": "x", "synced_at": NIGHT, "status": "Done"})
    done(
        call("dlv-2", ends="2026-01-15T03:00:00Z", practice=True), "SOC-7", "7"
    )  # the same, changed nothing there
    assert (ticket("inc-2").status, ticket("inc-2").end_told) == ("Done", first.end_told)
    done(call("dlv-4"), "SOC-8", "8", opened="2026-01-14T21:00:00Z")
    other = ticket("inc-2")
    assert (other.id, other.key, other.practice, other.created_at) == (
        first.id,
        "SOC-8",
        False,
        clock.parse("2026-01-14T21:00:00Z"),
    )
    assert (other.resolved_at, other.assignee, other.synced_at, other.status, other.status_category) == (
        None,
        "",
        None,
        "Open",
        "new",
    )
    assert ("response", 2, "") in clocks()
    with read_session() as session:
        told = session.exec(
            select(AuditRow).where(AuditRow.action == "open ticket").order_by(col(AuditRow.seq))
        ).all()
    assert [(one.after["key"], one.made_by) for one in told][:: len(told) - 1] == [
        ("SOC-7", "key:ci@bearer"),
        ("SOC-8", "key:ci@bearer"),
    ]


def test_a_called_ticket_that_is_asked_for_with_another_severity_follows_and_what_opens_none_makes_none() -> (
    None
):
    with write_session() as session:
        add_incident(session, "inc-2", score=8, origin="api")
        row = add_ticket(session, "SOC-7", incident_id="inc-2", remote_id="7", priority="High")
        opened(session, row, at=NIGHT, actor=AT_A_PAGE)
        get_incident(session, "inc-2").sqlmodel_update({"score": 3, "severity": "low"})
    done(call("dlv-1", ends="2026-01-17T02:00:00Z"), "SOC-7", "7", updated="priority High → Low")
    changed = ticket("inc-2")
    assert (changed.priority, changed.changed_by, changed.end_told) == (
        "Low",
        "key:ci@bearer",
        clock.parse("2026-01-17T02:00:00Z"),
    )
    assert changed.due_at == NIGHT + timedelta(hours=72)
    for name, called in (("dlv-2", "of-another-version"), ("dlv-3", "")):
        done(call(name, called=called), "SOC-9", "9")
    assert ticket("inc-2").key == "SOC-7"


def test_a_ticket_whose_incident_ended_while_it_was_on_its_way_is_closed_at_once_and_no_other() -> None:
    def late(number: int, **incident: Any) -> TicketRow:
        name = f"inc-{number}"
        with write_session() as session:
            found = to_incident(add_incident(session, name, **incident))
            message = OpenTicket(incident=found, due="2026-01-15")
        done(
            plan(f"dlv-{number}", message, name, created_at=NIGHT, sent_at=NIGHT),
            f"SOC-{number}",
            str(number),
        )
        return ticket(name)

    closed = late(2, status="closed", verdict="benign_true_positive", closed_at=NIGHT)
    assert (closed.status, closed.status_category, closed.resolved_at) == ("Closed", "done", NIGHT + MINUTE)
    with read_session() as session:
        [message] = [
            read_message(one.payload)
            for one in session.exec(select(DeliveryRow).where(DeliveryRow.action == "move_ticket"))
        ]
    assert isinstance(message, MoveTicket)
    assert (message.category, message.status, message.resolution) == ("done", "Closed", "Won't Do")
    # closed before anybody asked for the ticket, or not closed at all
    for number, values in (
        (3, {"status": "closed", "closed_at": NIGHT - MINUTE}),
        (4, {}),
        (5, {"status": "resolved"}),
    ):
        row = late(number, **values)
        assert (row.status, row.resolved_at) == ("Open", None)


def test_a_twin_that_is_older_takes_the_row_where_it_is_still_the_younger_one_s() -> None:
    def move(row_key: str, incident_id: str | None = INC) -> list[Any]:
        with write_session() as session:
            row = DeliveryRow(id="x", key="x", integration="jira", action="open_ticket", state="delivered", created_at=NIGHT,
                              updated_at=NIGHT, made_by=str(AT_A_PAGE), incident_id=incident_id, receipt={"key": row_key})  # fmt: skip
            return move_ticket(session, row, Receipt(key="SOC-0", remote_id="0", url="u0"))

    assert move("SOC-5") == move("SOC-1", None) == move("SOC-1", "inc-none") == []
    assert ticket().key == "SOC-1"
    move("SOC-1")
    assert (ticket().key, ticket().remote_id, ticket().url) == ("SOC-0", "0", "u0")
    [entry] = [one for one in rows(AuditRow) if one.action == "move ticket"]
    assert (entry.before, entry.after, entry.made_by) == (
        {"key": "SOC-1"},
        {"key": "SOC-0"},
        str(Actor.vendor("jira")),
    )
