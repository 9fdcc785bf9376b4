"""A small believable night, written through the store: what the pages are tested and looked at with."""

from __future__ import annotations

from datetime import datetime, timedelta

from soc import clock
from soc.domain.actor import AT_A_PAGE
from soc.domain.incident import Incident, Reason, Sample
from soc.rules.decide import decide
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFileRow, BatchRow
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incident_writing import add_incidents
from soc.store.nouns.rules.decisions import DecisionRow
from soc.store.nouns.rules.rules import list_rules
from soc.store.nouns.tickets.tickets import TicketRow

BATCH = "bat-0000000001"
RUNNING = "bat-0000000002"
BREAK_IN = "inc-000000000001"
HOSTILE = "inc-000000000002"
HOSTILE_TEXT = (
    "<script>alert(1)</script> **bold** :red[x] \u202egnp.exe \x1b[31mred ![p](http://evil.test/p.png)"
)

#: id, title, source, class, score, lines, message, words
_INCIDENTS = (
    (BREAK_IN, "Multiple failed root logins, then a success", "SecuritySystem", "Security Alert", 9, 214,
     "CRITICAL: Multiple failed root login attempts - potential breach", "failed root login"),
    (HOSTILE, "Script injection in a request", "web-1", "Security Alert", 8, 3,
     f"GET /search?q={HOSTILE_TEXT} HTTP/1.1", "<script>"),
    ("inc-000000000003", "Database connection lost", "db-2", "Critical Error", 8, 57,
     "FATAL: terminating connection due to administrator command", "FATAL"),
    ("inc-000000000004", "Port scan from one address", "NetworkFirewall", "Security Alert", 9, 1_840,
     "SECURITY ALERT: port scan detected from 203.0.113.7", "port scan"),
    ("inc-000000000005", "Disk nearly full", "db-2", "Resource Usage", 6, 12,
     "disk usage at 93% on /var/lib/postgresql", "disk usage at 93%"),
    ("inc-000000000006", "Deprecated TLS version", "web-2", "Deprecation Warning", 5, 40,
     "TLSv1.0 is deprecated and will be removed", "deprecated"),
)  # fmt: skip


def _incident(number: int, now: datetime) -> Incident:
    found_id, title, source, cls, score, count, message, words = _INCIDENTS[number]
    start = message.encode().find(words.encode())
    seen = now - timedelta(hours=number + 1)
    return Incident(
        id=found_id,
        batch_id=BATCH,
        title=title,
        source=source,
        classification=cls,
        score=score,
        confidence=0.93,
        rule_id="auth.bruteforce",
        template_id=f"tpl-{number}",
        template=message.replace("203.0.113.7", "#"),
        entity="203.0.113.7" if number in (0, 3) else source,
        count=count,
        first_seen=seen,
        last_seen=seen + timedelta(minutes=20),
        message=message,
        reasons=(
            Reason(
                signature="auth.bruteforce",
                title=title,
                words=words,
                start=start,
                end=start + len(words.encode()),
                weight=score - 2,
                attack="T1110",
            ),
            Reason(
                signature="level.critical",
                title="The line says so itself",
                words=message[:8],
                start=0,
                end=8,
                weight=2,
            ),
        ),
        samples=(Sample(file="auth.log", line_no=12 + number, offset=900, text=message),),
    )


def _ticket(
    number: int, incident: str, priority: str, opened: datetime, due: datetime, **more: object
) -> TicketRow:
    return TicketRow(
        incident_id=incident,
        integration="jira",
        key=f"SOC-{number}",
        remote_id=str(10_000 + number),
        url=f"http://127.0.0.1:8610/jira/browse/SOC-{number}",
        summary=f"[{'CRITICAL' if priority == 'Highest' else 'HIGH'}] Security Alert - ticket {number}",
        priority=priority,
        **{
            "status": "Open",
            "practice": True,
            "created_at": opened,
            "due_at": due,
            "synced_at": opened,
            **more,
        },
        made_by=str(AT_A_PAGE),
    )


def _delivery(
    number: int, integration: str, action: str, state: str, now: datetime, **more: object
) -> DeliveryRow:
    incident = _INCIDENTS[number % len(_INCIDENTS)]
    return DeliveryRow(
        id=f"dlv-{number:012d}",
        key=f"{integration}:{action}:{number}",
        integration=integration,
        action=action,
        incident_id=incident[0],
        batch_id=BATCH,
        payload={"action": action, "incident": {"title": incident[1]}},
        state=state,
        **{"practice": True, "score": 9, "created_at": now, "updated_at": now, "sends": 1, **more},
        made_by=str(AT_A_PAGE),
    )


def add_night(*, now: datetime | None = None, running: bool = True) -> None:
    """A finished batch with incidents, decisions, tickets and deliveries in every kind of trouble; one still runs."""
    moment = now or clock.now()
    migrate()
    incidents = [_incident(number, moment) for number in range(len(_INCIDENTS))]
    with write_session() as session:
        session.add(_finished_batch(moment))
        if running:
            session.add(_running_batch(moment))
        session.flush()
        for row in _files():
            session.add(row)
        rules = list_rules(session)
        decisions = [answer for incident in incidents for answer in decide(incident, rules)]
        add_incidents(
            session,
            incidents,
            eligible={one.incident_id for one in decisions if one.matched},
            now=moment - timedelta(minutes=5),
        )
        session.flush()
        for one in decisions:
            session.add(
                DecisionRow(
                    incident_id=one.incident_id,
                    rule_id=one.rule.id,
                    rule_name=one.rule.name,
                    matched=one.matched,
                    explanation=one.explanation,
                    actions=list(one.rule.actions) if one.matched else [],
                    created_at=moment,
                    made_by=str(AT_A_PAGE),
                )
            )
        for row in (*_tickets(moment), *_deliveries(moment)):
            session.add(row)
        session.flush()
        for row in _attempts(moment):
            session.add(row)


