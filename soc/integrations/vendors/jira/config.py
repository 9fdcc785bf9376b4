"""Jira's settings: the only place that knows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from soc.domain.severity import PRIORITY_BY_SEVERITY, Severity
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.bodies import bounded
from soc.integrations.kit.fields import clean_secret, pasted
from soc.integrations.vendors.jira.fields.given import OURS, lines_of_values
from soc.integrations.vendors.jira.fields.pasted import is_cloud_host, is_gateway, project_key, site_address
from soc.integrations.vendors.jira.fields.types import could_be_a_ticket
from soc.zone import known_zones

ISSUE_TYPES = ("Bug", "Task", "Story", "Incident", "Problem", "Security Incident")
_ALIASES = {
    "server": "on_premise",
    "data_center": "on_premise",
    "datacenter": "on_premise",
    "on-premise": "on_premise",
}
DEFAULT_TYPE, DEFAULT_SECURITY_TYPE = "Incident", "Security Incident"


class JiraConfig(IntegrationConfig):
    """How to reach a Jira, Cloud or Data Center, and what its tickets look like."""

    instance_type: Literal["cloud", "on_premise"] = Field(
        default="cloud",
        title="Instance type",
        description="Jira Cloud (…atlassian.net), or on-premise for Jira Data Center and Server.",
        json_schema_extra={"env": "JIRA_INSTANCE_TYPE", "group": "connection"},
    )
    base_url: str = Field(
        title="Base URL",
        description="The address of your Jira as in the browser; what belongs to a page of it is cut off. A Cloud token with scopes: https://api.atlassian.com/ex/jira/<cloud id>.",
        json_schema_extra={
            "env": "JIRA_SERVER_URL",
            "placeholder": "https://your-company.atlassian.net",
            "group": "connection",
        },
    )
    username: str = Field(
        default="",
        title="Username or e-mail",
        description="Cloud: the e-mail of the account that owns the token. Data Center: leave empty to use a personal access token.",
        max_length=255,
        json_schema_extra={
            "env": "JIRA_USERNAME",
            "placeholder": "your-email@company.com",
            "group": "connection",
        },
    )
    api_token: SecretStr = Field(
        title="API token",
        description="Cloud: an API token, never the password. Data Center: a personal access token, or the password of the user above.",
        min_length=1,
        json_schema_extra={"env": "JIRA_API_TOKEN", "group": "connection"},
    )
    project_key: str = Field(
        default="SOC",
        title="Project key",
        description="The project that the tickets go to: the letters before the number of its tickets.",
        json_schema_extra={
            "env": "JIRA_PROJECT_KEY",
            "placeholder": "SOC",
            "group": "ticket",
            "public": True,
        },
    )
    issue_type: str = Field(
        default=DEFAULT_TYPE,
        title="Issue type",
        description="The type of a ticket. Where the project does not have Incident, another ordinary type (Task, Bug …) is used; never an Epic or a sub-task.",
        min_length=1,
        max_length=60,
        json_schema_extra={"env": "JIRA_ISSUE_TYPE", "options": list(ISSUE_TYPES), "group": "ticket"},
    )
    security_issue_type: str = Field(
        default=DEFAULT_SECURITY_TYPE,
        title="Issue type of security incidents",
        description="Used for the class Security Alert where the project has it; otherwise the issue type above.",
        max_length=60,
        json_schema_extra={
            "env": "JIRA_SECURITY_ISSUE_TYPE",
            "options": list(ISSUE_TYPES),
            "group": "ticket",
        },
    )
    components: tuple[str, ...] = Field(
        default=(),
        title="Components",
        description="Components that every ticket gets, separated by commas. Those that the project lacks are left out.",
        json_schema_extra={
            "env": "JIRA_COMPONENTS",
            "placeholder": "Security, Infrastructure",
            "group": "ticket",
        },
    )
    reporter: str = Field(
        default="",
        title="Reporter",
        description="Whom tickets name as reporter: an e-mail, name or account id. Empty: the account of the token, where the project asks for one.",
        max_length=255,
        json_schema_extra={"env": "JIRA_REPORTER", "placeholder": "soc-lead@company.com", "group": "ticket"},
    )
    field_values: dict[str, Any] = Field(
        default_factory=dict,
        title="Values of other fields",
        description='What the project wants filled in beside, by the field\'s name as people see it, as JSON: {"Business impact": "High", "Teams": ["SOC", "Network"], "Region": "Europe > Berlin", "Due for review": "+7"}.',
        json_schema_extra={"env": "JIRA_FIELD_VALUES", "group": "ticket", "multiline": True},
    )
    priority_mapping: dict[Severity, str] = Field(
        default_factory=lambda: {severity: str(p) for severity, p in PRIORITY_BY_SEVERITY.items()},
        title="Priority mapping",
        description="The Jira priority of each severity. Severities that are not named keep their default.",
        json_schema_extra={"group": "ticket"},
    )
    project_zone: str = Field(
        default="",
        title="Zone of due dates",
        description="Jira's due date is a day: the one on which the response target ends, in this zone (Europe/Berlin). Empty: in the zone of the SLA policy (UTC, unless the policy has another).",
        max_length=64,
        json_schema_extra={"env": "JIRA_PROJECT_ZONE", "placeholder": "Europe/Berlin", "group": "ticket"},
    )
    comment_role: str = Field(
        default="",
        title="Role that reads internal notes",
        description="In a project that is no service desk: the project role that internal notes are shown to. Empty: everybody who may see the ticket.",
        max_length=255,
        json_schema_extra={"env": "JIRA_COMMENT_ROLE", "placeholder": "Administrators", "group": "ticket"},
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        title="Webhook secret",
        description="What Jira signs its webhooks with. Empty: calls of Jira are refused, and changes come with the poll each minute.",
        json_schema_extra={"env": "JIRA_WEBHOOK_SECRET", "group": "connection"},
    )
    settle_seconds: int = Field(
        default=60,
        ge=0,
        le=900,
        title="Settle time (seconds)",
        description="After a lost answer, how long to wait before each of two searches for the ticket. Cloud's search lags by seconds to minutes.",
        json_schema_extra={"env": "JIRA_SETTLE_SECONDS", "group": "delivery"},
    )

    @field_validator("instance_type", mode="before")
    @classmethod
    def _alias(cls, value: object) -> object:
        if isinstance(value, str):
            name = value.strip().lower().replace(" ", "_")
            return _ALIASES.get(name, name)
        return value

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str, info: ValidationInfo) -> str:
        return site_address(value, cloud=info.data.get("instance_type") != "on_premise")

    @field_validator("username")
    @classmethod
    def _name(cls, value: str) -> str:
        name = pasted(value)
        if ":" in name or not name.isprintable():
            raise ValueError("must not hold a colon or a control character")
        return name

    @field_validator("api_token")
    @classmethod
    def _token(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("instance_type") != "on_premise" or not info.data.get("username"):
            return _checked_token(value)
        text = value.get_secret_value().strip()  # a password: its quotes and blanks are its own
        if not text.isprintable():
            raise ValueError("holds a line break or another control character; copy it again")
        if not text:
            raise ValueError("is empty")
        return SecretStr(text)

    @field_validator("project_key")
    @classmethod
    def _key(cls, value: str) -> str:
        return project_key(value)

    @field_validator("components", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        parts = value.split(",") if isinstance(value, str) else value
        if isinstance(parts, (list, tuple)):
            return tuple(dict.fromkeys(p.strip() for p in parts if isinstance(p, str) and p.strip()))
        return parts

    @field_validator("issue_type", "security_issue_type")
    @classmethod
    def _type(cls, value: str) -> str:
        name = pasted(value)
        if not could_be_a_ticket(name):
            raise ValueError("must be a type that a ticket can have by itself: no Epic, no sub-task")
        return name

    @field_validator("project_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        zone = value.strip()
        if zone and zone not in known_zones():
            raise ValueError("is no time zone: write one such as Europe/Berlin, or leave it empty")
        return zone

    @field_validator("field_values", mode="before")
    @classmethod
    def _given(cls, value: object) -> object:
        return lines_of_values(value) if isinstance(value, str) else value

    @field_validator("field_values")
    @classmethod
    def _values(cls, value: dict[str, Any]) -> dict[str, Any]:
        bounded(value)
        for name in value:
            if name.strip().casefold() in OURS:
                raise ValueError(
                    "name a field that the ticket fills in itself (project, type, summary, description)"
                )
        return {
            name.strip(): one for name, one in value.items() if name.strip() and one not in (None, "", [])
        }

    @field_validator("priority_mapping")
    @classmethod
    def _complete(cls, value: dict[Severity, str]) -> dict[Severity, str]:
        return {s: (value.get(s) or "").strip() or str(p) for s, p in PRIORITY_BY_SEVERITY.items()}

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        if self.instance_type == "cloud" and not self.username:
            raise ValueError("username: Jira Cloud needs the e-mail of the account that owns the API token")
        host = (urlsplit(self.base_url).hostname or "").lower()
        if not self.cloud and (is_cloud_host(host) or is_gateway(self.base_url)):
            raise ValueError("instance_type: this address is Jira Cloud's; choose Cloud")
        return self

    @property
    def cloud(self) -> bool:
        return self.instance_type == "cloud"

    @property
    def zone_of_days(self) -> str:
        return self.project_zone

    @property
    def settle(self) -> timedelta:
        return timedelta(seconds=self.settle_seconds)


def _checked_token(value: SecretStr) -> SecretStr:
    """A token, not a password: no header could carry what this refuses."""
    return clean_secret(value, "Bearer", "Authorization: Bearer", "Basic", needed=True)
