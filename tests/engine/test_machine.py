"""What a process notices of its machine: a disk that is nearly full, a database that did not answer for long."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from soc import clock
from soc.engine import machine
from soc.engine.machine import GIB, Disk, Outage, least_free


@pytest.mark.parametrize(("total", "least"), [(8, 1), (100, 5), (2000, 10)])
def test_how_little_is_nearly_full_follows_the_disk(total: int, least: int) -> None:
    assert least_free(total * GIB) == least * GIB


def test_a_disk_is_nearly_full_until_there_is_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    free = 6.0
    monkeypatch.setattr(
        machine, "shutil", SimpleNamespace(disk_usage=lambda _path: (100 * GIB, 0, int(free * GIB)))
    )
    disk, said = Disk(Path("/data")), []
    for free in (6.0, 4.9, 6.0, 7.4, 7.6, 6.0):  # noqa: B007 - the disk above reads it
        said.append(bool(disk.trouble()))
    assert said == [False, True, True, True, False, False]


def test_a_folder_that_cannot_be_asked_says_nothing(tmp_path: Path) -> None:
    assert Disk(tmp_path / "gone").trouble() == ""


def test_an_outage_counts_from_the_first_miss_and_a_short_one_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(clock, "steady", lambda: now)
    outage = Outage()
    assert outage.answered() == timedelta(0)
    for now, failed in (
        (10.0, True),
        (40.0, True),
        (69.0, False),
        (80.0, True),
        (150.0, False),
        (300.0, False),
    ):
        if failed:
            outage.failed()
        else:
            assert outage.answered() == timedelta(seconds=70 if now == 150.0 else 0)
