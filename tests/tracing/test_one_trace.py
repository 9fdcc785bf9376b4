"""One upload is one trace: over the request, the batch, its blocks, incidents, deliveries, tries, to the vendors' answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog
from fastapi.testclient import TestClient
from sqlmodel import select
from starlette.applications import Starlette

from soc import engine
from soc.audit.check import verify_audit
from soc.configuration.practice import connect_sandbox, stop_sandbox
from soc.domain.actor import AT_A_PAGE
from soc.json_log import set_up_logging
from soc.serving import front_door, guarded_routes
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.vendors.integrations import list_integrations, open_secrets
from tests.tracing.receiver import Receiver, Seen, receiving
from tests.waiting import wait_for

pytest.importorskip("opentelemetry.sdk", reason="the extra “otel” is not installed here")

#: Vendors, engine and the reading of a batch are all real: on a busy machine that takes its time.
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

LINE = "SecuritySystem,CRITICAL: Multiple failed root login attempts - potential breach by zeus-4711"
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    migrate()
    with receiving(monkeypatch) as found:
        yield found


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    set_up_logging(stream, "INFO")
    yield stream
    structlog.reset_defaults()


def _upload() -> str:
    """The batch of one upload to the API by a caller who has a trace, once everything has been told."""
    app = Starlette(
        routes=guarded_routes(listens_beyond_loopback=False),
        middleware=[front_door(listens_beyond_loopback=False)],
    )
    with TestClient(app, base_url="http://127.0.0.1:8501") as client:
        answer = client.post(
            "/api/v1/batches",
            files=[("files", ("night.csv", f"source,message\n{LINE}\n"))],
            data={"channels": ["jira", "slack"]},
            headers={"traceparent": f"00-{TRACE}-{CALLER}-01"},
        )
        batch_id: str = answer.json()["batch_id"]
        wait_for(
            lambda: client.get(f"/api/v1/batches/{batch_id}").json()["settled"], seconds=400, what="telling"
        )
        return batch_id


def _path(spans: dict[str, Seen], one: Seen) -> list[str]:
    """The names from the span up to the caller's."""
    names = [one.name]
    while one.parent != CALLER:
        one = spans[one.parent]
        names.append(one.name)
    return names


def test_one_upload_is_one_trace_from_the_request_to_the_vendor_s_answer(
    receiver: Receiver, log: io.StringIO
) -> None:
    connect_sandbox(actor=AT_A_PAGE)
    engine.launch()
    try:
        batch_id = _upload()
    finally:
        engine.shut_down()  # which sends what has ended
        stop_sandbox()
    assert receiver.resources == []
    assert receiver.spans()
    spans = {one.id: one for one in receiver.spans() if one.trace == TRACE}

    # every step hangs on the one before it, in whatever thread or workflow it ran
    paths = {tuple(_path(spans, one)) for one in spans.values()}
    request, run = ("POST /batches",), ("run batch", "submit batch", "POST /batches")
    told = ("plan delivery", "find incident", "store incidents", *run)
    assert paths >= {
        request, ("read block", "read files", *run), ("find incident", "store incidents", *run), told,
        ("send open_ticket", *told), ("POST", "send open_ticket", *told), ("send send_alert", *told), ("POST", "send send_alert", *told),
    }  # fmt: skip
    answers = [one for one in spans.values() if one.name == "POST" and "server.address" in one.attributes]
    assert {one.attributes["http.response.status_code"] for one in answers} <= {200, 201}
    block = next(one for one in spans.values() if one.name == "read block")
    assert block.attributes["soc.block.lines"] == 1
    assert block.length_ns > 0
    assert receiver.resources[0]["service.name"] == "soc-operations-dashboard"

    # the same id stands in the store: batch, deliveries, each try by its own span, the audit, which still verifies
    with read_session() as session:
        deliveries = session.exec(select(DeliveryRow).where(DeliveryRow.batch_id == batch_id)).all()
        attempts = session.exec(select(AttemptRow)).all()
        entries = session.exec(select(AuditRow).where(AuditRow.subject_id == batch_id)).all()
        secrets = [text for row in list_integrations(session) for text in open_secrets(row).values() if text]
    assert {row.trace_id for row in deliveries} == {row.trace_id for row in entries} == {TRACE}
    assert {row.span_id for row in attempts} <= spans.keys()
    assert len(attempts) >= 2
    assert {entry.action for entry in entries} == {"submit", "find incidents"}
    assert verify_audit().sound

    # … and in the log; what is secret, or was said in a line, leaves with no span
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    done = [line for line in lines if line["event"].endswith("_action_executed")]
    assert {line["trace_id"] for line in done} == {TRACE}
    assert {line["span_id"] for line in done} <= spans.keys()
    sent = b"".join(receiver.bodies)
    assert [text for text in (*secrets, "zeus-4711", "night.csv", "/services") if text.encode() in sent] == []
