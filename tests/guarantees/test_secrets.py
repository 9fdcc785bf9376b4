"""Planted secrets through every path of the product: none is ever found in plain text.

Every marker is a secret that somebody enters: in its field, in the wrong field, of the wrong type, in an address,
as a key or a passphrase. The vendor they are sent to repeats everything that it was sent in each of its answers.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import structlog
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from soc import clock, engine
from soc.access.keys import make_key, revoke_key
from soc.access.scopes import Scope
from soc.api import api
from soc.api.guard import ApiGuard, Buckets
from soc.configuration.transfer import export_configurations, import_configurations
from soc.delivery import connectors, ledger
from soc.delivery.attempt import attempt
from soc.delivery.replay import replay
from soc.domain.actor import AT_A_PAGE
from soc.errors import SocError
from soc.json_log import set_up_logging
from soc.serving import metrics
from soc.settings import Settings, get_settings
from soc.store.db import dispose_engines, get_engine, read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import list_deliveries
from soc.store.nouns.vendors.health import clear_pause
from soc.store.nouns.vendors.integrations import list_integrations
from soc.tickets.opening import follow_delivery
from tests.guarantees.network import Names

pytestmark = pytest.mark.long

ROOT = "/api/v1/integrations"


# -- what is planted -----------------------------------------------------------------------------------------


class Planted:
    """Makes markers and remembers them."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.markers: list[str] = []

    def secret(self, length: int = 0) -> str:
        marker = f"pLanted{next(self._numbers):02d}sEcret"
        marker = (marker + "x0" * length)[:length] if length else marker
        self.markers.append(marker)
        return marker

    def odd(self) -> str:
        """One that looks different once it is encoded for a URL."""
        marker = self.secret()
        self.markers[-1] = f"{marker}/9+7=&"
        return self.markers[-1]

    def signing(self) -> str:
        """A Standard Webhooks secret; both its text and the key in it are secret."""
        text = base64.b64encode(self.secret(24).encode()).decode()
        self.markers.append(text)
        return f"whsec_{text}"

    def found_in(self, data: bytes | str) -> set[str]:
        """The markers that are there, as they are, URL-encoded, in base64, or behind `user:` in base64."""
        raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
        return {marker for marker in self.markers if any(form in raw for form in _forms(marker))}


def _forms(marker: str) -> set[bytes]:
    user = base64.b64encode(f"bot@example.com:{marker}".encode())
    return {
        marker.encode(),
        quote(marker, safe="").encode(),
        base64.b64encode(marker.encode()),
        user,
        json.dumps(marker)[1:-1].encode(),
    }


@pytest.fixture
def planted() -> Planted:
    return Planted()


def _configurations(planted: Planted, url: str) -> dict[str, dict[str, Any]]:
    """Each kind with a secret in every secret field, speaking to the vendor at `url`."""
    common = {"timeout": 1, "retry_count": 0}
    settle = {"settle_seconds": 0}
    return {
        "jira": {
            **common, **settle, "base_url": f"{url}/jira", "username": "bot@example.com", "api_token": planted.odd(),
        },
        "slack": {
            **common, **settle, "base_url": f"{url}/slack", "bot_token": planted.secret(), "signing_secret": planted.secret(),
        },
        "pagerduty": {
            **common, "events_url": f"{url}/events", "base_url": f"{url}/rest", "integration_key": planted.secret(32),
            "rest_token": planted.secret(), "service_id": "PXXXXXXXX",
        },
        "stackstorm": {
            **common, **settle, "base_url": f"{url}/st2", "api_key": planted.secret(),
            "pack_name": "soc", "action_name": "isolate_host",
            "action_parameters": {"ticket_password": planted.secret()},
            "secret_parameters": {"pin": planted.odd()},
        },
        "webhook": {
            **common,
            "url": f"{url}/hook?token={planted.secret()}",
            "headers": {
                "Authorization": f"Bearer {planted.secret()}",
                "X-Api-Key": planted.odd(),
                "Cookie": f"session={planted.secret()}",
                "X-Custom": planted.secret(),
            },
            "signing_secrets": [planted.signing(), planted.signing()],
        },
        "opsgenie": {**common, "base_url": f"{url}/ops", "api_key": planted.secret()},
    }  # fmt: skip


