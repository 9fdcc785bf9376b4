from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from soc.api import api
from soc.api.guard import ApiGuard
from soc.store.migrate import migrate


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A fresh install that listens on loopback."""
    migrate()
    app = Starlette(routes=[Mount("/api/v1", app=ApiGuard(api))])
    with TestClient(app, base_url="http://127.0.0.1:8501") as running:
        yield running
