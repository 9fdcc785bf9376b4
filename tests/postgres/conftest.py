"""Tests that are about PostgreSQL itself: each has an empty database of its own, whatever the run's database is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fresh import fresh_database


@pytest.fixture
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh database; the settings of this test point to it."""
    with fresh_database(postgres, monkeypatch, empty=True) as url:
        yield url
