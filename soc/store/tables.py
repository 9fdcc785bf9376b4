"""Every table of the product. What has a lifecycle is a row; raw log lines are not (they live in Parquet).

`table=True` models validate nothing, so rows are made from values the domain has validated already.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from soc.clock import UtcDateTime


def _moment(*, nullable: bool = True, index: bool = False) -> Any:
    return Column(UtcDateTime(), nullable=nullable, index=index)


def _json() -> Any:
    return Column(JSON, nullable=False)


class BatchRow(SQLModel, table=True):
    """One upload: its options, its progress while it runs, its counts when it is done.

    `attempt` fences the writes of a run: a run that was taken over may not write any more.
    """

    __tablename__ = "batches"

    id: str = Field(primary_key=True)
    name: str
    state: str = Field(index=True)
    created_at: datetime = Field(sa_column=_moment(nullable=False, index=True))
    started_at: datetime | None = Field(default=None, sa_column=_moment())
    finished_at: datetime | None = Field(default=None, sa_column=_moment())
    heartbeat_at: datetime | None = Field(default=None, sa_column=_moment())
    idempotency_key: str = Field(unique=True)
    attempt: int = 0
    enable_jira: bool = False
    enable_slack: bool = False
    muted: list[str] = Field(default_factory=list, sa_column=_json())
    practice: bool = False
    stage: str = ""
    current_file: str = ""
    bytes_total: int = Field(default=0, sa_type=BigInteger)
    bytes_done: int = Field(default=0, sa_type=BigInteger)
    lines_done: int = Field(default=0, sa_type=BigInteger)
    lines_in: int = Field(default=0, sa_type=BigInteger)
    parsed: int = Field(default=0, sa_type=BigInteger)
    rejected: int = Field(default=0, sa_type=BigInteger)
    incidents: int = 0
    eligible: int = 0
    seconds: float = 0.0
    by_class: dict[str, int] = Field(default_factory=dict, sa_column=_json())
    by_severity: dict[str, int] = Field(default_factory=dict, sa_column=_json())
    error: str = ""


class BatchFileRow(SQLModel, table=True):
    __tablename__ = "batch_files"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    batch_id: str = Field(foreign_key="batches.id", index=True)
    position: int
    name: str
    path: str
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(default="", index=True)
    options: dict[str, str] = Field(default_factory=dict, sa_column=_json())
    format: str = ""
    encoding: str = ""
    compression: str = ""
    lines_in: int = Field(default=0, sa_type=BigInteger)
    parsed: int = Field(default=0, sa_type=BigInteger)
    rejected: int = Field(default=0, sa_type=BigInteger)
    rejected_by_reason: dict[str, int] = Field(default_factory=dict, sa_column=_json())
    warnings: list[str] = Field(default_factory=list, sa_column=_json())
    error: str = ""


class IncidentRow(SQLModel, table=True):
    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_created_score", "created_at", "score"),)

    id: str = Field(primary_key=True)
    batch_id: str = Field(foreign_key="batches.id", index=True)
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    title: str
    source: str = Field(index=True)
    classification: str = Field(index=True)
    score: int
    severity: str = Field(index=True)
    confidence: float
    rule_id: str = Field(index=True)
    template_id: str
    template: str
    entity: str = Field(default="", index=True)
    count: int = Field(sa_type=BigInteger)
    first_seen: datetime | None = Field(default=None, sa_column=_moment())
    last_seen: datetime | None = Field(default=None, sa_column=_moment())
    message: str
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    samples: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    status: str = Field(default="open", index=True)
    eligible: bool = Field(default=False, index=True)


class TemplateRow(SQLModel, table=True):
    __tablename__ = "templates"

    batch_id: str = Field(foreign_key="batches.id", primary_key=True)
    template_id: str = Field(primary_key=True)
    template: str
    count: int = Field(sa_type=BigInteger)
    classification: str
    score: int


class RuleRow(SQLModel, table=True):
    __tablename__ = "rules"

    id: str = Field(primary_key=True)
    name: str
    position: int
    enabled: bool = True
    min_score: int
    class_contains: str = ""
    actions: list[str] = Field(default_factory=list, sa_column=_json())


class DecisionRow(SQLModel, table=True):
    """What a rule said of an incident, and why. One row for each rule that was asked."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("incident_id", "rule_id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key="incidents.id", index=True)
    rule_id: str
    rule_name: str
    matched: bool
    explanation: str
    actions: list[str] = Field(default_factory=list, sa_column=_json())
    created_at: datetime = Field(sa_column=_moment(nullable=False))


