"""6,000 open tickets and 20,000 deliveries: what a page counts is right, and what it costs does not grow with the rows.

The rule, held against every statement that a page sends while it is drawn: a table that grows is reached by an index.
Read whole is only an index, and only to count; only a list's own order is walked, until the page is full. Sorted are
the rows of one batch or one incident or the last day's, never those of a table. Words are looked for in every text: that is the one
exception.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlmodel import Session

from soc import clock
from soc.metrics.exposition import render
from soc.metrics.overview import read_overview
from soc.settings import get_settings
from soc.store import unchanged
from soc.store.db import dispose_engines, get_engine, read_session
from soc.store.nouns.deliveries.outbox import list_unlinked
from soc.store.nouns.deliveries.outbox_due import list_late, list_orphans, list_overdue
from soc.store.nouns.tickets.ticket_counts import count_clocks
from tests.many import DELIVERIES, ENDED, OPEN, add_many
from tests.pages.conftest import OpenPage, grids, read

pytestmark = pytest.mark.sqlite("its plans; PostgreSQL's depend on what it knows of the rows")

GROWING = "attempts|batches|batch_files|decisions|deliveries|incidents|templates|tickets"
#: What may be sorted: the rows of one batch, incident or delivery, the batches at work, the attempts of the last day.
_PARTS = r"batch_id=\?|incident_id=\?|delivery_id=\?|ix_batches_state|started_at>\?"
Statement = tuple[str, Any]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The file of a store with many rows, made once."""
    folder = tmp_path_factory.mktemp("many")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SOC_DATABASE_URL", raising=False)
        patch.setenv("SOC_DATA_DIR", str(folder))
        get_settings.cache_clear()
        now = clock.now()
        add_many(now)
        get_engine().dispose()
        dispose_engines()
    get_settings.cache_clear()
    return folder / "soc.db", now


@pytest.fixture
def many(filled: tuple[Path, datetime], settings: Any) -> datetime:
    """This test's own copy; returns the moment that the rows' ages count from."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for name in ("soc.db", "secret.key"):  # a store is opened with its own key
        shutil.copy(filled[0].with_name(name), settings.data_dir / name)
    return filled[1]


@pytest.fixture
def sent(many: datetime) -> Iterator[Callable[[], list[Statement]]]:
    """Takes what was sent to the database since it was asked last."""
    statements: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append((statement, values))

    def take() -> list[Statement]:
        taken, statements[:] = list(statements), []
        return taken

    sa.event.listen(get_engine(), "before_cursor_execute", note)
    yield take
    sa.event.remove(get_engine(), "before_cursor_execute", note)


def dear(statements: list[Statement]) -> list[str]:
    """The statements that break the rule, each with the database's plan."""
    found = []
    with get_engine().connect() as connection:
        for statement, values in statements:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plan = [row[3] for row in rows]
            if any(_is_dear(step, plan, statement) for step in plan):
                found.append("\n".join([statement, *plan]))
    return found


def _is_dear(step: str, plan: list[str], statement: str) -> bool:
    if re.match(rf"SCAN ({GROWING})\b", step):
        counts = "count(" in statement
        return (
            ("COVERING INDEX" not in step) if counts else (" USING " not in step or "LIMIT" not in statement)
        )
    sorts = step == "USE TEMP B-TREE FOR ORDER BY"
    reached = [one for one in plan if re.match(rf"(SCAN|SEARCH) ({GROWING})\b", one)]
    return sorts and bool(reached) and not any(re.search(_PARTS, one) for one in reached)


PAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("overview", {}),
    ("tickets", {}),
    ("tickets", {"open": "true"}),
    ("tickets", {"sla": ["overdue", "at risk"]}),
    ("tickets", {"priority": ["Highest"]}),
    ("tickets", {"batch": "bat-3"}),
    ("tickets", {"ticket": "SOC-5999"}),
    ("sla", {}),
    ("sla", {"span": "All"}),
    ("deliveries", {}),
    ("deliveries", {"state": ["dead", "unknown", "retry"]}),
    ("deliveries", {"integration": "Jira"}),
    ("deliveries", {"batch": "bat-3"}),
    ("deliveries", {"delivery": "dlv-5"}),
    ("incidents", {}),
    ("incidents", {"severity": ["critical"]}),
    ("incidents", {"rules": "Met a rule", "class": ["Error"], "status": ["open"]}),
    ("incidents", {"batch": "bat-3"}),
    ("incidents", {"incident": "inc-5"}),
    ("process_logs", {}),
    ("process_logs", {"batch": "bat-3"}),
    ("integrations", {}),
    ("api_keys", {}),
)


def test_no_page_costs_more_with_more_rows(open_page: OpenPage, sent: Callable[[], list[Statement]]) -> None:
    broken = {}
    for name, wanted in PAGES:
        unchanged._kept.clear()  # what is kept while nothing was written is asked once all the same
        sent()
        page = open_page(name, **wanted)
        statements = sent()
        assert not page.exception
        assert statements
        if too_dear := dear(statements):
            broken[f"{name} {wanted}"] = too_dear
    assert broken == {}


