"""The request that creates a ticket: of a draft, as the project's create screen takes it."""

from __future__ import annotations

from typing import Any, NamedTuple

from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.fields.screen import Screen
from soc.integrations.vendors.jira.filling import fill, refuse_unfilled
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.ticket import PROPERTY, Draft, fields_of


class Create(NamedTuple):
    """The body, the screen it was made for, and what had to be left out."""

    body: dict[str, Any]
    screen: Screen
    left_out: tuple[str, ...]


def create_request(project: ProjectReader, config: JiraConfig, draft: Draft, delivery_id: str) -> Create:
    """Raises PermanentDeliveryError where the project asks for what nothing fills in, DeliveryError."""
    project.web_url()  # before the ticket exists: nothing stands between its answer and writing that down
    issue_type = project.choose(security=draft.security)
    screen = project.screen(issue_type)
    filled = fill(project, screen, config)
    refuse_unfilled(issue_type, screen, filled, config)
    fields, left_out = fields_of(
        draft,
        config,
        issue_type_id=issue_type.id,
        screen=screen.fields,
        priorities=screen.names("priority"),
        components=_components(project, config, screen),
        more=filled.fields,
    )
    body: dict[str, Any] = {"fields": fields}
    if config.cloud:  # Data Center's specification wants a string there; the label is enough
        value = {"id": draft.incident_id, "delivery": delivery_id}
        body["properties"] = [{"key": PROPERTY, "value": value}]
    return Create(body, screen, (*left_out, *filled.absent))


def _components(project: ProjectReader, config: JiraConfig, screen: Screen) -> frozenset[str] | None:
    """The names that the project takes; the screen does not tell everywhere."""
    if not config.components:
        return None
    return screen.names("components") or project.components()
