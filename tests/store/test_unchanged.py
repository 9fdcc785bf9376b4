"""Counts are kept while nothing was written, and not a moment longer."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from soc import clock
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents import IncidentFilter, count_incidents
from soc.store.unchanged import LONGEST, store_version, while_unchanged
from tests.rows import add_batch, add_incident

reads: list[str] = []


@while_unchanged
def _count(word: str = "") -> int:
    reads.append(word)
    with read_session() as session:
        return count_incidents(session, IncidentFilter())


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()
    reads.clear()


@pytest.mark.sqlite("PostgreSQL's log also moves by what else the server does: then it is read again")
def test_the_same_question_is_read_once_while_nothing_was_written() -> None:
    assert [_count("a"), _count("a"), _count("b")] == [0, 0, 0]
    assert reads == ["a", "b"]


def test_what_was_just_written_is_counted_at_once() -> None:
    for number in range(5):
        assert _count() == number
        with write_session() as session:
            add_incident(session, f"inc-{number}")
    assert _count() == 5


@pytest.mark.sqlite("the other process opens the file")
def test_what_another_process_wrote_is_counted_at_once() -> None:
    with write_session() as session:
        add_batch(session)
    assert _count() == 0
    code = (
        "from soc.store.db import write_session\nfrom tests.rows import add_incident\n"
        "with write_session() as session: add_incident(session, 'inc-1')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert _count() == 1


@pytest.mark.sqlite("PostgreSQL's log also moves by what else the server does: then it is read again")
def test_reading_changes_no_version() -> None:
    before = store_version()
    with read_session() as session:
        count_incidents(session, IncidentFilter())
    assert store_version() == before


@pytest.mark.sqlite("PostgreSQL's log also moves by what else the server does: then it is read again")
def test_an_answer_is_not_kept_longer_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
    for passed in (timedelta(), LONGEST / 2, LONGEST, timedelta(0)):
        monkeypatch.setattr(clock, "now", lambda passed=passed: moment + passed)
        _count("t")
    assert reads == ["t"] * 3


def test_another_store_never_passes_for_this_one(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = []
    for _ in range(3):
        monkeypatch.setenv("SOC_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('store') / 'soc.db'}")
        get_settings.cache_clear()
        versions += [store_version(), store_version()]
    assert len(set(versions)) == 3


def test_of_many_who_ask_at_once_one_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soc.store.unchanged.store_version", lambda: 1)
    everybody = threading.Barrier(8)
    let_go = threading.Event()

    @while_unchanged
    def slow() -> int:
        reads.append("slow")
        assert let_go.wait(30)
        return len(reads)

    def ask(_number: int) -> int:
        everybody.wait(30)
        return slow()

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(ask, range(8))
        threading.Timer(0.3, let_go.set).start()
        assert (list(answers), reads) == ([1] * 8, ["slow"])


def test_who_waited_for_a_read_that_failed_reads_by_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soc.store.unchanged.store_version", lambda: 1)
    let_go = threading.Event()

    @while_unchanged
    def fails_once() -> str:
        reads.append("f")
        if len(reads) == 1:
            assert let_go.wait(30)
            raise OSError("away")
        return "here"

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(fails_once), pool.submit(fails_once)
        threading.Timer(0.3, let_go.set).start()
        came = [one.exception() or one.result() for one in (first, second)]
    assert [type(one) for one in came] in ([OSError, str], [str, OSError])
