"""Shared fixtures: a data folder of its own for each test, and settings that point to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soc.settings import Settings, get_settings

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings on an empty data folder; nothing of the developer's own environment leaks in."""
    for name in ("SOC_DATABASE_URL", "SOC_SECRET_KEY", "SOC_ALLOWED_HOSTS", "SOC_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOC_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    yield get_settings()
    get_settings.cache_clear()


@pytest.fixture
def shared() -> Path:
    """Development data that does not come with the project; tests that need it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("needs the development data folder ../shared, which is not part of the project")
    return SHARED
