"""Standard Webhooks signatures: `webhook-id`, `webhook-timestamp`, `webhook-signature`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from soc.integrations.vendors.webhook.secret import key_of_secret


def signature_headers(
    message_id: str, body: bytes, secrets: Iterable[str], *, now: datetime
) -> dict[str, str]:
    """The three headers; one `v1,` signature for each secret. Without a secret there is no signature.

    `message_id` stays the same on every try of the same event, the timestamp does not.
    """
    stamp = str(int(now.timestamp()))
    headers = {"webhook-id": message_id, "webhook-timestamp": stamp}
    signed = f"{message_id}.{stamp}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.new(key_of_secret(s), signed, hashlib.sha256).digest()).decode()
        for s in secrets
    ]
    return {**headers, "webhook-signature": " ".join(signatures)} if signatures else headers
