"""Lists in pages: every row once, in order, whatever comes and goes meanwhile."""

from __future__ import annotations

import base64
import importlib
import inspect
import pkgutil
from datetime import timedelta

import pytest

import soc.store.nouns
from soc.errors import ConfigurationError
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFilter, page_batches
from soc.store.nouns.deliveries.deliveries import DeliveryFilter, page_deliveries
from soc.store.nouns.incidents.incidents import IncidentFilter, page_incidents
from soc.store.nouns.rules.rules import page_rules
from soc.store.nouns.tickets.tickets import TicketFilter, page_tickets
from soc.store.paging import portions
from tests.rows import NIGHT, add_batch, add_delivery, add_incident, add_ticket


@pytest.fixture(autouse=True)
def _schema() -> None:
    migrate()


def _add_incidents(scores: list[int]) -> None:
    with write_session() as session:
        for number, score in enumerate(scores):
            add_incident(session, f"inc-{number}", score=score, created_at=NIGHT + timedelta(minutes=number))


def _walk(sort: str, limit: int) -> list[str]:
    found: list[str] = []
    cursor = ""
    with read_session() as session:
        while True:
            page = page_incidents(session, sort=sort, cursor=cursor, limit=limit)
            found += [row.id for row in page.rows]
            cursor = page.next
            if not cursor:
                return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_following_the_cursor_shows_every_row_once_and_in_order(limit: int) -> None:
    _add_incidents([3, 9, 9, 5, 9, 3, 10])
    assert _walk("-score", limit) == ["inc-6", "inc-4", "inc-2", "inc-1", "inc-3", "inc-5", "inc-0"]
    assert _walk("created_at", limit) == [f"inc-{number}" for number in range(7)]


def test_rows_that_are_equal_in_all_but_their_id_are_not_lost_between_two_pages() -> None:
    with write_session() as session:
        for number in range(5):
            add_incident(session, f"inc-{number}")
    assert sorted(_walk("-score", 2)) == [f"inc-{number}" for number in range(5)]


def test_a_row_that_comes_above_does_not_move_the_next_page() -> None:
    _add_incidents([9, 8, 7, 6])
    with read_session() as session:
        first = page_incidents(session, limit=2)
    with write_session() as session:
        add_incident(session, "inc-new", score=10)
    with read_session() as session:
        second = page_incidents(session, cursor=first.next, limit=2)
    assert [row.id for row in second.rows] == ["inc-2", "inc-3"]
    assert (first.total, second.total) == (4, 5)


def test_the_last_page_has_no_next_even_when_it_is_full() -> None:
    _add_incidents([9, 8])
    with read_session() as session:
        assert page_incidents(session, limit=1).next
        assert page_incidents(session, limit=2).next == ""


def test_an_offset_skips_and_the_total_stays() -> None:
    _add_incidents([9, 8, 7])
    with read_session() as session:
        page = page_incidents(session, offset=2, limit=2)
    assert ([row.id for row in page.rows], page.total, page.next) == (["inc-2"], 3, "")


def test_an_unknown_sort_is_refused_with_the_known_ones() -> None:
    with read_session() as session, pytest.raises(ConfigurationError, match="score, created_at"):
        page_incidents(session, sort="message")


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "é", "!!!!", _encoded("7"), _encoded("[]"), _encoded('["-score"]'), _encoded("[" * 20_000),
        _encoded('["-score", "9", "2026-01-14T22:00:00+00:00", 1, "inc-1"]'),
        _encoded('["-score", true, "2026-01-14T22:00:00+00:00", 1, "inc-1"]'),
        _encoded('["-score", 9, "yesterday", 1, "inc-1"]'),
        _encoded('["-score", 9, 5, 1, "inc-1"]'),
        _encoded(f'["-score", 9, "2026-01-14T22:00:00+00:00", {2**63}, "inc-1"]'),
        _encoded('["-score", 9, "2026-01-14T22:00:00+00:00", 1, "inc\\u0000"]'),
        _encoded('["-score", 9, "2026-01-14T22:00:00+00:00", 1, "inc-1", 1]'),
    ],
)  # fmt: skip
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with read_session() as session, pytest.raises(ConfigurationError, match="no cursor"):
        page_incidents(session, cursor=cursor)


