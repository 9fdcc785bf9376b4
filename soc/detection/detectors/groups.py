"""A block's share of the incidents: partial groups that merge into the same whole however the file was cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import orjson
import polars as pl

from soc.detection.detectors.scanning import VALUES, scan_marks
from soc.detection.scan import Matches
from soc.detection.signatures import SIGNATURES
from soc.detection.verdict import Verdicts, reasons_of
from soc.logs.records import Records
from soc.logs.text.display import clean_text
from soc.logs.text.views import own_text

MESSAGE_CAP, SAMPLE_CAP, SAMPLES = 8000, 2000, 5

#: `shape` is the template, or for attacks over HTTP whether the server answered them or refused.
KEY = ("rule_id", "shape", "source", "entity")

FAILURES = tuple(s.id for s in SIGNATURES if "auth-failure" in s.tags)
WEB_ATTACKS = tuple(s.id for s in SIGNATURES if "web-attack" in s.tags)
SUCCESSES = tuple(s.id for s in SIGNATURES if "auth-success" in s.tags)

#: Failures are counted by minute; without times by 64 lines.
BUCKET_US, BUCKET_LINES = 60_000_000, 64

_SAMPLE = pl.struct("file_no", "file", "line_no", "offset", pl.col("shown").alias("text"))


@dataclass(frozen=True)
class AuthTrail:
    """Failed logins by (entity, rule, bucket), and the first success of each (entity, bucket)."""

    failures: pl.DataFrame
    successes: pl.DataFrame


def _entity() -> pl.Expr:
    return pl.coalesce("source.ip", "host.name", pl.lit(""))


def _shape() -> pl.Expr:
    """Of one attack kind over HTTP, what was refused is one piece of work and what was answered another."""
    web = pl.col("strong") & pl.col("rule_id").is_in(WEB_ATTACKS)
    status = pl.col("http.response.status_code")
    outcome = pl.when(status.is_between(200, 299)).then(pl.lit("answered")).otherwise(pl.lit("refused"))
    return (
        pl.when(~pl.col("strong"))
        .then(pl.lit(""))
        .when(web & status.is_not_null())
        .then(outcome)
        .otherwise("template_id")
    )


def distinct_values(values: pl.Expr) -> pl.Expr:
    """What a group tried: up to VALUES different ones, always the same ones."""
    return values.drop_nulls().unique().sort().head(VALUES).alias("values")


def _grouped_rows(events: pl.DataFrame, clock: pl.Series, *, min_score: int, window_us: int) -> pl.DataFrame:
    """The lines that belong to groups (`row` in the block), with their `part`: strong ones and what may be a scan."""
    strong = ((events["score"] >= min_score) & events["rule_id"].is_not_null()).fill_null(False)
    marks = scan_marks(events)
    index = strong.clone().scatter(marks["row"], True).arg_true() if len(marks) else strong.arg_true()
    picked = (
        "rule_id", "template_id", "source", "template", "http.response.status_code", "@timestamp", "score", "classification", "confidence",
        "file_no", "file", "line_no", "offset", "source.ip", "host.name",
    )  # fmt: skip
    rows = (
        events.select(picked)[index]
        .with_columns(
            clock.gather(index).alias("clock"), index.alias("row"), strong.gather(index).alias("strong")
        )
        .join(marks, on="row", how="left", maintain_order="left")
        .with_columns(_entity().alias("entity"), _shape().alias("shape"))
        .with_columns(pl.when("strong").then("rule_id").otherwise("kind").alias("rule_id"))
        .drop("source.ip", "host.name", "kind", "strong", "http.response.status_code")
        .sort(*KEY, "clock", "line_no", nulls_last=True)
    )
    fresh = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in KEY).fill_null(True)
    gap = ((pl.col("clock") - pl.col("clock").shift(1)) > window_us).fill_null(
        pl.col("clock").is_null() != pl.col("clock").shift(1).is_null()
    )
    return rows.with_columns((fresh | gap.fill_null(False)).cast(pl.Int32).cum_sum().alias("part") - 1)


def partial_groups(
    events: pl.DataFrame,
    clock: pl.Series,
    matches: Matches,
    records: Records,
    data: bytes,
    verdicts: Verdicts,
    *,
    min_score: int,
    window_us: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sessions of the lines that score at least `min_score`, and the events with their `part` number (or null)."""
    rows = _grouped_rows(events, clock, min_score=min_score, window_us=window_us)
    parts = np.full(len(events), -1, np.int32)
    parts[rows["row"].to_numpy()] = rows["part"].to_numpy()
    part = pl.Series("part", parts)
    keyed = events.with_columns(pl.when(part >= 0).then(part).alias("part"))
    best = (
        rows.sort("part", "score", "line_no", descending=[False, True, False])
        .group_by("part", maintain_order=True)
        .agg(
            pl.first(
                "row", "score", "classification", "confidence", "line_no", "template_id", "template", *KEY
            )
        )
    )
    spans = rows.group_by("part").agg(
        pl.len().cast(pl.Int64).alias("n"),
        pl.min("clock").alias("first"),
        pl.max("clock").alias("last"),
        pl.min("@timestamp").alias("first_seen"),
        pl.max("@timestamp").alias("last_seen"),
        distinct_values(pl.col("value")),
    )
    groups = best.join(spans, on="part").sort("part").with_columns(pl.lit(0, pl.Int32).alias("file_no"))
    chosen = groups["row"]
    message = events["message"].gather(chosen).str.head(MESSAGE_CAP)
    number = int(events["file_no"][0]) if len(events) else 0
    groups = groups.with_columns(
        message.alias("message"),
        pl.lit(number, pl.Int32).alias("file_no"),
        pl.Series("reasons", _reasons(chosen.to_numpy(), matches, records, data, verdicts), dtype=pl.String),
    )
    return groups.join(_samples(rows, events), on="part").drop("row"), keyed


