"""PostgreSQL is stopped and started again while a batch is read: it finishes by itself, once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from soc.batches import run
from soc.batches.intake import keep_paste, submit_batch
from soc.domain.actor import AT_A_PAGE
from soc.logs.layout import ReadOptions
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import get_batch
from soc.store.nouns.incidents.incidents import IncidentFilter, list_incidents
from tests.fresh import fresh_database
from tests.throwaway import postgres_that_stops

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

LINE = "Jan 15 10:30:00 web-1 kernel: CRITICAL: Multiple failed root login attempts - potential breach\n"


@pytest.mark.parametrize("away", ["while it reads", "when it stores"])
def test_a_database_that_is_restarted_costs_a_batch_nothing(
    away: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_that_stops() as server, fresh_database(server.url, monkeypatch, empty=True):
        migrate()
        batch = submit_batch([(keep_paste(LINE * 50), ReadOptions())], idempotency_key="k", actor=AT_A_PAGE)
        real, back = run.analyse_files, threading.Timer(3.0, server.start)

        def cut_off(*arguments: Any, **named: Any) -> Any:
            server.stop()
            if away == "while it reads":
                back.run()
                return real(*arguments, **named)
            found = real(*arguments, **named)
            back.start()
            return found

        monkeypatch.setattr(run, "analyse_files", cut_off)
        run.run_batch(batch, 1)
        back.join() if back.is_alive() else None
        with read_session() as session:
            row = get_batch(session, batch)
            assert (row.state, row.attempt, row.try_number, row.lines_in) == ("finished", 1, 1, 50)
            assert len(list_incidents(session, IncidentFilter(batch_id=batch))) == row.incidents == 1