def test_a_cursor_of_another_sort_is_refused() -> None:
    _add_incidents([9, 8])
    with read_session() as session, pytest.raises(ConfigurationError, match="another sort"):
        page_incidents(session, sort="created_at", cursor=page_incidents(session, limit=1).next)


def test_incidents_are_filtered_by_what_was_asked() -> None:
    with write_session() as session:
        add_incident(session, "inc-1", score=9, entity="10.0.0.1", title="50% of disk_1")
        add_incident(
            session, "inc-2", score=5, status="closed", classification="Security Alert", entity="host"
        )
        add_incident(session, "inc-3", batch_id="other", eligible=True, created_at=NIGHT + timedelta(hours=1))
    for chosen, expected in (
        (IncidentFilter(severities=("critical",)), {"inc-1", "inc-3"}),
        (IncidentFilter(entity="10.0.0.1"), {"inc-1"}),
        (IncidentFilter(statuses=("closed",)), {"inc-2"}),
        (IncidentFilter(classifications=("Security Alert", "Error")), {"inc-1", "inc-2", "inc-3"}),
        (IncidentFilter(batch_id="other"), {"inc-3"}),
        (IncidentFilter(eligible=False), {"inc-1", "inc-2"}),
        (IncidentFilter(since=NIGHT + timedelta(hours=1)), {"inc-3"}),
        (IncidentFilter(until=NIGHT + timedelta(hours=1)), {"inc-1", "inc-2"}),
        (IncidentFilter(text="50% OF"), {"inc-1"}),
        (IncidentFilter(text="disk%1"), set()),
        (IncidentFilter(severities=("critical",), batch_id="b"), {"inc-1"}),
    ):
        with read_session() as session:
            page = page_incidents(session, chosen)
        assert ({row.id for row in page.rows}, page.total) == (expected, len(expected)), chosen


def test_deliveries_are_filtered_by_what_was_asked() -> None:
    hour = timedelta(hours=1)
    with write_session() as session:
        add_incident(session, "inc-1")
        add_delivery(session, "d1", state="dead", incident_id="inc-1", updated_at=NIGHT + hour)
        add_delivery(session, "d2", integration="slack", action="send_alert", batch_id="b", practice=True)
        add_delivery(session, "d3", created_at=NIGHT + hour, updated_at=NIGHT + 2 * hour)
    for chosen, expected in (
        (DeliveryFilter(), ["d3", "d1", "d2"]),
        (DeliveryFilter(states=("dead", "pending"), integration="jira"), ["d3", "d1"]),
        (DeliveryFilter(action="send_alert"), ["d2"]),
        (DeliveryFilter(action="open_ticket"), ["d3", "d1"]),
        (DeliveryFilter(integration="slack"), ["d2"]),
        (DeliveryFilter(incident_id="inc-1"), ["d1"]),
        (DeliveryFilter(batch_id="b"), ["d2"]),
        (DeliveryFilter(practice=False), ["d3", "d1"]),
        (DeliveryFilter(since=NIGHT + hour), ["d3"]),
        (DeliveryFilter(until=NIGHT + hour), ["d1", "d2"]),
    ):
        with read_session() as session:
            page = page_deliveries(session, chosen)
        assert ([row.id for row in page.rows], page.total) == (expected, len(expected)), chosen


