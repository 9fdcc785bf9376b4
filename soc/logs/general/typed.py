"""What a value must be. A check returns the value as it is kept, or "" where it cannot be."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

from soc.logs.general.ecs_words import one_of
from soc.logs.text.addresses import IPV4
from soc.logs.text.requests import METHODS
from soc.logs.text.spoken_times import read_spoken

#: What systems write where they know nothing.
NOTHING = frozenset({
    "", "-", "--", "n/a", "na", "none", "null", "(null)", "nil", "undefined", "unknown", "<null>", "<nil>", "*", "?", "[]", "{}",
    "not available", "(none)", "0x0", "---", "***", "*****", "********",
})  # fmt: skip
_V4 = re.compile(rf"^(?:::ffff:)?({IPV4})(?:[:#/](\d{{1,5}})(?::[\w.:-]{{0,100}})?)?$", re.I)
_V6_PORT = re.compile(r"^\[([0-9A-Fa-f:.]{2,45})\]:(\d{1,5})$")
#: One within a value that says more: a scheme, a transport, an interface, a port.
_INSIDE = re.compile(rf"(?<![\w.]){IPV4}(?![\w.])")
#: The address of nobody.
_NOBODY = frozenset({"0.0.0.0"})  # noqa: S104
_HEX = {32: "md5", 40: "sha1", 64: "sha256"}
_HASHES = {
    kind: re.compile(rf"(?<![0-9a-fA-F])[0-9a-fA-F]{{{size}}}(?![0-9a-fA-F])") for size, kind in _HEX.items()
}
_METHODS = frozenset(METHODS)
_NONE_CAME = frozenset({"S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR"})
_ONE_CAME = frozenset({"S1", "SF", "S2", "S3", "RSTO", "RSTR"})
_HOST = re.compile(r"^(?=.{1,253}$)[\w][\w.\-$ ]*$")
_DOMAIN = re.compile(r"^(?=.{1,254}$)[\w*-]+(?:\.[\w-]+)*\.?$")
_TRANSPORTS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "ipv6-icmp", "132": "sctp"}
#: Words of an outcome, as a system says it.
_GOOD = frozenset({
    "success", "succeeded", "successful", "ok", "true", "yes", "allow", "allowed", "pass", "passed",
    "accepted", "accept", "granted", "succeed", "permit", "permitted", "audit_success", "authenticated",
    "approved",
})  # fmt: skip
_BAD = frozenset({
    "failure", "failed", "fail", "error", "false", "no", "deny", "denied", "blocked", "block",
    "rejected", "reject", "refused", "unauthorized", "forbidden", "drop", "dropped", "invalid",
    "audit_failure", "failed_login", "unsuccessful",
})  # fmt: skip


def address(value: str) -> str:
    text = value.strip("[]'\" ")
    found = _V4.match(text)
    if found:
        return "" if found[1] in _NOBODY else found[1]
    if ":" not in text or len(text) > 60:
        return _first_of(text)
    if "." in text and len(inside := _INSIDE.findall(text)) == 1 and " " not in text:
        return "" if inside[0] in _NOBODY else inside[0]
    try:
        six = ipaddress.IPv6Address(text.split("%")[0])
    except ValueError:
        return _first_of(text)
    if six.ipv4_mapped:
        return str(six.ipv4_mapped)
    return "" if six.is_unspecified else str(six)


def _first_of(text: str) -> str:
    """Of a list of addresses (a forwarded one) the first; of `[v6]:port` the address."""
    if "," in text:
        return address(text.split(",")[0])
    if "/" in text and len(text) <= 60 and " " not in text and len(inside := _INSIDE.findall(text)) == 1:
        return address(inside[0])
    if text.count("]:") == 1:
        return address(text.split("]:")[0])
    return ""


def port(value: str) -> str:
    return value if value.isascii() and value.isdigit() and len(value) < 6 and 0 < int(value) < 65536 else ""


def port_of(value: str) -> str:
    """Of `192.0.2.1:80`, `[2001:db8::1]:80` the port."""
    found = _V4.match(value.strip("[]'\" ")) or _V6_PORT.match(value)
    return port(found[2]) if found and found[2] else ""


def whole(value: str) -> str:
    if value.isascii() and value.isdigit() and len(value) < 19:
        return value
    return str(int(value, 16)) if re.fullmatch(r"0x[0-9a-fA-F]{1,8}", value) else ""


def status(value: str) -> str:
    return value if len(value) == 3 and value.isdigit() and "100" <= value <= "599" else ""


def name(value: str) -> str:
    return value if len(value) <= 256 and not value.startswith(("{", "[")) and "\n" not in value else ""


def text(value: str) -> str:
    return value


def title(value: str) -> str:
    """Of a rule: a number alone is not its name."""
    return "" if value.replace(".", "").isdigit() else value


def short(value: str) -> str:
    return value if len(value) <= 40 else ""


def word(value: str) -> str:
    return value.lower() if len(value) <= 20 and value.isascii() and value.isalnum() else ""


def level(value: str) -> str:
    """A level by its name: a number means what its product likes."""
    return word(value) if value.isalpha() else ""


def user(value: str) -> str:
    """Without the domain before a backslash."""
    return name(value.rsplit("\\", 1)[-1]) if value.count("\\") in (1, 2) else name(value)


def realm(value: str) -> str:
    """Of `REALM\\user` and `user@realm` the realm."""
    if value.count("\\") in (1, 2) and not value.startswith("\\"):
        return name(value.split("\\", 1)[0])
    _, mark, after = value.partition("@")
    return after if mark and _DOMAIN.match(after) else ""


def base(value: str) -> str:
    """The last part of a path; a name as it is."""
    if len(value) > 1000 or "\n" in value or value.startswith(("{", "[", "http://", "https://")):
        return ""
    return re.split(r"[\\/]", value.rstrip("\\/"))[-1] if ("\\" in value or "/" in value) else name(value)


def path(value: str) -> str:
    return value if len(value) < 2000 and ("\\" in value or "/" in value) and "://" not in value[:12] else ""


def host(value: str) -> str:
    return value if _HOST.match(value) and not _V4.match(value) and not value.isdigit() else ""


def domain(value: str) -> str:
    value = value.rstrip(".")
    return value if _DOMAIN.match(value) and not _V4.match(value) and not value.isdigit() else ""


def dotted(value: str) -> str:
    """A domain of more than one part: `CORP` is a realm."""
    return domain(value) if "." in value.strip(".") else ""


def link(value: str) -> str:
    return value if re.match(r"^[a-zA-Z][\w+.-]{1,12}://\S", value) else ""


def domain_of(value: str) -> str:
    """The host of an address; one without a scheme has a path, too."""
    found = _LINK_HOST.match(value) or _BARE_LINK.match(value)
    return found[1] if found else ""


def route(value: str) -> str:
    """The path of an address, without its query."""
    asked = re.match(r"^[A-Z]{3,10} (\S+) HTTP/", value)
    value = asked[1] if asked else value
    if value.startswith("/"):
        return re.split(r"[?#]", value, maxsplit=1)[0]
    found = re.match(r"^[a-zA-Z][\w+.-]{1,12}://[^/?#\s]+(/[^?#\s]*)", value)
    bare = None if found else _BARE_LINK.match(value)
    return found[1] if found else (bare[2] or "") if bare else ""


#: The host of an address, without user and port; and of one without scheme (`www.example.com/a`), with its path.
_LINK_HOST = re.compile(r"^[a-zA-Z][\w+.-]{1,12}://(?:[^/@\s]{1,200}@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:\s]+)")
_BARE_LINK = re.compile(
    r"^([a-zA-Z0-9](?:[\w-]{0,62}\.){1,8}[a-zA-Z]{2,24})(?::\d{1,5})?(?:(/[^?#\s]*)(?:[?#]\S*)?)?$"
)


def method(value: str) -> str:
    first = value.split(" ", 1)[0].upper()
    return first if first in _METHODS and (len(value) == len(first) or " HTTP/" in value) else ""


def action(value: str) -> str:
    return value if len(value) <= 200 and not value.startswith(("{", "[")) and not value.isdigit() else ""


def code(value: str) -> str:
    """Of a kind of event; what is told of one event alone (a GUID, a long hexadecimal number) is none."""
    return (
        value
        if len(value) <= 60 and " " not in value and "@" not in value and not _OF_ONE.match(value)
        else ""
    )


def number(value: str) -> str:
    """A number that may name a kind: not 0, and not so long that it counts something."""
    return value if value.isascii() and value.isdigit() and len(value) < 13 and value.strip("0") else ""


def failing(value: str) -> str:
    """Of whether it failed."""
    return {"true": "failure", "yes": "failure", "false": "success", "no": "success"}.get(value.lower(), "")


_OF_ONE = re.compile(r"^(?=.*[a-fA-F-])[{(]?[0-9a-fA-F-]{16,}[)}]?$")


def outcome(value: str) -> str:
    plain = value.lower().strip()
    if plain in _GOOD:
        return "success"
    if plain in _BAD:
        return "failure"
    words = re.split(r"[\s_:.-]+", plain, maxsplit=6)[:6]
    good, bad = _GOOD - {"no", "yes", "true"}, _BAD - {"no", "false"}
    if words[0] in good | bad:
        return "success" if words[0] in good else "failure"
    # `LOGIN_ERROR_INVALID_PASSWORD`: a name that is made of words, no sentence
    if " " in plain:
        return ""
    return "failure" if bad.intersection(words) else "success" if good.intersection(words) else ""


def zero(value: str) -> str:
    """Of the number of an error: none is a success."""
    if not value.isascii() or not value.lstrip("-").removeprefix("0x").isalnum() or len(value) > 12:
        return ""
    return (
        "success"
        if value.lstrip("-").isdigit() and int(value) == 0
        else "failure"
        if value[-1:].isdigit()
        else ""
    )


def connection(value: str) -> str:
    """Of the state of a connection in Zeek's letters: whether there was one. What was cut later was one."""
    plain = value.upper()
    return "failure" if plain in _NONE_CAME else "success" if plain in _ONE_CAME else ""


