"""The product's own connectors against the vendor contract bench, judged by its check.py.

The bench (../shared/bench) has the vendors' own specifications in front of stateful counterparts and injects faults.
It is not part of the project: without it, or without its installation in .bench (bash ../shared/bench/install.sh
.bench), these tests are skipped. The ledger's discipline is played here in small: an unknown outcome is settled and
looked up as often as the connector asks before anything is sent again.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from soc.domain.ids import new_id
from soc.domain.message import (
    CallAction,
    Message,
    OpenTicket,
    Receipt,
    ResolveAlert,
    SendAlert,
    SendSummary,
    TicketLink,
    UpdateAlert,
)
from soc.errors import (
    ConfigurationError,
    DeliveryError,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.integrations.base import Connector, TroubleCase
from soc.integrations.connection import http_client
from soc.integrations.jira import JiraConnector
from soc.integrations.registry import InvalidConfiguration, connect, validate
from soc.integrations.stackstorm.requests import ListActions, ShowExecution
from soc.settings import Settings, get_settings
from tests.integrations.examples import (
    CREATE_INCIDENT,
    CREATE_TICKET,
    GUIDE_DATA,
    SEND,
    SLACK_CALL,
    SUMMARY,
    an_incident,
    called,
)

pytestmark = [pytest.mark.contract, pytest.mark.timeout(240)]

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench"
INSTALLED = ROOT / ".bench"
TRIES = 5
TOKEN = "bench-jira-token"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PAGERDUTY = {
    "integration_key": "e93facc04764012d7bfb002500d5d1a6",
    "rest_token": "bench-pd-token",
    "from_email": "oncall@example.com",
    "service_id": "PSVC001",
    "escalation_policy_id": "PEP0001",
}
STACKSTORM = {
    "api_key": "NGQ0NTZmMzQ0YjU0NjhlM2JkOGM5ZTg0MjNkODY4N2U1NzBhZTRhOGFhYjU0MTEz",
    "pack_name": "soc",
    "action_name": "handle_alert",
    "settle_seconds": 1,
}
VENDORS = ("jira_cloud", "jira_dc", "slack", "pagerduty_events", "stackstorm", "webhook")


@dataclass(frozen=True)
class Bench:
    base: int
    run: Path
    client: httpx.Client

    def url(self, offset: int) -> str:
        return f"http://127.0.0.1:{self.base + offset}"

    def mark(self, name: str) -> None:
        httpx.delete(self.url(0) + "/faults")
        httpx.post(self.url(0) + "/mark", json={"name": name})

    def fault(self, path: str, kind: str, *, times: int = 1, method: str = "POST", **more: Any) -> None:
        """Arm a fault at all vendors. `process=True` lets the vendor do the work all the same."""
        process = more.pop("process", None)
        rule = {
            "method": method,
            "path": path,
            "times": times,
            "process": process,
            "fault": {"kind": kind, **more},
        }
        rules = [{"vendor": vendor, **rule} for vendor in VENDORS]
        httpx.post(self.url(0) + "/faults", json=rules)

    def state(self, offset: int) -> Any:
        return httpx.get(self.url(offset) + "/__admin/state").json()

    def made_of(self, name: str, message: Message) -> int:
        """How many of the vendor's own things came of the message: tickets, alerts, runs, different events."""
        incident = getattr(message, "incident", None)
        if incident is None:
            return -1
        if name in ("cloud", "dc"):
            label = f"soc-incident-{incident.id}"
            return sum(
                label in issue["labels"] for issue in self.state(201 if name == "cloud" else 206)["issues"]
            )
        if name == "pagerduty":
            return int(f"soc-{incident.id}" in self.state(202)["alerts"])
        if name == "stackstorm":
            return sum(
                e["parameters"].get("incident_id") == incident.id for e in self.state(203)["executions"]
            )
        if name == "webhook":
            seen = [e for e in self.state(204) if e["ok"] and e["body"].get("incident_id") == incident.id]
            return len({event["id"] for event in seen})
        return -1

    def verdict(self) -> tuple[int, str]:
        command = [INSTALLED / "venv/bin/python", BENCH / "check.py", self.run / "traffic.jsonl"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def connectors(self) -> dict[str, Connector]:
        jira = {"timeout": 2, "settle_seconds": 1, "components": "Security"}
        cloud = {**jira, "base_url": self.url(1), "username": "soc-bot@example.com", "api_token": TOKEN}
        dc = {**jira, "base_url": self.url(2), "instance_type": "data_center", "api_token": TOKEN}
        slack = {
            "timeout": 2,
            "settle_seconds": 1,
            "base_url": self.url(3) + "/api/",
            "bot_token": "xoxb-bench-good",
        }
        short = {"timeout": 2}
        made = {
            "cloud": ("jira", cloud),
            "dc": ("jira", dc),
            "slack": ("slack", slack),
            "pagerduty": (
                "pagerduty",
                {**short, **PAGERDUTY, "events_url": self.url(5), "base_url": self.url(4)},
            ),
            "stackstorm": ("stackstorm", {**short, **STACKSTORM, "base_url": self.url(6)}),
            "webhook": (
                "webhook",
                {**short, "url": self.url(8) + "/hook", "signing_secrets": [WEBHOOK_SECRET]},
            ),
        }
        return {
            name: connect(kind, validate(kind, data), http=self.client) for name, (kind, data) in made.items()
        }


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if not BENCH.is_dir():
        pytest.skip("needs the vendor contract bench ../shared/bench, which is not part of the project")
    if not (INSTALLED / "venv").is_dir():
        pytest.skip("the bench is not installed: bash ../shared/bench/install.sh .bench")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    base, run = 24000 + 1000 * worker, tmp_path_factory.mktemp("bench")
    env = {**os.environ, "BENCH_BASE": str(base), "BENCH_RUN": str(run), "BENCH_NODE_DIR": str(INSTALLED)}
    command = [INSTALLED / "venv/bin/python", BENCH / "up.py"]
    subprocess.run(
        [*command, "start"], env={**env, "BENCH_TTL": "300"}, check=True, timeout=90, capture_output=True
    )
    client = http_client(extra_allowed=[f"127.0.0.1:{base + n}" for n in (1, 2, 3, 4, 5, 6, 8, 10)])
    try:
        yield Bench(base, run, client)
    finally:
        client.close()
        subprocess.run([*command, "stop"], env=env, check=False, timeout=30, capture_output=True)


def carry(connector: Connector, message: Message, delivery_id: str) -> Receipt | DeliveryError:
    """Deliver as the ledger does, with short waits. Returns the receipt, or the error that ends it."""
    started, unknown = datetime.now(UTC), False
    last: DeliveryError | None = None
    for number in range(TRIES):
        try:
            if unknown:
                if (found := look_up(connector, message, delivery_id, started)) is not None:
                    return found
                unknown = False
            return connector.deliver(message, delivery_id=delivery_id)
        except UnknownOutcome as error:
            last, unknown = error, True
        except TransientDeliveryError as error:
            last = error
            wait = error.retry_after.total_seconds() if error.retry_after else 0.2 * 2**number
            time.sleep(wait + 0.1)
        except PermanentDeliveryError as error:
            return error
    assert last is not None
    return last


def look_up(connector: Connector, message: Message, delivery_id: str, since: datetime) -> Receipt | None:
    for _ in range(connector.reconcile_rounds):
        time.sleep(connector.settle.total_seconds())
        if found := connector.reconcile(message, delivery_id=delivery_id, since=since):
            return found
    return None


def message_for(name: str, kind: str) -> Message:
    incident = an_incident(
        id=new_id("inc") + "7", message=f"fault {kind}: <!channel> & {{noformat}} ``` \x00 ünï 🙂"
    )
    if name in ("cloud", "dc", "jira820"):
        return OpenTicket(incident=incident, due="2026-01-15")
    return SendAlert(incident=incident)


def carry_everywhere(bench: Bench, kind: str) -> dict[str, tuple[Message, Receipt | DeliveryError]]:
    def one(item: tuple[str, Connector]) -> tuple[str, tuple[Message, Receipt | DeliveryError]]:
        message = message_for(item[0], kind)
        return item[0], (message, carry(item[1], message, new_id("del") + "7"))

    with ThreadPoolExecutor(6) as pool:
        return dict(pool.map(one, bench.connectors().items()))


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
    assert receipts["stackstorm"].extra["status"] == "succeeded"
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
WRITE = r"(/issue|chat\.postMessage|/enqueue|/executions|/hook)$"
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
FINAL: dict[str, Arm] = {
    "html_login": _write("html_login"),
    "redirect": lambda b: b.fault(WRITE, "redirect", location=b.url(9) + "/stolen"),
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
        for name, (message, result) in carry_everywhere(bench, kind).items():
            done = kind in RECOVERED or (kind == "redirect while preparing" and name in UNPREPARED)
            if isinstance(result, Receipt) != done:
                wrong.append(f"{kind} at {name}: {result!r}")
            if (count := bench.made_of(name, message)) not in (-1, int(done)):
                wrong.append(f"{kind} at {name}: made {count}")
    httpx.delete(bench.url(0) + "/faults")
    assert not wrong, "\n".join(wrong)
    status, output = bench.verdict()
    assert status == 0, output


CALLS: dict[str, tuple[CallAction, ...]] = {
    "cloud": (CREATE_TICKET,),
    "dc": (CREATE_TICKET,),
    "slack": (SLACK_CALL,),
    "pagerduty": (
        CREATE_INCIDENT,
        called("acknowledge-incident", incident_id="inc-123"),
        called("resolve-incident", incident_id="inc-123"),
    ),
    "stackstorm": (
        called("execute-action", incident_id="inc-1", pack_name="soc", action_name="isolate_host",
               incident_data={"severity": "critical"}, action_parameters={"host": "web-1"}),
        called("send-alert", alert_id="alert-456", alert_data={"title": "CPU", "severity": "warning"},
               pack_name="soc", action_name="handle_alert"),
    ),
    "webhook": (
        SEND,
        called("send-incident", incident_id="inc-123", incident_data=GUIDE_DATA),
        called("send-alert", alert_id="alert-456", alert_data=GUIDE_DATA),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["none", "reset_after"])
def test_every_action_of_the_guide_is_done_once(bench: Bench, kind: str) -> None:
    bench.mark(f"actions, {kind}")
    connectors = bench.connectors()

    def one(name: str) -> list[Receipt | DeliveryError]:
        return [carry(connectors[name], call, new_id("del") + "7") for call in made[name]]

    made = {
        name: tuple(
            CallAction(
                name=call.name,
                request={
                    k: f"{v}-{name}-{kind}7" if k in ("incident_id", "alert_id") else v
                    for k, v in call.request.items()
                },
            )
            for call in calls
        )
        for name, calls in CALLS.items()
    }
    if kind != "none":
        bench.fault(WRITE, kind)
    with ThreadPoolExecutor(6) as pool:
        results = dict(zip(made, pool.map(one, made), strict=True))
    assert [r for found in results.values() for r in found if not isinstance(r, Receipt)] == []
    assert bench.state(202)["alerts"][f"soc-inc-123-pagerduty-{kind}7"]["status"] == "resolved"
    assert all(event["ok"] for event in bench.state(204)), "every signature verifies"
    status, output = bench.verdict()
    assert status == 0, output


def test_an_action_that_fails_or_lasts_is_told_with_its_end(bench: Bench) -> None:
    bench.mark("ends of actions")
    stackstorm = bench.connectors()["stackstorm"]
    failed = stackstorm.deliver(run_of("fail"), delivery_id="del-f7")
    assert failed.extra["status"] == "failed"
    assert "boom" in failed.extra["output"]
    slow = stackstorm.deliver(run_of("slow"), delivery_id="del-s7")
    assert slow.extra["status"] == "running"
    time.sleep(3)
    shown = stackstorm.ask("execution", ShowExecution(execution_id=slow.remote_id))
    assert shown["status"] == "succeeded"
    listed = stackstorm.ask("actions", ListActions(pack="soc"))
    assert "soc.handle_alert" in [action["ref"] for action in listed]
    for name in ("disabled_action", "no_such_action"):
        with pytest.raises(PermanentDeliveryError, match=name):
            stackstorm.deliver(run_of(name), delivery_id="del-x7")
    assert status_of(bench) == ""


def run_of(action: str) -> CallAction:
    return called("execute-action", incident_id="inc-7", pack_name="soc", action_name=action)


def status_of(bench: Bench) -> str:
    """ "" where check.py finds nothing, else its words."""
    status, output = bench.verdict()
    return "" if status == 0 else output


def test_wrong_credentials_are_named_and_no_key_is_shown(bench: Bench) -> None:
    bench.mark("wrong credentials")
    wrong = {
        "pagerduty": {
            **PAGERDUTY,
            "integration_key": "0" * 32,
            "events_url": bench.url(5),
            "base_url": bench.url(4),
        },
        "stackstorm": {**STACKSTORM, "api_key": "not-the-key", "base_url": bench.url(6)},
        "webhook": {"url": bench.url(8) + "/hook", "signing_secrets": ["whsec_" + "QUJD" * 8]},
    }
    for kind, data in wrong.items():
        report = connect(kind, validate(kind, data), http=bench.client).check()
        assert not report.ok
        assert report.case is TroubleCase.AUTHENTICATION, kind
        assert "key_hash" not in report.model_dump_json()
    assert status_of(bench) == ""


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


def test_a_certificate_is_left_unchecked_only_where_an_administrator_allows_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.mark("unchecked")
    address = f"127.0.0.1:{bench.base + 441}"
    data = {"url": f"https://{address}/hook", "signing_secrets": [WEBHOOK_SECRET], "verify_ssl": False}
    with pytest.raises(InvalidConfiguration, match="SOC_ALLOW_INSECURE_TLS"):
        validate("webhook", data)
    with pytest.raises(ConfigurationError):
        http_client(verify=False)
    monkeypatch.setenv("SOC_ALLOW_INSECURE_TLS", "true")
    get_settings.cache_clear()
    with http_client(extra_allowed=[address], verify=False) as client:
        report = connect("webhook", validate("webhook", data), http=client).check()
    assert report.ok, report.summary
    assert any("not checked" in warning for warning in report.warnings)
    assert status_of(bench) == ""


def test_a_summary_whose_answer_is_lost_is_not_posted_twice(bench: Bench) -> None:
    bench.mark("lost summary")
    bench.fault(WRITE, "reset_after")
    summary = SendSummary(**{**SUMMARY.model_dump(), "batch_id": new_id("bat")})
    assert isinstance(carry(bench.connectors()["slack"], summary, new_id("del") + "7"), Receipt)
    status, output = bench.verdict()
    assert status == 0, output
