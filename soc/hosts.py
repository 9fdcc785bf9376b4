"""Host names and origins as HTTP writes them, read exactly: what is not one to the letter is none.

A parser that takes `127.0.0.1:80.evil.com` for `127.0.0.1` opens the door to whoever owns evil.com.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LONGEST_NAME = 253
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Host:
    """A name (lower case; an IPv6 address compressed and without brackets) and the port, if one was written."""

    name: str
    port: int | None = None


@dataclass(frozen=True)
class Origin:
    """A web site: scheme, name, port; the port is always there."""

    scheme: str
    name: str
    port: int


def parse_host(value: str) -> Host | None:
    """`soc.example`, `127.0.0.1:8501`, `[::1]:8501`; None for anything else, a dot at the end included."""
    if not value.isascii():
        return None
    value = value.lower()
    if value.startswith("["):
        inside, closed, rest = value[1:].partition("]")
        name = _address(inside) if closed and ":" in inside else None
        if rest and not rest.startswith(":"):
            return None
        has_port, port = bool(rest), rest[1:]
    else:
        plain, colon, port = value.partition(":")
        name, has_port = _name(plain), bool(colon)
    if name is None:
        return None
    if not has_port:
        return Host(name)
    if not _PORT.fullmatch(port) or int(port) > 65_535:
        return None
    return Host(name, int(port))


def _name(text: str) -> str | None:
    """A name of DNS, or an IPv4 address in its one usual spelling (`127.1` and `0177.0.0.1` are none)."""
    if len(text) > _LONGEST_NAME or not _NAME.fullmatch(text):
        return None
    last = text.rpartition(".")[2]
    if last.isdigit() or re.fullmatch(
        r"0x[0-9a-f]*", last
    ):  # whatever ends in a number is an address or nothing
        return _address(text)
    return text


def _address(text: str) -> str | None:
    if "%" in text:  # an interface's name is nobody's business but this machine's
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def parse_origin(value: str) -> Origin | None:
    """`https://soc.example:8443`; None for `null`, for a path, a user, or a scheme that is not the web's."""
    scheme, there, rest = value.partition("://")
    scheme = scheme.lower()
    if not there or scheme not in DEFAULT_PORTS:
        return None
    host = parse_host(rest)
    return origin_of(scheme, host) if host else None


def origin_of(scheme: str, host: Host) -> Origin:
    """The web site that a host is under a scheme (`http` or `https`)."""
    return Origin(scheme, host.name, host.port or DEFAULT_PORTS[scheme])


def plain_address(text: str) -> str:
    """A socket's own spelling of an address as a host has it: `::ffff:10.0.0.5` is `10.0.0.5`; "" for none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


#: Longer addresses do not fit into every vendor's link.
_LONGEST_ADDRESS = 500


def checked_address(text: str) -> str:
    """An address of the web, as it was given. Raises ValueError, which says what is wrong and repeats nothing: a password may stand in it."""
    if (
        len(text) > _LONGEST_ADDRESS
        or not text.isascii()
        or not text.isprintable()
        or set(text) & set(' "<>\\^`{|}')
    ):
        raise ValueError(f"is at most {_LONGEST_ADDRESS} plain characters; write other ones percent-encoded")
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("is written like https://soc.example or https://soc.example:8443/path")
    if "@" in parts.netloc:
        raise ValueError("holds no user name and no password")
    if "?" in text or "#" in text:
        raise ValueError("ends with its path: nothing after a ? or #")
    return text
