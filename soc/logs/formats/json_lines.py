"""JSON lines: which keys hold what. Polars reads them; a line that is not one JSON object is rejected."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import polars as pl

from soc.domain.event import ECS_FIELDS
from soc.logs.formats.kit.declare import (
    ColumnWishes,
    Container,
    Format,
    Found,
    Likely,
    Sample,
    Table,
    example,
)
from soc.logs.formats.kit.records import Records, read_each_line
from soc.logs.formats.kit.wrappers import DEEPER_LISTS, INNER_TEXT, LIST_OF_RECORDS
from soc.logs.general.reader import SAID_FIELDS, TIME, read_objects
from soc.logs.text.eager import take
from soc.logs.text.loaded import Loaded

#: Objects one behind the other in one line.
_TOGETHER = re.compile(r"\}\s*\{\s*\"")
_WRAPPED = re.compile(
    "|".join(rf"{one}\s*\{{" for one in (LIST_OF_RECORDS, *(deeper for _, deeper in DEEPER_LISTS)))
)
#: Names of what is no ECS field, most telling first. A dot is a nested key or a flat key with a dot in it.
_OWN: dict[str, tuple[str, ...]] = {
    "text": (*INNER_TEXT, "full_log", "log.message", "log.msg", "message", "msg", "log_message", "log", "MESSAGE", "text", "Message", "event_message", "textPayload", "short_message", "full_message", "@message", "body", "line", "details", "description", "eventName", "event"),
    "source": ("source", "service.name", "log_source", "logger", "service", "log.logger", "SYSLOG_IDENTIFIER", "app", "application", "component", "logger_name", "process.name", "program", "Channel", "eventSource", "host.name", "hostname", "host", "_HOSTNAME", "Hostname", "Computer", "kubernetes.container_name", "container_name", "name"),
    "time": ("@timestamp", "timestamp", "time", "ts", "date", "datetime", "eventTime", "TimeCreated", "created_at", "EventTime", "asctime", "@t", "t"),
}  # fmt: skip

#: Other keys that hold an ECS field, after its own name.
_ALSO: dict[str, tuple[str, ...]] = {
    "host.name": ("hostname", "_HOSTNAME", "Hostname", "Computer", "host", "agent.hostname"),
    "process.name": ("SYSLOG_IDENTIFIER", "program", "process", "appname"),
    "process.pid": ("pid", "_PID", "ProcessID"),
    "user.name": ("user", "username", "TargetUserName", "userName", "userIdentity.userName", "user_name", "actor"),
    "source.ip": ("src_ip", "src", "client_ip", "clientip", "remote_addr", "sourceIPAddress", "ip", "client.ip", "IpAddress", "ipAddress", "remote_ip", "srcip", "peer"),
    "source.port": ("src_port", "spt"),
    "destination.ip": ("dest_ip", "dst_ip", "dst", "dstip"),
    "event.action": ("action", "eventName", "event_type"),
    "log.level": ("level", "severity", "loglevel", "levelname", "@l", "Level", "lvl", "PRIORITY"),
    "http.response.status_code": ("status_code", "status", "response_code"),
    "url.path": ("path", "uri", "request_uri"),
}  # fmt: skip

#: Levels by number: of bunyan, pino and their like, and of syslog (RFC 5424, table 2).
_LEVELS = {
    "10": "trace", "20": "debug", "30": "info", "40": "warn", "50": "error", "60": "fatal",
    "0": "emergency", "1": "alert", "2": "critical", "3": "error", "4": "warning", "5": "notice", "6": "info", "7": "debug",
}  # fmt: skip

KEYS: dict[str, tuple[str, ...]] = {**_OWN, **{name: (name, *_ALSO.get(name, ())) for name in ECS_FIELDS}}


def _top_keys() -> list[str]:
    keys: dict[str, None] = {}
    for names in KEYS.values():
        for name in names:
            keys[name] = None
            keys[name.split(".")[0]] = None
    return list(keys)


_TOP = _top_keys()


def _value(name: str) -> pl.Expr:
    """The flat key, or else the nested one. An object or list is no value."""
    flat = pl.col(name)
    if "." not in name:
        return pl.when(~flat.str.contains(r"^[\[{]")).then(flat)
    top, rest = name.split(".", 1)
    holder = pl.col(top)
    nested = pl.when(holder.str.starts_with("{")).then(holder).str.json_path_match(f"$.{rest}")
    return pl.coalesce(flat, pl.when(~nested.str.contains(r"^[\[{]")).then(nested))


def _first(names: tuple[str, ...], present: set[str]) -> pl.Expr:
    usable = [name for name in names if name in present or name.split(".")[0] in present]
    if not usable:
        return pl.lit(None, dtype=pl.String)
    values = pl.coalesce([_value(name) for name in usable])
    return pl.when(values.str.len_bytes() > 0).then(values)


#: What Python and others write though JSON has no such number; twice where two stand beside each other.
_NO_NUMBER = r"([:\[,]\s*)(?:NaN|-?Infinity)\b"


def _tame_numbers(lines: pl.Series) -> pl.Series:
    """Numbers of hundreds of digits, which no parser takes, become strings; what is no number becomes null."""
    odd = lines.str.contains(_NO_NUMBER).fill_null(False)
    if odd.any():
        lines = lines.str.replace_all(_NO_NUMBER, "${1}null")
    huge = lines.str.contains(r"[:\[,]\s*-?\d{200}").fill_null(False)
    if not huge.any():
        return lines
    quoted = pl.col("l").str.replace_all(r"([:\[,]\s*)(-?\d{200,})(\s*[,}\]])", '${1}"${2}"${3}')
    return (
        pl.DataFrame({"l": lines, "h": huge})
        .select(pl.when("h").then(quoted).otherwise(pl.col("l")))
        .to_series()
    )


def _parse(lines: pl.Series) -> pl.DataFrame:
    """The top-level keys as text. Where the fast reader refuses a line, all are read key by key."""
    try:
        parsed = pl.read_ndjson(
            lines.str.join("\n")[0].encode(), schema=dict.fromkeys(_TOP, pl.String), ignore_errors=True
        )
        if len(parsed) == len(lines):
            return parsed
    except pl.exceptions.PolarsError:
        pass
    column = lines.alias("json").to_frame()
    return column.select(pl.col("json").str.json_path_match(f"$['{name}']").alias(name) for name in _TOP)


def _spelled_out(parsed: pl.DataFrame) -> pl.DataFrame:
    """With the text of messages that are written as a list of bytes, as journald does where one is not plain text."""
    listed = parsed["MESSAGE"].str.contains(r"^\[\s*\d{1,3}(?:\s*,\s*\d{1,3})*\s*\]$").fill_null(False)
    rows = listed.arg_true()
    if not len(rows):
        return parsed
    said = [_of_bytes(json.loads(text)) for text in take(parsed["MESSAGE"], rows).to_list()]
    return parsed.with_columns(parsed["MESSAGE"].clone().scatter(rows, said))


def _of_bytes(numbers: list[int]) -> str:
    return bytes(number for number in numbers if number < 256).decode("utf-8", "replace")


def _read_objects(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """From `line` and `raw` to the record frame and the ECS fields that keys name (all strings or null)."""
    empty = pl.lit(None, dtype=pl.String)
    body = pl.col("json")
    checked = lines.with_columns(
        _tame_numbers(
            lines["raw"].str.strip_chars().str.strip_chars_end(",").str.strip_chars_start("\x1e")
        ).alias("json")
    ).with_columns((body.str.starts_with("{") & body.str.json_path_match("$").is_not_null()).alias("good"))
    good = checked.filter("good")
    if good.is_empty():
        # beside a real column, so that there is a row a line here too
        names = [*KEYS, *SAID_FIELDS]
        values = lines.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in names).select(names)
    else:
        parsed = _spelled_out(_parse(good["json"]))
        present = {name for name in _TOP if parsed[name].null_count() < len(parsed)}
        # beside the real columns, so that a field that no key gives still has a row a line
        found = parsed.with_columns(
            _first(names, present).alias(f"found {name}") for name, names in KEYS.items()
        )
        found = found.select(pl.col(f"found {name}").alias(name) for name in KEYS)
        found = _named_levels(_ranked(found, read_objects(good["json"])), parsed)
        index = checked.select(pl.when("good").then(pl.col("good").cast(pl.Int64).cum_sum() - 1)).to_series()
        values = found.select(pl.all().gather(index))
    broken = ~checked["good"]
    frame = lines.hstack(values.select("text", "source", "time")).with_columns(pl.Series("broken", broken))
    whole = pl.coalesce(pl.col("text").str.strip_chars_end("\r\n"), pl.col("raw"))
    frame = frame.with_columns(
        whole.alias("text"),
        pl.when("broken")
        .then(pl.lit("the line is not one valid JSON object"))
        .otherwise(empty)
        .alias("reason"),
    )
    return frame.select("line", "raw", "text", "source", "time", "reason"), values.select(
        [*ECS_FIELDS, *SAID_FIELDS]
    )


def _named_levels(found: pl.DataFrame, parsed: pl.DataFrame) -> pl.DataFrame:
    """A level that is a number, under a key of its own, by the name that loggers (10–60) and syslog (0–7) give it."""
    own = pl.DataFrame({"said": found["log.level"], "level": parsed["level"], "priority": parsed["PRIORITY"]})
    numbered = (pl.col("said") == pl.col("level")) | (pl.col("said") == pl.col("priority"))
    name = pl.col("said").replace_strict(_LEVELS, default=pl.col("said"), return_dtype=pl.String)
    named = own.select(pl.when(numbered.fill_null(False)).then(name).otherwise("said").alias("log.level"))
    return found.with_columns(named.to_series())


def _ranked(by_name: pl.DataFrame, by_words: pl.DataFrame) -> pl.DataFrame:
    """What the words of all keys say, before what stands under a known name."""
    words = by_words.rename({name: f"words {name}" for name in by_words.columns})
    both = by_name.hstack(words).with_columns(
        *(pl.coalesce(f"words {name}", name).alias(name) for name in ECS_FIELDS),
        pl.coalesce(f"words {TIME}", "time").alias("time"),
    )
    return both.select(*by_name.columns, *(pl.col(f"words {name}").alias(name) for name in SAID_FIELDS))


def _read(loaded: Loaded, table: Table | None) -> Records:
    lines = read_each_line(loaded)
    frame, extra = _read_objects(lines.frame.select("line", "raw"))
    return replace(lines, frame=frame, extra=extra, is_text=False)


def _sniff(sample: Sample) -> Likely:
    stripped, lines = sample.stripped, sample.lines
    if stripped[:1] == "[":
        array = stripped[1:].lstrip()[:1] in ("{", "[", "]") and not re.match(r"\[\w+\]", stripped)
        return Likely.CERTAIN if array else Likely.NO
    if not re.match(r"\{\s*[\"}]", stripped):
        return Likely.NO
    objects = sum(line.lstrip().startswith("{") for line in lines)
    return Likely.CERTAIN if objects * 2 > len(lines) or lines[0].strip() == "{" else Likely.NO


def _lay_out(sample: Sample, wishes: ColumnWishes) -> Found:
    """An array, or objects spread over lines: either must be cut into one record a line."""
    wrapped = _WRAPPED.match(sample.stripped) is not None
    spread = (
        wrapped
        or _TOGETHER.search(sample.lines[0]) is not None
        or (sample.stripped.startswith("{") and len(sample.lines) > 1 and sample.lines[0].strip() == "{")
    )
    if not (spread or sample.stripped.startswith("[")):
        return Found()
    return Found(
        nested=True,
        warnings=(
            "The file is a JSON document: line numbers count its records, offsets refer to one record a line.",
        ),
    )


FORMAT = Format(
    name="jsonl",
    title="JSON lines",
    about="When the text begins with an object or array of objects. One object a line; an array, or objects spread over lines, is "
    "cut into records. The message is the first of `message`, `msg`, `log_message`, `log`, `MESSAGE`, `text` … that is there "
    "(`soc/logs/formats/json_lines.py` lists all names, ECS and common ones, nested or with dots). Without any the whole line is "
    "the message. *Rejected:* a line that is not one valid JSON object, or nested deeper than 128.",
    order=40,
    choosable=True,
    endings=(".jsonl", ".json", ".ndjson"),
    container=Container(sniff=_sniff, lay_out=_lay_out, read=_read),
    examples=(
        example(
            '{"@timestamp": "2026-03-01T02:00:00Z", "message": "denied", "host": {"name": "web1"}, "src_ip": "192.0.2.1", '
            '"source.port": "70000", "level": "WARN", "status": 403, "service": "shop"}\n{"pid": 7, "broken": \n',
            {
                "host.name": "web1",
                "source.ip": "192.0.2.1",
                "log.level": "warn",
                "http.response.status_code": 403,
                "source": "shop",
                "message": "denied",
                "@timestamp": "2026-03-01T02:00:00Z",
            },
            {"rejected_reason": "the line is not one valid JSON object"},
        ),
        example(
            '{"msg": "no port", "level": 50}\n{"MESSAGE": "started", "PRIORITY": "6"}\n{"msg": "x", "level": "deep"}',
            {"message": "no port", "log.level": "error"},
            {"message": "started", "log.level": "info"},
            {"message": "x", "log.level": "deep"},
        ),
        example(
            '[{"msg": "one"}, {"msg": "two",\n "user": "eve"}]',
            {"message": "one"},
            {"message": "two", "user.name": "eve"},
        ),
        example(
            '{"msg": "login from 192.0.2.1", "src_ip": "192.0.2.9"}\n{"msg": "login from 192.0.2.1", "src_ip": "none"}\n'
            '{"msg": "Mar  1 02:00:07 web1 app[7]: one"}',
            {"message": "login from 192.0.2.1", "source.ip": "192.0.2.9"},
            {"message": "login from 192.0.2.1", "source.ip": "192.0.2.1"},
            {"message": "one", "host.name": "web1", "process.name": "app", "process.pid": 7},
        ),
    ),
)
