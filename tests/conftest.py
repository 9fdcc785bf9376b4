"""Shared fixtures: a data folder of its own for each test, and settings that point to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as examples

from soc.settings import Settings, get_settings

# The same examples on every machine and every run, however busy it is. A failure is shown as it was found: making it
# smaller means reading hundreds of files. `--hypothesis-profile=smallest` does that.
for _name, _phases in (("repeatable", (Phase.explicit, Phase.generate)), ("smallest", tuple(Phase))):
    examples.register_profile(
        _name,
        derandomize=True,
        deadline=None,
        database=None,
        phases=_phases,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
examples.load_profile("repeatable")

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
