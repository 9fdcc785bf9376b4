"""What the practice vendors remember, and how they are set. Every change is journalled first."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from soc import clock
from soc.sandbox.journal import Journal, Record
from soc.sandbox.received import Alerts, Execution, PagerDutyAlert, PagerDutyEvent, WebhookDelivery


@dataclass
class Comment:
    """One comment. `body` is an ADF document or plain text, as it was sent."""

    id: str
    author: str
    body: Any
    created: str


@dataclass
class Issue:
    """One practice issue. Vocabulary values (status, priority, components …) are ids of the catalogue.

    Times are ISO-8601 in UTC with microseconds. `description` is an ADF document or plain text, as sent.
    """

    id: str
    key: str
    summary: str
    issue_type: str
    created: str
    updated: str
    reporter: str
    status: str
    priority: str
    description: Any = None
    environment: Any = None
    labels: list[str] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    duedate: str | None = None
    assignee: str | None = None
    resolution: str | None = None
    resolved: str | None = None
    comments: list[Comment] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class SlackMessage:
    """One practice message; `ts` is its identity within the channel."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    edited: str | None = None


@dataclass
class SandboxState:
    """Issues, messages, events, executions and deliveries, in memory and in the journal.

    `search_lag`: seconds until Jira Cloud's search finds a new issue. `execution_seconds`: how long an ordinary
    StackStorm action runs. `events_per_minute`: what PagerDuty takes before it throttles (None: everything).

    All requests run on one event loop and change the state without awaiting in between, so each change is
    atomic; the lock is for other threads of the same process that look at it.
    """

    path: Path | None = None
    search_lag: float = 0.0
    execution_seconds: float = 1.0
    events_per_minute: int | None = None
    issues: dict[str, Issue] = field(default_factory=dict)
    messages: dict[tuple[str, str], SlackMessage] = field(default_factory=dict)
    pagerduty_events: list[PagerDutyEvent] = field(default_factory=list)
    executions: dict[str, Execution] = field(default_factory=dict)
    webhooks: list[WebhookDelivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._last_issue = 0
        self._last_comment = 10000
        self._last_ts = Decimal(0)
        self._alerts = Alerts()
        self._heard: set[tuple[str, str]] = set()
        self._journal = Journal(self.path) if self.path else None
        if self._journal:
            self._replay(self._journal)

    def next_issue_number(self) -> int:
        """The number of the next issue: `SOC-<n>`, id `10000 + n`."""
        return self._last_issue + 1

    @staticmethod
    def now() -> str:
        """The present moment as issues keep it: ISO-8601, UTC, microseconds."""
        return clock.now().isoformat(timespec="microseconds")

    def next_comment_id(self) -> str:
        return str(self._last_comment + 1)

    def next_ts(self) -> str:
        """A Slack timestamp of now, later than every one given before."""
        now = Decimal(int(clock.now().timestamp() * 1_000_000)) / 1_000_000
        return f"{max(now, self._last_ts + Decimal('0.000001')):.6f}"

    def save_issue(self, issue: Issue) -> None:
        """Journal and keep an issue, new or changed."""
        self._record({"kind": "issue", "data": asdict(issue)})

    def save_message(self, message: SlackMessage) -> None:
        """Journal and keep a message, new or changed."""
        self._record({"kind": "message", "data": asdict(message)})

    def save_event(self, event: PagerDutyEvent) -> None:
        """Journal and keep an event, and do to the alerts what it says."""
        self._record({"kind": "pagerduty_event", "data": asdict(event)})

    def save_execution(self, execution: Execution) -> None:
        """Journal and keep an execution, new or changed."""
        self._record({"kind": "execution", "data": asdict(execution)})

    def save_webhook(self, delivery: WebhookDelivery) -> None:
        """Keep a delivery; the journal gets it with its secret-looking headers masked."""
        with self.lock:
            if self._journal:
                self._journal.append(_journalled(delivery))
            self._keep_webhook(delivery)

    @property
    def pagerduty_alerts(self) -> list[PagerDutyAlert]:
        """Oldest first."""
        with self.lock:
            return self._alerts.all()

    def next_event_number(self) -> int:
        return self.pagerduty_events[-1].number + 1 if self.pagerduty_events else 1

    def next_webhook_number(self) -> int:
        return self.webhooks[-1].number + 1 if self.webhooks else 1

    def find_alert(self, key: str) -> PagerDutyAlert | None:
        """By id."""
        return self._alerts.find(key)

    def has_heard(self, receiver: str, webhook_id: str) -> bool:
        """Whether this receiver took a delivery of that `webhook-id` before, one with a bad signature aside."""
        return (receiver, webhook_id) in self._heard

    def counts(self) -> dict[str, int]:
        """What each vendor took: no repeated or badly signed webhook, no button pressed in the console."""
        with self.lock:
            return {
                "issues": len(self.issues),
                "messages": len(self.messages),
                "pagerduty_events": sum(event.by == "client" for event in self.pagerduty_events),
                "pagerduty_alerts": len(self._alerts.all()),
                "executions": len(self.executions),
                "webhooks": sum(delivery.verdict in ("valid", "unsigned") for delivery in self.webhooks),
            }

    def find_issue(self, name: str) -> Issue | None:
        """By key (any case) or id."""
        return self.issues.get(name.upper()) or next((i for i in self.issues.values() if i.id == name), None)

    def in_channel(self, channel: str) -> list[SlackMessage]:
        """A channel's messages, oldest first, thread replies included."""
        with self.lock:
            return sorted((m for m in self.messages.values() if m.channel == channel), key=lambda m: m.ts)

    def is_searchable(self, issue: Issue, now: datetime) -> bool:
        """Whether Cloud's index has caught up with the issue (`search_lag` seconds after its creation)."""
        return now - clock.parse(issue.created) >= timedelta(seconds=self.search_lag)

    def reset(self) -> None:
        """Forget everything that was received; numbering starts again. Settings stay."""
        with self.lock:
            self._forget()
            if self._journal:
                self._journal.rewrite(())

    def close(self) -> None:
        if self._journal:
            self._journal.close()

    def _record(self, record: Record) -> None:
        with self.lock:
            if self._journal:
                self._journal.append(record)
            self._apply(record)

    def _replay(self, journal: Journal) -> None:
        read = 0
        for record in journal.read():
            self._apply(record)
            read += 1
        kept = self._kept()
        if read > len(kept):  # some are superseded versions
            journal.rewrite(kept)

    def _kept(self) -> list[Record]:
        kept: list[Record] = [{"kind": "issue", "data": asdict(issue)} for issue in self.issues.values()]
        kept += [{"kind": "message", "data": asdict(message)} for message in self.messages.values()]
        kept += [{"kind": "pagerduty_event", "data": asdict(event)} for event in self.pagerduty_events]
        kept += [{"kind": "execution", "data": asdict(execution)} for execution in self.executions.values()]
        kept += [_journalled(delivery) for delivery in self.webhooks]
        return kept

    def _apply(self, record: Record) -> None:
        data = record.get("data", {})
        if record.get("kind") == "issue":
            issue = Issue(**{**data, "comments": [Comment(**comment) for comment in data["comments"]]})
            self.issues[issue.key] = issue
            self._last_issue = max(self._last_issue, int(issue.id) - 10000)
            self._last_comment = max([self._last_comment, *(int(c.id) for c in issue.comments)])
        elif record.get("kind") == "message":
            message = SlackMessage(**data)
            self.messages[message.channel, message.ts] = message
            self._last_ts = max(self._last_ts, Decimal(message.ts))
        elif record.get("kind") == "pagerduty_event":
            event = PagerDutyEvent(**data)
            self.pagerduty_events.append(event)
            self._alerts.apply(event)
        elif record.get("kind") == "execution":
            self.executions[data["id"]] = Execution(**data)
        elif record.get("kind") == "webhook":
            self._keep_webhook(WebhookDelivery(**data))

    def _keep_webhook(self, delivery: WebhookDelivery) -> None:
        self.webhooks.append(delivery)
        if delivery.webhook_id and delivery.verdict != "invalid":
            self._heard.add((delivery.receiver, delivery.webhook_id))

    def _forget(self) -> None:
        self.issues.clear()
        self.messages.clear()
        self.pagerduty_events.clear()
        self.executions.clear()
        self.webhooks.clear()
        self._alerts.clear()
        self._heard.clear()
        self._last_issue, self._last_comment, self._last_ts = 0, 10000, Decimal(0)


def _journalled(delivery: WebhookDelivery) -> Record:
    """The file outlives the practice, so it gets no header value that looks secret."""
    return {"kind": "webhook", "data": asdict(delivery) | {"headers": delivery.masked_headers()}}
