"""Slack's settings: the only place that knows them."""

from __future__ import annotations

import re
from datetime import timedelta

from pydantic import Field, SecretStr, field_validator

from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.fields import checked_url, clean_secret
from soc.integrations.vendors.slack.pasted import api_address, read_channel, refuse_other_token


class SlackConfig(IntegrationConfig):
    """How to reach a Slack workspace, and where its alerts go."""

    bot_token: SecretStr = Field(
        title="Bot token",
        description="“Bot User OAuth Token” of your Slack app (OAuth & Permissions); it begins with xoxb-.",
        min_length=1,
        json_schema_extra={"env": "SLACK_BOT_TOKEN", "group": "connection"},
    )
    channel: str = Field(
        default="#soc-alerts",
        title="Channel",
        description="Name or id of the channel that alerts go to. The bot must be a member: /invite it there.",
        json_schema_extra={"env": "SLACK_CHANNEL", "placeholder": "#soc-alerts", "group": "connection"},
    )
    signing_secret: SecretStr = Field(
        default=SecretStr(""),
        title="Signing secret",
        description="“Signing Secret” of your Slack app (Basic Information): for buttons, where Slack can reach this server.",
        json_schema_extra={"env": "SLACK_SIGNING_SECRET", "group": "connection"},
    )
    app_token: SecretStr = Field(
        default=SecretStr(""),
        title="App-level token",
        description="“App-Level Token” with connections:write (Basic Information): for buttons behind a firewall "
        "(Socket Mode), where Slack cannot reach this server; it begins with xapp-.",
        json_schema_extra={
            "env": "SLACK_APP_TOKEN",
            "group": "connection",
            "placeholder": "xapp-your-app-level-token",
        },
    )
    thread_notes: bool = Field(
        default=False,
        title="Replies are notes",
        description="What people of the roster write in an alert's thread becomes a note of the incident.",
        json_schema_extra={"env": "SLACK_THREAD_NOTES", "group": "message"},
    )
    base_url: str = Field(
        default="https://slack.com/api",
        title="API address",
        description="Slack's Web API. Change it only for a test server.",
        json_schema_extra={
            "env": "SLACK_API_URL",
            "placeholder": "https://slack.com/api/",
            "group": "connection",
        },
    )
    settle_seconds: int = Field(
        default=5,
        ge=0,
        le=900,
        title="Settle time (seconds)",
        description="After a lost answer, how long to wait before looking for the message in the channel.",
        json_schema_extra={"env": "SLACK_SETTLE_SECONDS", "group": "delivery"},
    )

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        found = clean_secret(value, "Bearer", "Authorization: Bearer", needed=True)
        refuse_other_token(found.get_secret_value())
        return found

    @field_validator("signing_secret")
    @classmethod
    def _secret(cls, value: SecretStr) -> SecretStr:
        found = clean_secret(value)
        if re.match(r"(?i)xox|xapp-|https?:", found.get_secret_value()):
            raise ValueError("is a token or an address; the “Signing Secret” is 32 letters and digits")
        return found

    @field_validator("app_token")
    @classmethod
    def _app_token(cls, value: SecretStr) -> SecretStr:
        found = clean_secret(value)
        text = found.get_secret_value()
        if text and not text.startswith("xapp-"):
            raise ValueError("is no app-level token; that one (Basic Information) begins with xapp-")
        return found

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return api_address(checked_url(value))

    @field_validator("channel")
    @classmethod
    def _channel(cls, value: str) -> str:
        """A name gets its “#”, an id stays as it is."""
        return read_channel(value)

    @property
    def channel_id(self) -> str:
        """The channel where it was given by id, else ""."""
        return "" if self.channel.startswith("#") else self.channel

    @property
    def answers_back(self) -> bool:
        """Whether what people do in Slack reaches us: by signed calls, or through Socket Mode."""
        return bool(self.signing_secret.get_secret_value() or self.app_token.get_secret_value())

    @property
    def settle(self) -> timedelta:
        return timedelta(seconds=self.settle_seconds)
