"""Jira's webhooks: proved by the signature of the raw body, and taken only as a word about which issue to read."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from soc.integrations.kit.answers.json_text import read_json
from soc.integrations.kit.inbound.hooks import Forged, InboundHook, Incoming, TicketCall, Unreadable
from soc.integrations.vendors.jira.config import JiraConfig

_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
_IDENTIFIER = re.compile(r"[\x21-\x7e]{1,200}")
_NUMBER = re.compile(r"\d{1,19}")
DELETED = "jira:issue_deleted"


def sign(secret: str, body: bytes) -> str:
    """`X-Hub-Signature` of this body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def read_hook(config: Any, headers: Mapping[str, str], body: bytes, now: datetime) -> Incoming:
    """What Jira tells of. Its own word of the ticket's values is not taken: the ticket is read.

    A call that is sent again by somebody else is therefore harmless: it has its ticket read once more. Raises Forged,
    Unreadable.
    """
    assert isinstance(config, JiraConfig)
    secret, said = config.webhook_secret.get_secret_value(), headers.get("x-hub-signature", "")
    if not secret or not _SIGNATURE.fullmatch(said):
        raise Forged
    if not hmac.compare_digest(sign(secret, body), said):
        raise Forged
    try:
        told = read_json(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Unreadable("The call is signed, and is no JSON object.", hint="Point Jira's own webhook here.")
    issue = told.get("issue")
    number = str(issue.get("id") or "") if isinstance(issue, dict) else ""
    if not _NUMBER.fullmatch(number):
        return Incoming()  # about something that is no ticket
    sent = headers.get("x-atlassian-webhook-identifier", "")
    identifier = sent if _IDENTIFIER.fullmatch(sent) else hashlib.sha256(body).hexdigest()
    deleted = told.get("webhookEvent") == DELETED
    return Incoming(tickets=(TicketCall(identifier, number, deleted=deleted),))


HOOK = InboundHook("issues", "Issues and comments", read_hook)
