"""The trail of logins: failures counted by minute, and the first success of each minute, by address or user.

An untimed line counts by its number: the trail of its file, in buckets of 64 lines, without a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from soc.detection.block import JudgedBlock
from soc.detection.evidence import MESSAGE_CAP, evidence_words, shown_text

BUCKET_US, BUCKET_LINES = 60_000_000, 64

#: Failures of one counter are added up; `scope` is the file of untimed lines, -1 for all timed ones.
_COUNTER = ["entity", "scope", "rule_id"]
_USED = (
    "rule_id", "source.ip", "user.name", "host.name", "file_no", "file", "line_no", "offset", "source", "part", "@timestamp",
    "template_id", "template", "message", "evidence_start", "evidence_end", "raw",
)  # fmt: skip


_REPEATED = r"message repeated (\d{1,6}) times"


@dataclass(frozen=True)
class Trail:
    """`failures`: entity, scope, rule_id, bucket, n, first, last. `successes`: a line each, of (entity, scope, bucket)."""

    failures: pl.DataFrame
    successes: pl.DataFrame


def trail_of(block: JudgedBlock, failing: tuple[str, ...], succeeding: tuple[str, ...]) -> Trail | None:
    """The block's logins by the signatures that say so; None where it has none."""
    logins = block.rule_among((*failing, *succeeding)).arg_true()
    if not len(logins):
        return None
    timed = pl.col("clock").is_not_null()
    who = pl.coalesce("source.ip", pl.format("user {}", pl.col("user.name")))
    rows = (
        block.events.select(_USED)[logins]
        .with_columns(block.clock.gather(logins).alias("clock"))
        .with_columns(who.alias("entity"), _times(pl.col("raw")).alias("times"))
        .filter(pl.col("entity").is_not_null())
        .with_columns(
            pl.when(timed).then(pl.lit(-1, pl.Int32)).otherwise("file_no").alias("scope"),
            pl.when(timed).then("clock").otherwise("line_no").alias("when"),
            pl.when(timed)
            .then(pl.col("clock") // BUCKET_US)
            .otherwise(pl.col("line_no") // BUCKET_LINES)
            .alias("bucket"),
        )
    )
    failed = pl.col("rule_id").is_in(pl.Series(failing, dtype=pl.String).implode())
    failures = (
        rows.filter(failed)
        .group_by(*_COUNTER, "bucket")
        .agg(pl.sum("times").alias("n"), pl.min("when").alias("first"), pl.max("when").alias("last"))
    )
    return Trail(failures, _successes(rows.filter(~failed), block.number))


def _times(raw: pl.Expr) -> pl.Expr:
    """How many events a line stands for: syslog writes equal ones once, with their number."""
    return raw.str.extract(_REPEATED, 1).cast(pl.Int64).fill_null(1).clip(1)


def _successes(rows: pl.DataFrame, block: int) -> pl.DataFrame:
    accepted = rows.sort("when", "line_no").unique(
        ["entity", "scope", "bucket"], keep="first", maintain_order=True
    )
    return accepted.select(
        "entity", "scope", "bucket", "when", "@timestamp", "file_no", "file", "line_no", "offset", "source", "part",
        "user.name", "host.name", "template_id", "template", pl.col("message").str.head(MESSAGE_CAP),
        shown_text(accepted["raw"]).alias("shown"),
        "evidence_start", "evidence_end", evidence_words(accepted),
        pl.lit(block, pl.Int32).alias("block"),
    )  # fmt: skip


def merge_trails(trails: Sequence[Trail]) -> Trail:
    """Counts add up; of one (entity, scope, bucket) the first success stays."""
    failures = (
        pl.concat([trail.failures for trail in trails])
        .group_by(*_COUNTER, "bucket")
        .agg(pl.sum("n"), pl.min("first"), pl.max("last"))
    )
    successes = pl.concat([trail.successes for trail in trails]).sort("when", "file_no", "line_no")
    return Trail(failures, successes.unique(["entity", "scope", "bucket"], keep="first", maintain_order=True))


def failures_before(trail: Trail, window_us: int) -> pl.DataFrame:
    """The successes that had failures of the same entity within the window before, with `n`: of the rule with
    the most. In order of entity, scope and time. Without times the whole file before counts."""
    successes = trail.successes.with_row_index("id")
    pairs = successes.select("id", "entity", "scope", "when").join(trail.failures, on=["entity", "scope"])
    timed = pl.col("scope") < 0
    near = (pl.col("first") <= pl.col("when")) & (~timed | (pl.col("last") >= pl.col("when") - window_us))
    sums = (
        pairs.filter(near)
        .with_columns(_before(pl.col("when")).alias("n"))
        .group_by("id", "rule_id")
        .agg(pl.sum("n"))
        .group_by("id")
        .agg(pl.max("n"))
    )
    return successes.join(sums, on="id").sort("entity", "scope", "when", "file_no", "line_no")


def _before(when: pl.Expr) -> pl.Expr:
    """How many of a bucket's failures came before `when`; of a bucket that it cuts, at least its first."""
    whole = pl.col("last") <= when
    share = (
        ((when - pl.col("first")) / (pl.col("last") - pl.col("first")) * pl.col("n")).ceil().cast(pl.Int64)
    )
    return pl.when(whole).then(pl.col("n")).otherwise(share.clip(1, None))


def most_within(trail: Trail, window_us: int) -> dict[str, int]:
    """By entity: the most failures of one rule within any window; without times within the file."""
    rows = trail.failures.sort(*_COUNTER, "first").with_columns(
        pl.col("n").cum_sum().over(_COUNTER).alias("upto")
    )
    limit = pl.when(pl.col("scope") < 0).then(pl.col("last") - window_us).otherwise(pl.lit(-1, pl.Int64))
    earlier = rows.select(*_COUNTER, pl.col("last").alias("edge"), pl.col("upto").alias("gone")).sort("edge")
    within = (
        rows.with_columns(limit.alias("edge"))
        .sort("edge")
        .join_asof(earlier, on="edge", by=_COUNTER, strategy="backward", check_sortedness=False)
        .with_columns((pl.col("upto") - pl.col("gone").fill_null(0)).alias("within"))
        .group_by("entity")
        .agg(pl.max("within"))
    )
    return dict(within.select("entity", "within").iter_rows())
