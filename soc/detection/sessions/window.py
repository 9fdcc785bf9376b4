"""The session window: near-identical lines that follow each other within it are one session, over all blocks.

Blocks give partial sessions; joining them is associative, so it does not matter how files were cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from soc.detection.evidence import SAMPLES

#: What makes lines near-identical. `shape` is the template, or for attacks over HTTP what the server made of them.
KEY = ("rule_id", "shape", "source", "entity")
#: No more different values are kept of one session; their count then says "at least".
VALUES = 512
#: Shapes of attacks over HTTP: what the server made of them.
ANSWERED_SHAPE, REFUSED_SHAPE = "answered", "refused"
#: No more users and hosts are kept of one session.
NAMES = 256
#: Stands for "no time" where a number is needed to join on.
UNTIMED = -(2**62)
#: Weak sessions kept in mind while reading: addresses that have not (yet) tried enough to mean something.
MAYBE = 20_000

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


class Session(NamedTuple):
    """Lines of one KEY, numbered `session`. Its fields are those of its strongest, and of these the first, line.

    `first` and `last` are microseconds (None without times), `n` counts lines, `values` are hashes of what a
    detector said the lines tried, `reasons` is JSON, `samples` are its first lines. `users` and `hosts` are those that
    its lines name, NAMES at most.
    """

    session: int
    rule_id: str
    shape: str
    source: str
    entity: str
    score: int
    classification: str
    confidence: float
    line_no: int
    template_id: str
    template: str
    file_no: int
    message: str
    reasons: str
    n: int
    first: int | None
    last: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    values: list[int]
    samples: list[dict[str, Any]]
    users: list[str] | tuple[str, ...] = ()
    hosts: list[str] | tuple[str, ...] = ()


class SessionLedger:
    """Takes the blocks' partial sessions and keeps them small; at the end gives sessions and their lines' places.

    `weak` are the rule ids of sessions that are kept for a detector only.
    """

    def __init__(self, window_us: int, weak: Iterable[str] = (), compact_every: int = 4) -> None:
        self._window = window_us
        self._weak = list(weak)
        self._every = compact_every
        self._sessions: list[pl.DataFrame] = []
        self._places: list[pl.DataFrame] = []

    def add(self, partial: pl.DataFrame) -> None:
        """`partial` as `partial_sessions` gives them, with `block`."""
        if partial.is_empty():
            return
        hashed = partial.with_columns(_key_hash())
        self._places.append(
            hashed.select("key", pl.col("first").fill_null(UNTIMED), "file_no", "block", "part")
        )
        self._sessions.append(hashed.drop("block", "part"))
        if len(self._sessions) >= self._every:
            merged = merge_sessions(pl.concat(self._sessions), self._window)
            self._sessions = [forget_least(merged, self._weak)]

    def sessions(self) -> pl.DataFrame:
        """All sessions, `session` numbering them by (file, line, key); empty frame where there is none."""
        if not self._sessions:
            return pl.DataFrame()
        merged = merge_sessions(pl.concat(self._sessions), self._window)
        self._sessions = [merged]
        return merged.sort("file_no", "line_no", *KEY, "first").with_row_index("session")

    def places(self, sessions: pl.DataFrame) -> pl.DataFrame:
        """`file_no, block, part, session`: to which session the lines of each partial session belong."""
        if not self._places:
            return pl.DataFrame()
        spots = pl.concat(self._places).sort("first")
        starts = sessions.select("key", pl.col("first").fill_null(UNTIMED), "session").sort("first")
        joined = spots.join_asof(starts, on="first", by="key", strategy="backward", check_sortedness=False)
        return joined.select("file_no", "block", "part", "session")


def rows_of(sessions: pl.DataFrame) -> list[Session]:
    """The ledger's sessions as values."""
    if sessions.is_empty():
        return []
    return [Session._make(row) for row in sessions.select(Session._fields).iter_rows()]


def forget_least(sessions: pl.DataFrame, weak_rules: list[str], most: int = MAYBE) -> pl.DataFrame:
    """Without the least of the very many that tried something but may mean nothing at all."""
    weak = pl.col("rule_id").is_in(weak_rules)
    maybe = sessions.filter(weak) if weak_rules else sessions.clear()
    if len(maybe) <= most:
        return sessions
    kept = maybe.sort(pl.col("values").list.len(), "n", descending=True, maintain_order=True)
    return pl.concat([sessions.filter(~weak), kept.head(most)])


def _key_hash() -> pl.Expr:
    return pl.concat_str(*KEY, separator="\x1f").hash(seed=7).alias("key")


def distinct_values(values: pl.Expr) -> pl.Expr:
    """What was tried: up to VALUES different ones, always the same ones."""
    return values.drop_nulls().unique().sort().head(VALUES).alias("values")


def distinct_names(name: str, values: pl.Expr) -> pl.Expr:
    """Users or hosts: up to NAMES different ones, always the same ones."""
    return values.drop_nulls().unique().sort().head(NAMES).alias(name)


def begins_anew(clock: str, reach: pl.Expr, window_us: int) -> pl.Expr:
    """Whether a row lies more than the window after what came before it, or only one of the two has a time."""
    gap = (pl.col(clock) - reach) > window_us
    untimed = pl.col(clock).is_null() != pl.col(clock).shift(1).is_null()
    return gap.fill_null(False) | untimed.fill_null(False)


def merge_sessions(partial: pl.DataFrame, window_us: int) -> pl.DataFrame:
    """Join sessions of one key whose quiet time between them is at most `window_us`."""
    rows = partial.sort("key", "first", nulls_last=True)
    reach = pl.col("last").cum_max().shift(1).over("key")
    fresh = (pl.col("key") != pl.col("key").shift(1)).fill_null(True)
    rows = rows.with_columns(
        (fresh | begins_anew("first", reach, window_us)).cast(pl.Int64).cum_sum().alias("s")
    )
    spans = rows.group_by("s").agg(
        pl.sum("n"),
        pl.min("first"),
        pl.max("last"),
        pl.min("first_seen"),
        pl.max("last_seen"),
        distinct_values(pl.col("values").explode(empty_as_null=False, keep_nulls=False)),
        *(
            distinct_names(name, pl.col(name).explode(empty_as_null=False, keep_nulls=False))
            for name in ("users", "hosts")
        ),
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
    return best.join(spans, on="s").join(samples, on="s").drop("s").select(partial.columns)
