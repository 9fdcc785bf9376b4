"""The product's own connectors against the vendor contract bench, judged by its check.py.

The bench (../shared/bench) has the vendors' own specifications in front of stateful counterparts and injects faults.
It is not part of the project: without it, or without its installation in .bench (bash ../shared/bench/install.sh
.bench), these tests are skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from soc.domain.message import (
    Message,
    Receipt,
    ResolveAlert,
    SendAlert,
    SendSummary,
    TicketLink,
    UpdateAlert,
)
from soc.ids import new_id
from soc.integrations.kit.base import Connector, TroubleCase
from soc.integrations.kit.connection import http_client
from soc.integrations.registry import connect, validate
from soc.integrations.vendors.jira import JiraConnector
from soc.settings import Settings
from tests.contracts.bench import (
    TOKEN,
    WRITE,
    Bench,
    carry,
    carry_everywhere,
    message_for,
)
from tests.integrations.examples import SUMMARY

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]


def _ended(connector: Connector, receipt: Receipt, message: Message) -> Receipt:
    """The run's end, as the engine would ask for it."""
    for _ in range(50):
        if not receipt.open:
            break
        time.sleep(0.2)
        receipt = connector.follow_up(receipt, message)
    return receipt


def test_normal_operation_is_valid_by_the_vendors_own_specifications(bench: Bench) -> None:
    bench.mark("normal operation")
    connectors = bench.connectors()
    for name, connector in connectors.items():
        report = connector.check()
        assert report.ok, f"{name}: {report.summary} {report.hint}"
        assert not report.warnings
    results = carry_everywhere(bench, "none")
    receipts = {name: result for name, (_, result) in results.items() if isinstance(result, Receipt)}
    assert set(receipts) == set(connectors), results
    alert, sent = results["slack"][0], receipts["slack"]
    assert isinstance(alert, SendAlert)
    link = TicketLink(key=receipts["cloud"].key, url=receipts["cloud"].url)
    update = UpdateAlert(incident=alert.incident, ticket=link, channel=sent.key, ts=sent.remote_id)
    assert connectors["slack"].deliver(update, delivery_id="del-u").remote_id == sent.remote_id
    connectors["slack"].deliver(SUMMARY.model_copy(update={"batch_id": "bat-9"}), delivery_id="del-s9")
    for name in ("pagerduty", "webhook"):
        alert_there = results[name][0]
        assert isinstance(alert_there, SendAlert)
        connectors[name].deliver(ResolveAlert(incident=alert_there.incident), delivery_id=f"del-{name}-r")
    assert (
        _ended(connectors["stackstorm"], receipts["stackstorm"], results["stackstorm"][0]).extra["status"]
        == "succeeded"
    )
    for name in ("cloud", "dc"):
        jira = connectors[name]
        assert isinstance(jira, JiraConnector)
        tickets = jira.fetch_tickets([receipts[name].key, "SOC-99999"])
        assert [(t.key, t.status_category, t.priority) for t in tickets] == [
            (receipts[name].key, "new", "Highest")
        ]
        assert receipts[name].key in [ticket.key for ticket in jira.search_open()]
    status, output = bench.verdict()
    assert status == 0, output


Arm = Callable[[Bench], None]
LOOK_UP = r"(/search(/jql)?|conversations\.history|/traces)$"
PREPARE = r"(issuetypes|conversations\.list|/actions/[^/]+)$"
#: They ask nothing before they send.
UNPREPARED = ("pagerduty", "webhook")


def _write(kind: str, **more: Any) -> Arm:
    return lambda bench: bench.fault(WRITE, kind, **more)


def _lost_then(kind: str, **more: Any) -> Arm:
    def arm(bench: Bench) -> None:
        bench.fault(WRITE, "reset_after")
        bench.fault(LOOK_UP, kind, method="GET|POST", **more)

    return arm


def _prepare(kind: str, **more: Any) -> Arm:
    return lambda bench: bench.fault(PREPARE, kind, method="GET|POST", **more)


