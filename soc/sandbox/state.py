"""What the practice vendors remember: issues, messages, and two settings. Every change is journalled first."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from soc import clock
from soc.sandbox import jira_catalogue as catalogue
from soc.sandbox.journal import Journal, Record


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
    status: str = catalogue.OPEN
    priority: str = catalogue.MEDIUM
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
    """Issues and messages, in memory and in the journal.

    All requests run on one event loop and change the state without awaiting in between, so each change is
    atomic; the lock is for other threads of the same process that look at it.
    """

    path: Path | None = None
    search_lag: float = 0.0
    issues: dict[str, Issue] = field(default_factory=dict)
    messages: dict[tuple[str, str], SlackMessage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._last_issue = 0
        self._last_comment = 10000
        self._last_ts = Decimal(0)
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
        """Forget every issue and message; numbering starts again."""
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
        kept: list[Record] = [{"kind": "issue", "data": asdict(issue)} for issue in self.issues.values()]
        kept += [{"kind": "message", "data": asdict(message)} for message in self.messages.values()]
        if read > len(kept):  # some are superseded versions
            journal.rewrite(kept)

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

    def _forget(self) -> None:
        self.issues.clear()
        self.messages.clear()
        self._last_issue, self._last_comment, self._last_ts = 0, 10000, Decimal(0)
