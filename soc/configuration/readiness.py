"""The readiness of the Jira project, checked on demand and daily, kept with its time."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog

from soc import clock
from soc.delivery.connectors import borrow
from soc.errors import DeliveryError
from soc.integrations.in_force import load_config
from soc.integrations.kit.connection import shared_client
from soc.integrations.vendors.jira import JiraConfig, JiraConnector
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.readiness import Finding, Readiness, check_project
from soc.integrations.vendors.jira.vendor import session_of
from soc.store.db import read_session, write_session
from soc.store.notes import NoteRow

__all__ = ["Finding", "LastReadiness", "Readiness", "check_readiness", "last_readiness"]

log = structlog.get_logger(__name__)

_NOTE = "jira-readiness"


@dataclass(frozen=True)
class LastReadiness:
    """What the newest check found. `outdated`: address, project or types were changed since."""

    checked_at: datetime
    findings: list[Finding]
    outdated: bool

    def count(self, state: Readiness) -> int:
        return sum(1 for finding in self.findings if finding.state is state)

    @property
    def state(self) -> Readiness:
        """The worst of the findings."""
        return next((s for s in (Readiness.FAILS, Readiness.WARNING) if self.count(s)), Readiness.OK)


def check_readiness() -> list[Finding]:
    """Look at the project and keep what was found; nothing is asked or kept where Jira is absent or off.

    Never raises DeliveryError: what cannot be asked is itself a finding. Raises ConfigurationError.
    """
    config = load_config("jira")
    if not isinstance(config, JiraConfig) or not config.enabled:
        return []
    session = session_of(config, shared_client())
    findings = check_project(session, ProjectReader(session, config), config, open_ticket=_open_ticket())
    with write_session() as store:
        note = store.get(NoteRow, _NOTE) or NoteRow(name=_NOTE)
        note.value = {
            "checked_at": clock.now().isoformat(),
            "about": _about(config),
            "findings": [asdict(finding) for finding in findings],
        }
        store.add(note)
    states = Counter(finding.state.value for finding in findings)
    log.info("jira_readiness_checked", **states)
    return findings


def last_readiness() -> LastReadiness | None:
    """None where it was never checked. Raises ConfigurationError, StoreError."""
    with read_session() as session:
        note = session.get(NoteRow, _NOTE)
    if note is None:
        return None
    config = load_config("jira")
    findings = [
        Finding(**{**row, "state": Readiness(row["state"])}) for row in note.value.get("findings", [])
    ]
    return LastReadiness(
        checked_at=clock.parse(note.value["checked_at"]),
        findings=findings,
        outdated=isinstance(config, JiraConfig) and note.value.get("about") != _about(config),
    )


def _about(config: JiraConfig) -> list[str]:
    """What the findings are about, in order to tell when they no longer are. No secret is part of it."""
    mapping = [f"{severity.value}={priority}" for severity, priority in config.priority_mapping.items()]
    return [
        config.instance_type, config.base_url, config.project_key, config.issue_type, config.security_issue_type,
        *config.components, *mapping,
    ]  # fmt: skip


def _open_ticket() -> str:
    """One of our tickets that is not done, "" where there is none or Jira does not say."""
    try:
        with borrow("jira") as connector:
            tickets = connector.search_open(most=1) if isinstance(connector, JiraConnector) else []
    except DeliveryError:
        return ""
    return tickets[0].key if tickets else ""
