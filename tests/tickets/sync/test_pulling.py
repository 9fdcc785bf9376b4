"""One ticket, read whole and merged: what is newer wins, what both changed waits, who did it there did it here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import col, select

from soc.domain.actor import Actor, ActorKind, Known
from soc.domain.message import (
    ChangeTicket,
    CommentTicket,
    FieldChange,
    FieldValue,
    MoveTicket,
    TicketAddress,
    TicketMessage,
    read_message,
)
from soc.errors import FailureReason, PermanentDeliveryError, TransientDeliveryError
from soc.integrations.kit.tickets import Absence, RemoteChange, RemoteComment
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.acts import ActRow
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.tickets.ticket_changes import TicketChangeRow
from soc.store.nouns.tickets.ticket_comments import TicketCommentRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow, field_of, kept, value_of
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.sync.poll import refresh
from tests.rows import NIGHT, add_delivery, add_person, add_ticket
from tests.tickets.sync.vendor import Vendor, read_whole

MINUTE = timedelta(minutes=1)
INC = "inc-SOC-1"
ADDRESS = TicketAddress(key="SOC-1", url="u", remote_id="1")
VENDOR = str(Actor.vendor("jira"))


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    migrate()
    with time_machine.travel(NIGHT + MINUTE, tick=False):
        with write_session() as session:
            add_ticket(session, read_at=NIGHT, remote_updated_at=NIGHT)
            add_person(session, "per-kim", jira_account="u-kim")
        yield Vendor()


def keep(field: str, local: FieldValue | None, base: FieldValue | None, **more: Any) -> None:
    with write_session() as session:
        session.add(TicketFieldRow(ticket_id=1, field=field, local=kept(local), base=kept(base), **more))


def look(vendor: Vendor, *, deleted: bool = False, **said: Any) -> bool:
    """Read the ticket, as the vendor has it now."""
    with read_session() as session:
        row = session.get_one(TicketRow, 1)
    vendor.says["SOC-1"] = read_whole(**{"updated_at": NIGHT + MINUTE, **said})
    return refresh(vendor, row, deleted=deleted)


def ticket() -> TicketRow:
    with read_session() as session:
        return session.get_one(TicketRow, 1)


def field(name: str) -> tuple[Any, ...]:
    with read_session() as session:
        row = field_of(session, 1, name)
        return value_of(row.local), value_of(row.base), row.base_change


def conflicts() -> list[TicketConflictRow]:
    with read_session() as session:
        return list(session.exec(select(TicketConflictRow).order_by(col(TicketConflictRow.id))))


def told() -> list[TicketMessage]:
    with read_session() as session:
        rows = session.exec(
            select(DeliveryRow).where(DeliveryRow.state == "pending").order_by(col(DeliveryRow.created_at))
        )
        return [message for row in rows if isinstance(message := read_message(row.payload), TicketMessage)]


def acts() -> list[ActRow]:
    with read_session() as session:
        return list(session.exec(select(ActRow).order_by(col(ActRow.created_at))))


def step(number: str, items: dict[str, tuple[str, str]], author: str = "u-kim", **more: Any) -> RemoteChange:
    known = {"id": number, "at": NIGHT, "author": "Kim K", "author_id": author, "items": items}
    return RemoteChange.model_validate({**known, **more})


def test_what_somebody_did_there_is_their_act_here_at_the_moment_at_which_they_did_it(vendor: Vendor) -> None:
    changes = (
        step("c1", {"status": ("Open", "In Progress")}),
        step("c2", {"priority": ("Highest", "Low")}, author="u-stranger", at=NIGHT + 9 * MINUTE),
    )
    assert look(vendor, status="In Progress", category="indeterminate", priority="Low", changes=changes)
    moved, aimed = sorted(acts(), key=lambda one: one.act, reverse=True)
    assert (moved.act, moved.made_by, moved.via, moved.created_at) == (
        "set_status",
        "person:per-kim@jira",
        "jira",
        NIGHT,
    )
    assert moved.source == "jira:1:c1"
    stranger = Actor(ActorKind.PERSON, "jira u-stranger", Known.REPORT)
    assert (aimed.act, aimed.made_by, aimed.created_at) == (
        "set_priority",
        str(stranger),
        NIGHT + MINUTE,
    )  # not later than now
    assert (ticket().status, ticket().status_category, ticket().priority) == (
        "In Progress",
        "indeterminate",
        "Low",
    )
    assert (field("status"), field("priority")) == (
        ("In Progress", "In Progress", "c1"),
        ("Low", "Low", "c2"),
    )
    assert told() == []
    assert (ticket().read_at, ticket().synced_at, ticket().remote_updated_at) == (NIGHT + MINUTE,) * 3
    assert not look(vendor, status="In Progress", category="indeterminate", priority="Low", changes=changes)
    with read_session() as session:
        known = session.exec(select(TicketChangeRow).order_by(col(TicketChangeRow.remote_id))).all()
    assert [(one.remote_id, one.ours, one.author, one.at) for one in known] == [
        ("c1", False, "Kim K", NIGHT),
        ("c2", False, "Kim K", NIGHT + 9 * MINUTE),
    ]
    assert len(acts()) == 2


def test_what_a_bot_did_or_nobody_is_named_for_is_the_vendor_s_and_of_many_steps_the_last_counts(
    vendor: Vendor,
) -> None:
    look(vendor, priority="Low", changes=(
        step("c1", {"priority": ("Highest", "Medium")}), step("c2", {"priority": ("Medium", "Low")}, by_bot=True),
        step("c3", {"labels": ("", "x")}),
    ))  # fmt: skip
    assert [one.made_by for one in acts()] == [VENDOR]
    look(vendor, priority="High")
    assert [one.made_by for one in acts()] == [VENDOR] * 2
    assert (field("priority"), get_priority()) == (("High", "High", "c2"), "High")


def get_priority() -> str:
    with read_session() as session:
        return get_incident(session, INC).priority


def test_whose_it_is_there_is_shown_by_name_and_is_its_owner_here_where_the_roster_knows_them(
    vendor: Vendor,
) -> None:
    def owned(account: str, **more: Any) -> tuple[str, str, str]:
        look(vendor, assignee=account, **more)
        return ticket().assignee, ticket().assignee_id, ticket().owner

    assert owned("u-kim", named="Kim K") == ("Kim K", "u-kim", "per-kim")
    assert owned("u-stranger", named="Somebody") == (
        "Somebody",
        "u-stranger",
        "per-kim",
    )  # nobody of ours: it stays hers
    assert owned("") == ("", "", "")
    look(vendor)  # a vendor that does not say
    assert (field("assignee")[0], ticket().owner) == ("", "")


def test_what_was_read_before_something_newer_is_read_again(vendor: Vendor) -> None:
    keep("priority", "Highest", "Highest")
    assert not look(vendor, priority="Low", updated_at=NIGHT - MINUTE)
    assert look(vendor, priority="Low", updated_at=NIGHT)  # as new as what is known
    keep("due", "2026-01-15", "2026-01-15", base_at=NIGHT + 2 * MINUTE)  # written there after this was read
    assert not look(vendor, priority="High")
    assert (ticket().read_at, field("priority")[0]) == (NIGHT + MINUTE, "Low")
    assert look(vendor, priority="High", updated_at=None) is False
    with time_machine.travel(NIGHT + 2 * MINUTE, tick=False):
        assert look(vendor, priority="High", updated_at=None)


def test_what_is_so_here_alone_is_told_once_unless_something_is_on_its_way(vendor: Vendor) -> None:
    keep("priority", "High", "Low", base_change="c0")
    keep("status", "Waiting", "Open")
    keep("resolution", "Done", "Later")
    look(vendor, status="Open", priority="Low", resolution="Later")
    moved, *rest = told()
    assert isinstance(moved, MoveTicket)
    assert (moved.category, moved.status, moved.before, rest) == ("new", "Waiting", "Open", [])
    with write_session() as session:
        for row in session.exec(select(DeliveryRow)).all():
            row.state = "cancelled"
        session.get_one(TicketRow, 1).status_category = "undefined"
    look(vendor, status="Open", priority="Low", resolution="Later")
    [changed] = told()
    assert isinstance(changed, ChangeTicket)
    assert changed.fields == {"priority": FieldChange(before="Low", after="High", seen="c0")}
    assert changed.said_by == ""  # the product's own
    look(vendor, status="Open", priority="Low", resolution="Later")
    assert told() == [changed]


def test_what_both_changed_waits_for_a_person_who_reads_who_it_was_there_and_follows_what_comes_after(
    vendor: Vendor,
) -> None:
    keep("priority", "High", "Medium", changed_by="person:ana@unsaid", changed_at=NIGHT)
    look(vendor, priority="Low", changes=(step("c1", {"priority": ("Medium", "Low")}),))
    [open_one] = conflicts()
    assert (open_one.field, value_of(open_one.ours), value_of(open_one.theirs)) == ("priority", "High", "Low")
    assert (open_one.made_by, open_one.their_name, open_one.their_at, open_one.their_change) == (
        "person:ana@unsaid", "Kim K", NIGHT, "c1",
    )  # fmt: skip
    assert (field("priority"), ticket().priority, told()) == (("High", "Medium", ""), "Highest", [])
    with time_machine.travel(NIGHT + 2 * MINUTE, tick=False):
        look(vendor, priority="Lowest", changes=(step("c2", {"priority": ("Low", "Lowest")}, author="u-2"),))
    [same] = conflicts()
    assert (value_of(same.theirs), same.their_change, same.updated_at) == ("Lowest", "c2", NIGHT + 2 * MINUTE)
    with time_machine.travel(NIGHT + 3 * MINUTE, tick=False):
        look(vendor, priority="Low", changes=(step("c3", {"priority": ("Lowest", "Low")}, origin="dlv-x"),))
        [same] = conflicts()
        assert (value_of(same.theirs), same.their_change) == ("Low", "c2")  # what we wrote names nobody
        look(vendor, priority="High", changes=(step("c4", {"priority": ("Low", "High")}),))
    [settled] = conflicts()
    assert (settled.decision, settled.resolved_at) == ("settled", NIGHT + 3 * MINUTE)
    assert field("priority") == ("High", "High", "c4")


def test_what_waits_shows_what_is_here_by_now_too_and_is_left_alone_while_neither_side_moves(
    vendor: Vendor,
) -> None:
    keep("due", "2026-02-02", "2026-01-01", changed_at=NIGHT)
    look(vendor, due="2026-03-03")
    for number, ours in enumerate(("2026-02-01", "2026-02-09", "2026-02-09"), 2):
        with write_session() as session:
            field_of(session, 1, "due").local = kept(ours)
        with time_machine.travel(NIGHT + number * MINUTE, tick=False):
            look(vendor, due="2026-03-03")
        [waiting] = conflicts()
        moved = NIGHT + min(number, 3) * MINUTE
        assert (value_of(waiting.ours), value_of(waiting.theirs), waiting.updated_at) == (
            ours,
            "2026-03-03",
            moved,
        )


def test_a_title_that_was_changed_there_is_the_row_s_and_an_unknown_priority_or_category_is_no_act(
    vendor: Vendor,
) -> None:
    look(vendor, summary="theirs", priority="Blocker", status="Odd", category="undefined")
    assert (ticket().summary, ticket().priority, ticket().status) == ("theirs", "Highest", "Odd")
    assert (field("priority")[0], [one.act for one in acts()]) == ("Blocker", ["set_status"])
    with read_session() as session:
        assert get_incident(session, INC).status == "open"


def test_a_write_of_ours_whose_answer_was_lost_is_known_by_its_entry(vendor: Vendor) -> None:
    messages: tuple[TicketMessage, ...] = (
        MoveTicket(ticket=ADDRESS, change="a", category="indeterminate"),
        ChangeTicket(ticket=ADDRESS, change="b", fields={
            "priority": FieldChange(after="Low"), "labels": FieldChange(after=("x",)), "due": FieldChange(after="2026-02-01"),
        }),
        CommentTicket(ticket=ADDRESS, change="n", text="x"),
    )  # fmt: skip
    with write_session() as session:
        for number, message in enumerate(messages):
            add_delivery(
                session,
                f"dlv-{number}",
                action=message.action,
                state="unknown",
                payload=message.model_dump(mode="json"),
            )
    keep("status", "indeterminate", "Open")
    keep("priority", "High", "Highest")  # changed here once more since
    look(vendor, changes=(
        step("c1", {"status": ("Open", "Started")}, origin="dlv-0"),
        step("c2", {"priority": ("Highest", "Low"), "labels": ("", "x")}, origin="dlv-1"),
        step("c3", {"status": ("Started", "Odd"), "priority": ("Low", "Odd")}, origin="dlv-2"),
        step("c4", {"status": ("Odd", "Gone")}, origin="dlv-9"),
    ))  # fmt: skip
    assert (field("status"), ticket().status) == (("Started", "Started", "c1"), "Started")
    assert field("priority") == ("High", "Low", "c2")
    assert (field("labels"), field("due")) == ((None, None, ""), (None, None, ""))
    with read_session() as session:
        rows = session.exec(select(TicketChangeRow).order_by(col(TicketChangeRow.remote_id))).all()
    assert [(one.ours, one.delivery_id) for one in rows][:2] == [(True, "dlv-0"), (True, "dlv-1")]


def test_a_ticket_that_cannot_be_read_is_said_why_once_and_is_there_again_when_it_is(vendor: Vendor) -> None:
    with read_session() as session:
        row = session.get_one(TicketRow, 1)
    vendor.says["SOC-1"] = Absence.HIDDEN
    for deleted, news, absence in (
        (False, True, "hidden"),
        (False, False, "hidden"),
        (True, True, "deleted"),
    ):
        assert refresh(vendor, row, deleted=deleted) is news
        assert (ticket().absence, ticket().absent_since) == (absence, NIGHT + MINUTE)
    [asked] = conflicts()
    assert (asked.field, value_of(asked.theirs), asked.reason.startswith("SOC-1 was deleted there")) == (
        "ticket",
        "deleted",
        True,
    )
    assert look(vendor, deleted=True, status="Open")  # called deleted, and yet it can be read
    assert (ticket().absence, ticket().absent_since, conflicts()[0].decision) == ("", None, "settled")
    assert look(vendor, status="Open", archived=True)
    assert (ticket().absence, conflicts()[-1].reason.startswith("SOC-1 was archived")) == ("archived", True)
    assert not look(vendor, status="Open", archived=True)
    assert len(conflicts()) == 2


def test_a_fault_of_one_ticket_is_logged_and_one_of_the_vendor_is_raised(vendor: Vendor) -> None:
    with read_session() as session:
        row = session.get_one(TicketRow, 1)
    vendor.says["SOC-1"] = PermanentDeliveryError("No.", reason=FailureReason.CLIENT)
    assert refresh(vendor, row) is False
    for error in (
        PermanentDeliveryError("No.", reason=FailureReason.AUTH),
        TransientDeliveryError("No.", reason=FailureReason.NETWORK),
    ):
        vendor.says["SOC-1"] = error
        with pytest.raises(type(error)):
            refresh(vendor, row)
    assert ticket().read_at == NIGHT


def comment(number: str, text: str, at: datetime | None = NIGHT, **more: Any) -> RemoteComment:
    known = {
        "id": number,
        "text": text,
        "author": "Kim K",
        "author_id": "u-kim",
        "created_at": NIGHT,
        "updated_at": at,
    }
    return RemoteComment.model_validate({**known, **more})


def notes() -> list[tuple[Any, ...]]:
    with read_session() as session:
        return [(one.text, one.visibility, one.made_by, one.created_at) for one in list_notes(session, INC)]


def test_a_comment_there_is_a_note_here_by_whoever_wrote_it_with_what_of_it_stays_there(
    vendor: Vendor,
) -> None:
    kim = "person:per-kim@jira"
    look(
        vendor,
        comments=(
            comment("1", " seen \n", internal=True),
            comment("2", "", not_synced=("a table", "an image")),
        ),
    )
    assert notes() == [
        ("seen", "internal", kim, NIGHT),
        ("[not synced, see the ticket: a table, an image]", "public", kim, NIGHT),
    ]
    look(vendor, comments=(
        comment("1", "seen twice", NIGHT + MINUTE), comment("2", "", None, not_synced=("an image",)), comment("3", ""), comment("4", "x" * 40_000, None),
    ))  # fmt: skip
    found = {text[:10]: text for text, *_ in notes()}
    assert set(found) == {"seen twice", "[not synce", "(an empty ", "xxxxxxxxxx"}
    assert found["[not synce"] == "[not synced, see the ticket: an image]"
    assert (len(found["xxxxxxxxxx"]), found["xxxxxxxxxx"][-1]) == (29_998, "…")
    with read_session() as session:
        rows = {one.remote_id: one for one in session.exec(select(TicketCommentRow)).all()}
        query = select(ActRow).where(ActRow.act == "edit_note", ActRow.source == "jira:1:comment:1")
        changed = session.exec(query).one()
    assert (rows["1"].text, rows["1"].updated_at, rows["1"].author) == ("seen twice", NIGHT + MINUTE, "Kim K")
    assert (rows["1"].internal, rows["2"].internal, rows["2"].not_synced) == (
        True,
        False,
        "an image",
    )
    assert (changed.created_at, changed.source, changed.made_by) == (NIGHT + MINUTE, "jira:1:comment:1", kim)


def test_a_comment_that_is_gone_marks_its_note_once_and_one_that_comes_back_is_there_again(
    vendor: Vendor,
) -> None:
    def gone() -> list[datetime | None]:
        with read_session() as session:
            row = session.get_one(TicketCommentRow, (1, "1"))
            return [row.deleted_at, list_notes(session, INC)[0].gone_at]

    look(vendor, comments=(comment("1", "seen"),))
    assert gone() == [None, None]
    look(vendor)
    with time_machine.travel(NIGHT + 5 * MINUTE, tick=False):
        look(vendor)
        assert gone() == [NIGHT + MINUTE] * 2
        look(vendor, comments=(comment("1", "seen"),))
        assert gone()[0] is None
    assert len(notes()) == 1


def test_a_comment_of_ours_is_no_note_of_theirs_and_its_first_sight_is_no_edit(vendor: Vendor) -> None:
    with write_session() as session:
        message = CommentTicket(ticket=ADDRESS, change="note-none", text="x")
        add_delivery(session, "dlv-1", action=message.action, payload=message.model_dump(mode="json"))
        session.add(
            TicketCommentRow(
                ticket_id=1, remote_id="2", ours=True, author="ana", text="words", made_by=VENDOR
            )
        )
    ours = (
        comment("1", "escalated", origin="dlv-1"),
        comment("2", "ana:\nwords", NIGHT),
        comment("3", "lost", origin="dlv-9"),
    )
    look(vendor, comments=ours)
    with read_session() as session:
        rows = {one.remote_id: one for one in session.exec(select(TicketCommentRow)).all()}
    assert notes() == []
    assert [(rows[one].ours, rows[one].note_id, rows[one].text) for one in "123"] == [
        (True, "", "escalated"), (True, "", "ana:\nwords"), (True, "", "lost"),
    ]  # fmt: skip
    assert (rows["2"].updated_at, rows["2"].created_at) == (NIGHT, NIGHT)
