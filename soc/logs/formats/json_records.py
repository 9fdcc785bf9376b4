"""JSON lines: which keys hold what. Polars reads them; a line that is not one JSON object is rejected."""

from __future__ import annotations

import polars as pl

#: Names by meaning, most telling first. A dot is a nested key or a flat key with a dot in it.
KEYS: dict[str, tuple[str, ...]] = {
    "text": ("message", "msg", "log_message", "log", "MESSAGE", "text", "event.original", "Message", "event_message", "textPayload", "short_message", "full_message", "@message", "body", "line", "details", "description", "eventName", "event"),
    "source": ("source", "service.name", "log_source", "logger", "service", "log.logger", "SYSLOG_IDENTIFIER", "app", "application", "component", "logger_name", "process.name", "program", "Channel", "eventSource", "host.name", "hostname", "host", "_HOSTNAME", "Hostname", "Computer", "kubernetes.container_name", "container_name", "name"),
    "time": ("@timestamp", "timestamp", "time", "ts", "date", "datetime", "eventTime", "TimeCreated", "created_at", "EventTime", "@t", "t"),
    "host.name": ("host.name", "hostname", "_HOSTNAME", "Hostname", "Computer", "host", "agent.hostname"),
    "process.name": ("process.name", "SYSLOG_IDENTIFIER", "program", "process", "appname"),
    "process.pid": ("process.pid", "pid", "_PID", "ProcessID"),
    "user.name": ("user.name", "user", "username", "TargetUserName", "userName", "userIdentity.userName", "user_name", "actor"),
    "source.ip": ("source.ip", "src_ip", "src", "client_ip", "clientip", "remote_addr", "sourceIPAddress", "ip", "client.ip", "IpAddress", "ipAddress", "remote_ip", "srcip", "peer"),
    "source.port": ("source.port", "src_port", "spt"),
    "destination.ip": ("destination.ip", "dest_ip", "dst_ip", "dst", "dstip"),
    "event.action": ("event.action", "action", "eventName", "event_type"),
    "log.level": ("log.level", "level", "severity", "loglevel", "levelname", "@l", "Level", "lvl"),
    "http.response.status_code": ("http.response.status_code", "status_code", "status", "response_code"),
    "url.path": ("url.path", "path", "uri", "request_uri", "url"),
}  # fmt: skip

_FIELDS = tuple(name for name in KEYS if name not in ("text", "source", "time"))


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


def _tame_numbers(lines: pl.Series) -> pl.Series:
    """Numbers of hundreds of digits, which no parser takes, become strings."""
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


def read_json(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """From `line` and `raw` to the record frame and the ECS fields that keys name (all strings or null)."""
    empty = pl.lit(None, dtype=pl.String)
    body = pl.col("json")
    checked = lines.with_columns(_tame_numbers(lines["raw"].str.strip_chars()).alias("json")).with_columns(
        (body.str.starts_with("{") & body.str.json_path_match("$").is_not_null()).alias("good")
    )
    good = checked.filter("good")
    if good.is_empty():
        values = lines.select(pl.lit(None, dtype=pl.String).alias(name) for name in KEYS)
    else:
        parsed = _parse(good["json"])
        present = {name for name in _TOP if parsed[name].null_count() < len(parsed)}
        # beside the real columns, so that a field that no key gives still has a row a line
        found = parsed.with_columns(
            _first(names, present).alias(f"found {name}") for name, names in KEYS.items()
        )
        found = found.select(pl.col(f"found {name}").alias(name) for name in KEYS)
        index = checked.select(pl.when("good").then(pl.col("good").cast(pl.Int64).cum_sum() - 1)).to_series()
        values = found.select(pl.all().gather(index))
    broken = ~checked["good"]
    frame = lines.hstack(values.select("text", "source", "time")).with_columns(pl.Series("broken", broken))
    whole = pl.coalesce("text", pl.col("raw"))
    frame = frame.with_columns(
        whole.alias("text"),
        pl.when("broken")
        .then(pl.lit("the line is not one valid JSON object"))
        .otherwise(empty)
        .alias("reason"),
    )
    return frame.select("line", "raw", "text", "source", "time", "reason"), values.select(_FIELDS)
