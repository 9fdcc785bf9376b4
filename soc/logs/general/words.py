"""A key or path cut into words: `connSrcPort`, `conn_src_port` and `connsrcport` say the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

#: What a word is written as here: one word for each meaning.
_SAME: dict[str, str] = {}
for _word, _spellings in {
    "source": "src sourc", "destination": "dst dest dstn destn", "ip": "addr address ipaddr ipaddress ipv4 ipv6 ip4 ip6 ips addresses ipv4address ipv6address",
    "client": "cli clnt", "server": "srv svr", "user": "usr users", "host": "hst hosts",
    "hostname": "hostnm", "computer": "comp pc", "machine": "mach", "device": "dvc dev", "process": "proc prc", "command": "cmd",
    "commandline":"cmdlne", "port": "prt ports", "url": "urls", "uri": "uris", "number": "num nbr", "message": "msg msgs",
    "event": "evt ev", "category": "cat categ", "severity": "sev", "authentication": "authn", "account": "acct accnt acc",
    "domain": "dom", "file": "fil files", "directory": "dir", "application": "app", "protocol": "proto prot", "response": "resp",
    "request": "req", "translated": "xlate xlated nat natted trans", "timestamp": "tstamp ts", "date": "dt", "parent": "ppid par",
    "description": "desc descr", "signature": "sig", "organization": "org", "attacker": "attackers", "identifier": "ident",
    "target": "tgt targ", "header": "hdr", "action": "act", "operation": "oper", "principal": "princ", "login": "logon signin",
}.items():  # fmt: skip
    _SAME.update(dict.fromkeys(_spellings.split(), _word))

#: Words that keys written without a break are made of.
_WORDS = """
source src destination dst dest client server remote local peer attacker victim target actor initiator
caller origin original external internal public private ip addr address port user username name id host
hostname computer machine workstation endpoint device dvc dev agent sensor observer process proc image
command cmd line cmdline commandline path file hash sha1 sha256 md5 url uri query status code response
request method action act result outcome reason severity level priority risk threat alert event type
category time timestamp date created generated start end received count bytes packets session account login
logon domain subject object principal identity email mail sender recipient from to protocol proto transport
application app service rule policy signature attack message msg description title detail details text conn
connection net network zone interface nat translated trans xlate mac country geo city version vendor product
parent child pid ppid tid thread group role session token key value data info raw forwarded for real true
dns question answer domain http https web agent browser referer referrer bytes sent rcvd received in out
forwarder log source machine system os platform primary secondary virus malware detection detected blocked
classification confidence verdict reputation incident finding mitigation file folder group display full
"""
_KNOWN = frozenset(_WORDS.split())
#: Words that are several: what CEF, auditd and others write short.
_SEVERAL: dict[str, tuple[str, ...]] = {
    key: tuple(words.split())
    for key, words in {
        "username": "user name", "usrname": "user name", "uname": "user name", "hostname": "host name", "commandline": "command line", "cmdline": "command line", "sip": "source ip", "dip": "destination ip",
        "saddr": "source ip", "daddr": "destination ip", "raddr": "remote ip", "laddr": "local ip", "rhost": "remote host",
        "spt": "source port", "dpt": "destination port", "sport": "source port", "dport": "destination port", "suser": "source user name",
        "duser": "destination user name", "shost": "source host", "dhost": "destination host", "sproc": "source process name", "spid": "source process id", "dpid": "destination process id", "sntdom": "source nt domain", "dntdom": "destination nt domain",
        "dproc": "destination process name", "dvchost": "device host name", "filename": "file name", "fname": "file name",
        "pathname": "path", "exe": "process path", "comm": "process name", "pid": "process id", "ppid": "parent process id",
        "useragent": "user agent", "ua": "user agent", "qname": "query name", "upn": "user principal name", "rcpt": "recipient",
        "acct": "account name", "uid": "user uid", "fw": "firewall", "xff": "forwarded for", "rrname": "query name", "euid": "effective user id", "auid": "audit user id", "sha": "sha1", "fqdn": "host fqdn",
        "devname": "device name", "devid": "device id", "cip": "client ip", "rip": "client ip", "lip": "server ip", "susr": "source user name", "dusr": "destination user name",
    }.items()
}  # fmt: skip
#: Keys that say something only as a whole: the two ends of a connection as network sensors call them.
_WHOLE: Mapping[str, tuple[str, ...]] = {"s_port": ("source", "port")} | {
    f"{before}{end}_{what}": (meaning, "ip" if what == "h" else "port")
    for before in ("", "id.", "id_")
    for end, meaning in (("orig", "source"), ("resp", "destination"))
    for what in "hp"
}
_LONGEST = max(map(len, _KNOWN))
_VERSION = re.compile(r"IPv([46])")
#: `sourceIPs`, `URLs`: the plural of what is written in capitals.
_PLURAL = re.compile(r"(IP|URL|URI|ID|PID)s(?![a-z])")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")


@lru_cache(maxsize=20_000)
def words_of(key: str) -> tuple[str, ...]:
    """The words of one key, in lower case, each in its one spelling: `connSrcPort` → conn, source, port."""
    if (whole := _WHOLE.get(key.lower())) is not None:
        return whole
    found: list[str] = []
    for part in _parts(key):
        for word in _unglued(part):
            found += _SEVERAL.get(word) or (_SAME.get(word, word),)
    return tuple(found)


def _parts(key: str) -> list[str]:
    """Cut at what is no letter or digit, at camel's humps, and never between a letter and `v4`, `256` …"""
    joined = re.sub(
        r"(?i)(sha|md)[-_](1|5|256)\b",
        r"\1\2",
        _PLURAL.sub(lambda one: one[1].capitalize(), _VERSION.sub(r"Ip\1", key)),
    )
    rough = re.split(r"[^A-Za-z0-9À-ɏ]+", joined)
    found: list[str] = []
    for piece in rough:
        lower = piece.lower()
        if not piece:
            continue
        if lower in _SAME or lower in _KNOWN or lower in _SEVERAL:
            found.append(lower)
        else:
            found += [one.lower() for one in _merged(_PARTS.findall(piece))]
    return found


def _merged(parts: list[str]) -> list[str]:
    """`IPv4`, `IPv6`, `SHA256`, `md5` are one word; `IP` before a hump too."""
    found: list[str] = []
    for part in parts:
        last = found[-1].lower() if found else ""
        if (
            (part.isdigit() and last in {"sha", "md", "ipv", "v", "s"})
            or (part.lower() in {"v4", "v6"} and last == "ip")
            or (part in {"4", "6"} and last == "ip")
        ):
            found[-1] += part
        else:
            found.append(part)
    return found


@lru_cache(maxsize=20_000)
def _unglued(word: str) -> tuple[str, ...]:
    """A word that nobody knows, as the fewest that are known; itself where it is not made of them."""
    if word in _KNOWN or word in _SAME or word in _SEVERAL or len(word) < 5:
        return (word,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST), end - 1):
            before, piece = best[start], word[start:end]
            if before is not None and piece in _KNOWN and len(piece) > 1:
                now = best[end]
                if now is None or len(before) + 1 < len(now):
                    best[end] = (*before, piece)
    whole = best[len(word)]
    return whole if whole is not None and len(whole) <= 4 else (word,)
