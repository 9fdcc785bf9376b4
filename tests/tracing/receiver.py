"""An OTLP receiver on loopback, which keeps what it is sent."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from soc.tracing import exporting


@dataclass(frozen=True)
class Seen:
    """A span as it came."""

    trace: str
    id: str
    parent: str
    name: str
    attributes: dict[str, Any]
    failed: bool
    length_ns: int


@dataclass
class Receiver:
    url: str
    bodies: list[bytes] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)

    def spans(self) -> list[Seen]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        found = []
        for body in list(self.bodies):
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append(_read(group.resource.attributes))
                for scope in group.scope_spans:
                    found += [_seen(one) for one in scope.spans]
        return found


def _read(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def _seen(one: Any) -> Seen:
    length = one.end_time_unix_nano - one.start_time_unix_nano
    ids = (one.trace_id.hex(), one.span_id.hex(), one.parent_span_id.hex())
    return Seen(*ids, one.name, _read(one.attributes), one.status.code == 2, length)


@contextmanager
def receiving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """This process's spans go to a receiver of its own; the last ones are there once `exporting.flush()` came back."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            receiver.bodies.append(
                gzip.decompress(raw) if self.headers.get("content-encoding") == "gzip" else raw
            )
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        exporting.forget()
        try:
            yield receiver
        finally:
            exporting.forget()
            server.shutdown()


@contextmanager
def vendor() -> Iterator[tuple[str, list[Any]]]:
    """Takes every POST; its address, and the headers that it heard."""
    heard: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.headers)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()
