"""Records of the Linux audit daemon cut into pairs: what they write in hex is read, what they write in parts is joined."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

from soc.logs.general.pairs import Pairs

#: What every such record has.
SIGN = "msg=audit("
_TIME = re.compile(r"\bmsg=audit\((\d{9,11}\.\d{3}):\d+\)")
_PAIR = re.compile(
    r"(?<![\w.-])([A-Za-z][\w-]{0,30})=(\"[^\"]{0,8000}\"|'[^'\"=]{0,200}'|[^\s\"',]{0,16000})"
)
#: A record within a record stands in these quotes, with pairs of its own.
_INNER = re.compile(r"\bmsg='")
_ARGUMENT = re.compile(r"\Aa(\d{1,4})\Z")
_HEX = re.compile(r"\A(?:[0-9A-Fa-f]{2}){2,8000}\Z")
#: Kinds of records whose `acct` is who something is done to.
_OF_ACCOUNTS = frozenset(
    [
        "ADD_USER",
        "DEL_USER",
        "ADD_GROUP",
        "DEL_GROUP",
        "USER_MGMT",
        "GRP_MGMT",
        "USER_CHAUTHTOK",
        "ACCT_LOCK",
        "ACCT_UNLOCK",
    ]
)
_NOBODY = frozenset({"", "?", "(null)", "(unknown)", "unset", "4294967295", "-1"})
#: Keys of records by words that the lexicon knows; what stands nowhere here means nothing to it.
_CALLED = {
    "type": "event type", "node": "host name", "pid": "process id", "ppid": "parent process id", "exe": "process executable",
    "comm": "process name", "res": "result", "success": "success", "addr": "source ip", "laddr": "local ip", "rport": "source port", "lport": "destination port", "cwd": "directory", "key": "rule name",
    "name": "file path", "grp": "group name", "unit": "service",
}  # fmt: skip
_IN_HEX = frozenset({"exe", "comm", "name", "cwd", "acct"})
_MOST = 2_000


def audit_pairs(text: str) -> Pairs | None:
    """None where it is no record of an audit daemon."""
    when = _TIME.search(text)
    if when is None:
        return None
    given: dict[str, str] = {}
    for number, one in enumerate(_PAIR.finditer(_INNER.sub(" ", text[: when.start()] + text[when.end() :]))):
        if number >= _MOST:
            break
        key, value = one[1], one[2]
        if value not in _NOBODY:
            given.setdefault(key, value)
    found = {"event time": when[1]}
    for key, called in _CALLED.items():
        if value := given.get(key, ""):
            found[called] = _plain(value) if key in _IN_HEX else value.strip("\"'")
    found |= _users(given) | _command(given) | _peer(given)
    return list(found), list(found.values())


def _users(given: dict[str, str]) -> dict[str, str]:
    """Who logged in first, then whose right it is: by name only, which the daemon adds in capitals."""
    account = _plain(given.get("acct", ""))
    actor = next(
        (name for key in ("AUID", "UID") if (name := given.get(key, "").strip('"')) not in _NOBODY), ""
    )
    if given.get("type", "") in _OF_ACCOUNTS and actor:
        return {"user name": actor, "target user name": account}
    return {"user name": account or actor}


def _command(given: dict[str, str]) -> dict[str, str]:
    """The whole command: of its arguments, its title or what sudo ran."""
    if given.get("type") == "EXECVE":
        places = sorted((int(one[1]), key) for key in given if (one := _ARGUMENT.match(key)))
        return {"process command line": " ".join(_plain(given[key]) for _, key in places)}
    said = given.get("proctitle") or given.get("cmd") or ""
    return {"process command line": _plain(said)} if said else {}


def _peer(given: dict[str, str]) -> dict[str, str]:
    """Where a socket leads: its address as the kernel keeps it (family, port, address)."""
    raw = given.get("saddr", "")
    if _HEX.match(raw) and raw.startswith("0200") and len(raw) >= 16:
        address = str(IPv4Address(bytes.fromhex(raw[8:16])))
    elif _HEX.match(raw) and raw.startswith("0A00") and len(raw) >= 48:
        address = str(IPv6Address(bytes.fromhex(raw[16:48])))
    else:
        return {}
    return {"destination ip": address, "destination port": str(int(raw[4:8], 16))}


def _plain(value: str) -> str:
    """What stands in quotes as it is; what does not is hex where it can be, as the daemon writes what has blanks in it."""
    if value[:1] in "\"'":
        return value.strip("\"'")
    if not _HEX.match(value) or (value.isdigit() and len(value) < 6):
        return value
    text = bytes.fromhex(value).rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")
    return text if text.isprintable() or " " in text else value
