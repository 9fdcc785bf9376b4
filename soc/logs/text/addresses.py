"""Addresses are validated before they are believed: `999.1.1.1` and version numbers are none."""

from __future__ import annotations

import ipaddress

import polars as pl

#: Four numbers 0–255 without leading zeros.
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
#: What may be an IPv6 address; `valid_address` decides.
IPV6 = r"[0-9A-Fa-f]{0,4}:(?:[0-9A-Fa-f]{0,4}:){1,6}(?:[0-9A-Fa-f]{1,4}|[0-9.]{7,15})?"
_V4_ONLY = rf"^{IPV4}$"
#: An address of one's own net, or what a server calls a peer on the same machine. Whom such a proxy says that it asks for is
#: believed, and from nobody else: anybody can send the header. Case matters nowhere in it.
OWN_NET = (
    r"(?i)^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\."
    r"|::1$|f[cd][0-9a-f]{2}:|fe80:|unix:|localhost$|-$)"
)


def _plain_ipv6(text: str) -> str:
    """In its one spelling, "" where it is none."""
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        return ""


def valid_addresses(candidates: pl.Series) -> pl.Series:
    """The candidates that are IPv4 or IPv6 addresses, others null. IPv4 in IPv6 clothes becomes IPv4, and IPv6 is spelled one way.

    Decided once a distinct candidate: IPv4 by one expression, the few IPv6 ones one by one.
    """
    distinct = candidates.drop_nulls().unique()
    if not len(distinct):
        return candidates
    trimmed = distinct.str.strip_chars("[]").str.replace(r"(?i)^::ffff:(\d)", "${1}")
    v4 = trimmed.str.contains(_V4_ONLY)
    six = trimmed.filter(~v4 & trimmed.str.contains(":", literal=True))
    spelled = {text: plain for text in six.to_list() if len(text) < 46 and (plain := _plain_ipv6(text))}
    valid = v4 | trimmed.is_in(list(spelled))
    if any(text != plain for text, plain in spelled.items()):
        trimmed = trimmed.replace(spelled)
    if valid.all() and bool((trimmed == distinct).all()):
        return candidates
    return candidates.replace_strict(
        distinct.filter(valid), trimmed.filter(valid), default=None, return_dtype=pl.String
    )
