"""How Slack is spoken to and about. Its errors come as HTTP 200 with `ok: false`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from soc import clock
from soc.errors import (
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.integrations.kit.answers.retry_after import retry_after
from soc.integrations.kit.base import TroubleCase
from soc.integrations.kit.http import Answer, Vendor, VendorSession
from soc.integrations.kit.redaction import shown
from soc.integrations.vendors.slack.config import SlackConfig

_COPY_AGAIN = (
    "Copy the “Bot User OAuth Token” (xoxb-…) of the Slack app again (OAuth & Permissions); after changing scopes the "
    "app must be installed to the workspace again."
)
_CHANNEL = "Check the channel on the Integrations page (SLACK_CHANNEL): it must exist, not be archived, and "
_HINTS: Mapping[FailureReason, str] = {
    FailureReason.AUTH: _COPY_AGAIN,
    FailureReason.NETWORK: "Check that this machine can reach slack.com over HTTPS (DNS, firewall, proxy).",
    FailureReason.ADDRESS: "The API address is normally https://slack.com/api/; a test server must be named in SOC_ALLOWED_HOSTS.",
}

CREDENTIAL_ERRORS = frozenset(
    {
        "invalid_auth", "token_expired", "token_revoked", "account_inactive", "not_authed", "missing_scope",
        "no_permission", "not_allowed_token_type", "org_login_required", "ekm_access_denied", "access_denied",
        "two_factor_setup_required", "team_access_not_granted", "user_is_bot", "invalid_token",
    }
)  # fmt: skip
THROTTLE_ERRORS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
SERVER_ERRORS = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "accesslimited",
    }
)
CHANNEL_HINTS: Mapping[str, str] = {
    "channel_not_found": _CHANNEL + "be visible to the bot: /invite it into the channel.",
    "not_in_channel": _CHANNEL + "have the bot as a member: type /invite @your-bot in the channel.",
    "is_archived": _CHANNEL + "be in use: unarchive it or choose another.",
    "restricted_action": _CHANNEL + "let the bot post: an administrator restricted who may.",
}


#: The channel is no place for our messages, whatever they say.
GONE_ERRORS = frozenset(
    {
        "channel_not_found", "not_in_channel", "is_archived", "channel_is_limited_access", "channel_type_not_supported",
        "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel", "team_not_found", "enterprise_is_restricted", "not_in_workspace",
        "messages_tab_disabled",
    }
)  # fmt: skip


def _explain(data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    parts = [str(data["error"])] if data.get("error") else []
    if data.get("needed"):
        parts.append(f"needed scope {data['needed']}")
    metadata = data.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return "; ".join(parts + ([str(m) for m in messages] if isinstance(messages, list) else []))


SLACK = Vendor("Slack", _HINTS, _explain)


class SlackSession:
    """The Web API's methods, with `ok: false` turned into the error tree."""

    def __init__(self, config: SlackConfig, http: httpx.Client) -> None:
        token = config.bot_token.get_secret_value()
        kept = (config.bot_token, config.signing_secret, config.app_token)
        self._secrets = tuple(s for s in (one.get_secret_value() for one in kept) if s)
        self._http, self._base_url, self._timeout = http, config.base_url, config.timeout
        self._session = VendorSession(
            http,
            SLACK,
            config.base_url,
            headers={"authorization": f"Bearer {token}"},
            secrets=self._secrets,
            timeout=config.timeout,
        )

    @property
    def clock_offset(self) -> timedelta | None:
        """How far Slack's clock is ahead of ours; None before the first answer."""
        return self._session.clock_offset

    def read(self, method: str, **arguments: str) -> Answer:
        """A method that changes nothing. Raises TransientDeliveryError or PermanentDeliveryError."""
        # Slack's reading methods take a form, not JSON.
        answer = self._session.read("POST", f"/{method}", form=arguments)
        error = self._error(answer)
        if isinstance(error, UnknownOutcome):
            raise TransientDeliveryError(
                error.message, reason=error.reason, hint=error.hint, status=error.status, detail=error.detail,
                retry_after=error.retry_after,
            )  # fmt: skip
        if error:
            raise error
        return answer

    def write(self, method: str, body: Mapping[str, Any]) -> Answer:
        """A method that posts. Raises TransientDeliveryError, UnknownOutcome or PermanentDeliveryError."""
        answer = self._session.write("POST", f"/{method}", body=body)
        if error := self._error(answer):
            raise error
        return answer

    def open_socket(self, app_token: str) -> str:
        """The address of a connection of Socket Mode, good for one connection soon. Raises as `read` does."""
        session = VendorSession(
            self._http, SLACK, self._base_url, headers={"authorization": f"Bearer {app_token}"},
            secrets=self._secrets, timeout=self._timeout,
        )  # fmt: skip
        answer = session.read("POST", "/apps.connections.open", form={})
        error = self._error(answer)
        if error is None:
            return str(answer.data.get("url") or "")
        if isinstance(error, UnknownOutcome):
            raise TransientDeliveryError(error.message, reason=error.reason, hint=error.hint)
        raise error

    def _error(self, answer: Answer) -> DeliveryError | None:
        data = answer.data
        if not isinstance(data, dict) or not isinstance(data.get("ok"), bool):
            return UnknownOutcome(
                "The answer is not Slack's.",
                reason=FailureReason.BAD_RESPONSE,
                hint="Check that the API address is Slack itself, not a proxy in front of it.",
                status=answer.status,
            )
        return None if data["ok"] else self._refusal(answer, str(data.get("error") or "unknown_error"))

    def _refusal(self, answer: Answer, code: str) -> DeliveryError:
        detail = shown(_explain(answer.data), self._secrets)
        message = f"Slack refuses: {detail or shown(code, self._secrets)}."
        wait = retry_after(answer.headers, now=clock.now())
        if code in THROTTLE_ERRORS:
            return TransientDeliveryError(
                message, reason=FailureReason.THROTTLED, status=answer.status, detail=detail, retry_after=wait,
                hint="Nothing to do: it is sent again when Slack's waiting time is over.",
            )  # fmt: skip
        if code in SERVER_ERRORS:
            return UnknownOutcome(
                message, reason=FailureReason.SERVER, status=answer.status, detail=detail, retry_after=wait,
                hint="Nothing to do unless it lasts: look at https://slack-status.com.",
            )  # fmt: skip
        if code in CREDENTIAL_ERRORS:
            hint = _COPY_AGAIN
            if code == "missing_scope":
                hint = (
                    "Add the scope that is named to the Slack app (OAuth & Permissions) and install it again."
                )
            return PermanentDeliveryError(
                message, reason=FailureReason.AUTH, hint=hint, status=answer.status, detail=detail
            )
        hint = CHANNEL_HINTS.get(code.split("_read_")[0], "") or (
            "Look the error up in Slack's documentation of the method, then replay the delivery."
        )
        reason = FailureReason.GONE if code in GONE_ERRORS else FailureReason.CLIENT
        return PermanentDeliveryError(message, reason=reason, hint=hint, status=answer.status, detail=detail)


def code_of(error: DeliveryError) -> str:
    """Slack's own error code, "" where the failure was not Slack's."""
    return error.detail.split(";", 1)[0].strip()


_CASES: Mapping[FailureReason, TroubleCase] = {
    FailureReason.AUTH: TroubleCase.AUTHENTICATION,
    FailureReason.THROTTLED: TroubleCase.RATE_LIMIT,
    FailureReason.TLS: TroubleCase.CERTIFICATE,
    FailureReason.TIMEOUT: TroubleCase.TIMEOUT,
    FailureReason.ADDRESS: TroubleCase.WRONG_ADDRESS,
}


def case_of(error: DeliveryError) -> TroubleCase:
    """Which trouble an error is, for the person who reads the connection report."""
    code = code_of(error)
    if code in CHANNEL_HINTS:
        return TroubleCase.CHANNEL_NOT_FOUND
    if code in ("missing_scope", "no_permission"):
        return TroubleCase.PERMISSION_DENIED
    if error.status is not None and (error.status == 404 or 300 <= error.status < 400):
        return TroubleCase.WRONG_ADDRESS
    return _CASES.get(error.reason, TroubleCase.NOT_AVAILABLE)
