"""Counts are kept while nothing was written, and not a moment longer."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from soc import clock
from soc.engine.heartbeat import Heartbeat
from soc.settings import get_settings
from soc.store import unchanged
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import IncidentFilter, count_incidents
from soc.store.nouns.installation.executors import Process, beat, list_executors, mark_stopped, register
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


def test_in_one_moment_the_store_is_asked_once_unless_this_process_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(unchanged, "store_version", lambda: asked.append(1) or len(asked))
    with unchanged.one_moment():
        with unchanged.one_moment():
            _count()
        _count()
        assert len(asked) == 1
        with write_session() as session:
            add_batch(session, "b")
        _count()
        assert len(asked) == 2
        later = clock.steady() + unchanged.SHORT
        monkeypatch.setattr(clock, "steady", lambda: later)
        _count()
        _count()
        assert len(asked) == 4
    monkeypatch.undo()
    assert _count() == 0  # and what is beyond the moment is not of it


def test_reading_changes_no_version() -> None:
    before = store_version()
    with read_session() as session:
        count_incidents(session, IncidentFilter())
    assert store_version() == before


def test_a_sign_of_life_a_look_that_writes_nothing_and_what_was_taken_back_end_no_answer() -> None:
    with write_session() as session:
        register(session, Process("m0", "host", 1, "1", "worker"), now=clock.now())
    before = store_version()
    with write_session(sign_of_life=True) as session:
        assert beat(session, "m0", 1, trouble="", now=clock.now())
    with write_session() as session:
        count_incidents(session, IncidentFilter())
    with suppress(ZeroDivisionError), write_session() as session:
        session.connection().exec_driver_sql("DELETE FROM executors")
        1 // 0  # noqa: B018
    assert store_version() == before
    with write_session() as session:
        mark_stopped(session, "m0", 1, now=clock.now())
    assert store_version() != before


def test_many_writers_at_once_are_each_seen() -> None:
    def write(number: int) -> tuple[int, int]:
        with write_session() as session:
            add_incident(session, f"inc-{number:02}")
        return number, _count()

    with write_session() as session:
        add_batch(session)
    with ThreadPoolExecutor(6) as pool:
        counted = dict(pool.map(write, range(24)))
    assert _count() == 24
    assert min(counted.values()) >= 1


def test_a_heart_that_beats_is_no_write_and_its_trouble_is(monkeypatch: pytest.MonkeyPatch) -> None:
    heart = Heartbeat(Process("m0", "host", 1, "1", "worker"), recover=len)
    versions, began = [], clock.steady()
    for seconds, trouble in (
        (10, ""),
        (20, ""),
        (30, "its clock was set back"),
        (40, "its clock was set back"),
    ):
        monkeypatch.setattr(clock, "steady", lambda seconds=seconds: began + seconds)
        monkeypatch.setattr(heart, "_trouble", lambda trouble=trouble: trouble)
        heart.beat()
        versions.append(store_version())
    assert versions[0] == versions[1] != versions[2] == versions[3]
    with read_session() as session:
        assert [row.beats for row in list_executors(session)] == [5]


def test_an_answer_is_not_kept_longer_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
    for passed in (timedelta(), LONGEST / 2, LONGEST, timedelta(0)):
        monkeypatch.setattr(clock, "now", lambda passed=passed: moment + passed)
        _count("t")
    assert reads == ["t"] * 3


def test_what_is_asked_for_late_in_its_time_is_read_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
    read = []
    for part in (0, 0.5, 0.7, 0.8, 1.2):
        monkeypatch.setattr(clock, "now", lambda part=part: moment + part * LONGEST)
        _count("ahead")
        unchanged._reader().submit(int).result(30)
        read.append(len(reads))
    assert read == [1, 1, 2, 2, 2]
    with write_session() as session:
        add_incident(session, "inc-1")
    assert _count("ahead") == 1


def test_another_store_never_passes_for_this_one(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = []
    for _ in range(3):
        monkeypatch.setenv("SOC_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('store') / 'soc.db'}")
        get_settings.cache_clear()
        migrate()
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