class TicketRow(SQLModel, table=True):
    __tablename__ = "tickets"
    __table_args__ = (UniqueConstraint("incident_id", "integration"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key="incidents.id", index=True)
    integration: str
    key: str = Field(index=True)
    remote_id: str
    url: str
    summary: str
    priority: str
    status: str
    status_category: str = "new"
    assignee: str = ""
    practice: bool = False
    created_at: datetime = Field(sa_column=_moment(nullable=False, index=True))
    due_at: datetime = Field(sa_column=_moment(nullable=False, index=True))
    resolved_at: datetime | None = Field(default=None, sa_column=_moment())
    breached_at: datetime | None = Field(default=None, sa_column=_moment())
    synced_at: datetime | None = Field(default=None, sa_column=_moment())


class DeliveryRow(SQLModel, table=True):
    """One intended message. `key` is unique: planning it again finds this row.

    `try_number` names the workflow that may work on it now; `next_try_at` is None while it is held.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_state_next", "state", "next_try_at"),)

    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    integration: str = Field(index=True)
    action: str
    incident_id: str | None = Field(default=None, foreign_key="incidents.id", index=True)
    batch_id: str | None = Field(default=None, foreign_key="batches.id", index=True)
    #: What it is about: our incident's id, or the id that the caller of an action gave.
    subject: str = Field(default="", sa_column=Column(String, nullable=False, index=True, server_default=""))
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    state: str
    practice: bool = False
    score: int = 1
    try_number: int = 1
    sends: int = 0
    failures: int = 0
    reconciled: int = 0
    created_at: datetime = Field(sa_column=_moment(nullable=False, index=True))
    updated_at: datetime = Field(sa_column=_moment(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=_moment())
    next_try_at: datetime | None = Field(default=None, sa_column=_moment())
    delivered_at: datetime | None = Field(default=None, sa_column=_moment())
    fallback_at: datetime | None = Field(default=None, sa_column=_moment())
    receipt: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    open_end: bool = Field(default=False, index=True)
    reason: str = ""
    http_status: int | None = None
    error: str = ""
    hint: str = ""


class AttemptRow(SQLModel, table=True):
    """One try: the intent is this row, committed before the first byte leaves."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key="deliveries.id", index=True)
    number: int
    kind: str
    executor: str = ""
    started_at: datetime = Field(sa_column=_moment(nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=_moment())
    outcome: str = ""
    reason: str = ""
    http_status: int | None = None
    error: str = ""
    hint: str = ""


class IntegrationRow(SQLModel, table=True):
    """A configured connector. `sealed` holds the secrets, encrypted and bound to `kind`."""

    __tablename__ = "integrations"

    kind: str = Field(primary_key=True)
    version: int = 1
    public: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    sealed: str = ""
    practice: bool = False
    updated_at: datetime = Field(sa_column=_moment(nullable=False))


class IntegrationVersionRow(SQLModel, table=True):
    """One save of a configuration. `changes` is the difference to the version before, secrets masked."""

    __tablename__ = "integration_versions"

    kind: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    public: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    sealed: str = ""
    practice: bool = False
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    author: str = ""
    note: str = ""
    created_at: datetime = Field(sa_column=_moment(nullable=False))


class ApiKeyRow(SQLModel, table=True):
    """A key of the API. Only the digest of the key is kept; `scope` is read, act or admin."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True)
    name: str
    digest: str = Field(unique=True)
    scope: str
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    last_used_at: datetime | None = Field(default=None, sa_column=_moment())
    revoked_at: datetime | None = Field(default=None, sa_column=_moment())


class IntegrationHealthRow(SQLModel, table=True):
    """What deliveries and checks found out about an integration, wherever its configuration comes from."""

    __tablename__ = "integration_health"

    kind: str = Field(primary_key=True)
    paused: bool = False
    paused_at: datetime | None = Field(default=None, sa_column=_moment())
    paused_reason: str = ""
    throttled_until: datetime | None = Field(default=None, sa_column=_moment())
    breaker: str = "closed"
    breaker_until: datetime | None = Field(default=None, sa_column=_moment())
    failures_in_row: int = 0
    cool_downs: int = 0
    probe: str = ""
    last_success_at: datetime | None = Field(default=None, sa_column=_moment())
    last_failure_at: datetime | None = Field(default=None, sa_column=_moment())
    last_error: str = ""
    last_check_at: datetime | None = Field(default=None, sa_column=_moment())
    last_check: dict[str, Any] = Field(default_factory=dict, sa_column=_json())


class SlaPolicyRow(SQLModel, table=True):
    __tablename__ = "sla_policies"

    priority: str = Field(primary_key=True)
    position: int
    minutes: int
    description: str


class NoteRow(SQLModel, table=True):
    """Small facts about this installation, by name (which notices were shown, where the sandbox listens)."""

    __tablename__ = "notes"

    name: str = Field(primary_key=True)
    value: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
