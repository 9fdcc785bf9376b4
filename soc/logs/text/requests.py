"""The methods of HTTP that logs tell of."""

from __future__ import annotations

METHODS = (
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND",
)  # fmt: skip
