"""ECS fields of a column of lines: the family's header, then one search a field over what remains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.logs.formats.families import FAMILIES
from soc.logs.formats.header_lines import NAMES, UNDECIDED
from soc.logs.formats.headers import read_headers
from soc.logs.text.addresses import IPV4, IPV6, valid_addresses
from soc.logs.text.views import Ints, text_views

#: What a family's groups are called, in the order of the frame.
_GROUPS = (
    "pri",
    "time",
    "host",
    "process",
    "pid",
    "level",
    "source_ip",
    "source_port",
    "user",
    "action",
    "url",
    "status",
    "body",
)

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


@dataclass(frozen=True)
class Slices:
    """Where the texts of a column stand in a block's bytes. Rows that are not `plain` are not used."""

    padded: bytes
    starts: Ints
    ends: Ints
    plain: npt.NDArray[np.bool_]


def split_header(text: pl.Series, slices: Slices | None = None) -> pl.DataFrame:
    """One row a line: `family` ("" where none fits) and the groups of `_GROUPS`, `body` never null.

    With `slices` the common families are read from the bytes; their times are then in `micros` (null where
    impossible), `naive` and `yearless`, and `read` says so. Other lines' times are text in `time`.
    """
    if slices is None or not len(text):
        return _by_expression(text).with_columns(*_UNREAD)
    headers = read_headers(slices.padded, slices.starts, slices.ends)
    decided = (headers.family != UNDECIDED) & slices.plain
    frame = pl.DataFrame(
        {
            "family": pl.Series(NAMES).gather(np.maximum(headers.family, 0)),
            **{
                name: text_views(slices.padded, headers.starts[name], headers.lengths[name])
                if name in headers.used
                else _nothing(len(text))
                for name in _GROUPS[:-1]
            },
            "body": text_views(slices.padded, headers.body, headers.body_end - headers.body),
            "micros": headers.micros,
            "naive": headers.naive,
            "yearless": headers.yearless,
            "read": decided & (headers.family > 0),
            "timed": headers.timed,
        }
    )
    frame = frame.with_columns(pl.when("timed").then("micros").alias("micros")).drop("timed")
    rest = np.flatnonzero(~decided)
    if not len(rest):
        return frame
    slow = _by_expression(text.gather(rest)).with_columns(*_UNREAD)
    order = np.arange(len(text))
    order[rest] = len(text) + np.arange(len(rest))
    return pl.concat([frame, slow.select(frame.columns)]).select(pl.all().gather(order))


_UNREAD = (
    pl.lit(None, dtype=pl.Int64).alias("micros"),
    pl.lit(False).alias("naive"),
    pl.lit(False).alias("yearless"),
    pl.lit(False).alias("read"),
)


def _number(name: str, digits: int) -> pl.Expr:
    """The text of `name` as a number where it is nothing but (at most so many) digits."""
    text = pl.col(name)
    signed = text.str.starts_with("-") | text.str.starts_with("+")
    return pl.when(~signed & (text.str.len_bytes() <= digits)).then(text).cast(pl.Int64, strict=False)


def _nothing(size: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, size)


def _by_expression(text: pl.Series) -> pl.DataFrame:
    rest = pl.DataFrame({"text": text}).with_row_index("row")
    parts: list[pl.DataFrame] = []
    for family in FAMILIES:
        if rest.is_empty():
            break
        if family.begins and not rest["text"].str.starts_with(family.begins).any():
            continue
        fits = rest["text"].str.contains(family.expression)
        if not fits.any():
            continue
        hit = rest.filter(fits).with_columns(
            pl.col("text").str.extract_groups(family.expression).alias("groups")
        )
        rest = rest.filter(~fits)
        have = [field.name for field in hit.schema["groups"].fields]  # type: ignore[attr-defined]
        parts.append(
            hit.select(
                "row",
                pl.lit(family.name).alias("family"),
                *(
                    (
                        pl.col("groups").struct.field(name) if name in have else pl.lit(None, dtype=pl.String)
                    ).alias(name)
                    for name in _GROUPS
                ),
            )
        )
    parts.append(
        rest.select(
            "row",
            pl.lit("").alias("family"),
            *(pl.lit(None, dtype=pl.String).alias(name) for name in _GROUPS[:-1]),
            pl.col("text").alias("body"),
        )
    )
    return pl.concat(parts).sort("row").drop("row").with_columns(pl.col("body").fill_null(""))