def test_the_rule_sees_what_breaks_it(many: datetime) -> None:
    for statement in (
        "SELECT * FROM deliveries ORDER BY error LIMIT 5",
        "SELECT * FROM tickets WHERE assignee = 'x'",
        "SELECT count(*) FROM tickets WHERE summary = 's'",
        "SELECT id FROM deliveries WHERE practice = 1 LIMIT 1",
        "SELECT * FROM deliveries WHERE integration = 'jira' ORDER BY updated_at LIMIT 5",
    ):
        assert dear([(statement, ())]), statement


#: An exact median is one of all the lengths there are, in order: these are read once while nothing was written.
_LENGTHS = "PARTITION BY anon_2.priority"


def test_what_a_scrape_costs_is_counting(sent: Callable[[], list[Statement]]) -> None:
    unchanged._kept.clear()
    text = render().decode()
    assert f'soc_tickets{{sla="met"}} {ENDED}.0' in text
    statements = sent()
    assert len([one for one in statements if _LENGTHS in one[0]]) == 4
    assert (
        dear([one for one in statements if "sum(batches.parsed)" not in one[0] and _LENGTHS not in one[0]])
        == []
    )


def test_the_lengths_that_a_scrape_needs_are_read_once_while_nothing_is_written(
    sent: Callable[[], list[Statement]],
) -> None:
    with time_machine.travel(clock.now(), tick=False):
        render()
        sent()
        render()
    assert [one for one in sent() if _LENGTHS in one[0]] == []


def test_what_the_sweep_looks_for_is_not_looked_for_among_all_rows_for_each_row(many: datetime) -> None:
    """Counted in the database's own steps: a plan may use an index and still walk all of it for every row."""
    steps: list[int] = []
    looks: dict[str, Callable[[Session], object]] = {
        "unlinked": lambda session: list_unlinked(session, integrations=["slack"]),
        "lately": lambda session: list_unlinked(session, integrations=["slack"], since=many),
        "late": lambda session: list_late(
            session, actions=["send_alert"], settled=["dead"], score=9, after=many, before=many
        ),
        "orphans": lambda session: list_orphans(session, unheard=many),
        "overdue": lambda session: list_overdue(session, before=many),
        "clocks": lambda session: count_clocks(session, now=many),
    }
    with read_session() as session:
        session.connection().connection.driver_connection.set_progress_handler(  # type: ignore[union-attr]
            lambda: steps.append(1_000) or 0, 1_000
        )
        for name, look in looks.items():
            steps.clear()
            look(session)
            assert sum(steps) < 60 * DELIVERIES, name


def test_the_overview_counts_all_of_them(many: datetime) -> None:
    seen = read_overview(many.replace(year=many.year - 1), now=many)
    assert (seen.tickets, seen.open_tickets) == (OPEN + ENDED, OPEN)
    # two days each, one opened a minute: at risk from the 1,440th on, overdue after the 2,880th
    assert (seen.sla_at_risk, seen.sla_overdue) == (1_441, OPEN - 2_881)
    assert (seen.trouble, seen.dead) == (DELIVERIES * 3 // 8, DELIVERIES // 8)
    assert (seen.incidents, seen.eligible) == (OPEN + ENDED, (OPEN + ENDED) // 2)
    assert seen.lines_in == seen.parsed + seen.rejected == 4_000


def test_the_oldest_and_most_overdue_tickets_are_on_top(many: datetime, open_page: OpenPage) -> None:
    page = open_page("tickets", open="true")
    assert "6,000 tickets, the next to run out on top" in read(page)
    assert grids(page)[0].column("created")[0] == min(grids(page)[0].column("created"))
    oldest = [f"SOC-{OPEN - 1 - number}" for number in range(20)]
    assert grids(open_page("sla", span="All"))[0].column("key") == oldest


def test_sla_counts_all_of_them(many: datetime, open_page: OpenPage) -> None:
    page = open_page("sla", span="All")
    numbers = {metric.label: metric.value for metric in page.metric}
    assert numbers["Open"] == "6000"
    assert numbers["Average resolution"] == "1 h"
    assert "All 6,000 open tickets" in read(page)


@pytest.mark.parametrize("key", ["SOC-0", "SOC-5999", "SOC-6499"])
def test_every_ticket_is_found_by_its_link(many: datetime, open_page: OpenPage, key: str) -> None:
    assert f"{key} · s" in read(open_page("tickets", ticket=key))


def test_deliveries_are_counted_and_the_oldest_is_on_the_last_page(
    many: datetime, open_page: OpenPage
) -> None:
    counts = grids(open_page("deliveries"))[0]
    assert counts.column("total") == [f"{DELIVERIES // 2:,}"] * 2
    assert "dlv-19999" in read(open_page("deliveries", delivery="dlv-19999"))
