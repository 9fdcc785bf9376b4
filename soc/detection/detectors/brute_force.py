"""Rules that need more than one line: many failed logins, and a success after them. Worked out on counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from soc.detection.detectors.groups import FAILURES, AuthTrail
from soc.domain.classification import Classification
from soc.domain.incident import Incident, Reason, Sample
from soc.ids import derived_id

BRUTE_FORCE = "auth.brute-force-success"
#: So many failures before a success are a guess that hit; so many without one are worth a look.
GUESSES, MANY = 5, 20
BRUTE_SCORE, MANY_SCORE = 10, 8


class TrailLedger:
    """Collects the blocks' trails; buckets merge, so memory is by (entity, minute)."""

    def __init__(self, window_us: int, compact_every: int = 4) -> None:
        self._window = window_us
        self._every = compact_every
        self._failures: list[pl.DataFrame] = []
        self._successes: list[pl.DataFrame] = []

    def add(self, trail: AuthTrail) -> None:
        if len(trail.failures):
            self._failures.append(trail.failures)
        if len(trail.successes):
            self._successes.append(trail.successes)
        if len(self._failures) > self._every:
            self._failures = [_merge_failures(self._failures)]
        if len(self._successes) > self._every:
            self._successes = [_merge_successes(self._successes)]

    def broken_in(self) -> list[dict[str, Any]]:
        """Successes with at least GUESSES failures of one rule and the same entity within the window before."""
        if not self._failures or not self._successes:
            return []
        failures = _merge_failures(self._failures)
        successes = _merge_successes(self._successes).with_row_index("id")
        pairs = successes.select("id", "entity", "scope", "when").join(failures, on=["entity", "scope"])
        timed = pl.col("scope") < 0
        near = (pl.col("first") <= pl.col("when")) & (
            ~timed | (pl.col("last") >= pl.col("when") - self._window)
        )
        sums = (
            pairs.filter(near)
            .with_columns(_before(pl.col("when")).alias("n"))
            .group_by("id", "rule_id")
            .agg(pl.sum("n"), pl.min("first"))
            .sort("id", "n", "rule_id", descending=[False, True, False])
            .group_by("id", maintain_order=True)
            .first()
            .filter(pl.col("n") >= GUESSES)
        )
        return (
            successes.join(sums.select("id", "n", pl.col("rule_id").alias("failed_rule")), on="id")
            .sort("entity", "scope", "when", "file_no", "line_no")
            .to_dicts()
        )

    def busiest(self) -> dict[str, list[tuple[int, int, int]]]:
        """By entity: (scope, when, failures within the window up to then) where they reach MANY."""
        if not self._failures:
            return {}
        rows = (
            _merge_failures(self._failures)
            .group_by("entity", "scope", "rule_id", "bucket")
            .agg(pl.sum("n"), pl.min("first"), pl.max("last"))
            .sort("entity", "scope", "rule_id", "first")
        )
        group = ["entity", "scope", "rule_id"]
        rows = rows.with_columns(pl.col("n").cum_sum().over(group).alias("upto"))
        limit = (
            pl.when(pl.col("scope") < 0).then(pl.col("last") - self._window).otherwise(pl.lit(-1, pl.Int64))
        )
        earlier = rows.select(*group, pl.col("last").alias("edge"), pl.col("upto").alias("gone")).sort("edge")
        rows = (
            rows.with_columns(limit.alias("edge"))
            .sort("edge")
            .join_asof(earlier, on="edge", by=group, strategy="backward", check_sortedness=False)
            .with_columns((pl.col("upto") - pl.col("gone").fill_null(0)).alias("within"))
            .filter(pl.col("within") >= MANY)
            .sort("entity", "within", "last", descending=[False, True, False])
        )
        found: dict[str, list[tuple[int, int, int]]] = {}
        for entity, scope, last, within in rows.select("entity", "scope", "last", "within").iter_rows():
            found.setdefault(entity, []).append((scope, last, within))
        return found


