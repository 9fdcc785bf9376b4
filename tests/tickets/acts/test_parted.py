"""Where splitting and taking back meet their edges: who may choose what, which ticket is asked for, what is given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc.analysis.parting import Piece
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.acts import ActKind, Ending, Verdict
from soc.domain.event import Selection
from soc.domain.incident import IncidentStatus
from soc.domain.message import OpenTicket, read_message
from soc.errors import ConfigurationError, NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.acts import ActRow
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.incidents.parts import PartRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets import acts
from soc.tickets.acts import Asked, bulk
from soc.tickets.acts.bulk import Wish
from soc.tickets.acts.splitting import LONGEST_TITLE, Cut, do_split, preview_split
from soc.tickets.acts.undoing import UNDO_FOR
from tests.rows import NIGHT, add_delivery, add_incident, add_person, add_ticket

KIM, LEE = Actor.said("per-kim"), Actor.said("per-lee")
ONE = "inc-1"
BY_ADDRESS = Selection({"source.ip": ("203.0.113.2",)})
JIRA = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "t"}


@pytest.fixture(autouse=True)
def _incident() -> Iterator[None]:
    migrate()
    with time_machine.travel(NIGHT, tick=False):
        with write_session() as session:
            for who in ("per-kim", "per-lee"):
                add_person(session, who)
            add_incident(
                session, ONE, title="Scan", count=6, entity="web-1", first_seen=NIGHT, last_seen=NIGHT
            )
        yield


def piece(lines: int, minutes: int = 0) -> Piece:
    return Piece(lines, NIGHT + timedelta(minutes=minutes), NIGHT + timedelta(minutes=minutes + lines), [])


def cut(
    chosen: int = 2,
    left: int = 4,
    which: Selection = BY_ADDRESS,
    parts: tuple[str, ...] = (),
    incident_id: str = ONE,
) -> Cut:
    return Cut(incident_id, which, piece(chosen, 10), piece(left), parts)


def split(one: Cut, who: Actor = KIM, key: str = "one", title: str = "") -> bulk.Bulk:
    return do_split(one, Asked(who, key), title=title)


def row(incident_id: str = ONE) -> IncidentRow:
    with read_session() as session:
        return get_incident(session, incident_id)


def change(incident_id: str = ONE, **columns: Any) -> None:
    with write_session() as session:
        get_incident(session, incident_id).sqlmodel_update(columns)


def test_lines_are_counted_as_people_do_and_of_what_went_on_elsewhere_the_rest_stays() -> None:
    change(count=9)  # it went on in another batch, whose lines are not read here
    done = split(cut(1, 1), title="  Second   one ")
    whole, part = (row(one.incident_id) for one in done.outcomes)
    assert [one.said for one in done.outcomes] == [
        "1 line becomes an incident of its own, 1 line stays.",
        "1 line, as urgent as what it was split off.",
    ]
    assert (whole.count, whole.last_seen, part.count, part.title) == (8, NIGHT, 1, "Second one")
    assert (part.first_seen, part.last_seen) == (NIGHT + timedelta(minutes=10), NIGHT + timedelta(minutes=11))
    [part_id] = (one.incident_id for one in done.outcomes[1:])
    seen = preview_split(cut(2, 1_234, parts=(part_id,)), actor=KIM)
    assert seen[0].said == "2 lines become an incident of their own, 1,234 lines stay."


def test_the_part_is_named_after_the_whole_and_has_the_address_that_was_chosen_where_it_was_one() -> None:
    made = []
    for number, which in enumerate((
        Selection({"host.name": ("db-1",), "source.ip": ("a", "b")}), Selection({"file": ("a.log",)}),
        Selection({"source.ip": ("203.0.113.2",), "host.name": ("db-1",)}),
    )):  # fmt: skip
        with read_session() as session:
            parts = tuple(one.id for one in session.exec(select(PartRow).order_by(PartRow.created_at)).all())
        made.append(row(split(cut(1, 1, which, parts), key=f"k{number}").outcomes[1].incident_id))
    assert [one.entity for one in made] == ["db-1", "web-1", "203.0.113.2"]
    assert {(one.title, one.status, one.merged_into, one.batch_id) for one in made} == {
        ("Scan", "open", "", "b")
    }
    with read_session() as session:
        times = [one.created_at for one in session.exec(select(PartRow).order_by(PartRow.created_at)).all()]
    assert times == [NIGHT + timedelta(microseconds=number) for number in range(3)]


def test_what_cannot_be_split_says_why_and_leaves_nothing() -> None:
    with write_session() as session:
        add_incident(session, "inc-2", title="Other")
    for columns, one, words in (
        ({"merged_into": "inc-2"}, cut(), "It was merged into “Other”. Reopen it to take it out of there."),
        ({"merged_into": "", "status": "resolved"}, cut(), "It is resolved: reopen it first."),
        (
            {"status": "open", "origin": "api"},
            cut(),
            "It was told by a call: it has no lines to choose from.",
        ),
        ({"origin": "log"}, cut(chosen=0), "None of its lines is that (source.ip 203.0.113.2)."),
        ({}, cut(left=0), "All of its lines are that (source.ip 203.0.113.2): nothing would be left."),
    ):
        change(**columns)
        outcomes = split(one, key=words[:30]).outcomes
        assert [(each.ending, each.said) for each in outcomes] == [(Ending.REFUSED, words)]
    for title in ("x" * (LONGEST_TITLE + 1), "a\x00b"):
        with pytest.raises(ConfigurationError):
            split(cut(), title=title)
    with pytest.raises(NotFound):
        split(cut(incident_id="inc-9"))
    with read_session() as session:
        assert session.exec(select(PartRow)).all() == []


def test_whoever_chose_before_somebody_else_split_it_looks_again() -> None:
    split(cut())
    for who, name in ((LEE, "Kim"), (KIM, "You")):
        [late] = split(cut(), who, key=f"late {name}").outcomes
        assert (late.ending, late.by) == (Ending.TAKEN, str(KIM))
        assert (
            late.said == f"{name} split it at 2026-01-14 22:00 UTC, while you chose. Look at it as it is now."
        )


def opened() -> list[tuple[str, str]]:
    """The tickets that are asked for: integration, and the key that each is split off."""
    with read_session() as session:
        rows = session.exec(
            select(DeliveryRow).where(DeliveryRow.action == "open_ticket", DeliveryRow.id != "dlv-1")
        ).all()
        found = [(one.integration, read_message(one.payload)) for one in rows]
    return [(kind, message.parted_from) for kind, message in found if isinstance(message, OpenTicket)]


@pytest.mark.parametrize(
    ("state", "asked"),
    [("pending", [("jira", "")]), ("unknown", [("jira", "")]), ("dead", []), ("delivered", [])],
)
def test_the_part_s_ticket_is_asked_for_where_the_whole_s_is_on_its_way_too(
    state: str, asked: list[Any]
) -> None:
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    with write_session() as session:
        add_delivery(session, "dlv-1", incident_id=ONE, subject=ONE, batch_id="b", state=state)
    told = split(cut()).outcomes[1]
    assert (opened(), told.said.endswith("; its ticket will be opened.")) == (asked, bool(asked))


def test_a_ticket_at_an_integration_that_is_off_or_opens_none_asks_for_none() -> None:
    with write_session() as session:
        add_ticket(session, "OLD-1", incident_id=ONE, integration="gone")
        add_ticket(session, "SOC-1", incident_id=ONE, remote_id="1")
    save_configuration("jira", {**JIRA, "enabled": False}, actor=AT_A_PAGE)
    assert split(cut()).outcomes[1].said == "2 lines, as urgent as what it was split off."
    assert opened() == []


def group(*ids: str, wish: Wish, key: str = "g") -> bulk.Bulk:
    return bulk.do_many(ids, wish, Asked(KIM, key))


def test_what_was_done_together_is_taken_back_once_within_ten_seconds_with_its_notes() -> None:
    with write_session() as session:
        add_ticket(session, "SOC-1", incident_id=ONE)
        acts.add_note(session, ONE, "alone", Asked(KIM, "n", at=NIGHT - timedelta(hours=1)))
    assigned = group(ONE, wish=Wish(ActKind.ASSIGN, owner="per-kim"), key="a")
    closed = group(ONE, wish=Wish(ActKind.CLOSE, verdict=Verdict.BENIGN, note="over"), key="c")
    with time_machine.travel(NIGHT + UNDO_FOR, tick=False):
        [back] = bulk.undo(closed.group, actor=LEE)
        assert (back.ending, back.said, row().status, row().verdict, row().closed_at) == (
            Ending.DONE,
            "Taken back.",
            "open",
            "",
            None,
        )
        [again] = bulk.undo(closed.group, actor=KIM)
        assert (again.ending, again.said, again.by) == (
            Ending.ALREADY,
            "It was taken back already.",
            str(LEE),
        )
    with (
        time_machine.travel(NIGHT + UNDO_FOR + timedelta(microseconds=1), tick=False),
        pytest.raises(ConfigurationError),
    ):
        bulk.undo(assigned.group, actor=KIM)
    with pytest.raises(NotFound):
        bulk.undo("grp-none", actor=KIM)
    with read_session() as session:
        assert [(one.text, one.gone_at is not None) for one in list_notes(session, ONE)] == [
            ("alone", False),
            ("over", True),
        ]
        ticket = session.exec(select(TicketRow)).one()
        undone = session.exec(select(ActRow).where(ActRow.act == "close")).one()
    assert (ticket.status, ticket.resolved_at, ticket.owner, ticket.changed_by) == (
        "Open",
        None,
        "per-kim",
        str(LEE),
    )
    assert (undone.undone_at, undone.changed_by, row().changed_by) == (NIGHT + UNDO_FOR, str(LEE), str(LEE))


def test_what_somebody_changed_since_stays_and_what_was_told_already_is_told_anew() -> None:
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    with write_session() as session:
        add_ticket(session, "SOC-1", incident_id=ONE)
    raised = group(ONE, wish=Wish(ActKind.SET_STATUS, status=IncidentStatus.IN_PROGRESS))
    with write_session() as session:
        [told] = session.exec(select(DeliveryRow).where(DeliveryRow.action == "move_ticket")).all()
        assert told.next_try_at == NIGHT + UNDO_FOR
        told.state = "delivered"
    [back] = bulk.undo(raised.group, actor=KIM)
    assert (back.ending, row().status) == (Ending.DONE, "open")
    with read_session() as session:
        moves = session.exec(
            select(DeliveryRow).where(DeliveryRow.action == "move_ticket", DeliveryRow.state == "pending")
        ).all()
    assert [one.payload["status"] for one in moves] == ["Open"]
    assert len(back.tries) == 1
    moved = group(ONE, wish=Wish(ActKind.SET_STATUS, status=IncidentStatus.IN_PROGRESS), key="again")
    acts.perform(lambda session: acts.set_status(session, ONE, IncidentStatus.OPEN, Asked(LEE, "mine")))
    [kept] = bulk.undo(moved.group, actor=KIM)
    assert (kept.ending, kept.said) == (Ending.REFUSED, "Somebody changed it since; it stays as it is.")
