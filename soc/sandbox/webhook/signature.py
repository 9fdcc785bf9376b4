"""Standard Webhooks, the receiver's half: is this request signed by who knows the practice secret, and lately."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

SECRET = "whsec_cHJhY3RpY2Utd2ViaG9vay1zZWNyZXQtMDE="  # noqa: S105 - practice credentials are printed in the docs
TOLERANCE = 300
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")


def verify(headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[str, str]:
    """`valid`, `invalid` or `unsigned`, and why. Header names are in lower case.

    A request without `webhook-signature` is unsigned. One of several signatures by the practice secret is enough
    (a sender that rotates sends more). Never raises, whatever the headers hold.
    """
    if "webhook-signature" not in headers:
        return "unsigned", "there is no webhook-signature"
    if missing := [name for name in NAMES if not headers.get(name)]:
        return "invalid", f"{' and '.join(missing)} missing"
    sent = headers["webhook-timestamp"]
    if not (sent.isascii() and sent.isdecimal()):
        return "invalid", "webhook-timestamp is not whole seconds"
    if len(sent) > 12 or abs(int(now.timestamp()) - int(sent)) > TOLERANCE:
        return "invalid", f"webhook-timestamp is more than {TOLERANCE} s away from now"
    expected = sign(headers["webhook-id"], sent, body)
    given = headers["webhook-signature"].split()
    if any(_is_same(expected, signature) for signature in given):
        return "valid", "signed with the practice secret"
    return "invalid", "no signature is by the practice secret over id, timestamp and body as they came"


def sign(webhook_id: str, timestamp: str, body: bytes) -> bytes:
    """HMAC-SHA256 of `id.timestamp.body` with the practice secret."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    return hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()


def _is_same(expected: bytes, signature: str) -> bool:
    version, _, encoded = signature.partition(",")
    try:
        return version == "v1" and hmac.compare_digest(expected, base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        return False
