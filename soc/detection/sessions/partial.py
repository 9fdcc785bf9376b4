"""A block's share of the sessions: partial sessions that join to the same whole however the file was cut."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.detection.block import JudgedBlock
from soc.detection.evidence import MESSAGE_CAP, SAMPLE, SAMPLES, shown_text
from soc.detection.field_rule import DECIDERS, MODEL
from soc.detection.judging.explain import explain_rows
from soc.detection.ruleset import Ruleset
from soc.detection.sessions.window import (
    ANSWERED_SHAPE,
    KEY,
    REFUSED_SHAPE,
    begins_anew,
    distinct_names,
    distinct_values,
)
from soc.detection.signatures.declaration import WEB_ATTACK
from soc.logs.text.eager import take
from soc.logs.text.views import own_text

#: Columns of `held`: weak lines (`row` in the block) kept for a detector (`kind`, its id), and a hash of what each tried.
HELD = pl.Schema({"row": pl.UInt32, "value": pl.UInt64, "kind": pl.String})

_MODEL = DECIDERS[MODEL]
_PICKED = (
    "rule_id", "template_id", "source", "template", "http.response.status_code", "@timestamp", "score", "classification",
    "confidence", "file_no", "file", "line_no", "offset", "source.ip", "host.name", "user.name",
)  # fmt: skip


def partial_sessions(block: JudgedBlock, held: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Sessions of the lines that are strong enough or held; and of every line the number of its `part`, or null."""
    rows = _rows(block, held)
    parts = np.full(len(block.events), -1, np.int32)
    parts[rows["row"].to_numpy()] = rows["part"].to_numpy()
    part = pl.Series("part", parts)
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
        distinct_names("users", pl.col("user.name")),
        distinct_names("hosts", pl.col("host.name")),
    )
    chosen = best["row"]
    reasons = explain_rows(
        block.ruleset, chosen.to_numpy(), block.matches, block.starts, block.data, block.verdicts
    )
    file_no = int(block.events["file_no"][0]) if len(block.events) else 0
    described = best.with_columns(
        pl.lit(file_no, pl.Int32).alias("file_no"),
        take(block.events["message"], chosen).str.head(MESSAGE_CAP).alias("message"),
        pl.Series("reasons", reasons, dtype=pl.String),
    )
    sessions = described.join(spans, on="part").join(_samples(rows, block.events), on="part").sort("part")
    named = sessions.with_columns(own_text(sessions[name]) for name in ("users", "hosts"))
    return named.drop("row"), pl.select(pl.when(part >= 0).then(part).alias("part")).to_series()


def _rows(block: JudgedBlock, held: pl.DataFrame) -> pl.DataFrame:
    """The lines that belong to sessions (`row` in the block), with their `part`."""
    window = block.ruleset.session_window
    events, clock = block.events, block.clock
    strong = ((events["score"] >= window.min_score) & events["rule_id"].is_not_null()).fill_null(False)
    beneath = _beneath(block)
    strong &= (events["decided_by"] != _MODEL).fill_null(
        True
    ) | beneath.is_not_null()  # the model alone opens nothing
    index = strong.clone().scatter(held["row"], True).arg_true() if len(held) else strong.arg_true()
    rows = (
        events.select(_PICKED)[index]
        .with_columns(
            take(clock, index).alias("clock"),
            index.alias("row"),
            take(strong, index).alias("strong"),
            rule_id=pl.coalesce(take(beneath, index), "rule_id"),
        )
        .join(held, on="row", how="left", maintain_order="left")
        .with_columns(entity_of().alias("entity"), _shape(block.ruleset).alias("shape"))
        .with_columns(pl.when("strong").then("rule_id").otherwise("kind").alias("rule_id"))
        .drop("source.ip", "kind", "strong", "http.response.status_code")
        .sort(*KEY, "clock", "line_no", nulls_last=True)
    )
    fresh = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in KEY).fill_null(True)
    anew = begins_anew("clock", pl.col("clock").shift(1), window.micros)
    return rows.with_columns((fresh | anew).cast(pl.Int32).cum_sum().alias("part") - 1)


def _beneath(block: JudgedBlock) -> pl.Series:
    """The signature under what the model decided, by its id: what such lines have in common is its words."""
    number = block.verdicts.beneath
    if number is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(block.events))
    ids = pl.Series([*block.ruleset.rule_ids(), None], dtype=pl.String)
    return take(ids, pl.Series(np.where(number >= 0, number, len(ids) - 1)))


def entity_of() -> pl.Expr:
    """Who acts: the address; else the host, and of a line that is too weak to stand alone the user there."""
    user = pl.when(~pl.col("strong")).then(pl.format("{} on {}", "user.name", "host.name"))
    return pl.coalesce("source.ip", user, "host.name", pl.lit(""))


def _shape(ruleset: Ruleset) -> pl.Expr:
    """Of one attack kind over HTTP, what was refused is one piece of work and what was answered another."""
    attacks = pl.Series(ruleset.tagged(WEB_ATTACK), dtype=pl.String).implode()
    web = pl.col("strong") & pl.col("rule_id").is_in(attacks)
    status = pl.col("http.response.status_code")
    outcome = (
        pl.when(status.is_between(200, 299)).then(pl.lit(ANSWERED_SHAPE)).otherwise(pl.lit(REFUSED_SHAPE))
    )
    return (
        pl.when(~pl.col("strong"))
        .then(pl.lit(""))
        .when(web & status.is_not_null())
        .then(outcome)
        .otherwise("template_id")
    )


def _samples(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The first lines of each part as shown text."""
    few = rows.sort("part", "line_no").group_by("part", maintain_order=True).head(SAMPLES)
    return (
        few.with_columns(shown_text(take(events["raw"], few["row"])).alias("shown"))
        .group_by("part", maintain_order=True)
        .agg(SAMPLE.alias("samples"))
    )
