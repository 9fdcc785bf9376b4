"""How Jira is spoken to and about: credentials, error texts, and the setup guide's troubleshooting words."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import httpx

from soc.errors import DeliveryError, FailureReason, LimitOf, PermanentDeliveryError
from soc.integrations.kit.base import TroubleCase
from soc.integrations.kit.http import Vendor, VendorSession
from soc.integrations.vendors.jira.config import JiraConfig

NOT_AVAILABLE = (
    "Setup guide, “JIRA integration not available”: check that the .env file or the Integrations page has the correct "
    "credentials, that the API token is valid (not expired), and that the Jira instance is accessible."
)
PERMISSION_DENIED = (
    "Setup guide, “Permission denied”: the user must be allowed to create issues in the project, to set the priority "
    "and to assign tickets, and the issue types (Incident, Security Incident) must exist."
)
PROJECT_NOT_FOUND = (
    "Setup guide, “Project not found”: JIRA_PROJECT_KEY must match the actual project, the project must exist and be "
    "active, and the user must have access to it."
)
_UNREACHABLE = "Setup guide, “JIRA integration not available”: ensure the Jira instance is accessible. "

_HINTS: Mapping[FailureReason, str] = {
    FailureReason.AUTH: NOT_AVAILABLE,
    FailureReason.NETWORK: _UNREACHABLE
    + "Check the base URL, this machine's DNS and network, and the firewall.",
    FailureReason.TIMEOUT: _UNREACHABLE
    + "It was too slow to answer: look at its status page, or raise the timeout.",
    FailureReason.TLS: _UNREACHABLE
    + "For a private certificate authority, name its PEM file in SOC_CA_BUNDLE.",
    FailureReason.ADDRESS: _UNREACHABLE
    + "An on-premise Jira on a private address must be named in SOC_ALLOWED_HOSTS by an administrator.",
    FailureReason.BAD_RESPONSE: _UNREACHABLE
    + "Check that the base URL is Jira itself, not a proxy in front of it.",
}


def _texts(data: Any) -> tuple[list[str], dict[str, str]]:
    if not isinstance(data, dict):
        return [], {}
    messages, errors = data.get("errorMessages"), data.get("errors")
    texts = [str(m) for m in messages] if isinstance(messages, list) else []
    if isinstance(data.get("message"), str):
        texts.append(data["message"])
    return texts, {str(k): str(v) for k, v in errors.items()} if isinstance(errors, dict) else {}


def explain(data: Any) -> str:
    """Jira's own words: `{"errorMessages": […], "errors": {field: text}}`."""
    texts, errors = _texts(data)
    return "; ".join([*texts, *(f"{field}: {text}" for field, text in errors.items())])


def names_project(data: Any) -> bool:
    """Whether the error is about a project that is missing or out of sight."""
    texts, errors = _texts(data)
    return "project" in errors or any(
        "project" in text.lower() and ("field 'project'" in text or "no project" in text.lower())
        for text in texts
    )


def _hint(status: int, data: Any) -> str:
    if status == 403:
        return PERMISSION_DENIED
    if status in (400, 404) and names_project(data):
        return PROJECT_NOT_FOUND
    if status in (400, 422):
        _, errors = _texts(data)
        if errors:
            return (
                f"Jira refuses the field {', '.join(sorted(errors))}: change it on the Integrations page or on the "
                "project's create screen, then replay the delivery."
            )
    if status == 404:
        return (
            "The base URL is not a Jira of this instance type, or the project or ticket is gone: check Base URL, "
            "Instance type and Project key."
        )
    if status == 410:
        return "This Jira no longer has that call: check that Instance type (Cloud or on-premise) is right."
    if status == 413:
        return "The ticket is larger than the server takes; a proxy in front of Jira may limit request sizes."
    return ""


def _gone(status: int, data: Any) -> bool:
    """The project is missing, out of sight or archived: Jira's own words, since a 404 may be about one ticket."""
    if status not in (400, 404, 410):
        return False
    texts, _ = _texts(data)
    return status == 410 or names_project(data) or any("archived" in text.lower() for text in texts)


def limit_of(headers: Mapping[str, str]) -> LimitOf:
    """Which of Jira's limits was met: an endpoint's burst, one issue's writes, or the quota of everything."""
    reason = headers.get("ratelimit-reason", "").casefold()
    if "per-issue" in reason:
        return LimitOf.SUBJECT
    return LimitOf.CALL if "burst" in reason else LimitOf.EVERYTHING


JIRA = Vendor("Jira", _HINTS, explain, _hint, gone=_gone, limit=limit_of)


def session_of(config: JiraConfig, http: httpx.Client, *, api: str = "") -> VendorSession:
    """A session with the configured credentials: basic, or a personal access token where no user is named.

    `api` is the path of another API than that of Jira itself.
    """
    token = config.api_token.get_secret_value()
    if config.username:
        pair = f"{config.username}:{token}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode()
        secrets: tuple[str, ...] = (token, pair)
    else:
        authorization, secrets = f"Bearer {token}", (token,)
    return VendorSession(
        http,
        JIRA,
        f"{config.base_url}/rest/{api or ('api/3' if config.cloud else 'api/2')}",
        headers={"authorization": authorization},
        secrets=secrets,
        timeout=config.timeout,
    )


_CASES: Mapping[FailureReason, TroubleCase] = {
    FailureReason.THROTTLED: TroubleCase.RATE_LIMIT,
    FailureReason.TLS: TroubleCase.CERTIFICATE,
    FailureReason.TIMEOUT: TroubleCase.TIMEOUT,
    FailureReason.ADDRESS: TroubleCase.WRONG_ADDRESS,
}


def case_of(error: DeliveryError) -> TroubleCase:
    """Which of the setup guide's cases an error is."""
    if error.status == 403:
        return TroubleCase.PERMISSION_DENIED
    if error.hint == PROJECT_NOT_FOUND:
        return TroubleCase.PROJECT_NOT_FOUND
    if error.status == 404 or (error.status is not None and 300 <= error.status < 400):
        return TroubleCase.WRONG_ADDRESS
    return _CASES.get(error.reason, TroubleCase.NOT_AVAILABLE)


def bad_answer(what: str) -> PermanentDeliveryError:
    """The error of an answer that is JSON, but not what Jira answers to this question."""
    return PermanentDeliveryError(
        f"The server's answer about {what} is not Jira's.",
        reason=FailureReason.BAD_RESPONSE,
        hint=_HINTS[FailureReason.BAD_RESPONSE],
    )


def find_account(session: VendorSession, email: str, *, cloud: bool) -> str:
    """Cloud's account id, Data Center's user name; "" where nobody or more than one has the address. Raises DeliveryError."""
    asked = {"query" if cloud else "username": email}
    rows = session.read("GET", "/user/search", params=asked).data
    ids = {
        str(row.get("accountId" if cloud else "name") or "")
        for row in (rows if isinstance(rows, list) else [])
        # an address that its owner hides is not shown; then the search itself has found by it
        if isinstance(row, dict) and str(row.get("emailAddress") or email).casefold() == email.casefold()
    }
    return ids.pop() if len(ids) == 1 else ""
