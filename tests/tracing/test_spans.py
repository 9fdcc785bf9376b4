"""What a trace is known by, what a span may say, and that without a receiver there is none."""

from __future__ import annotations

import threading

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette

from soc.integrations.kit.connection import http_client
from soc.serving import front_door, guarded_routes
from soc.settings import Settings, get_settings
from soc.store.migrate import migrate
from soc.tracing import exporting, spans
from soc.tracing.attributes import ATTRIBUTES
from soc.tracing.context import carried, child_of, current_trace_id, current_traceparent, read_traceparent
from tests.tracing.receiver import receiving, vendor

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def _no_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    exporting.forget()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (GIVEN, GIVEN),
        (f"00-{TRACE}-00f067aa0ba902b7-00", f"00-{TRACE}-00f067aa0ba902b7-00"),
        (f"cc-{TRACE}-00f067aa0ba902b7-ff-what-comes-later", GIVEN),
        (f"00-{TRACE}-00f067aa0ba902b7-01-more", ""),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", ""),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (GIVEN.upper(), ""),
        (GIVEN + "\n", ""),
        ("", ""),
    ],
)
def test_what_a_caller_sends_is_kept_only_where_it_is_a_traceparent(given: str, kept: str) -> None:
    assert read_traceparent(given) == kept


def test_a_span_below_another_is_known_by_what_it_is_about() -> None:
    one = child_of(GIVEN, "dlv-1", 1, "send")
    assert one == child_of(GIVEN, "dlv-1", 1, "send") != child_of(GIVEN, "dlv-1", 2, "send")
    assert read_traceparent(one) == one
    assert one.split("-")[1] == TRACE
    assert child_of("", "dlv-1", 1, "send") == ""


def test_without_a_receiver_nothing_is_imported_and_a_caller_s_trace_is_carried_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def imported(name: str) -> None:
        raise AssertionError(f"{name} was imported")

    monkeypatch.setattr(exporting, "import_module", imported)
    monkeypatch.setattr(spans, "import_module", imported)
    with spans.span("outer", parent=GIVEN), spans.span("inner") as seen:
        seen.say({"soc.batch": "bat-1"})
        assert current_traceparent() == GIVEN
    assert (current_traceparent(), spans.mark("moment", "internal", {})) == ("", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ],
)
def test_the_standard_variables_switch_it_off(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv(name, value)
    exporting.forget()
    assert exporting.tracer() is None


def test_without_the_extra_the_product_works_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(exporting, "import_module", missing)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    exporting.forget()
    with spans.span("work"):
        pass
    assert "soc-operations-dashboard[otel]" in capsys.readouterr().out


def test_a_span_says_only_what_is_declared_and_of_an_error_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="the extra “otel” is not installed here")
    with receiving(monkeypatch) as receiver:
        with (
            pytest.raises(ValueError, match=r"log\.line"),
            spans.span("wrong", attributes={"log.line": "root"}),
        ):
            pass
        with pytest.raises(RuntimeError), spans.span("broken", attributes={"soc.batch": "b" * 999}):
            raise RuntimeError("the secret is 4711")
        exporting.flush()
        [seen] = receiver.spans()
        assert (seen.name, seen.failed, seen.parent) == ("broken", True, "")
        assert seen.attributes == {"soc.batch": "b" * 200, "error.type": "RuntimeError"}
        assert b"4711" not in b"".join(receiver.bodies)


def test_a_receiver_that_does_not_answer_keeps_no_process_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    class Stuck:
        def force_flush(self) -> None:
            answered.wait()

    monkeypatch.setattr(exporting, "LONGEST_FLUSH", 0.01)
    monkeypatch.setattr(exporting, "_provider", Stuck())
    exporting.flush()  # comes back
    [sending] = [one for one in threading.enumerate() if one.name == "last-spans"]
    assert sending.daemon  # nor does Python wait for it
    answered.set()
    sending.join()


def test_the_sdk_does_nothing_of_its_own_where_the_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra “otel” is not installed here")
    registered: list[object] = []
    monkeypatch.setattr(trace.atexit, "register", lambda *given, **_named: registered.append(given))
    with receiving(monkeypatch):
        assert exporting.tracer() is not None
    assert registered == []


def test_every_attribute_says_what_it_is() -> None:
    assert all(ATTRIBUTES.values())


@pytest.mark.parametrize("told", [False, True])
def test_vendors_see_the_trace_only_where_that_is_switched_on(
    monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    monkeypatch.setenv("SOC_TRACE_VENDORS", str(told))
    get_settings.cache_clear()
    with (
        vendor() as (url, heard),
        http_client(Settings(allowed_hosts=("127.0.0.1",))) as client,
        carried(GIVEN),
    ):
        client.post(f"{url}/hook")
    assert [headers.get("traceparent") for headers in heard] == [GIVEN if told else None]


def test_a_refusal_names_the_caller_s_trace_and_one_without_a_trace_names_none() -> None:
    migrate()
    app = Starlette(
        routes=guarded_routes(listens_beyond_loopback=False),
        middleware=[front_door(listens_beyond_loopback=False)],
    )
    with TestClient(app, base_url="http://127.0.0.1:8501") as client:
        for path in ("/api/v1/batches/bat-none", "/api/v1/nowhere", "/status"):
            assert client.get(path, headers={"traceparent": GIVEN}).json()["trace_id"] == TRACE, path
            assert "trace_id" not in client.get(path, headers={"traceparent": "mine"}).json(), path
        foreign = client.get("/api/v1/batches", headers={"traceparent": GIVEN, "host": "evil.example"})
        assert (foreign.status_code, foreign.json()["trace_id"]) == (403, TRACE)
    assert current_trace_id() == ""
