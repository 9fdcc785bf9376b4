"""Text that came from a vendor, made fit to show: secrets out, control characters out, one line, bounded."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "••••••••"
LONGEST_DETAIL = 300

#: Shapes of credentials, for those that are not ours to know (a vendor echoing another header, a key's hash).
_SHAPES = re.compile(
    r"xox[a-z](?:\.[a-z0-9-]+)?-[\w-]+|xapp-[\w-]+|whsec_[\w+/=-]+|ATATT[\w=-]+"
    r"|(?i:\b(?:bearer|basic|token token=|genericapikey)\s*:?\s*)[\w.~+/=-]{6,}"
    r"|(?i:key_hash=)\w+"
    r"|(?<=://)[^/\s@]+@"
    r"|(?i:(?<=[?&;])(?:token|api[_-]?token|api[_-]?key|key|secret|password|access_token|sig(?:nature)?)=)[^&\s\"']+"
)
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without any of `secrets` (plain, URL-encoded, base64) and without anything shaped like a credential."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        for form in {
            secret,
            quote(secret, safe=""),
            quote_plus(secret),
            base64.b64encode(secret.encode()).decode(),
            secret.encode("unicode_escape").decode(),
            secret.replace("/", "\\/"),
            json.dumps(secret)[1:-1],
        }:
            text = text.replace(form, MASK)
    return _SHAPES.sub(MASK, text)


def shown(text: str, secrets: Iterable[str] = ()) -> str:
    """A vendor's text as one redacted line of at most 300 characters."""
    clean = _SPACE.sub(" ", redact(text, secrets)).strip()
    return clean if len(clean) <= LONGEST_DETAIL else clean[: LONGEST_DETAIL - 1] + "…"
