"""Fields that a message tells in its words: one search a field, each only where cheap signs say that it may be there."""

from __future__ import annotations

import polars as pl

from soc.logs.text.addresses import IPV4, IPV6

_LEVEL = r"\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|ALERT|EMERGENCY)\b"
_LEVEL_KEY = r"(?i)\b(?:level|lvl|severity|log\.level)\"?\s?[=:]\s?\"?([a-z]{3,11})\b"
_PEER = (
    r"(?i)(?:\bfrom\b|\brhosts?\b|\bclient(?: ip)?\b|\bsrc(?:_?ip)?\b|\bsource_?ip\b|\bremote_?(?:addr(?:ess)?|ip|host)\b"
    r"|\bip(?: address)?\b|\baddr(?:ess)?\b|\bhost\b|\bpeer\b|\brip\b)[\s:=\"'\[(/<]{1,4}"
    rf"({IPV4}|{IPV6})(?:[^\w.]|\.\D|\.?$)"
)
_ANY_V4 = rf"(?:^|[\s\"'=(\[,/@:<])({IPV4})(?:[\s\"',;)\]/:>]|\.\s|\.?$)"
_ANY_V6 = rf"(?:^|[\s\"'=(\[,/@<])({IPV6})(?:[\s\"',;)\]/%>]|$)"
_PORT = r"\bport[ =](\d{1,5})\b"
_SOURCE_PORT = r"(?i)\b(?:spt|sport|src_?port|source_port)=\"?(\d{1,5})\b"
_DESTINATION = rf"(?i)\b(?:dst(?:_?ip)?|dest(?:ination)?(?:_?ip)?|daddr|lip)=\"?({IPV4})\b"
_USER = (
    r"(?i)(?:\b(?:password|publickey|pam|none|hostbased|failures|gssapi-with-mic) for (?:(?:invalid|illegal) user )?|\b(?:invalid|illegal|unknown|for|by|authenticating|local) user[ =:]+"
    r"|\b(?:user|username|user_name|usrname|suser|acct|account)(?:\"?[=:] ?)|^su: |user name: )[\"'<]*([^\s\"'>,;:()\[\]=]{1,64})"
)
_SUDO_USER = r"^\s*(\S{1,64}) : (?:TTY=|user NOT|command not|\d incorrect)"
_ACTION = r"(?i)\b(?:action|act|event_?action)=\"?([\w-]+)"
_STATUS = r"(?i)\bstatus(?:_?code)?\"?[=:] ?\"?([1-5]\d\d)\b"

#: The program whose lines begin with the user.
_SUDO = "sudo"


def search_fields(head: pl.DataFrame, searched: pl.Series) -> pl.DataFrame:
    """What is found in `body`, as strings, by ECS name; in the rows of the mask `searched` only.

    `head` has `body` and the fields of headers. An address is looked for where the header has none.
    """
    body, given = head["body"], head["source.ip"].is_not_null()
    has_v4 = searched & ~given & body.str.contains(r"\d\.\d{1,3}\.\d{1,3}\.\d")
    has_v6 = searched & body.str.contains("::", literal=True) & ~has_v4
    has_key = searched & body.str.contains("=", literal=True)
    names = ["user", "User", "USER", " for ", " by ", "acct", "account", "su: "]
    named = searched & body.str.contains_any(names)
    sudo = searched & (head["process.name"] == _SUDO).fill_null(False)
    peer = _search(body, has_v4 | has_v6, _PEER)
    found = {
        "user.name": _first(_search(body, sudo, _SUDO_USER), _search(body, named, _USER)),
        "source.ip": _first(
            peer,
            _search(body, has_v4 & peer.is_null(), _ANY_V4),
            _search(body, has_v6 & peer.is_null(), _ANY_V6),
        ),
        "source.port": _search(body, has_v4 | has_v6 | given & searched, _SOURCE_PORT, _PORT),
        "destination.ip": _search(body, has_v4 & has_key, _DESTINATION),
        "event.action": _search(body, has_key, _ACTION).str.head(40),
        "log.level": _search(body.str.head(200), searched, _LEVEL, _LEVEL_KEY),
        "http.response.status_code": _search(
            body, searched & body.str.contains("tatus", literal=True), _STATUS
        ),
    }
    return pl.DataFrame(found)


def _first(*columns: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(columns)).to_series()


def _nothing(size: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, size)


def _search(body: pl.Series, rows: pl.Series, *patterns: str) -> pl.Series:
    """The first group of the first pattern that finds one, looked for in `rows` (a mask) only; else null."""
    found = _nothing(len(body))
    places = rows.arg_true()
    if not len(places):
        return found
    texts = body.gather(places).alias("b").to_frame()
    some = texts.select(pl.coalesce(pl.col("b").str.extract(pattern, 1) for pattern in patterns)).to_series()
    return found if some.null_count() == len(some) else found.scatter(places, some)