# -- the vendor that repeats what it is told -----------------------------------------------------------------

Reply = tuple[int, dict[str, str], str]
_WORDS = (
    "error", "message", "detail", "faultstring", "errorMessages", "errors", "title", "displayName", "name", "team",
    "user", "url", "status", "serverTitle", "version", "warning", "needed", "provided", "response_metadata",
)  # fmt: skip


def _json_of(echo: str, **more: Any) -> str:
    said: dict[str, Any] = dict.fromkeys(_WORDS, echo)
    return json.dumps({**said, "errorMessages": [echo], "errors": {"summary": echo}, **more})


REPLIES: dict[str, Callable[[str], Reply | None]] = {
    "done": lambda echo: (
        200,
        {},
        _json_of(
            echo, ok=True, id="10001", key="SOC-1", ts="1.1", channel="C1", ref="soc.isolate_host",
            result={"stdout": echo}, status="succeeded",
        ),
    ),
    "slack's error": lambda echo: (200, {}, _json_of(echo, ok=False, error=echo)),
    "list": lambda echo: (200, {}, json.dumps([{"ref": echo, "name": echo, "id": "1"}])),
    "login page": lambda echo: (
        200,
        {"content-type": "text/html"},
        f"<html><title>{echo}</title>{echo}</html>",
    ),
    "half": lambda echo: (200, {}, _json_of(echo)[:-20]),
    "moved": lambda echo: (302, {"location": f"https://{quote(echo[:60], safe='')}.example/?t={echo}"}, echo),
    "bad request": lambda echo: (400, {}, _json_of(echo)),
    "credentials": lambda echo: (401, {"content-type": "text/plain"}, echo),
    "forbidden": lambda echo: (403, {}, json.dumps({"error": {"message": echo, "code": 1, "errors": [echo]}})),
    "not found": lambda echo: (404, {"content-type": "text/plain"}, echo),
    "conflict": lambda echo: (409, {}, _json_of(echo)),
    "gone": lambda echo: (410, {}, _json_of(echo)),
    "unprocessable": lambda echo: (422, {}, json.dumps({"errors": [echo, {"message": echo}]})),
    "throttled": lambda echo: (429, {"retry-after": echo[:40]}, _json_of(echo)),
    "server error": lambda echo: (500, {"content-type": "text/html"}, f"<html><title>{echo}</title></html>"),
    "unavailable": lambda echo: (503, {}, _json_of(echo)),
    "cut off": lambda echo: None,
}  # fmt: skip


