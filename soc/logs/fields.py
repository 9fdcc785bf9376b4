"""ECS fields of a column of lines: the family's header, then one search a field over what remains."""

from __future__ import annotations

import polars as pl

from soc.logs.addresses import IPV4, IPV6, valid_addresses
from soc.logs.families import FAMILIES
from soc.logs.times import kinds_of

#: What a family's groups are called, in the order of the frame.
_GROUPS = ("pri", "time", "host", "process", "pid", "level", "source_ip", "source_port", "user", "action", "url", "status", "body")

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
_ACTION = r"(?i)\b(?:action|act|event_?action)=\"?([\w-]{1,40})"
_STATUS = r"(?i)\bstatus(?:_?code)?\"?[=:] ?\"?([1-5]\d\d)\b"


def split_header(text: pl.Series) -> pl.DataFrame:
    """One row a line: `family` ("" where none fits) and the groups of `_GROUPS`, `body` never null."""
    rest = pl.DataFrame({"text": text}).with_row_index("row")
    parts: list[pl.DataFrame] = []
    for family in FAMILIES:
        if rest.is_empty():
            break
        found = rest.with_columns(pl.col("text").str.extract_groups(family.expression).alias("groups"))
        fits = found["groups"].struct.field("time" if "<time>" in family.expression else "pri").is_not_null()
        hit = found.filter(fits)
        if hit.is_empty():
            continue
        rest = rest.filter(~fits)
        have = [field.name for field in hit.schema["groups"].fields]  # type: ignore[attr-defined]
        parts.append(
            hit.select(
                "row",
                pl.lit(family.name).alias("family"),
                *(
                    (pl.col("groups").struct.field(name) if name in have else pl.lit(None, dtype=pl.String)).alias(name)
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


def extract_fields(text: pl.Series) -> pl.DataFrame:
    """Columns `family`, `body`, `time`, `kind` and the ECS fields of EVENT_COLUMNS, one row a line."""
    head = split_header(text)
    frame = head.with_columns(
        kinds_of(head["time"]),
        pl.col("pid").str.extract(r"^(\d{1,18})$", 1).cast(pl.Int64),
        pl.when(~pl.col("host").is_in(["-", ""])).then("host").alias("host"),
        pl.when(~pl.col("process").is_in(["-", ""])).then("process").alias("process"),
        pl.when(~pl.col("user").is_in(["-", "- -", ""])).then("user").alias("user"),
        pl.when(~pl.col("action").is_in(["-", ""])).then("action").alias("action"),
        pl.col("body").str.extract(_PEER, 1).alias("peer"),
        pl.col("body").str.extract(_ANY_V4, 1).alias("any"),
        pl.col("body").str.extract(_DESTINATION, 1).alias("destination.ip"),
        pl.col("body").str.extract(_USER, 1).alias("a_user"),
        pl.coalesce(
            pl.col("body").str.head(200).str.extract(_LEVEL, 1), pl.col("body").str.extract(_LEVEL_KEY, 1)
        ).alias("a_level"),
        pl.coalesce(
            pl.col("body").str.extract(_SOURCE_PORT, 1), pl.col("body").str.extract(_PORT, 1)
        ).alias("a_port"),
        pl.col("body").str.extract(_ACTION, 1).alias("an_action"),
        pl.col("body").str.extract(_STATUS, 1).alias("a_status"),
        pl.when(pl.col("process") == "sudo").then(pl.col("body").str.extract(_SUDO_USER, 1)).alias("sudo_user"),
    )
    six = (
        pl.when(pl.col("any").is_null() & pl.col("body").str.contains("::", literal=True))
        .then(pl.col("body").str.extract(_ANY_V6, 1))
        .otherwise(None)
    )
    frame = frame.with_columns(pl.coalesce("source_ip", "peer", "any", six).alias("source.ip"))
    port = pl.coalesce("source_port", "a_port").cast(pl.Int64, strict=False)
    address = valid_addresses(frame["source.ip"])
    return frame.with_columns(address, port.alias("port")).select(
        "family",
        "body",
        "time",
        "kind",
        pl.col("host").alias("host.name"),
        pl.col("process").alias("process.name"),
        pl.col("pid").alias("process.pid"),
        pl.coalesce("user", "sudo_user", "a_user").alias("user.name"),
        "source.ip",
        pl.when((pl.col("port") <= 65535) & pl.col("source.ip").is_not_null()).then("port").alias("source.port"),
        "destination.ip",
        pl.coalesce("action", "an_action").alias("event.action"),
        pl.coalesce("level", "a_level").str.to_lowercase().alias("log.level"),
        pl.coalesce("status", "a_status").cast(pl.Int64, strict=False).alias("http.response.status_code"),
        pl.col("url").str.extract(r"^([^?#]*)", 1).alias("url.path"),
    )
