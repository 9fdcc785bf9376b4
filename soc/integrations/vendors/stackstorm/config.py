"""StackStorm's settings: the only place that knows them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.bodies import bounded
from soc.integrations.kit.connection import refuse_unchecked
from soc.integrations.kit.fields import checked_url, clean_secret, pasted_url, split_query
from soc.integrations.vendors.stackstorm.parameters import is_named_like_a_secret

#: What a pack or action may be called.
NAME = r"[A-Za-z0-9_-]{1,100}"
ACTION_NAME = r"[A-Za-z0-9_.-]{1,200}"
#: What follows the web address: its APIs, its pages. `/v1` alone is st2api itself, and stays.
_PAGES = re.compile(r"/(?:api|auth|stream|webui)(?=/|$)|(?<=/v1)/(?=.)")


class StackStormConfig(IntegrationConfig):
    """How to reach a StackStorm, and which action it runs for incidents that rules send there."""

    base_url: str = Field(
        title="Base URL",
        description="The address of StackStorm as in the browser, without what follows the host.",
        json_schema_extra={
            "env": "STACKSTORM_URL",
            "placeholder": "https://stackstorm.your-company.com",
            "group": "connection",
        },
    )
    api_key: SecretStr = Field(
        title="API key",
        description="Made by “st2 apikey create”, for a user of its own that may view and run the actions.",
        min_length=1,
        json_schema_extra={"env": "STACKSTORM_API_KEY", "group": "connection"},
    )
    ignore_ssl: bool = Field(
        default=False,
        title="Ignore SSL",
        description="Do not check StackStorm's certificate. Not for production; only where an administrator allows it (SOC_ALLOW_INSECURE_TLS).",
        json_schema_extra={"env": "STACKSTORM_IGNORE_SSL", "group": "connection"},
    )
    pack_name: str = Field(
        default="",
        title="Pack",
        description="The pack of the action that runs for each incident that a rule sends to StackStorm.",
        json_schema_extra={"env": "STACKSTORM_PACK", "placeholder": "monitoring", "group": "message"},
    )
    action_name: str = Field(
        default="",
        title="Action",
        description="That action's name, without the pack. Its parameters that are named like fields of an incident are filled in.",
        json_schema_extra={"env": "STACKSTORM_ACTION", "placeholder": "handle_alert", "group": "message"},
    )
    action_parameters: dict[str, Any] = Field(
        default_factory=dict,
        title="Action parameters",
        description="More parameters for that action, as JSON. What is given here is never overwritten by the incident.",
        json_schema_extra={"env": "STACKSTORM_ACTION_PARAMETERS", "group": "message", "multiline": True},
    )
    secret_parameters: dict[str, SecretStr] = Field(
        default_factory=dict,
        title="Secret action parameters",
        description='Parameters whose values are passwords or tokens, as JSON: {"ticket_secret": "…"}. They are sealed, and never shown again.',
        json_schema_extra={
            "env": "STACKSTORM_SECRET_PARAMETERS",
            "group": "message",
            "multiline": True,
            "item": "parameter",
            "placeholder": '{"ticket_secret": "…"}',
        },
    )
    settle_seconds: int = Field(
        default=3,
        ge=0,
        le=900,
        title="Settle time (seconds)",
        description="After a lost answer, how long to wait before looking for the execution by its trace tag.",
        json_schema_extra={"env": "STACKSTORM_SETTLE_SECONDS", "group": "delivery"},
    )

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        """Pasted with its API's path, or from a page of its web interface, it is the same place."""
        url = checked_url(split_query(pasted_url(value))[0].partition("#")[0])
        head, slash, rest = url.partition("://")
        return head + slash + _PAGES.split(rest, maxsplit=1)[0]

    @field_validator("api_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        found = clean_secret(value, "St2-Api-Key:", "X-Auth-Token:", needed=True)
        if re.fullmatch(r"[0-9a-f]{32}", found.get_secret_value()):
            raise ValueError(
                "is a token of “st2 auth”, which ends after a day; make a key with “st2 apikey create”"
            )
        return found

    @field_validator("ignore_ssl")
    @classmethod
    def _checked(cls, value: bool) -> bool:
        refuse_unchecked(value)
        return value

    @field_validator("pack_name")
    @classmethod
    def _pack(cls, value: str) -> str:
        return _named(value, NAME)

    @field_validator("action_name")
    @classmethod
    def _action(cls, value: str) -> str:
        return _named(value, ACTION_NAME)

    @field_validator("action_parameters")
    @classmethod
    def _bounded(cls, value: dict[str, Any]) -> dict[str, Any]:
        bounded(value)
        return value

    @field_validator("secret_parameters")
    @classmethod
    def _sealed(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        bounded({name: text.get_secret_value() for name, text in value.items()})
        return {name.strip(): text for name, text in value.items() if text.get_secret_value()}

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        """What is named like a secret is one, wherever it was typed."""
        for name in [name for name in self.action_parameters if is_named_like_a_secret(name)]:
            value = self.action_parameters[name]
            if isinstance(value, str) and value and name not in self.secret_parameters:
                del self.action_parameters[name]
                self.secret_parameters[name] = SecretStr(value)
        if both := sorted(self.action_parameters.keys() & self.secret_parameters.keys()):
            raise ValueError(
                f"action_parameters: {', '.join(both)} stands also under the secret ones; give it once"
            )
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.pack_name) != bool(self.action_name):
            missing = "action_name" if self.pack_name else "pack_name"
            raise ValueError(f"{missing}: pack and action belong together; give both or neither")
        return self

    @property
    def provider(self) -> str:
        """The action for incidents by rules (`pack.name`), "" where none is chosen."""
        return f"{self.pack_name}.{self.action_name}" if self.pack_name else ""

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters for that action, in plain text."""
        secret = {name: text.get_secret_value() for name, text in self.secret_parameters.items()}
        return {**self.action_parameters, **secret}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (
            self.api_key.get_secret_value(),
            *(text.get_secret_value() for text in self.secret_parameters.values()),
        )

    @property
    def takes_incidents(self) -> bool:
        """Only once an action for them is chosen; until then it serves calls alone."""
        return bool(self.provider)

    @property
    def api_url(self) -> str:
        """Where the API is: below `/api/v1` of the web address, or below `/v1` of st2api itself."""
        return self.base_url if self.base_url.endswith("/v1") else f"{self.base_url}/api/v1"

    @property
    def settle(self) -> timedelta:
        return timedelta(seconds=self.settle_seconds)


def _named(value: str, pattern: str) -> str:
    text = value.strip()
    if text and not re.fullmatch(pattern, text):
        raise ValueError("is letters, digits, “_”, “-” (and “.” in an action) only")
    return text
