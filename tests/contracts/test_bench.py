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
from soc.domain.message import Message, OpenTicket, Receipt, SendAlert, SendSummary, TicketLink, UpdateAlert
from soc.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError, UnknownOutcome
from soc.integrations.base import Connector, TroubleCase
from soc.integrations.connection import http_client
from soc.integrations.jira import JiraConnector
from soc.integrations.registry import connect, validate
from soc.settings import Settings
from tests.integrations.examples import SUMMARY, an_incident

pytestmark = [pytest.mark.contract, pytest.mark.timeout(240)]

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench"
INSTALLED = ROOT / ".bench"
TRIES = 5
TOKEN = "bench-jira-token"


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
        """Arm a fault at all three vendors. `process=True` lets the vendor do the work all the same."""
        process = more.pop("process", None)
        rule = {
            "method": method,
            "path": path,
            "times": times,
            "process": process,
            "fault": {"kind": kind, **more},
        }
        rules = [{"vendor": vendor, **rule} for vendor in ("jira_cloud", "jira_dc", "slack")]
        httpx.post(self.url(0) + "/faults", json=rules)

    def issues(self, offset: int) -> list[dict[str, Any]]:
        issues: list[dict[str, Any]] = httpx.get(self.url(offset) + "/__admin/state").json()["issues"]
        return issues

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
        made = {"cloud": ("jira", cloud), "dc": ("jira", dc), "slack": ("slack", slack)}
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
    client = http_client(extra_allowed=[f"127.0.0.1:{base + n}" for n in (1, 2, 3, 10)])
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
    return (
        SendAlert(incident=incident) if name == "slack" else OpenTicket(incident=incident, due="2026-01-15")
    )


def carry_everywhere(bench: Bench, kind: str) -> dict[str, tuple[Message, Receipt | DeliveryError]]:
    def one(item: tuple[str, Connector]) -> tuple[str, tuple[Message, Receipt | DeliveryError]]:
        message = message_for(item[0], kind)
        return item[0], (message, carry(item[1], message, new_id("del") + "7"))

    with ThreadPoolExecutor(3) as pool:
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
WRITE = r"(/issue|chat\.postMessage)$"
LOOK_UP = r"(/search(/jql)?|conversations\.history)$"
PREPARE = r"(issuetypes|conversations\.list)$"


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
            if isinstance(result, Receipt) != (kind in RECOVERED):
                wrong.append(f"{kind} at {name}: {result!r}")
            if isinstance(message, OpenTicket):
                label = f"soc-incident-{message.incident.id}"
                count = sum(
                    label in issue["labels"] for issue in bench.issues(201 if name == "cloud" else 206)
                )
                if count != (1 if kind in RECOVERED else 0):
                    wrong.append(f"{kind} at {name}: {count} tickets")
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
