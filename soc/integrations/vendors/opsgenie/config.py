"""Opsgenie's settings: the only place that knows them."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.fields import checked_url, clean_secret


class OpsgenieConfig(IntegrationConfig):
    """How to reach an Opsgenie account or the operations of a Jira Service Management site."""

    api_key: SecretStr = Field(
        title="API key",
        description="The key of an integration of the type API, with the right to create and update alerts.",
        min_length=1,
        json_schema_extra={"env": "OPSGENIE_API_KEY", "group": "connection"},
    )
    base_url: str = Field(
        default="https://api.atlassian.com/jsm/ops/integration",
        title="API address",
        description="As it is for Jira Service Management; Opsgenie itself is https://api.opsgenie.com or https://api.eu.opsgenie.com.",
        json_schema_extra={"env": "OPSGENIE_URL", "group": "connection"},
    )

    @field_validator("api_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        return clean_secret(value, "GenieKey", "Authorization: GenieKey", needed=True)

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        url = checked_url(value).removesuffix("/v2/alerts").removesuffix("/v2")
        host = (urlsplit(url).hostname or "").lower()
        if host.endswith(".atlassian.net") or "app" in host.split("."):
            raise ValueError(
                "is a page, not the API: https://api.atlassian.com/jsm/ops/integration or https://api.opsgenie.com"
            )
        return url
