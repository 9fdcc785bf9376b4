"""Evidence: the words of a line that a verdict rests on, and the lines that are kept with an incident."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from soc.domain.incident import Sample
from soc.logs.text.display import clean_text
from soc.logs.text.views import own_text

#: Characters of a message and of a sample that are kept; lines kept with one incident.
MESSAGE_CAP, SAMPLE_CAP, SAMPLES = 8000, 2000, 5

#: A line kept with a session: a row as a struct. `shown` is its text.
SAMPLE = pl.struct("file_no", "file", "line_no", "offset", pl.col("shown").alias("text"))


def shown_text(raw: pl.Series) -> pl.Series:
    """Lines as an incident shows them: cut and harmless."""
    return own_text(clean_text(raw.str.head(SAMPLE_CAP)))


def evidence_words(rows: pl.DataFrame) -> pl.Series:
    """What stands between `evidence_start` and `evidence_end` (bytes) of `raw`; "" where there is no evidence.

    For the few lines that are shown: it goes row by row, since Polars refuses a slice that cuts a character.
    """
    spans = rows.select("raw", "evidence_start", "evidence_end").iter_rows()
    words = (
        "" if start is None else raw.encode()[start:end].decode("utf-8", "replace")
        for raw, start, end in spans
    )
    return pl.Series("words", list(words), dtype=pl.String)


def samples_of(rows: Iterable[dict[str, Any]]) -> tuple[Sample, ...]:
    return tuple(
        Sample(file=row["file"], line_no=row["line_no"], offset=row["offset"], text=row["text"])
        for row in rows
    )
