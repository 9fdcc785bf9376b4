"""The setup guide's own Python calls: `get_jira_manager()` and what it can do."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from soc import clock
from soc.domain.delivery import LONGEST_RETRY_AFTER
from soc.domain.message import OpenTicket, Receipt
from soc.domain.severity import PRIORITY_BY_SEVERITY, Priority
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.domain.sla.planned import Planned
from soc.domain.sla.policy import Policy, Subject, choose
from soc.errors import ConfigurationError, DeliveryError, SocError, UnknownOutcome
from soc.ids import new_id
from soc.integrations.kit.addresses import allow
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.trying.trial import trial_incident
from soc.integrations.saved import config_in_force
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.connector import JiraConnector
from soc.integrations.vendors.jira.remote import RemoteTicket
from soc.integrations.vendors.jira.ticket import ticket_summary
from soc.integrations.vendors.jira.vendor import JIRA, NOT_AVAILABLE
from soc.script_log import log_beside_the_output
from soc.store.migrate import migrate_once
from soc.store.nouns.sla.sla_policies import policies_in_force
from soc.store.nouns.sla.ticket_clocks import Standing, known_clocks

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


def _load() -> IntegrationConfig | None:
    log_beside_the_output()
    migrate_once()
    config = config_in_force(JiraConnector.kind, JiraConfig, JIRA.title)
    if isinstance(config, JiraConfig) and config.practice:
        # only the click that connects the sandbox saves this; a script's own process has to be let there, too
        place = urlsplit(config.base_url)
        if place.hostname == LOOPBACK:
            allow(place.netloc)
    return config


class JiraManager:
    """Jira as the setup guide uses it. The configuration is read anew at each call: a saved change holds at once."""

    def __init__(
        self,
        load: Callable[[], IntegrationConfig | None] = _load,
        connect: Callable[[JiraConfig], JiraConnector] = JiraConnector,
        policies: Callable[[], Sequence[Policy]] = policies_in_force,
    ) -> None:
        self._load = load
        self._connect = connect
        self._policies = policies

    def _config(self) -> JiraConfig | None:
        config = self._load()
        return config if isinstance(config, JiraConfig) and config.enabled else None

    def _connector(self) -> JiraConnector:
        config = self._config()
        if config is None:
            raise ConfigurationError("JIRA integration not available.", hint=NOT_AVAILABLE)
        return self._connect(config)

    def is_available(self) -> bool:
        """Whether Jira is configured and switched on. Does not ask Jira."""
        try:
            return self._config() is not None
        except SocError as error:
            log.warning("JIRA integration not available: %s", error)
            return False

    def test_connection(self) -> dict[str, Any]:
        """`{"status": "success", "server_info": {"server_title", "version", "deployment_type", "base_url"},
        "project_info": {"key", "name", "issue_types"}, "permissions": [names], "warnings": [texts]}`, or
        `{"status": "error", "error": text, "hint": text, …}` with what was found before the failure.
        """
        try:
            report = self._connector().check()
        except SocError as error:
            return {
                "status": "error",
                "error": error.message,
                "hint": error.hint,
                "case": "integration not available",
            }
        found: dict[str, Any] = {
            key: report.details[key]
            for key in ("server_info", "project_info", "permissions")
            if key in report.details
        }
        if report.ok:
            return {"status": "success", **found, "warnings": list(report.warnings)}
        case = report.case.value if report.case else ""
        return {"status": "error", "error": report.summary, "hint": report.hint, "case": case, **found}

    async def send_test_incident(self) -> dict[str, Any] | None:
        """Create a test ticket: `{"ticket_id", "ticket_url", "priority", "summary"}`, None where it failed (see the log)."""
        return await asyncio.to_thread(self._send_test)

    def _send_test(self) -> dict[str, Any] | None:
        try:
            connector = self._connector()
            incident = trial_incident()
            now = clock.now()
            planned = Planned(self._policies())
            ends = planned.response_ends(incident, now=now)
            due = planned.day_of(incident, ends, zone=connector.config.project_zone).isoformat()
            message = OpenTicket(incident=incident, due=due, ends=clock.isoformat(ends))
            receipt = _open(connector, message, now)
        except SocError as error:
            log.error("The test incident was not created: %s", error)
            return None
        if receipt is None:
            log.error("The test incident was not created: the answer was lost, and no ticket was found.")
            return None
        return {
            "ticket_id": receipt.key,
            "ticket_url": receipt.url,
            "priority": connector.config.priority_mapping[incident.severity],
            "summary": ticket_summary(incident),
        }

    async def get_open_incidents(self) -> list[dict[str, Any]]:
        """Our tickets that are not done, newest first: `ticket_id`, `ticket_url`, `summary`, `status`, `priority`,
        `assignee`, `created`, `updated`, `due` (ISO-8601), `incident_id`. Raises ConfigurationError, DeliveryError.
        """
        return await asyncio.to_thread(lambda: [_row(ticket) for ticket in self._connector().search_open()])

    async def get_sla_violations(self) -> list[dict[str, Any]]:
        """Open tickets whose clock has run out, longest overdue first; one that is not known here is measured by its priority.

        As `get_open_incidents`, with `sla_due` and `overdue_minutes`. Raises ConfigurationError, DeliveryError.
        """
        return await asyncio.to_thread(self._violations)

    def _violations(self) -> list[dict[str, Any]]:
        connector = self._connector()
        now, practice = clock.now(), connector.config.practice
        # The ticket shows Jira's name of a priority; the SLA is by ours.
        names = {name: Priority(default) for name, default in _priority_names(connector.config)}
        open_there = connector.search_open()
        clocks = known_clocks(connector.kind, [one.id for one in open_there], practice=practice, now=now)
        policies, found = self._policies(), []
        for ticket in open_there:
            if (due := _run_out(ticket, clocks, names, policies, now=now)) is not None:
                minutes = int((now - due).total_seconds() // 60)
                found.append({**_row(ticket), "sla_due": clock.isoformat(due), "overdue_minutes": minutes})
        return sorted(found, key=lambda row: -int(row["overdue_minutes"]))


def _run_out(
    ticket: RemoteTicket,
    clocks: Mapping[str, Standing],
    names: Mapping[str, Priority],
    policies: Sequence[Policy],
    *,
    now: datetime,
) -> datetime | None:
    """When its time was up: by its own clock, or (of a ticket that this product did not open) by the policy of its priority."""
    if (known := clocks.get(ticket.id)) is not None:
        return known.due_at if known.state is SlaState.VIOLATED else None
    priority = names.get(ticket.priority.lower())
    if priority is None or ticket.created_at is None:
        return None
    policy = choose(policies, Subject(priority=priority, project=ticket.key.rpartition("-")[0]))
    due = policy.time.calendar().add(ticket.created_at, policy.targets[priority].of(ClockKind.RESPONSE))
    return due if now > due else None


def _priority_names(config: JiraConfig) -> list[tuple[str, str]]:
    ours = [(str(p).lower(), str(p)) for p in Priority]
    return ours + [(config.priority_mapping[s].lower(), str(p)) for s, p in PRIORITY_BY_SEVERITY.items()]


def _open(connector: JiraConnector, message: OpenTicket, since: datetime) -> Receipt | None:
    """Open the ticket; after a lost answer look for it, as often as the connector asks, and never send twice."""
    delivery_id = new_id("test")
    try:
        return connector.deliver(message, delivery_id=delivery_id)
    except UnknownOutcome as error:
        log.warning("The answer to the test incident was lost (%s); looking for the ticket.", error)
    for _ in range(connector.reconcile_rounds):
        time.sleep(min(connector.settle, LONGEST_RETRY_AFTER).total_seconds())
        try:
            if receipt := connector.reconcile(message, delivery_id=delivery_id, since=since):
                return receipt
        except DeliveryError as error:
            log.warning("Jira cannot be asked for the test incident: %s", error)
    return None


def _row(ticket: RemoteTicket) -> dict[str, Any]:
    return {
        "ticket_id": ticket.key,
        "ticket_url": ticket.url,
        "summary": ticket.summary,
        "status": ticket.status,
        "priority": ticket.priority,
        "assignee": ticket.assignee,
        "created": clock.isoformat(ticket.created_at) if ticket.created_at else None,
        "updated": clock.isoformat(ticket.updated_at) if ticket.updated_at else None,
        "due": ticket.due.isoformat() if ticket.due else None,
        "incident_id": ticket.incident_id,
    }


def get_jira_manager() -> JiraManager:
    """The manager of the configured Jira."""
    return JiraManager()
