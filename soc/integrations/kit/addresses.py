"""Which addresses the product may speak to, judged on the resolved address at the moment of connecting.

A check before the request would leave room for DNS rebinding, so the name is resolved once, every address it
resolves to is judged, and the connection goes to exactly the address that was judged.

Three verdicts: public addresses are allowed over HTTPS; private, loopback and reserved ones (and plain HTTP to
anything) need an entry of an administrator (`SOC_ALLOWED_HOSTS`) or of the process itself (`allow`, used by the
built-in sandbox); metadata services, link-local, multicast and unspecified addresses are refused whatever the
list says.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], list[str]]


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


_CREDENTIALS = "No setting allows it: credentials of machines are given out there."

#: Refused even when an entry names them, since no vendor lives there: the class, what to tell, the networks.
NEVER: tuple[tuple[str, str, tuple[Network, ...]], ...] = (
    (
        "a cloud metadata service",
        _CREDENTIALS,
        _networks(
            "169.254.169.254/32",
            "169.254.170.2/32",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "fd00:ec2::254/128",
            "fd20:ce::254/128",
        ),
    ),
    ("link-local", _CREDENTIALS, _networks("169.254.0.0/16", "fe80::/10")),
    (
        "multicast",
        "No setting allows it: it is the address of a group, not of one receiver. Use the receiver's own.",
        _networks("224.0.0.0/4", "ff00::/8"),
    ),
    (
        "broadcast",
        "No setting allows it: it means every machine of a network. Use the receiver's own address.",
        _networks("255.255.255.255/32"),
    ),
    (
        "unspecified",
        "No setting allows it: it names no machine, and may lead to this machine itself. Use the receiver's own.",
        _networks("0.0.0.0/8", "::/128"),
    ),
)

#: Allowed only by an entry. `ipaddress.is_private` and `is_global` miss some of these, so they are spelled out.
LISTED_ONLY: tuple[tuple[str, tuple[Network, ...]], ...] = (
    ("loopback", _networks("127.0.0.0/8", "::1/128")),
    (
        "private",
        _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
    ),
    ("shared by carriers (CGNAT)", _networks("100.64.0.0/10")),
    (
        "reserved",
        _networks(
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    ),
)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
#: v6 ranges whose last 32 bits are an IPv4 address: mapped, compatible, translated, NAT64 (both prefixes).
_LOW_EMBEDDED = _networks("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")


def embedded_v4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a v6 address carries (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP)."""
    number = int(address)
    if number <= 1:  # :: and ::1 are addresses of their own
        return None
    if any(address in network for network in _LOW_EMBEDDED):
        return IPv4Address(number & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if (number >> 32) & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE):
        return IPv4Address(number & 0xFFFFFFFF)
    return None


DEMONSTRATION = "this is a demonstration, which reaches nothing but its practice vendors"
PLAIN_HTTP = "plain http is only for hosts named in SOC_ALLOWED_HOSTS; use https"


@dataclass(frozen=True)
class Verdict:
    """`reason` says in words why, for the person who wonders; it names the address class, never a secret.

    `hint` says what to do about an address that no setting allows; "" for the others.
    """

    allowed: bool
    reason: str
    hint: str = ""


@dataclass(frozen=True)
class _Entry:
    text: str
    host: str = ""
    network: Network | None = None
    port: int | None = None

    def names(self, host: str, address: Address, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            return address in self.network
        return self.host == host


def _entry(text: str) -> _Entry:
    """Reads `host`, `host:port`, `ip`, `ip:port`, `[v6]:port` or a CIDR range. Raises ValueError on anything else."""
    clean = text.strip().lower().rstrip(".")
    try:
        return _Entry(text, network=ipaddress.ip_network(clean.strip("[]"), strict=False))
    except ValueError:
        host, colon, port = clean.rpartition(":")
        if not colon:
            host, port = clean, ""
        if not host or "/" in host or (colon and not (port.isdigit() and 0 < int(port) < 65536)):
            raise ValueError(f"“{text}” is not a host, host:port, address, address:port or range") from None
    number = int(port) if port else None
    try:
        return _Entry(text, network=ipaddress.ip_network(host.strip("[]")), port=number)
    except ValueError:
        return _Entry(text, host=host.rstrip("."), port=number)


_in_process: dict[str, _Entry] = {}


def allow(entry: str) -> None:
    """Let this process reach one more address, for as long as it lives: the built-in sandbox on its own port."""
    _in_process[entry] = _entry(entry)


def disallow(entry: str) -> None:
    """Take back what `allow` gave."""
    _in_process.pop(entry, None)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the resolver's order. Raises OSError when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


class AddressGuard:
    """Judges addresses against the classes above and a list of entries. Raises ValueError on a malformed entry.

    `only_ours`: a demonstration, where nothing but what this process allowed itself (`allow`) is reached.
    """

    def __init__(self, allowed: Iterable[str] = (), *, only_ours: bool = False) -> None:
        self._entries = tuple(_entry(text) for text in allowed if text.strip() and not only_ours)
        self._only_ours = only_ours

    def _listed(self, host: str, address: Address, port: int) -> bool:
        name = host.strip("[]").lower().rstrip(".")
        return any(entry.names(name, address, port) for entry in (*self._entries, *_in_process.values()))

    def lists(self, host: str, port: int) -> bool:
        """Whether an entry names the host itself, whatever it resolves to."""
        name = host.strip("[]").lower().rstrip(".")
        every = (*self._entries, *_in_process.values())
        return any(one.host == name and one.port in (None, port) for one in every if one.network is None)

    def judge(self, host: str, port: int, address: str, *, secure: bool) -> Verdict:
        """May a connection for `host` go to the resolved `address`? `secure` is whether it will speak TLS."""
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return Verdict(False, "it is not an internet address")
        inner = embedded_v4(parsed) if isinstance(parsed, IPv6Address) else None
        for candidate in (parsed, inner):
            for name, hint, networks in NEVER:
                if candidate is not None and any(candidate in network for network in networks):
                    return Verdict(False, f"{candidate} is {name}, which is never allowed", hint)
        kind = _kind(parsed, inner)
        if self._listed(host, parsed, port):
            if inner is not None and _kind(inner, None) and not self._listed(host, inner, port):
                return Verdict(False, f"{parsed} carries the {_kind(inner, None)} address {inner}")
            return Verdict(True, "it is on the list of allowed hosts")
        if self._only_ours:
            return Verdict(False, DEMONSTRATION)
        if kind:
            return Verdict(False, f"{parsed} is {kind}, and no entry of SOC_ALLOWED_HOSTS names it")
        if not secure:
            return Verdict(False, PLAIN_HTTP)
        return Verdict(True, "it is public")


def _kind(address: Address, inner: IPv4Address | None) -> str:
    """The class that needs an entry, "" for a plain public address."""
    for name, networks in LISTED_ONLY:
        if any(address in network for network in networks):
            return name
    if inner is not None:
        return f"another form of {inner}"
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return "reserved"
    return ""
