"""The API's own documentation works where there is no internet."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient


def test_whatever_the_page_loads_comes_from_this_server(client: TestClient) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']|url: ["']([^"']+)["']""", page.text)
    addresses = [one or other for one, other in loaded]
    assert any(address.endswith(".js") for address in addresses)
    for address in addresses:
        assert address.startswith("/"), address
        assert client.get(address).status_code == 200, address
