"""What a vendor says while a fault keeps it from working, in that vendor's manner."""

from __future__ import annotations

import json
from dataclasses import dataclass

from soc.sandbox.kit.vendor import PracticeVendor

HTML = "text/html; charset=utf-8"
LOGIN = b"<!doctype html><html><head><title>Log in</title></head><body><form>Log in</form></body></html>"
DOWN = b"<html><body>Service unavailable</body></html>"


@dataclass(frozen=True)
class Refusal:
    status: int
    kind: str
    body: bytes
    headers: dict[str, str]

    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """As ASGI wants them."""
        named = self.headers | {"content-type": self.kind, "content-length": str(len(self.body))}
        return [(name.encode(), value.encode()) for name, value in named.items()]


def refusal(
    kind: str,
    vendor: PracticeVendor,
    path: str,
    *,
    status: int,
    retry_after: str | int | None,
    limit: str = "",
) -> Refusal:
    """login_page: 200 and HTML. rate_limit: 429, of this limit where the vendor tells several apart. Anything else: `status` with HTML, as a proxy in front says it."""
    if kind == "login_page":
        return Refusal(200, HTML, LOGIN, {})
    wait = {} if retry_after is None else {"retry-after": str(retry_after)}
    if kind != "rate_limit":
        return Refusal(status, HTML, DOWN, wait)
    body, headers = vendor.throttled(path, {**wait, **vendor.limits.get(limit, {})})
    return Refusal(429, "application/json", json.dumps(body).encode(), headers)