def _search(body: pl.Series, rows: pl.Series, *patterns: str) -> pl.Series:
    """The first group of the first pattern that finds one, looked for in `rows` (a mask) only; else null."""
    found = _nothing(len(body))
    places = rows.arg_true()
    if not len(places):
        return found
    texts = body.gather(places).alias("b").to_frame()
    some = texts.select(pl.coalesce(pl.col("b").str.extract(pattern, 1) for pattern in patterns)).to_series()
    return found if some.null_count() == len(some) else found.scatter(places, some)


def _find(head: pl.DataFrame) -> pl.DataFrame:
    """What is searched for in bodies: each only where cheap signs say that it may be there."""
    body = head["body"]
    free = head["family"] != "access"
    has_v4 = free & head["source_ip"].is_null() & body.str.contains(r"\d\.\d{1,3}\.\d{1,3}\.\d")
    has_v6 = free & body.str.contains("::", literal=True) & ~has_v4
    has_key = free & body.str.contains("=", literal=True)
    names = ["user", "User", "USER", " for ", " by ", "acct", "account", "su: "]
    peer = _search(body, has_v4 | has_v6, _PEER)
    return pl.DataFrame(
        {
            "peer": peer,
            "any": _search(body, has_v4 & peer.is_null(), _ANY_V4),
            "six": _search(body, has_v6 & peer.is_null(), _ANY_V6),
            "destination.ip": _search(body, has_v4 & has_key, _DESTINATION),
            "a_user": _search(body, free & body.str.contains_any(names), _USER),
            "a_level": _search(body.str.head(200), free, _LEVEL, _LEVEL_KEY),
            "a_port": _search(
                body, has_v4 | has_v6 | head["source_ip"].is_not_null() & free, _SOURCE_PORT, _PORT
            ),
            "an_action": _search(body, has_key, _ACTION).str.head(40),
            "a_status": _search(body, free & body.str.contains("tatus", literal=True), _STATUS),
            "sudo_user": _search(body, free & (head["process"] == "sudo").fill_null(False), _SUDO_USER),
        }
    )


def extract_fields(text: pl.Series, slices: Slices | None = None) -> pl.DataFrame:
    """The ECS fields of EVENT_COLUMNS, `family`, `body` and what `split_header` says of the time; one row a line."""
    head = split_header(text, slices)
    nothing = ["-", "- -", ""]
    frame = head.hstack(_find(head)).with_columns(
        _number("pid", 18).alias("pid"),
        *(
            pl.when(~pl.col(name).is_in(nothing)).then(pl.col(name)).alias(name)
            for name in ("host", "process", "user", "action")
        ),
        pl.coalesce("source_ip", "peer", "any", "six").alias("source.ip"),
        pl.coalesce("source_port", "a_port").cast(pl.Int64, strict=False).alias("port"),
    )
    frame = frame.with_columns(valid_addresses(frame["source.ip"]))
    return frame.select(
        "family",
        "body",
        "time",
        "micros",
        "naive",
        "yearless",
        "read",
        pl.col("host").alias("host.name"),
        pl.col("process").alias("process.name"),
        pl.col("pid").alias("process.pid"),
        pl.coalesce("user", "sudo_user", "a_user").alias("user.name"),
        "source.ip",
        pl.when((pl.col("port") <= 65535) & pl.col("source.ip").is_not_null())
        .then("port")
        .alias("source.port"),
        "destination.ip",
        pl.coalesce("action", "an_action").alias("event.action"),
        pl.coalesce("level", "a_level").str.to_lowercase().alias("log.level"),
        pl.coalesce("status", "a_status").cast(pl.Int64, strict=False).alias("http.response.status_code"),
        pl.col("url").str.extract(r"^([^?#]*)", 1).alias("url.path"),
    )