def transport(value: str) -> str:
    plain = re.split(r"[/_]|v[46]$", _TRANSPORTS.get(value, value.lower()))[0]
    return plain if plain in {"tcp", "udp", "icmp", "sctp", "ipv6-icmp", "gre", "esp"} else ""


def _hash(kind: str) -> Callable[[str], str]:
    pattern = _HASHES[kind]

    def check(value: str) -> str:
        found = pattern.search(value) if len(value) <= 400 else None
        return found[0].lower() if found else ""

    return check


_ISO = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?$")
_WRAPPED = re.compile(r"^\\?/Date\((\d{13})(?:[+-]\d{4})?\)\\?/$")
_COMPACT = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$")
_ACCESS = re.compile(r"^\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$")
_EPOCH = re.compile(r"^[12]\d{9}(?:\.\d{1,9}|\d{3}|\d{6}|\d{9})?$")


def time(value: str) -> str:
    """What the product can read as a time."""
    if wrapped := _WRAPPED.match(value):
        return wrapped[1]
    if compact := _COMPACT.match(value):
        year, month, day, hour, minute, second, rest, zone = compact.groups("")
        return f"{year}-{month}-{day}T{hour}:{minute}:{second}{rest}{zone}"
    if _ISO.match(value) or _EPOCH.match(value) or _ACCESS.match(value):
        return value
    return value if read_spoken(value).micros is not None else ""


CHECKS: Mapping[str, Callable[[str], str]] = {
    "address": address, "port": port, "whole": whole, "status": status, "name": name, "user": user, "text": text, "short": short, "word": word,
    "base": base, "path": path, "host": host, "domain": domain, "link": link, "route": route, "method": method, "action": action,
    "code": code, "number": number, "failing": failing, "outcome": outcome, "transport": transport, "sha256": _hash("sha256"), "sha1": _hash("sha1"), "md5": _hash("md5"),
    "title": title, "level": level, "connection": connection, "dotted": dotted, "time": time, "zero": zero, "port_of": port_of, "realm": realm, "domain_of": domain_of, "ecs_kind": one_of("kind"), "ecs_category": one_of("category"), "ecs_type": one_of("type"),
}  # fmt: skip
