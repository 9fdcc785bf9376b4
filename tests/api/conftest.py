from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette

from soc.serving import front_door, guarded_routes
from soc.store.migrate import migrate


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A fresh install that listens on loopback."""
    migrate()
    app = Starlette(
        routes=guarded_routes(listens_beyond_loopback=False),
        middleware=[front_door(listens_beyond_loopback=False)],
    )
    with TestClient(app, base_url="http://127.0.0.1:8501") as running:
        yield running
