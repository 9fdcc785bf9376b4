"""Times as logs write them, read by kind. What is impossible or incomplete is null, never invented.

`@timestamp` needs a full date. A time without a year keeps its order in `clock` only, which serves
grouping: microseconds since 1970 for full times, since the start of a leap year for those without.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

import numpy as np
import polars as pl

from soc.logs.text.clocks import LEAP_SECOND
from soc.logs.text.eager import take
from soc.logs.text.spoken_times import read_spoken
from soc.logs.text.zones import UTC as _UTC_NAME
from soc.logs.text.zones import put_in_zone

UTC_US = pl.Datetime("us", "UTC")
_NAIVE = pl.Datetime("us")
_EARLIEST, _LATEST = 1900, 2199


#: A zone at the end of what follows the seconds.
_ZONE = r"(Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_FAR = 14 * 60


def _iso(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """`2025-01-02T03:04:05.678+01:00` and its relatives (blank, `/`, comma)."""
    day = text.str.slice(0, 10).str.replace_all("/", "-", literal=True).str.to_date("%Y-%m-%d", strict=False)
    return day, text.str.slice(11, 8), text.str.slice(19)


def _access(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """`31/Dec/2024:23:59:59 +0100` of the access logs."""
    even = text.str.replace(r"^(\d)/", "0${1}/")
    return (
        even.str.slice(0, 11).str.to_date("%d/%b/%Y", strict=False),
        even.str.slice(12, 8),
        even.str.slice(20),
    )


def _apache(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """`Sun Dec 04 04:51:09.123 2005` (the weekday is not believed)."""
    even = text.str.replace(r"^(\w{3} \w{3}) +(\d) ", "${1}  ${2} ")
    day = (even.str.slice(4, 6) + " " + even.str.tail(4)).str.to_date("%b %e %Y", strict=False)
    return day, even.str.slice(11, 8), even.str.slice(19).str.head(-5)


def _compact(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """`081109 204106`: two-digit year, month, day, then the time."""
    clock = text.str.slice(7).str.replace(r"^(\d\d)(\d\d)", "${1}:${2}:")
    return text.str.slice(0, 6).str.to_date("%y%m%d", strict=False), clock, pl.lit("")


def _yearless(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """`Mar  1 00:00:00`, put into the leap year 2000 for order only."""
    even = text.str.replace(r"^(\w{3}) (\d) ", "${1}  ${2} ")
    return (
        ("2000 " + even.str.slice(0, 6)).str.to_date("%Y %b %e", strict=False),
        even.str.slice(7, 8),
        pl.lit(""),
    )


_SPLITTERS = {"iso": _iso, "access": _access, "apache": _apache, "compact": _compact, "yearless": _yearless}


def _read_split(text: pl.Series, kind: str) -> pl.DataFrame:
    """Day, clock and zone to `moment` (naive UTC) and `naive`. In steps: Polars would repeat shared parts."""
    day, clock, tail = _SPLITTERS[kind](pl.col("t"))
    frame = text.alias("t").to_frame().select(day.alias("day"), clock.alias("clock"), tail.alias("tail"))
    frame = frame.with_columns(
        *(
            pl.col("clock").str.slice(at, 2).cast(pl.Int64, strict=False).alias(name)
            for name, at in (("hour", 0), ("minute", 3), ("second", 6))
        ),
        pl.col("tail").str.extract(_ZONE, 1).alias("zone"),
        pl.col("tail")
        .str.extract(r"^[.,](\d{1,6})", 1)
        .str.pad_end(6, "0")
        .cast(pl.Int64)
        .fill_null(0)
        .alias("part"),
    )
    frame = frame.with_columns(_east().alias("east"))
    good = (
        (pl.col("hour") < 24) & (pl.col("minute") < 60) & (pl.col("second") <= LEAP_SECOND)
        & (pl.col("day").dt.year() >= _EARLIEST) & (pl.col("day").dt.year() <= _LATEST)
        & (pl.col("east").fill_null(0).abs() <= _FAR)
    )  # fmt: skip
    seconds = pl.col("hour") * 3600 + (pl.col("minute") - pl.col("east").fill_null(0)) * 60 + pl.col("second")
    micros = (
        pl.col("day").cast(pl.Int32).cast(pl.Int64) * 86_400_000_000 + seconds * 1_000_000 + pl.col("part")
    )
    return frame.select(
        pl.when(good).then(micros).otherwise(None).cast(_NAIVE).alias("moment"),
        pl.col("east").is_null().alias("naive"),
    )


def _east() -> pl.Expr:
    """The zone as minutes east of UTC, null where there is none."""
    digits = pl.col("zone").str.replace(":", "", literal=True)
    hours = digits.str.slice(1, 2).cast(pl.Int64, strict=False) * 60
    minutes = hours + digits.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    return (
        pl.when(pl.col("zone").str.contains(r"^[ZzUG]"))
        .then(0)
        .when(pl.col("zone").str.starts_with("-"))
        .then(-minutes)
        .otherwise(minutes)
    )


def _read_epoch(text: pl.Series) -> pl.DataFrame:
    """Seconds, milli-, micro- or nanoseconds since 1970, told apart by the number of digits."""
    frame = (
        text.alias("t")
        .to_frame()
        .select(
            pl.col("t").str.extract(r"^(\d{9,19})(?:\.\d+)?$", 1).alias("whole"),
            pl.col("t")
            .str.extract(r"^\d{9,10}\.(\d{1,6})", 1)
            .str.pad_end(6, "0")
            .cast(pl.Int64)
            .fill_null(0)
            .alias("part"),
        )
    )
    number, digits = pl.col("whole").cast(pl.Int64, strict=False), pl.col("whole").str.len_bytes()
    micros = (
        pl.when(digits <= 10).then(number * 1_000_000)
        .when(digits <= 13).then(number * 1_000)
        .when(digits <= 16).then(number)
        .otherwise(number // 1_000)
    )  # fmt: skip
    frame = frame.select((micros + pl.col("part")).cast(_NAIVE).alias("moment"))
    year = pl.col("moment").dt.year()
    kept = pl.when((year >= _EARLIEST) & (year <= _LATEST)).then("moment").alias("moment")
    return frame.select(kept, pl.lit(False).alias("naive"))


#: What may follow the seconds of a shape that is read at once: a fraction, and a zone in figures.
_AFTER = r"(?:[.,]\d{1,9})? ?(?:Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
#: What may be a time in some other form (`soc.logs.text.spoken_times`): a clock, a long number, or a run of digits.
SPOKEN = "spoken"
_MAY_BE = r"\d{1,2}:\d\d|^/Date\(\d{12}|^\d{8}T?\d{6}"
#: How a time in a column of its own is told apart; no text has two of these shapes. The commonest come first.
_SHAPES: tuple[tuple[str, str], ...] = (
    ("iso", rf"^\d{{4}}[-/]\d\d[-/]\d\d[T _]\d\d:\d\d:\d\d{_AFTER}$"),
    ("yearless", r"^\w{3} +\d{1,2} \d\d:\d\d:\d\d$"),
    ("access", rf"^\d{{1,2}}/\w{{3}}/\d{{4}}:\d\d:\d\d:\d\d{_AFTER}$"),
    ("epoch", r"^(?:\d{9,13}|\d{15,19})(?:\.\d+)?$"),
    ("apache", r"^\w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \d{4}$"),
    ("compact", r"^\d{6} \d{6}$"),
)


def kinds_of(text: pl.Series) -> pl.Series:
    """The kind of each time text, null where no kind fits. Each shape is tried on what is left."""
    kinds = pl.Series([None], dtype=pl.String).new_from_index(0, len(text))
    left = text.is_not_null().arg_true()
    for kind, shape in _SHAPES:
        if not len(left):
            break
        fits = take(text, left).str.contains(shape)
        hit = left.filter(fits)
        if len(hit):
            kinds = kinds.scatter(hit, kind)
            left = left.filter(~fits)
    if len(left):
        may_be = left.filter(take(text, left).str.contains(_MAY_BE))
        kinds = kinds.scatter(may_be, SPOKEN) if len(may_be) else kinds
    return kinds.alias("kind")


def read_clocks(text: pl.Series, kind: pl.Series) -> pl.DataFrame:
    """Columns `clock` (int64 µs or null), `naive` and `yearless` (flags, only where there is a clock).

    Only the kinds that occur are tried, each on its own rows.
    """
    frame = pl.DataFrame({"t": text, "k": kind}).with_row_index("row")
    kinds = [name for name in frame["k"].unique().sort().to_list() if name is not None]
    parts = [frame.filter(pl.col("k").is_null()).select("row", *_NO_TIME)]
    for name in kinds:
        rows = frame.filter(pl.col("k") == name)
        if name == SPOKEN:
            parts.append(_read_each(rows))
            continue
        read = _read_epoch(rows["t"]) if name == "epoch" else _read_split(rows["t"], name)
        clock = read["moment"].dt.timestamp("us")
        there = clock.is_not_null()
        parts.append(
            pl.DataFrame(
                {
                    "row": rows["row"],
                    "clock": clock,
                    "naive": read["naive"] & there,
                    "yearless": there & (name == "yearless"),
                }
            )
        )
    return pl.concat(parts).sort("row").drop("row")


def _read_each(rows: pl.DataFrame) -> pl.DataFrame:
    """What has no common shape, each distinct text once."""
    distinct = rows["t"].unique()
    said = [read_spoken(text) for text in distinct.to_list()]
    known = pl.DataFrame(
        {
            "t": distinct,
            "clock": pl.Series([one.micros for one in said], dtype=pl.Int64),
            "naive": [one.naive for one in said],
            "yearless": [one.yearless for one in said],
        }
    )
    return rows.select("row", "t").join(known, on="t", how="left").select("row", "clock", "naive", "yearless")


_NO_TIME = (
    pl.lit(None, dtype=pl.Int64).alias("clock"),
    pl.lit(False).alias("naive"),
    pl.lit(False).alias("yearless"),
)


def stamped(clocks: pl.DataFrame, as_of: int = 0, zone: str = _UTC_NAME) -> pl.DataFrame:
    """With `@timestamp` (UTC; null where there is no time).

    A time without a year gets the latest year in which it is not later than `as_of` (µs since 1970; 0: it stays without),
    and a day more, as clocks and zones differ; `clock` is that moment too, and `yearless` still says so. A time without a
    zone is one of `zone`, and `naive` still says so.
    """
    if as_of and clocks["yearless"].any():
        placed = _latest_year(clocks["clock"], as_of)
        clocks = clocks.with_columns(pl.when("yearless").then(placed).otherwise("clock").alias("clock"))
        clocks = clocks.with_columns(put_in_zone(clocks["clock"], clocks["naive"], zone).alias("clock"))
        return clocks.with_columns(pl.col("clock").cast(UTC_US).alias("@timestamp"))
    clocks = clocks.with_columns(put_in_zone(clocks["clock"], clocks["naive"], zone).alias("clock"))
    full = pl.when(~pl.col("yearless")).then("clock").cast(UTC_US).alias("@timestamp")
    return clocks.with_columns(full)


_DAY = 86_400_000_000
#: In the year 2000, in which times without a year are read: its first moment, and the first ones of 29 February and 1 March.
_FIRST = 946_684_800_000_000
_LEAP_DAY, _MARCH = _FIRST + 59 * _DAY, _FIRST + 60 * _DAY


def _latest_year(clock: pl.Series, as_of: int) -> pl.Series:
    """Moments of the year 2000 in the latest year in which they lie before `as_of` and a day more."""
    there = clock.is_not_null().to_numpy()
    moments = clock.fill_null(_FIRST).to_numpy()
    found = np.zeros(len(moments), np.int64)
    missing = there.copy()
    this = datetime.fromtimestamp((as_of + _DAY) / 1e6, UTC).year
    for year in range(this, this - 9, -1):  # the 29th of February may lie eight years back
        leap = calendar.isleap(year)
        first = int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
        then = moments - _FIRST + first - (0 if leap else _DAY * (moments >= _MARCH))
        is_day = leap | (moments < _LEAP_DAY) | (moments >= _MARCH)
        fits = missing & is_day & (then <= as_of + _DAY)
        found[fits] = then[fits]
        missing &= ~fits
        if not missing.any():
            break
    return (
        pl.DataFrame({"c": found, "known": there & ~missing}).select(pl.when("known").then("c")).to_series()
    )
