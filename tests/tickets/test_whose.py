"""Mine, nobody's, my team's: which rows a list shows to whom; and the board of the first page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc import clock
from soc.errors import NotFound
from soc.metrics.board import read_board
from soc.metrics.sla import read_sla
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.combined.search import find_incidents
from soc.store.nouns.deliveries.deliveries import DeliveryFilter, count_deliveries, list_deliveries
from soc.store.nouns.incidents.incident_writing import add_incidents
from soc.store.nouns.incidents.incidents import IncidentFilter, IncidentRow, list_incidents
from soc.store.nouns.people.teams import TeamRow
from soc.store.nouns.tickets.tickets import TicketFilter, count_tickets
from soc.tickets.whose import NOBODY, Whose, owners_named, owners_seen_by
from tests.integrations.examples import an_incident
from tests.rows import NIGHT, add_batch, add_delivery, add_incident, add_person, add_ticket


@pytest.fixture(autouse=True)
def _people() -> None:
    migrate()
    now = clock.now()
    with write_session() as session:
        session.add(TeamRow(id="team-soc", name="SOC", created_at=NIGHT, made_by="x"))
        session.flush()
        add_person(session, "per-kim", team_id="team-soc")
        add_person(session, "per-lee", team_id="team-soc", active=False)
        add_person(session, "per-max")
        for key, owner in (("SOC-1", "per-kim"), ("SOC-2", "per-lee"), ("SOC-3", "per-max"), ("SOC-4", "")):
            add_incident(session, f"inc-{key}", owner=owner, score=6)
            add_ticket(session, key, owner=owner, created_at=now - timedelta(minutes=int(key[-1])))
        add_incident(session, "inc-bare", owner="per-kim", score=10)
        add_incident(session, "inc-over", owner="per-kim", score=10, status="closed")


def seen(person: str, whose: Whose) -> set[str]:
    with read_session() as session:
        owners = owners_seen_by(session, person, whose)
        return {row.id for row in list_incidents(session, IncidentFilter(owners=owners, statuses=("open",)))}


def test_each_sees_what_is_theirs_and_nobody_s_is_nobody_s() -> None:
    assert seen("per-kim", Whose.MINE) == {"inc-SOC-1", "inc-bare"}
    assert seen("per-kim", Whose.MY_TEAM) == {"inc-SOC-1", "inc-SOC-2", "inc-bare"}
    assert seen("per-max", Whose.MY_TEAM) == seen("", Whose.MINE) == seen("", Whose.MY_TEAM) == set()
    assert seen("per-max", Whose.UNASSIGNED) == {"inc-SOC-4"}
    assert len(seen("per-max", Whose.ALL)) == 5


def test_every_list_shows_the_same_people_s_work() -> None:
    """Search, SLA and Deliveries as Incidents and Tickets do."""
    with write_session() as session:
        for number, incident in enumerate(("inc-SOC-1", "inc-SOC-3", "inc-SOC-4", None)):
            add_delivery(session, f"dlv-{number}", incident_id=incident)
        add_batch(session, "bat-3f8h2j5n6p")
        found = [an_incident(id=one) for one in ("inc-found-per-kim", "inc-found-nobody")]
        add_incidents(session, found, eligible=set(), now=NIGHT)
        session.get_one(IncidentRow, "inc-found-per-kim").owner = "per-kim"
    with read_session() as session:
        for owners, expected in (
            (("per-kim", "per-lee"), "dlv-0"),
            (("",), "dlv-2"),
            (("per-max",), "dlv-1"),
        ):
            rows = list_deliveries(session, owners=owners)
            assert [row.id for row in rows] == [expected]
            assert count_deliveries(session, DeliveryFilter(owners=owners)) == 1
        assert len(list_deliveries(session)) == 4
        both = [find_incidents(session, "multiple", owners=owners) for owners in (None, ("per-kim",), ("",))]
    assert [one.total for one in both] == [2, 1, 1]
    assert [row.owner for one in both[1:] for row in one.incidents] == ["per-kim", ""]
    assert [read_sla(owners=owners).all.open for owners in (None, ("per-kim", "per-lee"), ("",))] == [4, 2, 1]


def test_programs_name_a_person_nobody_or_a_team() -> None:
    with read_session() as session:
        assert owners_named(session, "", "") is None
        assert owners_named(session, NOBODY, "") == ("",)
        assert count_tickets(session, TicketFilter(owners=owners_named(session, "", "soc"))) == 2
        for owner, team in (("per-none", ""), ("", "none")):
            with pytest.raises(NotFound):
                owners_named(session, owner, team)


def test_the_board_says_what_burns_what_is_mine_and_what_runs_out_next() -> None:
    board = read_board("per-kim")
    assert [one.incident_id for one in board.fire] == ["inc-bare"]
    assert [one.incident_id for one in board.mine] == ["inc-SOC-1", "inc-bare"]
    assert [one.key for one in board.next_due] == ["SOC-4", "SOC-3", "SOC-2", "SOC-1"]
    assert (board.critical, board.owned, board.unassigned) == (1, 2, 1)
    assert read_board("").mine == ()
    with write_session() as session:
        row = add_ticket(session, "SOC-9", incident_id="inc-bare")
        assert row.due_at < clock.now()
    burning = read_board("per-kim").fire
    assert [(one.incident_id, one.key) for one in burning] == [("inc-bare", "SOC-9")]
