"""A large store for measuring: incidents of many kinds, tickets, deliveries with attempts, all from a row's number."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from soc.domain.classification import Classification
from soc.domain.incident import Incident, Reason, Sample
from soc.domain.severity import PRIORITY_BY_SEVERITY, severity_of
from soc.store.db import write_session
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incident_writing import add_incidents
from soc.store.nouns.tickets.tickets import TicketRow

BATCHES = 200
#: Title, message, technique, class.
_KINDS = (
    ("Multiple failed logins", "Failed password for {user} from {ip} port {n} ssh2", "T1110", Classification.SECURITY_ALERT),
    ("Password spraying over many accounts", "Failed password for invalid user {user} from {ip} port {n} ssh2", "T1110.003", Classification.SECURITY_ALERT),
    ("Port scan from one address", "SECURITY ALERT: port scan detected from {ip} on {host}", "T1046", Classification.SECURITY_ALERT),
    ("SQL injection in a request", "{ip} GET /search?q=1%27+OR+1%3D1&n={n} HTTP/1.1 on {host}", "T1190", Classification.SECURITY_ALERT),
    ("Database connection lost", "FATAL: terminating connection of {user} on {host} (pid {n})", "", Classification.CRITICAL_ERROR),
    ("Disk nearly full", "disk usage at 93% on {host}:/var/lib/postgresql", "", Classification.RESOURCE_USAGE),
    ("Workflow step failed", "step {n} of nightly_import failed on {host} for {user}", "", Classification.WORKFLOW_ERROR),
)  # fmt: skip
_USERS = ("root", "admin", "kim.sato", "svc_backup", "CORP\\amira", "deploy", "o'brien", "jenkins@build")
_STATES = ("delivered", "delivered", "delivered", "dead", "delivered", "cancelled", "suppressed", "delivered")


def add_store(*, incidents: int, tickets: int, deliveries: int, now: datetime) -> None:
    """Fill an empty store. Nothing in it is due, so that an engine beside it stays idle."""
    with write_session() as session:
        session.connection().execute(sa.insert(BatchRow), [_batch(n, now) for n in range(BATCHES)])
    for batch in range(BATCHES):
        made = [one_incident(n, f"bat-{batch}", now) for n in range(batch, incidents, BATCHES)]
        with write_session() as session:
            eligible = {one.id for one in made if one.score >= 7}
            add_incidents(session, made, eligible=eligible, now=now - (BATCHES - batch) * timedelta(hours=1))
    with write_session() as session:
        connection = session.connection()
        connection.execute(sa.insert(TicketRow), [_ticket(n, now) for n in range(tickets)])
        connection.execute(sa.insert(DeliveryRow), [_delivery(n, now, tickets) for n in range(deliveries)])
        connection.execute(sa.insert(AttemptRow), [_attempt(n, now) for n in range(deliveries)])


def one_incident(n: int, batch_id: str, now: datetime) -> Incident:
    dice = random.Random(n)
    title, message, attack, kind = _KINDS[n % len(_KINDS)]
    ip = f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
    if n % 10 == 0:
        ip = f"2001:db8:{dice.randrange(65536):x}::{dice.randrange(65536):x}"
    host = f"web-{dice.randrange(400)}.corp.example"
    text = message.format(user=dice.choice(_USERS), ip=ip, host=host, n=dice.randrange(65536))
    entity = ip if "{ip}" in message else host
    return Incident(
        id=f"inc-{n:012d}", batch_id=batch_id, title=f"{title}: {entity}", source=("sshd", "nginx", "postgres")[n % 3],
        classification=kind, score=n % 10 + 1, confidence=0.9, rule_id=f"rule-{n % 40}", template_id=f"tpl-{n % 40}",
        template=message, entity=entity, count=n % 500 + 1, first_seen=now - timedelta(hours=3), last_seen=now,
        message=text,
        reasons=(Reason(signature="s", title=title, words=title.split()[0], start=0, end=5, weight=5, attack=attack),),
        samples=tuple(Sample(file="auth.log", line_no=k, offset=k * 90, text=text) for k in range(3)),
    )  # fmt: skip


def _batch(n: int, now: datetime) -> dict[str, Any]:
    made = now - timedelta(hours=BATCHES - n)
    return BatchRow(
        id=f"bat-{n}", name=f"night {n}.log", state="finished", created_at=made, started_at=made, finished_at=made,
        idempotency_key=str(n), made_by="system:benchmark@schedule", lines_in=1000, parsed=990, rejected=10,
    ).model_dump()  # fmt: skip


def _ticket(n: int, now: datetime) -> dict[str, Any]:
    made, score = now - n * timedelta(minutes=1), n % 10 + 1
    return TicketRow(
        incident_id=f"inc-{n:012d}", integration="jira", key=f"SOC-{n + 1}", remote_id=str(n), summary=f"[HIGH] Alert {n}",
        url=f"https://jira.example.com/browse/SOC-{n + 1}", priority=PRIORITY_BY_SEVERITY[severity_of(score)].value,
        status="Open", created_at=made, due_at=made + timedelta(days=2), made_by="system:benchmark@schedule",
        resolved_at=made + timedelta(hours=1) if n % 3 == 0 else None,
    ).model_dump(exclude={"id"})  # fmt: skip


def _delivery(n: int, now: datetime, tickets: int) -> dict[str, Any]:
    # alerts are of incidents without a ticket: else the sweep would have to link them
    made, subject = now - timedelta(seconds=10 * n), f"inc-{n % tickets + n % 2 * tickets:012d}"
    return DeliveryRow(
        id=f"dlv-{n}", key=f"k-{n}", integration=("jira", "slack")[n % 2], state=_STATES[n % 8], incident_id=subject,
        action=("open_ticket", "send_alert")[n % 2], batch_id=f"bat-{n % BATCHES}", subject=subject, created_at=made,
        updated_at=made, made_by="system:benchmark@schedule", payload={"action": "send_alert"},
    ).model_dump()  # fmt: skip


def _attempt(n: int, now: datetime) -> dict[str, Any]:
    made, arrived = now - timedelta(seconds=10 * n), n % 8 < 3
    return AttemptRow(
        delivery_id=f"dlv-{n}", number=1, kind="send", started_at=made, finished_at=made + timedelta(seconds=1),
        outcome="delivered" if arrived else "failed", reason="" if arrived else "server",
    ).model_dump(exclude={"id"})  # fmt: skip
