"""Without an engine the tries are worked through here: each at its time, what follows too, and not for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soc import clock
from soc.batches import processor
from soc.batches.processor import HighPerformanceLogProcessor, drain
from soc.batches.report import build_report
from soc.delivery.ledger import Try
from soc.domain.actor import IN_PYTHON
from soc.escalation.following import follow_delivery
from soc.settings import Settings, get_settings
from soc.store.db import read_session
from soc.store.files import Folder
from soc.store.nouns.batches.batches import get_batch

PAST = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, datetime]]:
    """Which tries were worked on, and when; the first of `dlv-1` is followed by another."""
    done: list[tuple[str, int, datetime]] = []

    def attempt(delivery_id: str, number: int, *, executor: str, follow: Any) -> list[Try]:
        assert (executor, follow) == ("python", follow_delivery)
        done.append((delivery_id, number, clock.now()))
        if (delivery_id, number) != ("dlv-1", 1):
            return []
        return [Try("q", "dlv-1", 2, clock.now() + timedelta(milliseconds=150))]

    monkeypatch.setattr(processor, "attempt", attempt)
    return done


def test_each_is_worked_on_once_and_what_follows_at_its_time(worked: list[Any]) -> None:
    assert drain([Try("q", "dlv-1", 1, PAST), Try("q", "dlv-2", 1, PAST)]) == 0
    assert sorted(one[:2] for one in worked) == [("dlv-1", 1), ("dlv-1", 2), ("dlv-2", 1)]
    first, second = (next(one[2] for one in worked if one[:2] == ("dlv-1", number)) for number in (1, 2))
    assert second - first >= timedelta(milliseconds=150)


def test_what_is_not_due_before_the_patience_ends_is_left(worked: list[Any]) -> None:
    later = Try("q", "dlv-3", 1, clock.now() + timedelta(hours=1))
    assert drain([Try("q", "dlv-2", 1, PAST), later, later], patience=0.3) == 2
    assert [one[0] for one in worked] == ["dlv-2"]


def test_without_patience_nothing_is_begun(worked: list[Any]) -> None:
    assert (drain([Try("q", "dlv-2", 1, PAST)], patience=0.0), worked) == (1, [])


def test_what_is_due_this_very_moment_is_worked_on_once(
    worked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: PAST)
    assert drain([Try("q", "dlv-2", 1, PAST)], patience=3.0) == 0
    assert [one[:2] for one in worked] == [("dlv-2", 1)]


def test_so_many_processes_read_as_it_is_told_or_as_the_settings_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOC_WORKERS", "2")
    get_settings.cache_clear()
    workers: list[int] = []
    read = processor.analyse_records

    def look(*given: Any, settings: Settings, **named: Any) -> Any:
        workers.append(settings.workers)
        return read(*given, settings=settings.model_copy(update={"workers": 1}), **named)

    monkeypatch.setattr(processor, "analyse_records", look)
    for told in ({"max_workers": 3}, {}):
        HighPerformanceLogProcessor(**told).process_large_dataset([RECORDS[1]])
    processor.close_pool()
    assert workers == [3, 2]


RECORDS = [("S", "CRITICAL: potential breach"), ("App", "fine")]


@pytest.mark.parametrize(
    ("use_database", "store_in_db", "kept"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_its_event_files_are_kept_where_both_say_so(
    use_database: bool, store_in_db: bool, kept: bool
) -> None:
    with HighPerformanceLogProcessor(max_workers=1, use_database=use_database) as one:
        result = one.process_large_dataset(RECORDS, store_in_db=store_in_db)
    folder = Folder(str(get_settings().data_dir / "batches" / result["batch_id"] / "events"))
    assert folder.exists() == kept


def test_the_figures_are_the_batch_s_own() -> None:
    with HighPerformanceLogProcessor(max_workers=1) as one:
        result = one.process_large_dataset(RECORDS)
    report = build_report(result["batch_id"])
    assert (result["total_processed"], result["parsed"], result["rejected"]) == (2, 2, 0)
    assert (result["incidents"], result["eligible"], result["pending"], result["tickets"]) == (1, 1, 0, [])
    assert result["by_class"] == report.batch.by_class
    assert result["logs_per_second"] == pytest.approx(2 / result["processing_time"])


def test_a_batch_from_python_says_so_and_tells_nobody_unless_asked() -> None:
    with HighPerformanceLogProcessor(max_workers=1) as one:
        batch_id = one.process_large_dataset([RECORDS[1]])["batch_id"]
    with read_session() as session:
        batch = get_batch(session, batch_id)
    assert (batch.name, batch.made_by, batch.state) == ("1 records from Python", str(IN_PYTHON), "finished")
    assert (batch.enable_jira, batch.enable_slack) == (False, False)


def test_what_runs_when_the_patience_ends_is_left_like_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def attempt(*_: Any, **__: Any) -> list[Try]:
        ended.wait(20)
        return []

    monkeypatch.setattr(processor, "attempt", attempt)
    monkeypatch.setattr(processor, "ThreadPoolExecutor", lambda **_: _Unwaited(ended))
    later = Try("q", "dlv-3", 1, clock.now() + timedelta(hours=1))
    assert drain([Try("q", "dlv-2", 1, PAST), Try("q", "dlv-4", 1, PAST), later], patience=0.3) == 3


class _Unwaited(ThreadPoolExecutor):
    """Lets its work end once nobody waits for it any more."""

    def __init__(self, ended: threading.Event) -> None:
        super().__init__(max_workers=2)
        self._ended = ended

    def __exit__(self, *error: Any) -> None:
        self._ended.set()
        super().__exit__(*error)