def _before(when: pl.Expr) -> pl.Expr:
    """How many of a bucket's failures came before `when`; of a bucket that it cuts, at least its first."""
    whole = pl.col("last") <= when
    share = (
        ((when - pl.col("first")) / (pl.col("last") - pl.col("first")) * pl.col("n")).ceil().cast(pl.Int64)
    )
    return pl.when(whole).then(pl.col("n")).otherwise(share.clip(1, None))


def _merge_failures(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return (
        pl.concat(frames)
        .group_by("entity", "scope", "rule_id", "bucket")
        .agg(pl.sum("n"), pl.min("first"), pl.max("last"))
    )


def _merge_successes(frames: list[pl.DataFrame]) -> pl.DataFrame:
    rows = pl.concat(frames).sort("when", "file_no", "line_no")
    return rows.unique(["entity", "scope", "bucket"], keep="first", maintain_order=True)


def brute_force_incidents(
    batch_id: str, rows: Sequence[dict[str, Any]], groups: Sequence[Incident], window_us: int
) -> list[tuple[Incident, list[dict[str, Any]]]]:
    """One incident an entity and window, with the success lines that belong to it."""
    runs: list[list[dict[str, Any]]] = []
    for row in rows:
        last = runs[-1][-1] if runs else None
        same = last is not None and (last["entity"], last["scope"]) == (row["entity"], row["scope"])
        if last is not None and same and (row["scope"] >= 0 or row["when"] - last["when"] <= window_us):
            runs[-1].append(row)
        else:
            runs.append([row])
    return [(_brute_force(batch_id, run, groups), run) for run in runs]


def _brute_force(batch_id: str, run: list[dict[str, Any]], groups: Sequence[Incident]) -> Incident:
    first = run[0]
    failed = [group for group in groups if group.rule_id in FAILURES and group.entity == first["entity"]]
    failures: list[Sample] = [sample for group in failed for sample in group.samples][:4]
    success = Sample(
        file=first["file"], line_no=first["line_no"], offset=first["offset"], text=first["shown"]
    )
    start, end = first["evidence_start"] or 0, first["evidence_end"] or 0
    times = [row["@timestamp"] for row in run if row["@timestamp"] is not None]
    return Incident(
        id=derived_id("inc", batch_id, BRUTE_FORCE, first["entity"], first["scope"], first["when"]),
        batch_id=batch_id,
        title=f"Brute force that succeeded from {first['entity']}",
        source=first["source"],
        classification=Classification.SECURITY_ALERT,
        score=BRUTE_SCORE,
        confidence=0.95,
        rule_id=BRUTE_FORCE,
        template_id=first["template_id"],
        template=first["template"],
        entity=first["entity"],
        count=len(run),
        first_seen=min(times, default=None),
        last_seen=max(times, default=None),
        message=first["message"],
        reasons=(
            Reason(
                signature=BRUTE_FORCE,
                title=f"{first['n']} failed logins of {first['entity']} and then a success "
                f"(line {first['line_no']} of {first['file']})",
                words=first["words"], start=start, end=end, weight=BRUTE_SCORE, attack="T1110",
            ),
        ),
        samples=(success, *failures),
    )  # fmt: skip


def lift(
    incidents: list[Incident], busiest: dict[str, list[tuple[int, int, int]]], window_minutes: int
) -> list[Incident]:
    """Of each entity with MANY failures, its largest group of failed logins rises to MANY_SCORE."""
    largest: dict[str, int] = {}
    for index, incident in enumerate(incidents):
        if incident.rule_id in FAILURES and incident.entity in busiest:
            best = largest.get(incident.entity)
            if best is None or incident.count > incidents[best].count:
                largest[incident.entity] = index
    lifted = list(incidents)
    for entity, index in largest.items():
        incident, within = incidents[index], busiest[entity][0][2]
        if incident.score >= MANY_SCORE:
            continue
        reason = Reason(
            signature="auth.many-failures",
            title=f"{within} failures from {entity} within {window_minutes} min",
            words="", start=0, end=0, weight=MANY_SCORE - incident.score, attack="T1110",
        )  # fmt: skip
        lifted[index] = incident.model_copy(
            update={"score": MANY_SCORE, "reasons": (*incident.reasons, reason)}
        )
    return lifted
