"""The report of what differs: each difference with its cause, of every ticket that may still change, without a change."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from soc.domain.actor import AT_A_PAGE
from soc.domain.message import ChangeTicket, FieldChange, TicketAddress
from soc.errors import DeliveryError, FailureReason
from soc.integrations.kit.tickets import Absence, RemoteComment
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow, kept
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.outgoing import open_conflict, plan_message
from soc.tickets.sync import difference
from soc.tickets.sync.difference import Difference, compare_sides
from soc.tickets.sync.poll import REOPENABLE
from tests.rows import NIGHT, add_ticket
from tests.tickets.sync.vendor import Vendor, read_whole

MINUTE = timedelta(minutes=1)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """A ticket that was read at night, at a vendor that says nothing else of it."""
    migrate()
    with write_session() as session:
        add_ticket(session, read_at=NIGHT, remote_updated_at=NIGHT)
    asked = Vendor()
    asked.says["SOC-1"] = read_whole()
    monkeypatch.setattr(difference, "borrow", asked.borrow)
    monkeypatch.setattr(difference, "takers", lambda _message: ("jira",))
    return asked


def found(**options: int) -> list[tuple[object, ...]]:
    with time_machine.travel(NIGHT + MINUTE, tick=False):
        return [(one.field, one.ours, one.theirs, one.why) for one in compare_sides(**options).differences]


def keep(**fields: str | tuple[str, ...]) -> None:
    with write_session() as session:
        for name, value in fields.items():
            session.add(TicketFieldRow(ticket_id=1, field=name, local=kept(value)))


def change(**columns: object) -> None:
    with write_session() as session:
        session.get_one(TicketRow, 1).sqlmodel_update(columns)


def note(note_id: str, text: str, **columns: object) -> None:
    with write_session() as session:
        known = {
            "version": 1,
            "visibility": "internal",
            "origin": "here",
            "created_at": NIGHT,
            "changed_at": NIGHT,
        }
        columns = {
            "incident_id": "inc-SOC-1",
            "made_by": str(AT_A_PAGE),
            "integration": "jira",
            **known,
            **columns,
        }
        session.add(InvestigationNoteRow(id=note_id, text=text, **columns))


def comment(remote_id: str, text: str = "there", origin: str = "") -> RemoteComment:
    return RemoteComment(id=remote_id, text=text, origin=origin)


def test_a_vendor_that_cannot_be_asked_ends_the_report_and_a_ticket_that_cannot_be_read_is_a_line_of_it(
    vendor: Vendor,
) -> None:
    for status in (None, 500, 503, 401, 403, 429):
        vendor.says["SOC-1"] = DeliveryError("No.", reason=FailureReason.CLIENT, status=status)
        with pytest.raises(DeliveryError):
            found()
    for status in (400, 402, 404, 409, 410, 428, 499):
        vendor.says["SOC-1"] = DeliveryError("Gone.", reason=FailureReason.CLIENT, status=status)
        assert found() == [("ticket", "here", None, "cannot be read: Gone.")]


def test_an_absence_waits_for_a_person_once_it_is_known_here(vendor: Vendor) -> None:
    for known, said, why in (
        ("", Absence.DELETED, "not read yet"),
        ("hidden", Absence.ARCHIVED, "not read yet"),
        ("hidden", Absence.HIDDEN, "waits for a person"),
    ):
        change(absence=known)
        vendor.says["SOC-1"] = said
        assert found() == [("ticket", "here", said.value, why)]
    with time_machine.travel(NIGHT, tick=False):
        assert compare_sides().differences[0] == Difference(
            "SOC-1", "ticket", "here", "hidden", "waits for a person"
        )


def test_what_stays_at_the_vendor_alone_is_named_and_is_no_difference_without_a_cause(vendor: Vendor) -> None:
    vendor.says["SOC-1"] = read_whole(not_synced=("attachment a.pdf", "attachment b.png"))
    assert found() == [("more", None, ("attachment a.pdf", "attachment b.png"), "not synced")]


def test_only_what_both_sides_say_and_say_otherwise_differs_in_the_order_of_the_fields(
    vendor: Vendor,
) -> None:
    keep(status="Open", priority="High", labels=("a", "b"), summary="only here", due="2026-01-15")
    vendor.says["SOC-1"] = read_whole(
        due="2026-01-16", labels=("a", "b"), priority="Low", status="Done", assignee="u1"
    )
    assert found() == [
        ("status", "Open", "Done", "unexplained"),
        ("assignee", None, "u1", "unexplained"),
        ("priority", "High", "Low", "unexplained"),
        ("due", "2026-01-15", "2026-01-16", "unexplained"),
    ]


def test_a_difference_says_whether_it_was_not_read_yet_is_on_its_way_or_waits_for_a_person(
    vendor: Vendor,
) -> None:
    keep(priority="High")
    later, same = (
        read_whole(updated_at=NIGHT + MINUTE, priority="Low", assignee="u1"),
        read_whole(priority="Low"),
    )
    undated = read_whole(updated_at=None, priority="Low")
    vendor.says["SOC-1"] = (
        later  # what was never looked at here is no difference of a ticket that is to be read
    )
    assert found() == [("priority", "High", "Low", "not read yet")]
    for said, read_at, seen, why in (
        (same, NIGHT, NIGHT, "unexplained"),
        (undated, NIGHT, NIGHT, "unexplained"),
        (later, NIGHT, None, "unexplained"),
        (same, None, NIGHT, "not read yet"),
    ):
        vendor.says["SOC-1"] = said
        change(read_at=read_at, remote_updated_at=seen)
        assert [one[3] for one in found() if one[0] == "priority"] == [why]
    with write_session() as session:
        ticket = session.get_one(TicketRow, 1)
        address = TicketAddress(key="SOC-1", url="u", remote_id="1")
        told = ChangeTicket(ticket=address, change="c", fields={"labels": FieldChange(after=("x",))})
        plan_message(session, ticket, told, actor=AT_A_PAGE, now=NIGHT)
    assert found() == [("priority", "High", "Low", "on its way")]
    with write_session() as session:
        open_conflict(
            session, session.get_one(TicketRow, 1), "priority", reason="r", theirs="Low", actor=AT_A_PAGE
        )
    assert found() == [("priority", "High", "Low", "waits for a person")]


def test_a_comment_differs_where_one_side_alone_has_it(vendor: Vendor) -> None:
    note("both", "on both sides", remote_id="1")
    note("here", "h" * 81)
    note("gone", "deleted there", remote_id="7", gone_at=NIGHT)
    note("other", "at another vendor", remote_id="2", integration="slack")
    vendor.says["SOC-1"] = read_whole(
        comments=(comment("1"), comment("2", "t" * 81), comment("3", origin="dlv-1"))
    )
    assert found() == [
        ("comment", None, "t" * 80, "unexplained"),
        ("comment", "h" * 80, None, "unexplained"),
    ]
    with write_session() as session:
        open_conflict(
            session, session.get_one(TicketRow, 1), "comment", reason="r", theirs=None, actor=AT_A_PAGE
        )
    assert [one[3] for one in found()] == ["unexplained", "waits for a person"]


def test_every_ticket_that_may_still_change_is_asked_for_and_no_more_than_so_many(vendor: Vendor) -> None:
    long_ago = NIGHT + MINUTE - REOPENABLE
    with write_session() as session:
        for key, columns in (
            ("SOC-2", {"resolved_at": long_ago}),
            ("SOC-3", {"resolved_at": long_ago - MINUTE}),
            ("SOC-4", {"absence": "deleted"}),
            ("SOC-5", {"practice": True}),
            ("SOC-6", {"read_at": NIGHT + MINUTE}),
        ):
            add_ticket(session, key, remote_id=key[-1], **columns)
            vendor.says[key] = read_whole(key)
    assert found() == []
    assert vendor.asked == ["SOC-2", "SOC-1", "SOC-6"]
    vendor.asked.clear()
    assert (found(most=2), vendor.asked) == ([], ["SOC-2", "SOC-1"])
