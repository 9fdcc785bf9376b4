from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.guarantees.network import Names, closed_network


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    """The DNS of this test; empty until the test fills it."""
    with closed_network(monkeypatch) as fake:
        yield fake
