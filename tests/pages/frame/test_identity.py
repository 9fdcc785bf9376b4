"""A click means the row that stood under it, and a button what it was drawn for, whatever came in between."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from soc import clock
from soc.integrations.registry import KINDS
from soc.store.db import write_session
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.ui.kit.places import PLACES
from tests.pages.conftest import ROOT, Grid, OpenPage, grids, read
from tests.pages.night import add_night

#: Every page with a table that can be clicked, and the name of its row's id in the address.
CLICKED = {
    "overview": "incident",
    "process_logs": "batch",
    "incidents": "incident",
    "tickets": "ticket",
    "sla": "ticket",
    "deliveries": "delivery",
    "figures": "integration",
    "handover": "incident",
}
#: Where a page has several, the one that is clicked here. Lists of the board are tested with it (test_board.py).
WHICH = {"overview": "newest critical", "handover": "Open incidents", "sla": "Open tickets"}

#: Editors: their rows are a document that is written whole by its button, and no click in them leads anywhere.
EDITORS = {
    # the steps; an editor that rows are added to begins anew when the steps that it was given are others
    "chain_view.py": 1,
    # the times of each priority, in the one order that priorities have; saved only onto the version that was read
    "policies.py": 1,
}


def add_rows_on_top() -> None:
    """A batch, an incident, its ticket and its delivery that every list shows first."""
    now = clock.now() + timedelta(minutes=1)
    with write_session() as session:
        for table, changes in (
            (BatchRow, {"id": "bat-new", "idempotency_key": "new", "created_at": now}),
            (IncidentRow, {"id": "inc-new", "created_at": now, "score": 10, "severity": "critical"}),
            (TicketRow, {"id": None, "incident_id": "inc-new", "key": "SOC-999", "due_at": now - timedelta(days=9)}),
            (DeliveryRow, {"id": "dlv-new", "key": "new", "updated_at": now, "created_at": now, "state": "dead"}),
        ):  # fmt: skip
            row = session.exec(select(table).limit(1)).one()
            session.add(table(**{**row.model_dump(), **changes}))
            session.flush()


def clickable(page: object) -> list[Grid]:
    return [grid for grid in grids(page) if grid.data["mode"] != "read"]  # type: ignore[arg-type]


def test_every_table_that_can_be_clicked_is_tested_here(open_page: OpenPage) -> None:
    add_night()
    found = {place.name for place in PLACES if clickable(open_page(place.name))}
    assert found == set(CLICKED)


def test_no_page_draws_a_table_that_answers_with_row_numbers() -> None:
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "soc" / "ui").rglob("*.py")]
    found = {path.name: re.findall(r"\.(dataframe|data_editor)\(", path.read_text()) for path in sources}
    editors = {name: ["data_editor"] * number for name, number in EDITORS.items()}
    assert {name: tables for name, tables in found.items() if tables} == editors


@pytest.mark.parametrize("name", CLICKED)
def test_a_row_that_comes_between_drawing_and_click_changes_nothing(open_page: OpenPage, name: str) -> None:
    add_night()
    page = open_page(name)
    [table] = [grid for grid in clickable(page) if WHICH.get(name, "") in grid.data["alt"]]
    wanted = table.ids[len(table.ids) // 2]
    add_rows_on_top()
    opened = table.open(wanted)
    said = KINDS[wanted].title if name == "figures" else wanted
    assert list(opened.query_params[CLICKED[name]]) in ([said], list(said))


def test_a_line_of_the_hand_over_leads_to_what_it_tells_though_another_came_on_top(
    open_page: OpenPage,
) -> None:
    add_night()
    [table] = [
        one for one in clickable(open_page("handover")) if one.data["alt"].startswith("Not delivered;")
    ]
    wanted = table.ids[-1]
    add_rows_on_top()
    assert f"delivery={''.join(table.open(wanted).query_params['delivery'])}#" in wanted


def test_a_list_stands_still_and_says_how_much_is_new(open_page: OpenPage) -> None:
    add_night()
    page = open_page("incidents")
    drawn = grids(page)[0].ids
    add_rows_on_top()
    page.run()
    assert grids(page)[0].ids == drawn
    assert "6 incidents" in read(page)
    page.button(key="news-incidents").click().run()
    assert grids(page)[0].ids == ["inc-new", *drawn]


def test_what_was_ticked_is_tried_again_and_nothing_else(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_night()
    page = open_page("deliveries")
    tried: list[list[str]] = []
    monkeypatch.setattr(
        "soc.ui.views.delivery_view.replay", lambda ids, *, actor: tried.append(list(ids)) or len(ids)
    )
    table = clickable(page)[0]
    table.tick("dlv-000000000001")
    add_rows_on_top()
    next(button for button in page.button if button.label == "Try again").click()
    table.tick("dlv-000000000001")  # a browser sends what is ticked along with the click
    assert tried == [["dlv-000000000001"]]
    assert "1 delivery goes out again." in read(page)
    # the selection is gone: nothing is armed
    assert [button.label for button in page.button if "Try" in button.label] == []


def test_a_tick_on_a_row_that_is_no_longer_drawn_arms_nothing(open_page: OpenPage) -> None:
    add_night()
    page = open_page("deliveries", state="dead")
    clickable(page)[0].tick("dlv-000000000006")
    assert [button.label for button in page.button if "Try" in button.label] == []


def test_a_button_that_is_gone_by_the_time_it_was_clicked_does_nothing_and_says_so(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_night()
    page = open_page("deliveries", delivery="dlv-000000000001")
    monkeypatch.setattr("soc.ui.views.delivery_view.replay", lambda *_, **__: pytest.fail("it acted"))
    with write_session() as session:
        session.get_one(DeliveryRow, "dlv-000000000001").state = "delivered"
    next(button for button in page.button if button.label == "Try again").click().run()
    assert "Nothing was done." in read(page)


@pytest.mark.parametrize("name", ["incidents", "deliveries", "tickets"])
def test_the_head_sorts_the_whole_list_in_the_database(
    open_page: OpenPage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_night()
    monkeypatch.setattr("soc.ui.kit.tables.PAGE_SIZE", 2)
    page = open_page(name)
    table = clickable(page)[0]
    column = next(one["name"] for one in table.data["columns"] if one["sort"] and not one["sorted"])
    seen = []
    for _ in range(2):
        page = clickable(page)[0].sort(column)
        seen.append(clickable(page)[0].column(column))
    assert seen[0] == sorted(seen[0], reverse=True)
    assert seen[1] == sorted(seen[1])
    assert len(table) == 2
    assert max(seen[0]) >= max(seen[1])


@pytest.mark.parametrize(
    ("name", "label"), [("incidents", "Export 6"), ("tickets", "Export 4"), ("deliveries", "Export 7")]
)
def test_the_download_means_the_whole_list(
    open_page: OpenPage, name: str, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_night()
    monkeypatch.setattr("soc.ui.kit.tables.PAGE_SIZE", 2)
    [export] = open_page(name).get("download_button")
    assert export.proto.label == label
