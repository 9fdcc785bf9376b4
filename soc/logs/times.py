"""Times as logs write them, read by kind. What is impossible or incomplete is null, never invented.

`@timestamp` needs a full date. A time without a year keeps its order in `clock` only, which serves
grouping: microseconds since 1970 for full times, since the start of a leap year for those without.
"""

from __future__ import annotations

import polars as pl

UTC_US = pl.Datetime("us", "UTC")
_NAIVE = pl.Datetime("us")
_EARLIEST, _LATEST = 1900, 2199


def _without_zone(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The text without its zone, and the zone as minutes east (null where there is none)."""
    zone = text.str.extract(r"(Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$", 1)
    digits = zone.str.replace(":", "", literal=True)
    minutes = (
        pl.when(zone.str.contains(r"^[ZzUG]"))
        .then(0)
        .otherwise(
            (digits.str.slice(1, 2).cast(pl.Int32, strict=False) * 60
             + digits.str.slice(3, 2).cast(pl.Int32, strict=False).fill_null(0))
            * pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
        )
    )  # fmt: skip
    return text.str.replace(r"\s?(?:Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$", ""), minutes


def _shifted(naive: pl.Expr, minutes: pl.Expr) -> pl.Expr:
    return naive - pl.duration(minutes=minutes.fill_null(0))


def _in_range(moment: pl.Expr) -> pl.Expr:
    year = moment.dt.year()
    return pl.when((year >= _EARLIEST) & (year <= _LATEST)).then(moment).otherwise(None)


def _parse(text: pl.Expr, *formats: str) -> pl.Expr:
    return pl.coalesce([text.str.to_datetime(form, strict=False, time_unit="us") for form in formats])


def iso(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """`2025-01-02T03:04:05.678+01:00` and its relatives (blank, `/`, comma). Returns (moment, is naive)."""
    long = text.str.len_bytes() > 19
    body, minutes = _without_zone(text.str.slice(19))
    head = text.str.slice(0, 19).str.replace_all("/", "-", literal=True).str.replace(r"[T_:]| +", " ")
    head = head.str.replace(r"^(\d{4}-\d\d-\d\d).", "${1} ")
    fraction = pl.when(long).then(body.str.extract(r"^[.,](\d{1,6})", 1).str.pad_end(6, "0").cast(pl.Int64)).otherwise(None)
    moment = head.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    moment = moment + pl.duration(microseconds=fraction.fill_null(0))
    zone = pl.when(long).then(minutes).otherwise(None)
    far = zone.abs() > 14 * 60
    moment = pl.when(far.fill_null(False)).then(None).otherwise(_shifted(moment, zone))
    return _in_range(moment), zone.is_null()


def access(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """`31/Dec/2024:23:59:59 +0100` of the access logs."""
    body, minutes = _without_zone(text)
    return _in_range(_shifted(_parse(body.str.strip_chars(), "%d/%b/%Y:%H:%M:%S"), minutes)), minutes.is_null()


def apache_error(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """`Sun Dec 04 04:51:09.123 2005` (the weekday is not believed)."""
    body = text.str.replace(r"^\w{3} ", "").str.replace(r"(:\d\d)\.\d+", "${1}")
    return _in_range(_parse(body, "%b %e %H:%M:%S %Y")), pl.lit(True)


def compact(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """`081109 204106`: two-digit year, month, day, then the time."""
    return _in_range(_parse(text, "%y%m%d %H%M%S")), pl.lit(True)


def epoch(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Seconds, milli-, micro- or nanoseconds since 1970, told apart by the number of digits."""
    whole = text.str.extract(r"^(\d{9,19})(?:\.\d+)?$", 1)
    digits = whole.str.len_bytes()
    number = whole.cast(pl.Int64, strict=False)
    micros = (
        pl.when(digits <= 10).then(number * 1_000_000)
        .when(digits <= 13).then(number * 1_000)
        .when(digits <= 16).then(number)
        .otherwise(number // 1_000)
    )  # fmt: skip
    part = text.str.extract(r"^\d{9,10}\.(\d{1,6})", 1).str.pad_end(6, "0").cast(pl.Int64, strict=False)
    return _in_range((micros + part.fill_null(0)).cast(_NAIVE)), pl.lit(False)


def no_year(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """`Mar  1 00:00:00`, put into the leap year 2000 for order only."""
    body = text.str.replace_all(r"\s+", " ").str.extract(r"^(\w{3} \d{1,2} \d\d:\d\d:\d\d)", 1)
    return _parse("2000 " + body, "%Y %b %e %H:%M:%S", "%Y %b %d %H:%M:%S"), pl.lit(True)


KINDS = {"iso": iso, "access": access, "apache": apache_error, "compact": compact, "epoch": epoch}

#: How a time in a column of its own is told apart; the first that matches wins.
_SHAPES: tuple[tuple[str, str], ...] = (
    ("iso", r"^\d{4}[-/]\d\d[-/]\d\d[T _]\d\d:\d\d:\d\d"),
    ("epoch", r"^\d{9,19}(?:\.\d+)?$"),
    ("access", r"^\d{1,2}/\w{3}/\d{4}:\d\d:\d\d:\d\d"),
    ("apache", r"^\w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \d{4}$"),
    ("compact", r"^\d{6} \d{6}$"),
    ("yearless", r"^\w{3} +\d{1,2} \d\d:\d\d:\d\d"),
)


def kinds_of(text: pl.Series) -> pl.Series:
    """The kind of each time text, null where no kind fits."""
    column = pl.col("t")
    chain = pl.when(pl.lit(False)).then(pl.lit(None, dtype=pl.String))
    for kind, shape in _SHAPES:
        chain = chain.when(column.str.contains(shape)).then(pl.lit(kind))
    return text.alias("t").to_frame().select(chain.otherwise(None).alias("kind")).to_series()


def read_times(text: pl.Series, kind: pl.Series) -> pl.DataFrame:
    """Columns `@timestamp` (UTC or null), `clock` (int64 µs or null), `naive` and `yearless` (flags).

    Only the kinds that occur are tried, each on its own rows.
    """
    frame = pl.DataFrame({"t": text, "k": kind}).with_row_index("row")
    parts = []
    for name in frame["k"].drop_nulls().unique().sort().to_list():
        rows = frame.filter(pl.col("k") == name)
        moment, naive = (no_year if name == "yearless" else KINDS[name])(pl.col("t"))
        parts.append(
            rows.select(
                "row",
                moment.cast(_NAIVE).alias("moment"),
                naive.alias("naive"),
                pl.lit(name == "yearless").alias("yearless"),
            )
        )
    if not parts:
        parts = [frame.clear().select("row", pl.lit(None, _NAIVE).alias("moment"), pl.lit(False).alias("naive"), pl.lit(False).alias("yearless"))]
    joined = frame.select("row").join(pl.concat(parts), on="row", how="left", maintain_order="left")
    return joined.select(
        pl.when(pl.col("yearless")).then(None).otherwise(pl.col("moment")).dt.replace_time_zone("UTC").alias("@timestamp"),
        pl.col("moment").dt.timestamp("us").alias("clock"),
        (pl.col("naive") & pl.col("moment").is_not_null()).fill_null(False).alias("naive"),
        (pl.col("yearless") & pl.col("moment").is_not_null()).fill_null(False).alias("yearless"),
    )
