"""Slack's signature of a call: `v0=HMAC-SHA256(secret, "v0:" + timestamp + ":" + raw body)`, of the last five minutes."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime

from soc.integrations.kit.inbound.hooks import Forged

SIGNATURE, TIMESTAMP = "x-slack-signature", "x-slack-request-timestamp"
#: Slack's own bound; what is older may be somebody's recording.
LONGEST_AGE_SECONDS = 300


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The header that Slack would send with this body."""
    text = b"v0:" + timestamp.encode("ascii") + b":" + body
    return "v0=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def prove(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Raises Forged unless the raw body was signed with the secret, not longer than five minutes ago or ahead.

    Without a secret nothing is proved. Every comparison of signatures takes the same time.
    """
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not secret or not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise Forged
    if not hmac.compare_digest(sign(secret, timestamp, body).encode(), given.encode("utf-8", "replace")):
        raise Forged
    if abs(now.timestamp() - int(timestamp)) > LONGEST_AGE_SECONDS:
        raise Forged
