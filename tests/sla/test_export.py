"""Lists as files: every row that the filter matches, with what the screen says of it, and no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from soc import clock
from soc.batches.reading.export import export_incidents
from soc.domain.spreadsheet import BOM, write_csv
from soc.sla.clocks import list_clocks, read_clocks
from soc.sla.export import export_tickets
from soc.store.db import read_session
from soc.store.nouns.incidents.incidents import IncidentFilter, IncidentRow, list_incidents
from soc.store.nouns.tickets.tickets import TicketFilter
from soc.store.paging import read_again
from tests.pages.night import BREAK_IN, HOSTILE, add_night


@pytest.fixture(autouse=True)
def _night() -> None:
    add_night()


def read(pieces: Iterator[bytes]) -> list[dict[str, str]]:
    text = b"".join(pieces).decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))


def test_every_incident_that_matches_is_in_the_file_most_severe_first() -> None:
    rows = read(export_incidents(IncidentFilter()))
    assert [row["score"] for row in rows] == list("998865")
    assert [row["id"] for row in read(export_incidents(IncidentFilter(text="Script")))] == [HOSTILE]


def test_a_tickets_row_names_its_incident_its_address_and_its_clock() -> None:
    row = next(row for row in read(export_tickets(TicketFilter())) if row["incident_id"] == BREAK_IN)
    assert (row["key"], row["incident"], row["host_or_address"]) == (
        "SOC-123", "Multiple failed root logins, then a success", "203.0.113.7",
    )  # fmt: skip
    assert (row["sla"], row["practice"], row["resolved_at"]) == ("on track", "yes", "")


def test_what_a_log_says_is_no_formula_in_a_spreadsheet() -> None:
    assert b"'=1+1" in b"".join(write_csv(("a",), [("=1+1",)]))
    assert b"\r\n,yes,," in b"".join(write_csv(("a", "b", "c", "d"), [(None, True, False, "")]))


def test_rows_are_read_again_in_the_order_they_were_drawn() -> None:
    with read_session() as session:
        ids = [row.id for row in list_incidents(session, IncidentFilter(), sort="title")]
        again = read_again(session, IncidentRow, [*reversed(ids), "inc-gone"])
    assert [row.id for row in again] == list(reversed(ids))
    assert [row.title for row in again] == sorted((row.title for row in again), reverse=True)


@pytest.mark.parametrize("sort", ["due_at", "-created_at", "status"])
def test_clocks_come_in_any_order_and_are_found_again(sort: str) -> None:
    now = clock.now()
    clocks = list_clocks(TicketFilter(), sort=sort, now=now)
    values = [getattr(one.ticket, sort.removeprefix("-")) for one in clocks]
    assert values == sorted(values, reverse=sort.startswith("-"))
    ids = [one.ticket.id for one in clocks if one.ticket.id is not None]
    assert [one.ticket.id for one in read_clocks(ids, now=now)] == ids