class Parrot(ThreadingHTTPServer):
    """Answers as `reply` says, with everything it was sent in the answer. `heard` is all of that."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = REPLIES["done"]
        self.heard: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Parrot

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode("utf-8", "replace")
        headers = " ".join(f"{name}: {value}" for name, value in self.headers.items())
        self.server.heard.append(f"{self.path} {headers} {body}")
        # the secrets first: what is shown of an answer is cut
        echo = " ".join(
            value for name, value in self.headers.items() if name.lower() not in ("host", "user-agent")
        )
        reply = self.server.reply(f"you sent {echo} to {self.path} with {body}".replace("\n", " "))
        self.close_connection = True
        if reply is None:
            return
        status, more, text = reply
        raw = text.encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **more}.items():
            self.send_header(name, value.encode("latin-1", "replace").decode("latin-1"))
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - as http.server names them

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def parrot(names: Names, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parrot]:
    server = Parrot()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    monkeypatch.setenv("SOC_ALLOWED_HOSTS", f"127.0.0.1:{server.server_port}")
    monkeypatch.setenv("SOC_LOG_LEVEL", "DEBUG")
    get_settings.cache_clear()
    yield server
    server.shutdown()
    server.server_close()
    connectors.close_all()
    assert names.strayed == []


# -- where they might turn up --------------------------------------------------------------------------------


class _Everything(logging.Handler):
    def __init__(self, stream: io.StringIO) -> None:
        super().__init__(logging.DEBUG)
        self._stream = stream
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("httpx2"):  # the test's own client, which is no part of the product
            return
        self._stream.write(f"{record.name} {record.msg!r} {record.args!r} {self.format(record)}\n")


@pytest.fixture
def logged(parrot: Parrot) -> Iterator[io.StringIO]:
    """Everything that is logged at DEBUG, by structlog as in production and by the standard library."""
    stream, root = io.StringIO(), logging.getLogger()
    level, handler = root.level, _Everything(stream)
    set_up_logging()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=stream))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    logging.getLogger("soc").setLevel(logging.NOTSET)
    structlog.reset_defaults()


class Told:
    """The API, and every answer it gave."""

    def __init__(self, client: TestClient) -> None:
        self._client = client
        self.answers: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        more["headers"] = {**self.headers, **more.get("headers", {})}
        answer = self._client.request(method, path, **more)
        self.answers.append((f"{method} {path}", f"{answer.headers} {answer.text}"))
        return answer


@pytest.fixture
def told(parrot: Parrot, logged: io.StringIO) -> Iterator[Told]:
    migrate()
    guard = ApiGuard(api, buckets=Buckets(burst=10_000, per_second=10_000))
    app = Starlette(routes=[Mount("/api/v1", app=guard), Route("/metrics", metrics)])
    with TestClient(app, base_url="http://127.0.0.1:8501", raise_server_exceptions=False) as client:
        yield Told(client)
    dispose_engines()


def _leaks(planted: Planted, told: Told, logged: io.StringIO, settings: Settings) -> dict[str, set[str]]:
    """Where a marker was found; empty when all is well."""
    for path in ("/api/v1/openapi.json", "/api/v1/docs", "/api/v1/health", "/metrics", ROOT):
        assert told.call("GET", path).status_code == 200
    places: dict[str, bytes | str] = {f"log line {n}": t for n, t in enumerate(logged.getvalue().split("\n"))}
    places |= {f"answer {number} to {asked}": text for number, (asked, text) in enumerate(told.answers)}
    try:
        places["export"] = json.dumps(export_configurations(actor=AT_A_PAGE))
    except SocError as error:
        places["export"] = str(error)
    files = [path for path in settings.data_dir.rglob("*") if path.is_file()]
    places |= {path.name: path.read_bytes() for path in files}
    get_engine().dispose()  # the last connection checkpoints the WAL into the database
    places |= {f"{path.name} (closed)": path.read_bytes() for path in files if path.exists()}
    assert "soc.db (closed)" in places
    return {place: found for place, data in places.items() if (found := planted.found_in(data))}


_SUBJECT = {"incident_id": "inc-123", "incident_data": {"title": "t", "severity": "high"}}
_RUN = {**_SUBJECT, "pack_name": "incident_response", "action_name": "create_incident"}
CALLS: tuple[tuple[str, str, str, dict[str, Any] | None], ...] = (
    ("POST", "jira", "create-ticket", _SUBJECT),
    ("POST", "slack", "send-alert", _SUBJECT),
    ("POST", "pagerduty", "create-incident", _SUBJECT),
    ("POST", "pagerduty", "resolve-incident?incident_id=inc-123", None),
    ("POST", "stackstorm", "execute-action", _RUN),
    ("GET", "stackstorm", "actions", None),
    ("GET", "stackstorm", "execution?execution_id=1", None),
    ("POST", "webhook", "send", _SUBJECT),
    ("POST", "webhook", "send-incident", _SUBJECT),
)


def _do_everything(told: Told, configurations: dict[str, dict[str, Any]]) -> None:
    """Test, act, try again, look at it; the vendor answers as it was told to."""
    keys = count()
    for kind in configurations:
        with write_session() as session:
            clear_pause(session, kind, actor=AT_A_PAGE)
        told.call("POST", f"{ROOT}/{kind}/test")
    for method, kind, action, body in CALLS:
        with write_session() as session:
            clear_pause(session, kind, actor=AT_A_PAGE)
        headers = {"Idempotency-Key": f"{id(configurations)}-{len(told.answers)}-{next(keys)}"}
        if action == "execute-action":  # a caller's own parameters may be secrets, too
            body = {**_RUN, "action_parameters": configurations[kind]["action_parameters"]}
        told.call(method, f"{ROOT}/{kind}/{action}", json=body, headers=headers)
    _try_again()


def _look_at_deliveries(told: Told) -> None:
    rows = told.call("GET", "/api/v1/deliveries?limit=500").json()["items"]
    assert rows
    for row in rows:
        told.call("GET", f"/api/v1/deliveries/{row['id']}")


def _try_again() -> None:
    """The next try of whatever is not final: also the look-up of what may have arrived."""
    with write_session() as session:
        rows = list(list_deliveries(session, states=("retry", "unknown", "pending"), limit=500))
        for row in rows:
            row.next_try_at = clock.now()
            session.add(row)
            clear_pause(session, row.integration, actor=AT_A_PAGE)
    for row in rows:
        attempt(row.id, row.try_number, executor="test", follow=follow_delivery)
    with write_session() as session:  # the next answer's deliveries are enough work for it
        for row in list_deliveries(session, states=("retry", "unknown", "pending"), limit=500):
            ledger.bury(session, row, now=clock.now())


# -- the tests -----------------------------------------------------------------------------------------------


def test_no_saved_secret_is_found_anywhere_whatever_the_vendor_repeats(
    planted: Planted, parrot: Parrot, told: Told, logged: io.StringIO, settings: Settings
) -> None:
    rotations = [_configurations(planted, parrot.url) for _ in range(3)]
    for configurations in rotations:  # each rotates every secret of the one before
        for kind, data in configurations.items():
            assert told.call("POST", f"{ROOT}/{kind}/config", json=data).status_code == 200
            assert told.call("GET", f"{ROOT}/{kind}/config").status_code == 200
    assert len(planted.markers) >= 40
    for reply in REPLIES.values():
        parrot.reply = reply
        _do_everything(told, rotations[-1])
    _look_at_deliveries(told)
    for kind in rotations[-1]:
        told.call("GET", f"{ROOT}/{kind}/versions")
        assert told.call("POST", f"{ROOT}/{kind}/versions/1/restore").status_code == 200
    with read_session() as session:
        replay([row.id for row in list_deliveries(session, states=("dead",), limit=500)], actor=AT_A_PAGE)
    _try_again()
    heard = planted.found_in(" ".join(parrot.heard))
    assert len(heard) >= 10, "the vendor was to be told its secrets"
    password = rotations[-1]["stackstorm"]["action_parameters"]["ticket_password"]
    assert any("/executions " in one and password in one for one in parrot.heard), "and the call's own"
    assert _leaks(planted, told, logged, settings) == {}


def test_a_candidate_that_is_only_tested_leaves_nothing_behind(
    planted: Planted, parrot: Parrot, told: Told, logged: io.StringIO, settings: Settings
) -> None:
    for name in ("done", "bad request", "credentials", "forbidden", "server error", "moved", "slack's error"):
        parrot.reply = REPLIES[name]
        for kind, data in _configurations(planted, parrot.url).items():
            assert told.call("POST", f"{ROOT}/{kind}/test", json=data).status_code == 200
    with read_session() as session:
        assert list(list_integrations(session)) == []
    assert _leaks(planted, told, logged, settings) == {}


def test_a_secret_of_the_wrong_type_in_the_wrong_field_or_in_an_address_is_refused_unsaid(
    planted: Planted, parrot: Parrot, told: Told, logged: io.StringIO, settings: Settings
) -> None:
    whole = _configurations(planted, parrot.url)
    secret = planted.secret
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("jira", {"api_token": [secret()]}),
        ("jira", {"api_token": f"{secret()}\nsecond line"}),
        ("jira", {"base_url": f"https://bot:{secret()}@jira.example.com"}),
        ("jira", {"base_url": secret()}),
        ("jira", {"username": f"bot:{secret()}"}),
        ("jira", {"instance_type": secret()}),
        ("jira", {"project_key": secret() + "!"}),
        ("jira", {"priority_mapping": {secret(): "High"}}),
        ("jira", {"timeout": secret()}),
        ("jira", {secret(): "value"}),
        ("jira", {"tokn": secret()}),
        ("slack", {"bot_token": {"token": secret()}}),
        ("slack", {"channel": f"#{secret()} {secret()}"}),
        ("pagerduty", {"integration_key": [secret()]}),
        ("pagerduty", {"service_id": secret() + "-"}),
        ("pagerduty", {"severity_mapping": {"critical": secret()}}),
        ("stackstorm", {"api_key": {"key": secret()}}),
        ("stackstorm", {"ignore_ssl": secret()}),
        ("webhook", {"url": f"https://{secret()}@receiver.example/"}),
        ("webhook", {"url": f"ftp://receiver.example/{secret()}"}),
        ("webhook", {"headers": [secret()]}),
        ("webhook", {"headers": secret()}),
        ("webhook", {"headers": {f"{secret()} {secret()}": "value"}}),
        ("webhook", {"headers": {"Host": secret()}}),
        ("webhook", {"headers": {"Authorization": f"Bearer {secret()}\r\nX: y"}}),
        ("webhook", {"headers": {"Authorization": {"Bearer": secret()}}}),
        ("webhook", {"signing_secrets": [secret()]}),
        ("webhook", {"signing_secrets": {"a": secret()}}),
        ("webhook", {"method": secret()}),
    ]
    for kind, change in wrong:
        for path in ("config", "test"):
            answer = told.call("POST", f"{ROOT}/{kind}/{path}", json={**whole[kind], **change})
            assert answer.status_code == 422, change
            assert answer.headers["content-type"] == "application/problem+json"
    # what belongs to the browser's page is cut off, whatever it was
    pasted = {**whole["jira"], "base_url": f"https://jira.example.com/?token={secret()}"}
    assert told.call("POST", f"{ROOT}/jira/config", json=pasted).status_code == 200
    bodies: list[tuple[str, Any]] = [
        ("jira/config", [secret()]),
        ("jira/config", secret()),
        ("jira/create-ticket", {**_SUBJECT, secret(): "value"}),
        ("jira/create-ticket", {"incident_id": [secret()]}),
        ("jira/create-ticket", {"incident_id": "x", "incident_data": {"severity": secret()}}),
        ("pagerduty/create-incident", {**_SUBJECT, "severity": secret()}),
        ("stackstorm/execute-action", {**_RUN, "pack_name": secret() + "!"}),
        ("webhook/send", {**_SUBJECT, "event_type": f"{secret()}!"}),
    ]
    for path, body in bodies:
        assert told.call("POST", f"{ROOT}/{path}", json=body).status_code == 422, path
    broken = f'{{"api_token": "{secret()}", '.encode()
    assert told.call("POST", f"{ROOT}/jira/config", content=broken).status_code == 422
    assert told.call("POST", f"{ROOT}/pagerduty/resolve-incident?incident={secret()}").status_code == 422
    assert told.call("POST", f"{ROOT}/jira/versions/{secret()}/restore").status_code == 422
    assert len(planted.markers) >= 40
    told.answers = [(asked.partition("?")[0].partition("/versions")[0], text) for asked, text in told.answers]
    assert _leaks(planted, told, logged, settings) == {}


def test_a_bug_below_the_connector_does_not_log_what_it_held_in_its_hands(
    planted: Planted,
    parrot: Parrot,
    told: Told,
    logged: io.StringIO,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configurations = _configurations(planted, parrot.url)
    for kind, data in configurations.items():
        told.call("POST", f"{ROOT}/{kind}/config", json=data)

    def broken(self: httpx.Client, method: str, url: str, **more: Any) -> None:
        raise RuntimeError(f"cannot handle {url} with {more}")

    monkeypatch.setattr(httpx.Client, "stream", broken)
    for method, kind, action, body in CALLS:
        if method == "POST":
            answer = told.call(method, f"{ROOT}/{kind}/{action}", json=body)
            # what waits for an earlier message about the same incident has not been tried yet
            assert answer.status_code == 202
            assert answer.json()["state"] in ("unknown", "pending")
    _try_again()
    assert "delivery_broke" in logged.getvalue()
    assert "RuntimeError" in logged.getvalue()
    for kind in configurations:
        answer = told.call("POST", f"{ROOT}/{kind}/test")
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["hint"]
    assert _leaks(planted, told, logged, settings) == {}


def test_keys_and_passphrases_are_kept_nowhere(
    planted: Planted, parrot: Parrot, told: Told, logged: io.StringIO, settings: Settings
) -> None:
    configurations = _configurations(planted, parrot.url)
    for kind in ("jira", "webhook"):
        told.call("POST", f"{ROOT}/{kind}/config", json=configurations[kind])
    with write_session() as session:
        keys = [make_key(session, f"{scope} key", scope, now=clock.now(), actor=AT_A_PAGE) for scope in Scope]
        revoke_key(session, keys[1][0].id, now=clock.now(), actor=AT_A_PAGE)
    planted.markers += [key for _, key in keys]
    assert told.call("GET", ROOT, headers={"Authorization": f"Bearer {keys[1][1]}"}).status_code == 401
    assert told.call("GET", ROOT, headers={"X-Api-Key": planted.secret()}).status_code == 401
    read = {"Authorization": f"Bearer {keys[0][1]}"}
    assert told.call("POST", f"{ROOT}/jira/test", headers=read).status_code == 403
    told.headers = {"X-Api-Key": keys[2][1]}
    passphrase = planted.secret() + " is long enough"
    document = export_configurations(passphrase=passphrase, actor=AT_A_PAGE)
    said: list[str] = [json.dumps(document)]
    for wrong in (planted.secret() + " and long", ""):
        with pytest.raises(SocError) as refusal:
            import_configurations(document, passphrase=wrong, actor=AT_A_PAGE)
        said.append(str(refusal.value))
    with pytest.raises(SocError) as short:
        export_configurations(passphrase=(few := planted.secret()[:11]), actor=AT_A_PAGE)
    assert few not in str(short.value)
    assert sorted(import_configurations(document, passphrase=passphrase, actor=AT_A_PAGE).kinds) == sorted(
        document["integrations"]
    )
    assert planted.found_in(" ".join(said)) == set()
    assert _leaks(planted, told, logged, settings) == {}


def test_the_engine_s_own_database_holds_none(
    planted: Planted, parrot: Parrot, told: Told, logged: io.StringIO, settings: Settings
) -> None:
    parrot.reply = REPLIES["unavailable"]
    engine.launch()
    try:
        for kind, data in _configurations(planted, parrot.url).items():
            told.call("POST", f"{ROOT}/{kind}/config", json=data)
        for method, kind, action, body in CALLS:
            told.call(method, f"{ROOT}/{kind}/{action}", json=body)
        assert (settings.data_dir / "engine.db").exists()
    finally:
        engine.shut_down()
    assert _leaks(planted, told, logged, settings) == {}


def test_the_search_itself_finds_what_is_there(planted: Planted) -> None:
    """Otherwise “nothing found” would say nothing."""
    plain, odd = planted.secret(), planted.odd()
    signing = planted.signing()
    for text in (plain, quote(odd, safe=""), base64.b64encode(odd.encode()).decode(), signing):
        assert planted.found_in(f"before {text} after".encode())
    basic = base64.b64encode(f"bot@example.com:{odd}".encode())
    assert planted.found_in(b"Basic " + basic) == {odd}
    assert planted.found_in(b"nothing to see") == set()
