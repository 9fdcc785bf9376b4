"""The API's own documentation works where there is no internet."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from soc import clock
from soc.access.keys import make_key
from soc.access.scopes import Scope
from soc.domain.actor import AT_A_PAGE
from soc.store.db import write_session


def test_whatever_the_page_loads_comes_from_this_server(client: TestClient) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']|url: ["']([^"']+)["']""", page.text)
    addresses = [one or other for one, other in loaded]
    assert any(address.endswith(".js") for address in addresses)
    for address in addresses:
        assert address.startswith("/"), address
        assert client.get(address).status_code == 200, address
    assert "unsafe-eval" not in page.headers["content-security-policy"]


def test_once_a_key_exists_the_page_opens_and_its_calls_still_need_the_key(client: TestClient) -> None:
    with write_session() as session:
        _, key = make_key(session, "reader", Scope.READ, now=clock.now(), actor=AT_A_PAGE)
    assert client.get("/api/v1/docs").status_code == 200
    schemes = client.get("/api/v1/openapi.json").json()["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"  # what the page's Authorize asks for
    assert client.get("/api/v1/incidents").status_code == 401
    assert client.get("/api/v1/incidents", headers={"Authorization": f"Bearer {key}"}).status_code == 200
