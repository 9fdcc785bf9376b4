"""Whatever an address is written as and whatever its name resolves to: no connection goes where it may not.

A canary listens on loopback and every connection beyond loopback is noted; both have to stay at nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from soc.api import api
from soc.api.guard import ApiGuard, Buckets
from soc.delivery import connectors
from soc.integrations.kit.addresses import allow, disallow
from soc.store.migrate import migrate
from tests.guarantees.network import Canary, Names

pytestmark = pytest.mark.long

ROOT = "/api/v1/integrations"
EVENT = {"incident_id": "inc-1", "incident_data": {"title": "t"}}
PUBLIC = "8.8.8.8"

#: What a name may resolve to, by the classes of VENDORS.md.
CLASSES = {
    "metadata": ["169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"],
    "link-local": ["169.254.7.7", "fe80::1"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "255.255.255.255"],
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],
    "loopback": ["127.0.0.1", "127.8.8.8", "::1"],
    "private": ["10.0.0.7", "172.16.0.7", "192.168.1.7", "fc00::7", "fd12:3456::7"],
    "CGNAT": ["100.64.0.7"],
    "reserved": ["192.0.2.7", "198.18.0.7", "203.0.113.7", "240.0.0.7", "2001:db8::7"],
    "v4-mapped": ["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.7"],
    "v4-compatible": ["::127.0.0.1", "::169.254.169.254"],
    "6to4": ["2002:7f00:1::", "2002:a9fe:a9fe::"],
    "NAT64": ["64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:7"],
    "Teredo": ["2001:0:4136:e378:8000:63bf:80ff:fffe"],
    "ISATAP": ["2001:db8::5efe:169.254.169.254"],
}
#: How loopback and the metadata service may be written in an address.
SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0177.0.0.1", "017700000001", "0x7f.0.0.1", "0x7f000001",
    "127.0.0.1.", "localhost", "LocalHost.", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "①②⑦.⓪.⓪.①", "127。0。0。1",
    "１２７.0.0.1", "%31%32%37.0.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
    "[::ffff:a9fe:a9fe]", "[fe80::1%25lo]",
]  # fmt: skip
#: Addresses that one reader takes for another host than the next one.
TRICKS = [
    "https://good.example@127.0.0.1:{port}/", "https://good.example:443@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}\\@good.example/", "https://good.example\\@127.0.0.1:{port}/",
    "https://good.example%40127.0.0.1:{port}/", "https://good.example#@127.0.0.1:{port}/",
    "https://good.example?@127.0.0.1:{port}/", "https://127.0.0.1:{port}#good.example",
    "https://good.example\t@127.0.0.1:{port}/", "https://good.example\r\nHost: 127.0.0.1:{port}/",
    "https:127.0.0.1:{port}/", "https:///127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/", "file://127.0.0.1:{port}/etc/passwd", "unix:///var/run/docker.sock",
    "https://[::ffff:127.0.0.1]@good.example:{port}/", "https://good.example:{port}@[::1]:{port}/",
]  # fmt: skip


@pytest.fixture
def canary(names: Names) -> Iterator[Canary]:
    with Canary() as bird:
        yield bird


@pytest.fixture
def client(canary: Canary) -> Iterator[TestClient]:
    migrate()
    guard = ApiGuard(api, buckets=Buckets(burst=10_000, per_second=10_000))
    app = Starlette(routes=[Mount("/api/v1", app=guard)])
    with TestClient(app, base_url="http://127.0.0.1:8501") as running:
        yield running
    connectors.close_all()


_events = count()


def _configuration(kind: str, url: str) -> dict[str, Any]:
    secret = {"jira": "api_token", "slack": "bot_token", "stackstorm": "api_key", "opsgenie": "api_key"}
    more = {"username": "bot@example.com"} if kind == "jira" else {}
    short = {"timeout": 2, "retry_count": 0}
    if kind == "webhook":
        return {"url": url, **short}
    if kind == "pagerduty":
        return {"events_url": url, "base_url": url, "integration_key": "0123456789abcdef" * 2, **short}
    return {"base_url": url, secret[kind]: "token-1", **more, **short}


def _try_everything(client: TestClient, url: str) -> list[tuple[str, int, str]]:
    """Test it unsaved, save it, test it saved, send: (what, status, answer) of each."""
    found = []
    for kind, action in (("webhook", "send"), ("jira", "create-ticket")):
        data = _configuration(kind, url)
        found.append((f"{kind} test", client.post(f"{ROOT}/{kind}/test", json=data)))
        saved = client.post(f"{ROOT}/{kind}/config", json=data)
        if saved.status_code == 200:
            found.append((f"{kind} saved test", client.post(f"{ROOT}/{kind}/test")))
            client.post(f"{ROOT}/{kind}/config", json=data)  # the failed test may have paused it
            event = {**EVENT, "incident_id": f"inc-{next(_events)}"}
            found.append((f"{kind} {action}", client.post(f"{ROOT}/{kind}/{action}", json=event)))
    return [(what, answer.status_code, answer.text) for what, answer in found]


def _validate(client: TestClient, url: str) -> Any:
    """validate-url is asked of a webhook that is set up, wherever that is."""
    client.post(f"{ROOT}/webhook/config", json=_configuration("webhook", "https://receiver.example/hook"))
    return client.post(f"{ROOT}/webhook/validate-url", params={"url": url})


def _done(results: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """Those that say that something was reached."""
    return [
        one
        for one in results
        if one[1] in (200, 201) and '"status":"error"' not in one[2].replace('": ', '":')
    ]


def test_the_canary_sings_when_it_is_reached(client: TestClient, canary: Canary, names: Names) -> None:
    """Otherwise its silence would say nothing."""
    entry = f"127.0.0.1:{canary.port}"
    allow(entry)
    try:
        _try_everything(client, f"http://{entry}/")
    finally:
        disallow(entry)
    assert canary.connections >= 4
    names.names["public.example"] = [PUBLIC]
    _try_everything(client, "https://public.example/")
    assert set(names.strayed) == {PUBLIC}


@pytest.mark.parametrize("kind", CLASSES)
def test_a_name_that_resolves_to_such_an_address_is_never_connected_to(
    client: TestClient, canary: Canary, names: Names, kind: str
) -> None:
    for number, address in enumerate(CLASSES[kind]):
        host = f"evil{number}.example"
        names.names[host] = [address]
        for scheme in ("https", "http") if number == 0 else ("https",):
            url = f"{scheme}://{host}:{canary.port}/x"
            results = _try_everything(client, url)
            assert len(results) == (6 if scheme == "https" else 2)  # plain http is not even saved
            assert _done(results) == []
            assert all("not allowed" in text for _, _, text in results), results
            verdict = _validate(client, url)
            assert (verdict.status_code, verdict.json()["valid"]) == (200, False)
            assert verdict.json()["reason"]
            assert verdict.json()["hint"]
    assert (canary.connections, names.strayed) == (0, [])


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_however_the_address_is_spelled_nothing_is_connected_to(
    client: TestClient, canary: Canary, names: Names, scheme: str
) -> None:
    for host in SPELLINGS if scheme == "https" else SPELLINGS[::5]:
        url = f"{scheme}://{host}:{canary.port}/x"
        assert _done(_try_everything(client, url)) == [], url
        verdict = _validate(client, url)
        assert (verdict.status_code, verdict.json()["valid"]) == (200, False), url
    assert (canary.connections, names.strayed) == (0, [])


def test_no_trick_of_writing_leads_to_another_host(client: TestClient, canary: Canary, names: Names) -> None:
    names.names["good.example"] = ["127.0.0.1"]  # whoever is taken for the host: it is loopback
    for trick in TRICKS:
        url = trick.replace("{port}", str(canary.port))
        assert _done(_try_everything(client, url)) == [], url
        verdict = _validate(client, url)
        assert (verdict.status_code, verdict.json()["valid"]) == (200, False), url
    assert (canary.connections, names.strayed) == (0, [])


def test_metadata_is_refused_even_where_an_administrator_named_it(
    client: TestClient, canary: Canary, names: Names
) -> None:
    names.names["meta.example"] = ["169.254.169.254"]
    entries = ("meta.example", "169.254.0.0/16", "0.0.0.0/0")
    for entry in entries:
        allow(entry)
    try:
        results = _try_everything(client, "http://meta.example/latest/meta-data")
    finally:
        for entry in entries:
            disallow(entry)
    assert _done(results) == []
    assert all("never allowed" in text for _, _, text in results)
    assert names.strayed == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(client: TestClient, canary: Canary, names: Names, status: int) -> None:
    names.names["public.example"] = [PUBLIC]
    for target in (f"http://127.0.0.1:{canary.port}/", "https://public.example/", "//169.254.169.254/"):
        head = (
            f"HTTP/1.1 {status} Moved\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        with Canary(head.encode()) as vendor:
            entry = f"127.0.0.1:{vendor.port}"
            allow(entry)
            try:
                results = _try_everything(client, f"http://{entry}/x")
                for kind in ("slack", "pagerduty", "stackstorm", "opsgenie"):
                    data = _configuration(kind, f"http://{entry}/x")
                    answer = client.post(f"{ROOT}/{kind}/test", json=data)
                    results.append((kind, answer.status_code, answer.text))
            finally:
                disallow(entry)
            assert vendor.connections >= len(results)
        assert _done(results) == []
    assert (canary.connections, names.strayed) == (0, [])


def test_a_name_that_points_elsewhere_from_one_look_up_to_the_next_gains_nothing(
    client: TestClient, canary: Canary, names: Names
) -> None:
    turns = count()
    names.names["rebind.example"] = lambda: [PUBLIC if next(turns) % 2 == 0 else "127.0.0.1"]
    url = f"https://rebind.example:{canary.port}/x"
    for _ in range(
        4
    ):  # judged as public by validate-url, loopback at the next look-up, and the other way round
        assert _done(_try_everything(client, url)) == []
        _validate(client, url)
    assert canary.connections == 0
    assert set(names.strayed) <= {PUBLIC}


def test_each_connection_looks_up_once_and_goes_to_what_was_judged(
    client: TestClient, canary: Canary, names: Names
) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    names.names["rebind.example"] = lambda: next(answers)
    data = _configuration("webhook", f"https://rebind.example:{canary.port}/x")
    client.post(f"{ROOT}/webhook/test", json=data)
    assert (names.asked, names.strayed) == (["rebind.example"], [PUBLIC])
    client.post(f"{ROOT}/webhook/test", json=data)
    assert (names.asked, names.strayed) == (["rebind.example"] * 2, [PUBLIC])
    assert canary.connections == 0


@pytest.mark.parametrize("order", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "169.254.169.254"]])
def test_one_bad_address_among_good_ones_spoils_the_name(
    client: TestClient, canary: Canary, names: Names, order: list[str]
) -> None:
    names.names["mixed.example"] = order
    url = f"https://mixed.example:{canary.port}/x"
    assert _done(_try_everything(client, url)) == []
    assert _validate(client, url).json()["valid"] is False
    assert (canary.connections, names.strayed) == (0, [])


def test_a_send_that_the_guard_refuses_says_so_and_waits_for_the_settings(
    client: TestClient, names: Names, canary: Canary
) -> None:
    names.names["evil.example"] = ["127.0.0.1"]
    url = f"https://evil.example:{canary.port}/x"
    client.post(f"{ROOT}/webhook/config", json=_configuration("webhook", url))
    refused = client.post(f"{ROOT}/webhook/send", json=EVENT)
    assert (refused.status_code, refused.json()["status"]) == (202, "held")
    assert "not allowed" in refused.json()["message"]
    assert "SOC_ALLOWED_HOSTS" in refused.json()["hint"]
    waiting = client.post(f"{ROOT}/webhook/send", json=EVENT)
    assert (waiting.status_code, waiting.json()["status"]) == (202, "held")
    assert "Held" in waiting.json()["message"]
    assert "not allowed" in waiting.json()["message"]
    assert canary.connections == 0