def _samples(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The first lines of each part as shown text."""
    few = rows.sort("part", "line_no").group_by("part", maintain_order=True).head(SAMPLES)
    shown = own_text(clean_text(events["raw"].gather(few["row"]).str.head(SAMPLE_CAP)))
    return (
        few.with_columns(shown.alias("shown"))
        .group_by("part", maintain_order=True)
        .agg(_SAMPLE.alias("samples"))
    )


def _reasons(
    rows: np.typing.NDArray[np.uint32], matches: Matches, records: Records, data: bytes, verdicts: Verdicts
) -> list[str]:
    """Of one line a part (not of every line): why it was judged so, as JSON."""
    low = np.searchsorted(matches.line, rows, "left").tolist()
    high = np.searchsorted(matches.line, rows, "right").tolist()
    starts, rules = records.starts[rows].tolist(), verdicts.rule[rows].tolist()
    classes = verdicts.classification[rows].tolist()
    texts = []
    for at, left, right, rule, number in zip(starts, low, high, rules, classes, strict=True):
        span = slice(left, right)
        found = zip(
            matches.pattern[span].tolist(),
            matches.start[span].tolist(),
            matches.end[span].tolist(),
            strict=True,
        )
        words = [(pattern, start, end, data[at + start : at + end]) for pattern, start, end in found]
        texts.append(orjson.dumps(reasons_of(words, rule=rule, classification=number)).decode())
    return texts


_TRAIL = (
    "rule_id", "source.ip", "user.name", "file_no", "file", "line_no", "offset", "source", "part", "@timestamp",
    "template_id", "template", "message", "evidence_start", "evidence_end", "raw",
)  # fmt: skip


def auth_trail(events: pl.DataFrame, clock: pl.Series, block: int) -> AuthTrail:
    """What the stateful rules need of a block. `events` carries `part`; an untimed line counts by its number."""
    timed = pl.col("clock").is_not_null()
    who = pl.coalesce("source.ip", pl.format("user {}", pl.col("user.name")))
    logins = events["rule_id"].is_in([*FAILURES, *SUCCESSES]).arg_true()
    rows = (
        events.select(_TRAIL)[logins]
        .with_columns(clock.gather(logins).alias("clock"))
        .with_columns(who.alias("entity"))
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
    failed = rows.filter(pl.col("rule_id").is_in(FAILURES))
    accepted = rows.filter(pl.col("rule_id").is_in(SUCCESSES)).sort("when", "line_no")
    accepted = accepted.unique(["entity", "scope", "bucket"], keep="first", maintain_order=True)
    failures = failed.group_by("entity", "scope", "rule_id", "bucket").agg(
        pl.len().cast(pl.Int64).alias("n"), pl.min("when").alias("first"), pl.max("when").alias("last")
    )
    successes = accepted.select(
        "entity", "scope", "bucket", "when", "@timestamp", "file_no", "file", "line_no", "offset", "source", "part",
        "template_id", "template", pl.col("message").str.head(MESSAGE_CAP),
        "evidence_start", "evidence_end",
        clean_text(accepted["raw"].str.head(SAMPLE_CAP)).alias("shown"),
        pl.col("raw")
        .cast(pl.Binary)
        .bin.slice(pl.col("evidence_start"), pl.col("evidence_end") - pl.col("evidence_start"))
        .cast(pl.String, strict=False)
        .fill_null("")
        .alias("words"),
        pl.lit(block, pl.Int32).alias("block"),
    )  # fmt: skip
    return AuthTrail(failures, successes)
