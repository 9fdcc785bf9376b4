"""Where spans go: by OTLP over HTTP, where the standard OTEL_* variables say so. Without them nothing is imported.

The variables are those of the OpenTelemetry SDK, which reads them itself; here only whether there is anything to do is
asked. They must stand in the environment: the SDK does not read `.env`.
"""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar
from importlib import import_module
from typing import Any

import structlog

from soc import __version__

log = structlog.get_logger(__name__)

SERVICE_NAME = "soc-operations-dashboard"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP = "http/protobuf"

#: The id that the span which is made now has to have; 0: any.
next_span_id: ContextVar[int] = ContextVar("soc_next_span_id", default=0)

#: So many seconds the end of a process waits for the receiver.
LONGEST_FLUSH = 10.0

_lock = threading.Lock()
_asked = False
_provider: Any = None
_tracer: Any = None


def _said(*names: str) -> str:
    """The first of these variables that says anything."""
    return next((text for name in names if (text := os.environ.get(name, "").strip())), "")


def is_wanted() -> bool:
    """Whether the environment names a receiver and does not switch traces off."""
    off = _said("OTEL_SDK_DISABLED").lower() == "true" or _said("OTEL_TRACES_EXPORTER").lower() == "none"
    return bool(_said(*_ENDPOINTS)) and not off


def tracer() -> Any:
    """OpenTelemetry's tracer; None where no spans are wanted, or they cannot be made here. Asked once a process."""
    global _asked, _tracer, _provider
    if _asked:
        return _tracer
    with _lock:
        if not _asked:
            if is_wanted():
                try:
                    _provider = _set_up()
                except Exception as error:  # noqa: BLE001 - whatever a variable says, the product works
                    log.error("tracing_not_set_up", error=type(error).__name__)
                _tracer = None if _provider is None else _provider.get_tracer("soc", __version__)
            _asked = True
    return _tracer


def _set_up() -> Any:
    protocol = _said(*_PROTOCOLS) or _HTTP
    if protocol != _HTTP:
        log.warning("tracing_protocol_unknown", protocol=protocol, hint=f"Set {_PROTOCOLS[1]}={_HTTP}.")
        return None
    try:
        trace = import_module("opentelemetry.sdk.trace")
        export = import_module("opentelemetry.sdk.trace.export")
        resources = import_module("opentelemetry.sdk.resources")
        otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError:
        hint = "pip install 'soc-operations-dashboard[otel]'"
        log.warning("tracing_not_installed", hint=hint)
        return None
    said = {} if _said("OTEL_SERVICE_NAME") else {"service.name": SERVICE_NAME}
    resource = resources.Resource.create({**said, "service.version": __version__})
    # not the global provider: what libraries would tell there (addresses, texts of errors) is not for others
    # at the end of the process the SDK would wait up to 30 s for a receiver that does not answer: `flush` is what waits
    provider = trace.TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.id_generator = _naming(provider.id_generator)
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    return provider


def _naming(made: Any) -> Any:
    """The same generator of ids, which gives a span the id that was asked for."""
    random = made.generate_span_id
    made.generate_span_id = lambda: next_span_id.get() or random()
    return made


def flush() -> None:
    """Send what has ended. Called where a process ends; what is not sent in ten seconds is lost."""
    if _provider is not None:
        # the SDK's own time-out is ignored (open-telemetry/opentelemetry-python#4568)
        sending = threading.Thread(target=_provider.force_flush, name="last-spans", daemon=True)
        sending.start()
        sending.join(LONGEST_FLUSH)


def forget() -> None:
    """Ask the environment anew at the next span."""
    global _asked, _provider, _tracer
    with _lock:
        provider, _asked, _provider, _tracer = _provider, False, None, None
    if provider is not None:
        provider.shutdown()