def test_batches_and_rules_have_pages_too() -> None:
    with write_session() as session:
        add_batch(session, "b1", state="failed", practice=True)
        add_batch(session, "b2", created_at=NIGHT + timedelta(hours=1))
    with read_session() as session:
        assert [row.id for row in page_batches(session).rows] == ["b2", "b1"]
        assert [row.id for row in page_batches(session, BatchFilter(states=("failed",))).rows] == ["b1"]
        assert [row.id for row in page_batches(session, BatchFilter(practice=False)).rows] == ["b2"]
        assert page_batches(session, BatchFilter(until=NIGHT)).total == 0
        later = NIGHT + timedelta(hours=1)
        assert [row.id for row in page_batches(session, BatchFilter(since=later)).rows] == ["b2"]
        earlier = BatchFilter(since=later - timedelta(minutes=1))
        assert [row.id for row in page_batches(session, earlier).rows] == ["b2"]
        assert [row.id for row in page_batches(session, BatchFilter(until=later)).rows] == ["b1"]
        first = page_rules(session, limit=2)
        assert [row.id for row in first.rows] == ["severity-9", "security-8"]
        assert [row.id for row in page_rules(session, cursor=first.next).rows] == ["critical-8"]


def test_tickets_are_filtered_by_what_was_asked() -> None:
    hour = timedelta(hours=1)
    with write_session() as session:
        add_ticket(session, "SOC-1")
        add_ticket(session, "SOC-2", priority="Low", created_at=NIGHT + hour, resolved_at=NIGHT + hour)
        add_incident(session, "inc-other", batch_id="other")
        add_ticket(session, "SOC-3", incident_id="inc-other", practice=True, created_at=NIGHT + 2 * hour)
    for chosen, expected in (
        (TicketFilter(), ["SOC-3", "SOC-2", "SOC-1"]),
        (TicketFilter(is_open=True), ["SOC-3", "SOC-1"]),
        (TicketFilter(is_open=False), ["SOC-2"]),
        (TicketFilter(priorities=("Low", "High")), ["SOC-2"]),
        (TicketFilter(batch_id="other"), ["SOC-3"]),
        (TicketFilter(batch_id="b"), ["SOC-2", "SOC-1"]),
        (TicketFilter(key="SOC-2"), ["SOC-2"]),
        (TicketFilter(incident_ids=("inc-SOC-1", "inc-other")), ["SOC-3", "SOC-1"]),
        (TicketFilter(practice=True), ["SOC-3"]),
        (TicketFilter(practice=False, since=NIGHT + hour), ["SOC-2"]),
        (TicketFilter(until=NIGHT + hour), ["SOC-1"]),
        (TicketFilter(key="SOC-1"), ["SOC-1"]),
        (TicketFilter(integration="other"), []),
    ):
        with read_session() as session:
            page = page_tickets(session, chosen)
        assert ([row.key for row in page.rows], page.total) == (expected, len(expected)), chosen


def test_who_asks_for_no_part_of_a_list_gets_its_beginning_and_a_round_number_of_rows() -> None:
    names = [one.name for one in pkgutil.walk_packages(soc.store.nouns.__path__, "soc.store.nouns.")]
    modules = [importlib.import_module(name) for name in names]
    asked = [
        inspect.signature(one)
        for module in modules
        for _, one in inspect.getmembers(module, inspect.isfunction)
    ]
    known = {"offset": {0}, "cursor": {""}, "limit": {None, 8, 50, 100, 200, 500, 2_000, 5_000, 10_000}}
    for name, values in known.items():
        found = {one.parameters[name].default for one in asked if name in one.parameters}
        assert found - {inspect.Parameter.empty} == values, name


def test_many_ids_are_asked_for_in_portions_of_500(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [len(some) for some in portions(range(1_001))] == [500, 500, 1]
    monkeypatch.setattr("soc.store.paging.AT_ONCE", 2)
    cut = [[list(some) for some in portions(range(number))] for number in range(5)]
    assert cut == [[], [[0]], [[0, 1]], [[0, 1], [2]], [[0, 1], [2, 3]]]