RECOVERED: dict[str, Arm] = {
    "rate_limit": _write("rate_limit", retry_after=1),
    "rate_limit twice": _write("rate_limit", retry_after=1, times=2),
    "unavailable": _write("unavailable", status=503, retry_after=1),
    "status 500": _write("status", status=500),
    "status 500 but done": _write("status", process=True, status=500),
    "reset_before": _write("reset_before"),
    "no_response": _write("no_response", seconds=3),
    "reset_after": _write("reset_after"),
    "reset_after twice": _write("reset_after", times=2),
    "reset_mid": _write("reset_mid"),
    "truncated": _write("truncated"),
    "slow": _write("slow", seconds=3),
    "drip": _write("drip", interval=0.2),
    "invalid_json": _write("invalid_json"),
    "empty": _write("empty"),
    "null_body": _write("null_body"),
    "wrong_type": _write("wrong_type"),
    "huge": _write("huge", bytes=6_000_000),
    "lost, look-up throttled": _lost_then("rate_limit", retry_after=1),
    "lost, look-up broken": _lost_then("reset_mid"),
    "preparing throttled": _prepare("rate_limit", retry_after=1),
    "preparing reset": _prepare("reset_before"),
}
#: Each is an answer that comes at once. It is waited for: read too late it would be an unknown outcome, rightly asked for again.
FINAL: dict[str, Arm] = {
    "html_login": _write("html_login", times=-1),
    "redirect": lambda b: b.fault(WRITE, "redirect", times=-1, location=b.url(9) + "/stolen"),
    "redirect while preparing": lambda b: b.fault(
        PREPARE, "redirect", method="GET|POST", location=b.url(9) + "/x"
    ),
    "expired_token": _write("expired_token", times=-1),
    "forbidden": _write("forbidden", times=-1),
    "not_found": _write("not_found", times=-1),
}


def test_every_kind_of_fault_ends_in_one_message_or_a_reason(bench: Bench) -> None:
    wrong: list[str] = []
    httpx.post(bench.url(201) + "/__admin/set", json={"search_lag": 1.2})
    for kind, arm in {**RECOVERED, **FINAL}.items():
        bench.mark(kind)
        arm(bench)
        patience = 2 if kind in RECOVERED else 20
        for name, (message, result) in carry_everywhere(bench, kind, patience).items():
            done = kind in RECOVERED or (kind == "redirect while preparing" and name in UNPREPARED)
            if isinstance(result, Receipt) != done:
                wrong.append(f"{kind} at {name}: {result!r}")
            if (count := bench.made_of(name, message)) not in (-1, int(done)):
                wrong.append(f"{kind} at {name}: made {count}")
    httpx.delete(bench.url(0) + "/faults")
    assert not wrong, "\n".join(wrong)
    status, output = bench.verdict()
    assert status == 0, output


def test_an_independent_data_center_of_another_hand_is_spoken_to_as_well(bench: Bench) -> None:
    bench.mark("other hand")
    data = {"base_url": bench.url(10), "instance_type": "server", "api_token": TOKEN, "settle_seconds": 0}
    jira = connect("jira", validate("jira", data), http=bench.client)
    assert jira.check().ok
    message = message_for("jira820", "none")
    receipt = carry(jira, message, "del-820")
    assert isinstance(receipt, Receipt)
    found = jira.reconcile(message, delivery_id="del-820", since=datetime.now(UTC))
    assert found is not None
    assert found.key == receipt.key
    status, output = bench.verdict()
    assert status == 0, output


def test_https_needs_the_bundle_and_a_bad_certificate_is_never_accepted(bench: Bench) -> None:
    bench.mark("tls")
    settings = Settings(ca_bundle=bench.run / "tls" / "ca.pem")
    data = {"username": "soc-bot@example.com", "api_token": TOKEN}
    good, bad = (
        f"https://127.0.0.1:{bench.base + 501}",
        [f"https://127.0.0.1:{bench.base + 441 + n}" for n in range(3)],
    )
    with (
        http_client(settings, extra_allowed=["127.0.0.1"]) as trusting,
        http_client(extra_allowed=["127.0.0.1"]) as plain,
    ):
        assert connect("jira", validate("jira", {**data, "base_url": good}), http=trusting).check().ok
        for url, client in [(good, plain), *((url, trusting) for url in bad)]:
            report = connect("jira", validate("jira", {**data, "base_url": url}), http=client).check()
            assert report.case is TroubleCase.CERTIFICATE, f"{url}: {report.summary}"
    status, output = bench.verdict()
    assert status == 0, output


def test_a_summary_whose_answer_is_lost_is_not_posted_twice(bench: Bench) -> None:
    bench.mark("lost summary")
    bench.fault(WRITE, "reset_after")
    summary = SendSummary(**{**SUMMARY.model_dump(), "batch_id": new_id("bat")})
    assert isinstance(carry(bench.connectors()["slack"], summary, new_id("del") + "7"), Receipt)
    status, output = bench.verdict()
    assert status == 0, output
