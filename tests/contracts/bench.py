"""The bench and its driving: connectors on its vendors, and the ledger's discipline played in small.

An unknown outcome is settled and looked up as often as the connector asks before anything is sent again.
"""

from __future__ import annotations

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from soc.domain.message import (
    Message,
    OpenTicket,
    Receipt,
    SendAlert,
)
from soc.errors import (
    DeliveryError,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.ids import new_id
from soc.integrations.kit.base import Connector
from soc.integrations.registry import connect, validate
from tests.integrations.examples import an_incident

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench"
INSTALLED = ROOT / ".bench"
#: The writes of every vendor.
WRITE = r"(/issue|chat\.postMessage|/enqueue|/executions|/hook)$"
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
#: With BENCH_ST2_REAL=http://127.0.0.1:… every test here speaks to a real st2api instead of its counterpart.
REAL_STACKSTORM = bool(os.environ.get("BENCH_ST2_REAL"))
STACKSTORM_AT, STACKSTORM_VENDOR = (7, "stackstorm_real") if REAL_STACKSTORM else (6, "stackstorm")
VENDORS = ("jira_cloud", "jira_dc", "slack", "pagerduty_events", STACKSTORM_VENDOR, "webhook")


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
            return sum(e.get("parameters", {}).get("incident_id") == incident.id for e in self._executions())
        if name == "webhook":
            seen = [e for e in self.state(204) if e["ok"] and e["body"].get("incident_id") == incident.id]
            return len({event["id"] for event in seen})
        return -1

    def _executions(self) -> list[dict[str, Any]]:
        if not REAL_STACKSTORM:
            return list(self.state(203)["executions"])
        key = {"St2-Api-Key": STACKSTORM["api_key"]}
        answer = httpx.get(f"{os.environ['BENCH_ST2_REAL']}/v1/executions?limit=100", headers=key)
        return list(answer.json())

    def verdict(self) -> tuple[int, str]:
        command = [INSTALLED / "venv/bin/python", BENCH / "check.py", self.run / "traffic.jsonl"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def connectors(self, patience: int = 2) -> dict[str, Connector]:
        """One of each vendor, that waits `patience` seconds for an answer."""
        jira = {"timeout": patience, "settle_seconds": 1, "components": "Security"}
        cloud = {**jira, "base_url": self.url(1), "username": "soc-bot@example.com", "api_token": TOKEN}
        dc = {**jira, "base_url": self.url(2), "instance_type": "data_center", "api_token": TOKEN}
        slack = {
            "timeout": patience,
            "settle_seconds": 1,
            "base_url": self.url(3) + "/api/",
            "bot_token": "xoxb-bench-good",
        }
        short = {"timeout": patience}
        made = {
            "cloud": ("jira", cloud),
            "dc": ("jira", dc),
            "slack": ("slack", slack),
            "pagerduty": (
                "pagerduty",
                {**short, **PAGERDUTY, "events_url": self.url(5), "base_url": self.url(4)},
            ),
            "stackstorm": ("stackstorm", {**short, **STACKSTORM, "base_url": self.url(STACKSTORM_AT)}),
            "webhook": (
                "webhook",
                {**short, "url": self.url(8) + "/hook", "signing_secrets": [WEBHOOK_SECRET]},
            ),
        }
        return {
            name: connect(kind, validate(kind, data), http=self.client) for name, (kind, data) in made.items()
        }


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


def carry_everywhere(
    bench: Bench, kind: str, patience: int = 2
) -> dict[str, tuple[Message, Receipt | DeliveryError]]:
    def one(item: tuple[str, Connector]) -> tuple[str, tuple[Message, Receipt | DeliveryError]]:
        message = message_for(item[0], kind)
        return item[0], (message, carry(item[1], message, new_id("del") + "7"))

    with ThreadPoolExecutor(6) as pool:
        return dict(pool.map(one, bench.connectors(patience).items()))


def status_of(bench: Bench) -> str:
    """ "" where check.py finds nothing, else its words."""
    status, output = bench.verdict()
    return "" if status == 0 else output
