"""PagerDuty's settings: the only place that knows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from soc.domain.severity import Severity
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.fields import checked_url, clean_secret, pasted_url, split_query
from soc.integrations.vendors.pagerduty.pasted import api_host, id_in, key_in, refuse_swapped


class EventSeverity(StrEnum):
    """The four that PagerDuty's Events API knows."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


#: The guide's mapping; it says nothing of our fifth severity, which is PagerDuty's lowest.
DEFAULT_MAPPING: Mapping[Severity, EventSeverity] = {
    Severity.CRITICAL: EventSeverity.CRITICAL,
    Severity.HIGH: EventSeverity.ERROR,
    Severity.MEDIUM: EventSeverity.WARNING,
    Severity.LOW: EventSeverity.INFO,
    Severity.INFO: EventSeverity.INFO,
}


class PagerDutyConfig(IntegrationConfig):
    """Which PagerDuty service gets the incidents, and how severe they are there."""

    PLACES: ClassVar[tuple[str, ...]] = ("events_url", "base_url")

    integration_key: SecretStr = Field(
        title="Integration key",
        description="“Integration Key” of an Events API v2 integration of the service: 32 letters and digits. It alone decides which service gets the incidents.",
        min_length=1,
        json_schema_extra={"env": "PAGERDUTY_INTEGRATION_KEY", "group": "connection"},
    )
    service_id: str = Field(
        default="",
        title="Service ID",
        description="The service that the key belongs to: the end of its address in PagerDuty. Shown by name and compared where a REST token is given.",
        json_schema_extra={
            "env": "PAGERDUTY_SERVICE_ID",
            "placeholder": "PXXXXXXXX",
            "group": "connection",
        },
    )
    escalation_policy_id: str = Field(
        default="",
        title="Escalation policy ID",
        description="The escalation policy of that service. The service itself decides who is called; this is compared where a REST token is given.",
        json_schema_extra={
            "env": "PAGERDUTY_ESCALATION_POLICY_ID",
            "placeholder": "PXXXXXXXX",
            "group": "connection",
        },
    )
    severity_mapping: dict[Severity, EventSeverity] = Field(
        default_factory=lambda: dict(DEFAULT_MAPPING),
        title="Severity mapping",
        description="PagerDuty's severity (critical, error, warning, info) of each of ours. Severities that are not named keep their default.",
        json_schema_extra={"group": "message"},
    )
    rest_token: SecretStr = Field(
        default=SecretStr(""),
        title="REST API token",
        description="A read-only REST API key; only for the connection test, which then shows the service and its policy by name.",
        json_schema_extra={"env": "PAGERDUTY_API_TOKEN", "group": "connection"},
    )
    from_email: str = Field(
        default="",
        title="E-mail of a PagerDuty user",
        description="Sent with the REST token (“From”), which account-wide tokens ask for.",
        max_length=255,
        json_schema_extra={
            "env": "PAGERDUTY_FROM_EMAIL",
            "placeholder": "oncall@company.com",
            "group": "connection",
        },
    )
    events_url: str = Field(
        default="https://events.pagerduty.com",
        title="Events API address",
        description="In the EU service region https://events.eu.pagerduty.com.",
        json_schema_extra={"env": "PAGERDUTY_EVENTS_URL", "group": "connection"},
    )
    base_url: str = Field(
        default="https://api.pagerduty.com",
        title="REST API address",
        description="In the EU service region https://api.eu.pagerduty.com.",
        json_schema_extra={"env": "PAGERDUTY_API_URL", "group": "connection"},
    )

    @field_validator("integration_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        return key_in(clean_secret(value, "Token token=", needed=True))

    @field_validator("rest_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        text = re.sub(r"(?i)^\s*(?:authorization:\s*)?token token=", "", value.get_secret_value())
        return clean_secret(SecretStr(text))

    @field_validator("events_url", "base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return api_host(checked_url(split_query(pasted_url(value))[0]))

    @field_validator("service_id", "escalation_policy_id")
    @classmethod
    def _id(cls, value: str) -> str:
        text = id_in(value)
        if text and not re.fullmatch(r"[A-Za-z0-9]{1,40}", text):
            raise ValueError("is letters and digits only, such as PXXXXXXXX")
        return text

    @model_validator(mode="after")
    def _each_in_its_place(self) -> Self:
        refuse_swapped(self.integration_key.get_secret_value(), self.rest_token.get_secret_value())
        if self.events_url == self.base_url and self.events_url.endswith(".pagerduty.com"):
            raise ValueError(
                "events_url: is the same as the REST API's; events go to https://events.pagerduty.com"
            )
        return self

    @field_validator("from_email")
    @classmethod
    def _email(cls, value: str) -> str:
        text = value.strip()
        if text and not re.fullmatch(r"[!-~]+@[!-~]+", text):
            raise ValueError("is not an e-mail address")
        return text

    @field_validator("severity_mapping")
    @classmethod
    def _complete(cls, value: dict[Severity, EventSeverity]) -> dict[Severity, EventSeverity]:
        return {**DEFAULT_MAPPING, **value}

    @property
    def settle(self) -> timedelta:
        """Next to nothing: sending again with the same key changes nothing at PagerDuty."""
        return timedelta(seconds=1)
