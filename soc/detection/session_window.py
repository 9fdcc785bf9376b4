"""Partial groups of all blocks become incidents. The merge is associative: it does not matter how files were cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import polars as pl

from soc.detection.detectors.groups import FAILURES, KEY, SAMPLES, distinct_values
from soc.detection.detectors.scanning import PORT_SCAN, WEB_SCAN
from soc.detection.signatures import SIGNATURES
from soc.domain.classification import Classification
from soc.domain.incident import Incident, Reason, Sample
from soc.ids import derived_id

#: Stands for "no time" where a number is needed to join on.
UNTIMED = -(2**62)

_TITLES = {signature.id: signature.title for signature in SIGNATURES}
_CARRIED = (
    "score",
    "classification",
    "confidence",
    "line_no",
    "template_id",
    "template",
    "file_no",
    "message",
    "reasons",
)


#: Addresses kept in mind that have not (yet) tried enough to be scanners.
MAYBE_SCANS = 20_000


class GroupLedger:
    """Takes the blocks' partial groups and keeps them small; at the end gives sessions and their lines' keys."""

    def __init__(self, window_us: int, compact_every: int = 4) -> None:
        self._window = window_us
        self._every = compact_every
        self._sessions: list[pl.DataFrame] = []
        self._places: list[pl.DataFrame] = []

    def add(self, groups: pl.DataFrame) -> None:
        """`groups` as `partial_groups` gives them, with `block`."""
        if groups.is_empty():
            return
        hashed = groups.with_columns(key_hash())
        self._places.append(
            hashed.select("key", pl.col("first").fill_null(UNTIMED), "file_no", "block", "part")
        )
        self._sessions.append(hashed.drop("block", "part"))
        if len(self._sessions) >= self._every:
            self._sessions = [_forget(merge_sessions(pl.concat(self._sessions), self._window))]

    def sessions(self) -> pl.DataFrame:
        """All sessions, `session` numbering them by (first, file, line); empty frame where there is none."""
        if not self._sessions:
            return pl.DataFrame()
        merged = merge_sessions(pl.concat(self._sessions), self._window)
        self._sessions = [merged]
        return merged.sort("file_no", "line_no", *KEY, "first").with_row_index("session")

    def places(self, sessions: pl.DataFrame) -> pl.DataFrame:
        """`file_no, block, part, session`: to which session the lines of each partial group belong."""
        if not self._places:
            return pl.DataFrame()
        spots = pl.concat(self._places).sort("first")
        starts = sessions.select("key", pl.col("first").fill_null(UNTIMED), "session").sort("first")
        joined = spots.join_asof(starts, on="first", by="key", strategy="backward", check_sortedness=False)
        return joined.select("file_no", "block", "part", "session")


def _forget(sessions: pl.DataFrame) -> pl.DataFrame:
    """Without the least of the very many addresses that tried something but may not be scanners at all."""
    weak = pl.col("rule_id").is_in([PORT_SCAN, WEB_SCAN])
    maybe = sessions.filter(weak)
    if len(maybe) <= MAYBE_SCANS:
        return sessions
    most = maybe.sort(pl.col("values").list.len(), "n", descending=True, maintain_order=True)
    return pl.concat([sessions.filter(~weak), most.head(MAYBE_SCANS)])


def key_hash() -> pl.Expr:
    return pl.concat_str(*KEY, separator="\x1f").hash(seed=7).alias("key")


def merge_sessions(groups: pl.DataFrame, window_us: int) -> pl.DataFrame:
    """Join sessions of one key whose quiet time between them is at most `window_us`."""
    rows = groups.sort("key", "first", nulls_last=True)
    reach = pl.col("last").cum_max().shift(1).over("key")
    fresh = (pl.col("key") != pl.col("key").shift(1)).fill_null(True)
    gap = (pl.col("first") - reach) > window_us
    untimed = pl.col("first").is_null() != pl.col("first").shift(1).is_null()
    rows = rows.with_columns(
        (fresh | gap.fill_null(False) | untimed.fill_null(False)).cast(pl.Int64).cum_sum().alias("s")
    )
    spans = rows.group_by("s").agg(
        pl.sum("n"),
        pl.min("first"),
        pl.max("last"),
        pl.min("first_seen"),
        pl.max("last_seen"),
        distinct_values(pl.col("values").explode(empty_as_null=False, keep_nulls=False)),
    )
    best = (
        rows.sort("s", "score", "file_no", "line_no", descending=[False, True, False, False])
        .group_by("s", maintain_order=True)
        .agg(pl.first("key", *KEY, *_CARRIED))
    )
    samples = (
        rows.select("s", "samples")
        .explode("samples", empty_as_null=False, keep_nulls=False)
        .sort("s", pl.col("samples").struct.field("file_no"), pl.col("samples").struct.field("line_no"))
        .group_by("s", maintain_order=True)
        .agg(pl.col("samples").head(SAMPLES))
    )
    return best.join(spans, on="s").join(samples, on="s").drop("s").select(groups.columns)


def build_incident(batch_id: str, row: dict[str, Any]) -> Incident:
    """One session as an incident. Its id follows from the batch and what the group is."""
    return Incident(
        id=derived_id(
            "inc", batch_id, row["rule_id"], row["shape"], row["source"], row["entity"],
            "-" if row["first"] is None else row["first"],
        ),
        batch_id=batch_id,
        title=title_of(row["rule_id"], row["entity"], row["n"]),
        source=row["source"],
        classification=Classification(row["classification"]),
        score=row["score"],
        confidence=row["confidence"],
        rule_id=row["rule_id"],
        template_id=row["template_id"],
        template=row["template"],
        entity=row["entity"],
        count=row["n"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        message=row["message"],
        reasons=tuple(Reason(**reason) for reason in orjson.loads(row["reasons"])),
        samples=samples_of(row["samples"]),
    )  # fmt: skip


def samples_of(rows: Sequence[dict[str, Any]]) -> tuple[Sample, ...]:
    return tuple(
        Sample(file=row["file"], line_no=row["line_no"], offset=row["offset"], text=row["text"])
        for row in rows
    )


def title_of(rule_id: str, entity: str, count: int) -> str:
    """`Repeated failed logins from 203.0.113.9`, `Disk full on db1`."""
    title = _TITLES[rule_id]
    if rule_id in FAILURES and count >= 5:
        title = "Repeated failed logins"
    if not entity:
        return title
    is_address = entity.replace(".", "").isdigit() or ":" in entity
    return f"{title} {'from' if is_address else 'on'} {entity}"[:240]
