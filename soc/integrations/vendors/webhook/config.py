"""The webhook's settings: the only place that knows them."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.connection import refuse_unchecked
from soc.integrations.kit.fields import checked_query, checked_url, pasted_url, split_query, split_user
from soc.integrations.vendors.webhook.limits import LONGEST_TEMPLATE
from soc.integrations.vendors.webhook.secret import clean_signing_secret, joined

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
#: They belong to the connection, or to the signature.
FORBIDDEN_HEADERS = frozenset(
    {
        "host", "content-length", "transfer-encoding", "content-encoding", "connection", "keep-alive", "te", "trailer",
        "upgrade", "expect", "accept-encoding", "proxy-authorization", "proxy-authenticate", "proxy-connection",
        "webhook-id", "webhook-timestamp", "webhook-signature",
    }
)  # fmt: skip
MOST_HEADERS = 30
MOST_SECRETS = 5


class WebhookConfig(IntegrationConfig):
    """Where events go, how they are dressed, and how the receiver knows that they are ours."""

    PLACES: ClassVar[tuple[str, ...]] = ("url",)

    url: str = Field(
        title="URL",
        description="The receiver's address, https. What follows a “?” is kept apart, as a secret; user:password@ becomes a header.",
        json_schema_extra={
            "env": "WEBHOOK_URL",
            "placeholder": "https://your-system.com/webhook",
            "group": "connection",
        },
    )
    url_query: SecretStr = Field(
        default=SecretStr(""),
        title="Query of the URL",
        description="What follows the “?” of the address, where the receiver wants a token there.",
        json_schema_extra={"env": "WEBHOOK_URL_QUERY", "group": "connection"},
    )
    method: Literal["POST", "PUT", "PATCH"] = Field(
        default="POST",
        title="HTTP method",
        description="How the receiver wants to be called.",
        json_schema_extra={"env": "WEBHOOK_METHOD", "group": "connection"},
    )
    headers: dict[str, SecretStr] = Field(
        default_factory=dict,
        title="Headers",
        description='More headers, as JSON: {"Authorization": "Bearer your-token"}.',
        json_schema_extra={
            "env": "WEBHOOK_HEADERS",
            "group": "connection",
            "multiline": True,
            "item": "header",
            "placeholder": '{"Authorization": "Bearer your-token"}',
        },
    )
    signing_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        title="Signing secrets",
        description="Standard Webhooks secrets (whsec_…); every event is signed with each of them, so that a new one can take over from an old one.",
        json_schema_extra={"env": "WEBHOOK_SIGNING_SECRETS", "group": "connection"},
    )
    template: str = Field(
        default="",
        title="Body template",
        description="For receivers that want another body: a Jinja template over the guide's payload (event_type, incident_id, incident_data …). Empty: the payload itself.",
        max_length=LONGEST_TEMPLATE,
        json_schema_extra={"group": "message", "multiline": True},
    )
    verify_ssl: bool = Field(
        default=True,
        title="Verify SSL",
        description="Check the receiver's certificate. Off only where an administrator allows it (SOC_ALLOW_INSECURE_TLS).",
        json_schema_extra={"env": "WEBHOOK_VERIFY_SSL", "group": "connection"},
    )

    @model_validator(mode="before")
    @classmethod
    def _split_address(cls, data: Any) -> Any:
        """What is secret in the address moves to where secrets are kept: its query, `user:password@` as a header."""
        if not isinstance(data, dict) or not isinstance(data.get("url"), str):
            return data
        url, account = split_user(data["url"])
        url, query = split_query(url)
        found = {**data, "url": url, **({"url_query": query} if query else {})}
        return found if account is None else {**found, "headers": _with_account(data.get("headers"), account)}

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        url = checked_url(value)
        return f"{url}/" if pasted_url(value).endswith("/") and url.count("/") > 2 else url

    @field_validator("url_query")
    @classmethod
    def _query(cls, value: SecretStr) -> SecretStr:
        return checked_query(value)

    @field_validator("method", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.strip().upper() if isinstance(value, str) else value

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        if len(value) > MOST_HEADERS:
            raise ValueError(f"are at most {MOST_HEADERS}")
        if len({name.strip().lower() for name in value}) != len(value):
            raise ValueError("name one header twice")
        return {name.strip(): _header(name.strip(), text) for name, text in value.items()}

    @field_validator("signing_secrets", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        pieces = value.replace(",", " ").split() if isinstance(value, str) else value
        return joined(pieces) if isinstance(pieces, (list, tuple)) else pieces

    @field_validator("signing_secrets")
    @classmethod
    def _secrets(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        texts = dict.fromkeys(text for one in value if (text := clean_signing_secret(one.get_secret_value())))
        if len(texts) > MOST_SECRETS:
            raise ValueError(f"are at most {MOST_SECRETS}")
        return tuple(map(SecretStr, texts))

    @field_validator("template")
    @classmethod
    def _template(cls, value: str) -> str:
        if value.strip():
            from soc.integrations.vendors.webhook.template import read_template  # start-up cost: Jinja

            read_template(value)
        return value if value.strip() else ""

    @field_validator("verify_ssl")
    @classmethod
    def _checked(cls, value: bool) -> bool:
        refuse_unchecked(not value)
        return value

    @property
    def settle(self) -> timedelta:
        """Next to nothing: the receiver knows a repeated event by its webhook-id."""
        return timedelta(seconds=1)


def _header(name: str, value: SecretStr) -> SecretStr:
    """Raises ValueError, which repeats neither: a secret may stand where a name belongs."""
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("have a name that is no header's: letters, digits and “-” only")
    if name.lower() in FORBIDDEN_HEADERS:
        raise ValueError(
            "set a header that belongs to the connection or to the signature (Host, Content-Length …)"
        )
    text = value.get_secret_value().strip()
    if not re.fullmatch(r"[\t -~]{0,4000}", text):
        raise ValueError("have a value with a line break or letters outside of ASCII")
    return SecretStr(text)


def _with_account(headers: Any, account: tuple[str, str]) -> Any:
    """The headers with basic authentication for this user and password. Raises ValueError where they name another."""
    if headers is not None and not isinstance(headers, dict):
        return headers
    given = dict(headers or {})
    for name in [name for name in given if str(name).strip().lower() == "authorization"]:
        held = given[name]
        text = held.get_secret_value() if isinstance(held, SecretStr) else str(held)
        if not text.strip().lower().startswith("basic "):
            raise ValueError(
                "url: holds a user and password, but an Authorization header is set; give one of the two"
            )
        del given[name]
    pair = base64.b64encode(":".join(account).encode("utf-8", "replace")).decode()
    return {**given, "Authorization": f"Basic {pair}"}
