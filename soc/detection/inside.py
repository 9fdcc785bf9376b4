"""Which addresses are of one's own networks: `ipaddress.is_private` holds those of documentation too."""

from __future__ import annotations

import ipaddress

import polars as pl

_INSIDE = tuple(
    ipaddress.ip_network(one)
    for one in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1",
    )
)


def is_inside(address: str) -> bool:
    """Raises ValueError for what is no address."""
    return any(ipaddress.ip_address(address) in one for one in _INSIDE)


def are_inside(addresses: pl.Series) -> pl.Series:
    """A mask; False for what is missing. Raises ValueError for what is no address."""
    distinct = addresses.drop_nulls().unique().to_list()
    inside = [one for one in distinct if is_inside(one)]
    return (
        addresses.is_in(inside).fill_null(False) if inside else pl.repeat(False, len(addresses), eager=True)
    )
