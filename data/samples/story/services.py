"""What the services and the monitoring tool saw."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

from story.night import DOMAIN, Night, moment

SERVICES = ["orders-api", "rates-api", "tracking-web", "billing", "workflow-engine"]


def app_jsonl() -> str:
    """JSON lines of the services: requests, a database that refuses connections, failing workflows, deprecations."""
    night = Night("app")
    for _ in range(2300):
        _ordinary_event(night)
    for at in night.steps("02:14:03", "02:31:50", 90):
        service = night.rng.choice(["orders-api", "billing"])
        text = "could not connect to database orders at db-01:5432: connection refused"
        night.add(
            at, _event(night, at, "ERROR", service, text, db_host="db-01", retry=night.rng.randrange(1, 6))
        )
    for at in night.steps("02:14:40", "02:31:30", 45):
        waiting = night.rng.randrange(20, 400)
        text = f"connection pool exhausted: 50 of 50 connections in use, {waiting} requests waiting"
        night.add(at, _event(night, at, "ERROR", "orders-api", text, pool="orders", waiting=waiting))
    for clock in ("02:16:10", "02:23:10"):
        text = "CRITICAL: orders-api cannot serve requests, database orders is unavailable"
        night.add(moment(clock), _event(night, moment(clock), "CRITICAL", "orders-api", text))
    at = moment("02:32:15")
    night.add(at, _event(night, at, "INFO", "orders-api", "database orders is reachable again after 18 min"))
    for n, at in enumerate(night.steps("02:15:00", "02:50:00", 12), 1):
        step = night.rng.choice(["collect-shipments", "charge-customers", "send-invoices"])
        text = f"Workflow nightly-invoicing failed at step {step}: timeout after 300 s (attempt {n % 3 + 1} of 3)"
        night.add(
            at, _event(night, at, "ERROR", "workflow-engine", text, workflow="nightly-invoicing", step=step)
        )
    for at in night.steps("20:00:00", "05:59:00", 40):
        text = "DeprecationWarning: /v1/rates is deprecated and will be removed on 2026-06-30, use /v2/rates"
        night.add(
            at, _event(night, at, "WARN", "rates-api", text, client=night.rng.choice(["shop", "mobile"]))
        )
    for at in night.steps("02:00:00", "02:14:00", 14):
        text = f"memory usage {night.rng.randrange(88, 98)}% of 16 GiB on db-01, swap in use"
        night.add(at, _event(night, at, "WARN", "node-monitor", text, host_name="db-01"))
    return night.text()


def _ordinary_event(night: Night) -> None:
    at, rng = night.quiet(), night.rng
    service = rng.choice(SERVICES)
    if service == "workflow-engine":
        name = rng.choice(["label-print", "customs-declaration", "route-plan"])
        night.add(
            at, _event(night, at, "INFO", service, f"Workflow {name} completed in {rng.randrange(2, 90)} s")
        )
    elif rng.random() < 0.1:
        user = f"{rng.choice(['anna', 'liv', 'jonas', 'mira'])}@{DOMAIN}"
        action = rng.choice(
            ["logged in", "logged out", "changed the delivery address", "downloaded an invoice"]
        )
        night.add(at, _event(night, at, "INFO", service, f"User {user} {action}", user=user))
    else:
        latency, status = (
            int(rng.lognormvariate(3.6, 0.6)),
            rng.choices([200, 201, 404, 500], [900, 60, 36, 4])[0],
        )
        level = "ERROR" if status == 500 else "INFO"
        text = f"{rng.choice(['GET', 'POST'])} /v2/{service.split('-')[0]}/{rng.randrange(10**5)} completed with {status}"
        night.add(at, _event(night, at, level, service, text, http_status=status, latency_ms=latency))


def _event(night: Night, at: datetime, level: str, service: str, message: str, **more: object) -> str:
    at = at.replace(microsecond=night.rng.randrange(1000) * 1000)
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    host = night.rng.choice(["app-01", "app-02"])
    trace = f"{night.rng.getrandbits(64):016x}"
    event = {"timestamp": stamp, "level": level, "service": service, "host": host, "trace_id": trace}
    return json.dumps(event | {"message": message} | more)


EVENTS = [
    ("20:57:02", "NetworkFirewall", "SECURITY ALERT: Advanced persistent threat detected"),
    ("22:44:40", "WebServer", "Suspicious request blocked too late: /download?file=../../../../etc/passwd answered with 200"),
    ("01:31:40", "SecuritySystem", "CRITICAL: Multiple failed root login attempts - potential breach"),
    ("01:35:10", "SecuritySystem", "Privilege escalation: user backup gained root on bastion-01 and created account svc-update"),
    ("02:14:10", "DatabaseServer", "CRITICAL: Database connection failed: orders at db-01:5432 refused the connection"),
    ("02:20:00", "WorkflowEngine", "Workflow nightly-invoicing failed: step charge-customers timed out after 300 s"),
    ("02:21:30", "BillingService", 'Payment run stopped, "nightly-invoicing" is incomplete: 214 invoices, 31 sent'),
    ("03:15:10", "BackupAgent", "ERROR: checksum mismatch in archive db-01-orders.tar, backup set is incomplete"),
]  # fmt: skip
ORDINARY = [
    ("WebServer", "GET /tracking returned 200 in {n} ms"),
    ("WebServer", "HTTP 404 for /assets/old-{n}.png"),
    ("MailGateway", "Message {n} delivered to 3 recipients"),
    ("MailGateway", "Message {n} marked as spam and put in quarantine"),
    ("HRPortal", "User employee{n} logged in successfully"),
    ("HRPortal", "User employee{n} updated the profile, phone and address"),
    ("BackupAgent", "Backup of volume {n} completed successfully"),
    ("DatabaseServer", "Checkpoint complete: wrote {n} buffers"),
    ("WorkflowEngine", "Workflow label-print completed in {n} ms"),
    ("Monitoring", "CPU usage {n}% on app-01"),
    ("Monitoring", "Disk usage of /var on db-01 is {n}%"),
    ("RatesService", "DeprecationWarning: endpoint /v1/rates will be removed, used by client {n}"),
]


def events_csv() -> str:
    """`timestamp,source,log_message` from a monitoring tool, with the two test logs of the setup guide word for word."""
    night = Night("events")
    rows = [(moment(clock), source, text) for clock, source, text in EVENTS]
    for _ in range(1000):
        source, text = night.rng.choice(ORDINARY)
        rows.append((night.quiet(), source, text.format(n=night.rng.randrange(10, 90))))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["timestamp", "source", "log_message"])
    writer.writerows(
        (f"{at:%Y-%m-%dT%H:%M:%SZ}", *rest) for at, *rest in sorted(rows, key=lambda row: row[0])
    )
    return out.getvalue()
