"""Every kind of integration, in one literal table. A new one costs its folder and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from soc.errors import NotFound
from soc.integrations.kit import declared
from soc.integrations.kit.base import Action, Connector, IntegrationConfig
from soc.integrations.kit.declared import (
    InvalidConfiguration,
    masked,
    merge_masked,
    secret_values,
    split_secrets,
)
from soc.integrations.vendors import jira, opsgenie, pagerduty, slack, stackstorm, webhook

__all__ = [
    "KINDS",
    "IntegrationKind",
    "InvalidConfiguration",
    "build",
    "config_from_env",
    "connect",
    "env_example",
    "field_table",
    "kind_of",
    "masked",
    "merge_masked",
    "secret_values",
    "split_secrets",
    "validate",
]


@dataclass(frozen=True)
class IntegrationKind:
    """`docs` is the page below `docs/`; `toggle` is the label on the Process logs page (the guide's own for Jira and
    Slack). `actions` are what can be asked for through the API. `resolves`: a closed ticket ends what its alert began.
    """

    title: str
    config: type[IntegrationConfig]
    connector: Callable[..., Connector]
    docs: str
    toggle: str
    actions: tuple[Action, ...] = ()
    resolves: bool = False


KINDS: Mapping[str, IntegrationKind] = {
    "jira": IntegrationKind(
        "Jira", jira.JiraConfig, jira.JiraConnector, "integrations/jira.md",
        "Enable JIRA Incident Creation", jira.ACTIONS,
    ),
    "slack": IntegrationKind(
        "Slack", slack.SlackConfig, slack.SlackConnector, "integrations/slack.md",
        "Enable Slack Notifications", slack.ACTIONS,
    ),
    "pagerduty": IntegrationKind(
        "PagerDuty", pagerduty.PagerDutyConfig, pagerduty.PagerDutyConnector, "integrations/pagerduty.md",
        "Enable PagerDuty Incidents", pagerduty.ACTIONS, resolves=True,
    ),
    "stackstorm": IntegrationKind(
        "StackStorm", stackstorm.StackStormConfig, stackstorm.StackStormConnector, "integrations/stackstorm.md",
        "Enable StackStorm Actions", stackstorm.ACTIONS,
    ),
    "webhook": IntegrationKind(
        "Webhook", webhook.WebhookConfig, webhook.WebhookConnector, "integrations/webhook.md",
        "Enable Webhook Events", webhook.ACTIONS, resolves=True,
    ),
    "opsgenie": IntegrationKind(
        "Opsgenie", opsgenie.OpsgenieConfig, opsgenie.OpsgenieConnector, "integrations/opsgenie.md",
        "Enable Opsgenie Alerts", resolves=True,
    ),
}  # fmt: skip


def kind_of(kind: str) -> IntegrationKind:
    """Raises NotFound for a name that is no integration."""
    if kind not in KINDS:
        raise NotFound("There is no such integration.", hint=f"There are: {', '.join(KINDS)}.")
    return KINDS[kind]


def connect(kind: str, config: IntegrationConfig, *, http: httpx.Client | None = None) -> Connector:
    """A connector for the config, over the shared client unless another is given. Speaks to nobody yet."""
    return kind_of(kind).connector(config, http=http)


def validate(kind: str, data: Mapping[str, Any]) -> IntegrationConfig:
    """The config of `data` (plain values). Raises InvalidConfiguration, which names fields and echoes nothing."""
    found = kind_of(kind)
    return declared.validate(found.config, found.title, data)


def build(kind: str, public: Mapping[str, Any], secrets: Mapping[str, str]) -> IntegrationConfig:
    """The config of what `split_secrets` gave. Raises InvalidConfiguration.

    Settings that this version no longer knows are dropped: an old row must not stop the product.
    """
    known = kind_of(kind).config.model_fields
    data = {**public, **{name: value for name, value in secrets.items() if value}}
    return validate(kind, {name: value for name, value in data.items() if name in known})


def config_from_env(kind: str, values: Mapping[str, str] | None = None) -> IntegrationConfig | None:
    """The config of the environment and `.env`; None where a required variable is absent.

    Raises InvalidConfiguration where they are there and wrong.
    """
    found = kind_of(kind)
    return declared.from_env(found.config, found.title, declared.environment() if values is None else values)


def env_example(kind: str) -> list[str]:
    """The integration's lines of `.env.example`."""
    found = kind_of(kind)
    return declared.env_example(found.config, found.title)


def field_table(kind: str) -> str:
    """The integration's settings as a Markdown table."""
    return declared.field_table(kind_of(kind).config)
