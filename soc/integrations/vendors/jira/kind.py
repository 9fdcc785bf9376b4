"""Jira, declared."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from soc.errors import DeliveryError
from soc.integrations.kit.base import Connector, IntegrationConfig
from soc.integrations.kit.connection import shared_client
from soc.integrations.kit.inbound.interactive import PeopleThere
from soc.integrations.kit.kind import Kind, Switch, Way
from soc.integrations.kit.panels import Finding, Kept, ReadinessCheck
from soc.integrations.vendors.jira.bodies import ACTIONS
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.connector import JiraConnector
from soc.integrations.vendors.jira.looking.desk import MOST, compare
from soc.integrations.vendors.jira.looking.freshness import KEPT_SECONDS, forget_everywhere, last_read
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.readiness import check_project
from soc.integrations.vendors.jira.remote import RemoteTicket
from soc.integrations.vendors.jira.sync.escalating import COMMENT, WATCHER
from soc.integrations.vendors.jira.sync.hook import HOOK
from soc.integrations.vendors.jira.ticket import ticket_summary
from soc.integrations.vendors.jira.vendor import session_of
from soc.sandbox.jira import catalogue
from soc.store.nouns.sla.ticket_clocks import known_endings


def practice(url: str) -> dict[str, Any]:
    """What connects it to the sandbox at this address."""
    return {
        "base_url": f"{url}/jira",
        "username": catalogue.BOT.email,
        "api_token": catalogue.TOKEN,
        "project_key": catalogue.PROJECT_KEY,
        "components": ["Security", "Infrastructure"],
        "settle_seconds": 3,
    }


def look(connector: Connector) -> list[Finding]:
    """What would happen to a ticket, from its creation to its end; one of ours that is open shows its transitions."""
    assert isinstance(connector, JiraConnector)
    session = session_of(connector.config, shared_client())
    reader = ProjectReader(session, connector.config)
    found = check_project(session, reader, connector.config, open_ticket=_open_ticket(connector))
    try:
        is_desk = reader.is_service_desk()
    except DeliveryError:
        return found  # which says so already
    if is_desk:
        tickets = _open_tickets(connector, most=MOST)
        desk = session_of(connector.config, shared_client(), api="servicedeskapi")
        ours = known_endings(connector.kind, [one.id for one in tickets], practice=connector.practice)
        found += compare(desk, tickets, ours)
    return found


def _open_ticket(connector: JiraConnector) -> str:
    """ "" where there is none, or Jira does not say."""
    return next((one.key for one in _open_tickets(connector, most=1)), "")


def _open_tickets(connector: JiraConnector, *, most: int) -> list[RemoteTicket]:
    """Some of ours; none where Jira does not say."""
    try:
        return connector.search_open(most=most)
    except DeliveryError:
        return []


def about(config: IntegrationConfig) -> list[str]:
    """The project, its types and the names that its tickets are given."""
    assert isinstance(config, JiraConfig)
    mapping = [f"{severity.value}={priority}" for severity, priority in config.priority_mapping.items()]
    return [
        config.instance_type, config.base_url, config.project_key, config.issue_type, config.security_issue_type,
        *config.components, *mapping,
    ]  # fmt: skip


def _read_at(config: IntegrationConfig) -> datetime | None:
    assert isinstance(config, JiraConfig)
    return last_read(config)


def _forget(config: IntegrationConfig) -> None:
    assert isinstance(config, JiraConfig)
    forget_everywhere(config)


KEPT = timedelta(seconds=KEPT_SECONDS)
KIND = Kind(
    title="Jira",
    config=JiraConfig,
    connector=JiraConnector,
    toggle="Enable JIRA Incident Creation",
    order=1,
    ways=(
        Way("comment", "Jira comment", COMMENT, of_ticket=True, each_ticket=True),
        Way(
            "watch",
            "Jira watcher",
            WATCHER,
            needs="jira_account",
            needs_words="Jira account",
            each_ticket=True,
        ),
    ),
    takes=frozenset(
        {"open_ticket", "escalation", "change_ticket", "move_ticket", "comment_ticket", "reword_comment"}
    ),
    people=PeopleThere("jira_account"),
    hooks=(HOOK,),
    told_apart=True,
    spacing=timedelta(seconds=1),
    actions=ACTIONS,
    logged=("existing", "updated", "left_out", "duplicates"),
    switch=Switch("enable_jira", 2, "JIRA", "tickets are opened in project {project_key}"),
    practice=practice,
    ticket_summary=ticket_summary,
    readiness=ReadinessCheck(
        title="Readiness of the project",
        intro="It looks at issue types, screens, priorities, permissions and the workflow, and says what would fail. "
        "Nothing is changed in Jira.",
        busy="Looking at the project …",
        fine="tickets can be opened",
        look=look,
        about=about,
        kept=Kept("Issue types, fields and components of the project", _read_at, KEPT, _forget),
    ),
)
