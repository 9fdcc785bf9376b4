"""What a ticket's vendor is told of an act: which message, in whose name, and never the one that told of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL, IN_PYTHON, ON_LOOPBACK, Actor
from soc.domain.acts import Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.message import ChangeTicket, CommentTicket, MoveTicket, TicketMessage, read_message
from soc.domain.severity import Priority
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow, kept
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets import acts
from soc.tickets.accounts import account_of, actor_of, owner_of
from soc.tickets.acts import Asked
from soc.tickets.outgoing import spoken
from tests.rows import NIGHT, add_person, add_ticket
from tests.tickets.both_sides import ANA

INC = "inc-SOC-1"
_numbers = count()


@pytest.fixture(autouse=True)
def _ticket() -> Iterator[None]:
    migrate()
    with time_machine.travel(NIGHT, tick=False):
        with write_session() as session:
            add_ticket(session)
            add_person(session, "per-kim", jira_account="u-kim")
            add_person(session, "per-lee")
            add_person(session, "per-old", jira_account="u-old", active=False)
        yield


def tell(work: Any, *rest: Any, via: str = "", **more: Any) -> list[TicketMessage]:
    """What is planned by this act alone."""
    with write_session() as session:
        known = set(session.exec(select(DeliveryRow.id)).all())
        work(session, INC, *rest, Asked(ANA, f"k{next(_numbers)}", via=via), **more)
        session.flush()
        rows = session.exec(select(DeliveryRow).order_by(DeliveryRow.created_at)).all()  # type: ignore[arg-type]
        found = [read_message(row.payload) for row in rows if row.id not in known]
    return [one for one in found if isinstance(one, TicketMessage)]


def test_each_act_is_told_as_what_it_is() -> None:
    [moved] = tell(acts.set_status, IncidentStatus.IN_PROGRESS)
    assert isinstance(moved, MoveTicket)
    assert (moved.category, moved.status, moved.resolution, moved.said_by) == (
        "indeterminate",
        "In Progress",
        "",
        "ana",
    )
    assert (moved.ticket.key, moved.ticket.remote_id) == ("SOC-1", "1")
    [aimed] = tell(acts.set_priority, Priority.LOW)
    assert isinstance(aimed, ChangeTicket)
    assert (aimed.fields["priority"].after, aimed.fields["priority"].before) == ("Low", None)
    for owner, account in (("per-kim", "u-kim"), ("", "")):
        [given] = tell(acts.assign, owner)
        assert isinstance(given, ChangeTicket)
        assert given.fields["assignee"].after == account
    assert tell(acts.assign, "per-lee") == []  # nobody of that vendor
    for visibility in Visibility:
        [note] = tell(acts.add_note, "seen", visibility=visibility)
        assert isinstance(note, CommentTicket)
        assert (note.text, note.internal, note.duplicates) == ("seen", visibility is Visibility.INTERNAL, "")
    assert tell(acts.acknowledge) == []


def test_an_end_is_told_with_its_resolution_and_its_verdict_as_the_only_label_of_its_kind() -> None:
    with write_session() as session:
        labels = ("soc-automated", "soc-verdict-duplicate")
        session.add(TicketFieldRow(ticket_id=1, field="labels", local=kept(labels), base=kept(labels)))
    moved, labelled = tell(acts.close, Verdict.RULE_WRONG)
    assert isinstance(moved, MoveTicket)
    assert isinstance(labelled, ChangeTicket)
    assert (moved.category, moved.status, moved.resolution) == ("done", "Closed", "Won't Do")
    assert labelled.fields["labels"].after == ("soc-automated", "soc-verdict-false-positive-rule")
    for verdict, resolution in (
        (Verdict.TRUE_POSITIVE, "Done"), (Verdict.BENIGN, "Won't Do"), (Verdict.DATA_WRONG, "Won't Do"),
        (Verdict.UNDETERMINED, "Done"),
    ):  # fmt: skip
        back, *_ = tell(acts.set_status, IncidentStatus.OPEN)
        assert isinstance(back, MoveTicket)
        assert (back.category, back.resolution) == ("new", "")
        moved = tell(acts.close, verdict)[0]
        assert isinstance(moved, MoveTicket)
        assert moved.resolution == resolution


def test_the_vendor_that_told_of_it_one_that_is_gone_and_a_ticket_that_is_lost_are_not_told() -> None:
    assert tell(acts.add_note, "theirs", via="jira") == []
    assert len(tell(acts.add_note, "of another vendor", via="slack")) == 1
    for columns in (
        {"absence": "deleted"},
        {"absence": "", "remote_id": ""},
        {"remote_id": "1", "integration": "gone"},
    ):
        with write_session() as session:
            session.get_one(TicketRow, 1).sqlmodel_update(columns)
        assert tell(acts.add_note, "x") == []
        assert tell(acts.set_priority, Priority.MEDIUM) == []
    with read_session() as session:  # what it is here is kept all the same
        assert session.get_one(TicketFieldRow, (1, "priority")).local == {"value": "Medium"}


def test_messages_of_one_ticket_keep_the_order_in_which_they_were_planned() -> None:
    for text in ("a", "b", "c"):
        tell(acts.add_note, text)
    with read_session() as session:
        rows = session.exec(select(DeliveryRow).order_by(DeliveryRow.created_at)).all()  # type: ignore[arg-type]
    assert [row.payload["text"] for row in rows] == ["a", "b", "c"]
    assert len({row.created_at for row in rows}) == 3
    assert {(row.incident_id, row.batch_id, row.practice, row.score, row.made_by) for row in rows} == {
        (INC, "b", False, 9, str(ANA))
    }


def test_only_a_person_with_a_name_is_named_at_the_vendor() -> None:
    assert [spoken(one) for one in (ANA, Actor.said("per-kim"))] == ["ana", "per-kim"]
    for nobody in (
        AT_A_PAGE,
        ON_LOOPBACK,
        AT_THE_SHELL,
        IN_PYTHON,
        Actor.key("ci"),
        Actor.vendor("jira"),
        Actor.system("sweep"),
    ):
        assert spoken(nobody) == ""


def test_an_account_there_is_a_person_here_both_ways_and_nobody_s_is_nobody_s() -> None:
    with read_session() as session:
        assert [owner_of(session, "jira", one) for one in ("u-kim", "u-old", "u-none", "")] == [
            "per-kim",
            None,
            None,
            "",
        ]
        assert [account_of(session, "jira", one) for one in ("per-kim", "per-lee", "")] == ["u-kim", None, ""]
        for elsewhere in ("pagerduty", "gone"):  # who tells of no people
            assert (owner_of(session, elsewhere, "u-kim"), account_of(session, elsewhere, "per-kim")) == (
                None,
                None,
            )
        assert actor_of(session, "gone", None) == Actor.vendor("gone")
