from __future__ import annotations

import polars as pl
import pytest

from soc.detection.evidence import evidence_words, samples_of, shown_text


def words(raw: str, start: int | None, end: int | None) -> str:
    frame = pl.DataFrame(
        {"raw": [raw], "evidence_start": [start], "evidence_end": [end]},
        schema={"raw": pl.String, "evidence_start": pl.Int64, "evidence_end": pl.Int64},
    )
    return str(evidence_words(frame)[0])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 6, "failed"), (3, 6, "led"), (7, 12, "login"), (12, 12, ""), (None, None, "")],
)
def test_the_evidence_is_what_stands_between_the_two_offsets(
    start: int | None, end: int | None, expected: str
) -> None:
    assert words("failed login", start, end) == expected


def test_offsets_count_bytes_and_half_a_character_breaks_nothing() -> None:
    assert words("é failed", 3, 9) == "failed"
    assert words("é failed", 1, 9) == "\ufffd failed"


def test_a_shown_line_is_cut_at_two_thousand_characters_and_harmless() -> None:
    shown = shown_text(pl.Series(["x" * 2001, "a\x1b[31mb"])).to_list()
    assert shown[0] == "x" * 2000
    assert "\x1b" not in shown[1]


def test_samples_keep_where_a_line_stands() -> None:
    (sample,) = samples_of([{"file": "a.log", "file_no": 0, "line_no": 7, "offset": 99, "text": "t"}])
    assert (sample.file, sample.line_no, sample.offset, sample.text) == ("a.log", 7, 99, "t")