def _finished_batch(now: datetime) -> BatchRow:
    return BatchRow(
        id=BATCH,
        name="Sample night",
        state="finished",
        created_at=now - timedelta(minutes=6),
        started_at=now - timedelta(minutes=6),
        finished_at=now - timedelta(minutes=6) + timedelta(seconds=4.2),
        idempotency_key="night",
        enable_jira=True,
        enable_slack=True,
        practice=True,
        bytes_total=5_400_000,
        bytes_done=5_400_000,
        lines_done=48_210,
        lines_in=48_210,
        parsed=48_203,
        rejected=7,
        incidents=6,
        eligible=4,
        seconds=4.2,
        by_class={"Security Alert": 2057, "Critical Error": 57, "Unclassified": 46_000},
        by_severity={"critical": 2054, "high": 60, "medium": 52, "low": 0, "info": 46_037},
        made_by=str(AT_A_PAGE),
    )


def _running_batch(now: datetime) -> BatchRow:
    return BatchRow(
        id=RUNNING,
        name="proxy-2026-01-15.log.gz",
        state="running",
        created_at=now - timedelta(seconds=20),
        started_at=now - timedelta(seconds=18),
        heartbeat_at=now,
        idempotency_key="running",
        stage="reading",
        current_file="proxy-2026-01-15.log.gz",
        bytes_total=900_000_000,
        bytes_done=380_000_000,
        lines_done=3_400_000,
        made_by=str(AT_A_PAGE),
    )


def _files() -> list[BatchFileRow]:
    return [
        BatchFileRow(
            batch_id=BATCH, position=0, name="auth.log", path="/x", size=4_000_000, sha256="a" * 64, format="syslog",
            encoding="utf-8", lines_in=40_000, parsed=39_993, rejected=7,
            rejected_by_reason={"no message": 7}, warnings=["2 lines were longer than 64 KiB"],
        ),
        BatchFileRow(
            batch_id=BATCH, position=1, name="events.csv", path="/y", size=1_400_000, sha256="b" * 64, format="csv",
            encoding="utf-16-le", compression="gzip", lines_in=8_210, parsed=8_210, rejected=0,
        ),
        BatchFileRow(
            batch_id=BATCH, position=2, name="holiday.png", path="/z", size=80_000, sha256="c" * 64,
            error="It is a PNG picture, not a text log. Upload the log that the picture shows.",
        ),
    ]  # fmt: skip


def _tickets(now: datetime) -> list[TicketRow]:
    hour = timedelta(hours=1)
    return [
        _ticket(123, BREAK_IN, "Highest", now - 0.3 * hour, now + 0.7 * hour),
        _ticket(124, "inc-000000000004", "Highest", now - 2 * hour, now - hour, status="In Progress", assignee="Kim"),
        _ticket(125, "inc-000000000003", "High", now - 3 * hour, now + hour),
        _ticket(
            126, HOSTILE, "High", now - 5 * hour, now - hour, status="Closed", status_category="done",
            resolved_at=now - 2 * hour,
        ),
    ]  # fmt: skip


def _deliveries(now: datetime) -> list[DeliveryRow]:
    return [
        _delivery(0, "jira", "open_ticket", "delivered", now, delivered_at=now,
                  receipt={"remote_id": "10123", "key": "SOC-123", "url": "http://127.0.0.1:8610/jira/browse/SOC-123"}),
        _delivery(1, "slack", "send_alert", "dead", now, reason="client", http_status=404, sends=3, failures=3,
                  error="Slack does not know the channel #soc-alert.", hint="Check the channel's name; invite the bot."),
        _delivery(2, "jira", "open_ticket", "retry", now, reason="throttled", http_status=429, failures=1,
                  error="Jira asks to slow down.", hint="Nothing: it is sent again by itself.",
                  next_try_at=now + timedelta(minutes=2)),
        _delivery(3, "slack", "send_alert", "unknown", now, reason="timeout", next_try_at=now + timedelta(seconds=9),
                  error="The answer was lost.", hint="It is looked up there."),
        _delivery(4, "slack", "send_alert", "suppressed", now, reason="Slack is switched off", sends=0),
        _delivery(5, "jira", "open_ticket", "pending", now, reason="auth", sends=0, next_try_at=None),
        _delivery(6, "slack", "send_alert", "delivered", now, delivered_at=now),
    ]  # fmt: skip


def _attempts(now: datetime) -> list[AttemptRow]:
    return [
        AttemptRow(
            delivery_id="dlv-000000000001", number=number, kind="send", started_at=now + timedelta(seconds=number),
            finished_at=now + timedelta(seconds=number + 0.2), outcome="permanent", reason="client", http_status=404,
            error="channel_not_found", hint="Invite the bot to the channel.",
        )
        for number in (1, 2, 3)
    ]  # fmt: skip
