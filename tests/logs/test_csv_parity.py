"""A CSV means to us what it means to Python's own reader."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.logs.reading import read

HEADER = ["timestamp", "source", "message", "note"]
CELL = st.text(alphabet="ab \",;|\n\tü日='", max_size=12)
ROWS = st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=12)


#: So many plain rows come first, that no doubt is left which delimiter it is.
PLAIN = [("t", "s", "m", "n")] * 30


def written(rows: list[tuple[str, ...]], delimiter: str, quoting: int, ending: str) -> str:
    out = io.StringIO()
    table = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=ending)
    table.writerows([HEADER, *PLAIN, *rows])
    return out.getvalue()


@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=35)
def test_messages_and_sources_are_what_pythons_csv_module_reads(
    rows: list[tuple[str, ...]], delimiter: str, quoting: int, ending: str
) -> None:
    text = written(rows, delimiter, quoting, ending)
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:]
    done = read(text, "a.csv")
    assert len(done.events) == len(expected)
    for row, (message, source, reason) in zip(
        expected, done.cells("message", "source", "rejected_reason"), strict=True
    ):
        assert message.strip(" ") == row[2].strip(" ")
        assert source == (row[1].strip() or "a")
        assert (reason is None) == bool(row[2].strip())


@given(rows=ROWS, block_bytes=st.integers(40, 300))
@settings(max_examples=12)
def test_a_block_never_ends_within_a_quoted_field(rows: list[tuple[str, ...]], block_bytes: int) -> None:
    text = written(rows, ",", csv.QUOTE_MINIMAL, "\n")
    whole, cut = read(text, "a.csv"), read(text, "a.csv", block_bytes=block_bytes)
    assert cut.events.equals(whole.events)
    assert cut.analysis.files == whole.analysis.files


@given(rows=ROWS)
@settings(max_examples=20)
def test_a_record_stands_in_the_line_where_it_begins(rows: list[tuple[str, ...]]) -> None:
    text = written(rows, ",", csv.QUOTE_ALL, "\n")
    data = text.encode()
    for raw, offset, line_no in read(text, "a.csv").cells("raw", "offset", "line_no"):
        assert data[offset : offset + len(raw.encode())] == raw.encode()
        assert data[:offset].count(b"\n") == line_no - 1


@pytest.mark.parametrize(
    ("row", "message", "reason"),
    [
        ('t,s,5" disk failed,n', '5" disk failed', None),
        ('t,s,"he said ""stop""",n', 'he said "stop"', None),
        ('t,s,"",n', "", "the message is empty"),
        ("t,s,   ,n", "   ", "the message is empty"),
        ("t,s,m", "m", None),
        ("t,s", "", "the row has 2 fields, too few to have a message (the header has 4)"),
        ("t,s,m,n,more", "m", "the row has 5 fields, the header has 4"),
        ('t,s,"a,b",n', "a,b", None),
        ("t,s, m ,n", "m", None),
    ],
)
def test_an_odd_row_is_read_or_rejected_with_its_reason(row: str, message: str, reason: str | None) -> None:
    done = read(f"{','.join(HEADER)}\n{row}\nt,s,last,n\n", "a.csv")
    (found, after) = done.cells("message", "rejected_reason")
    assert (found[0].strip(" "), found[1]) == (message.strip(" "), reason)
    assert after == ("last", None)


@pytest.mark.parametrize(("inside", "rejected"), [(255 * 1024, 0), (257 * 1024, 2)])
def test_a_quoted_field_may_run_on_for_256_kib_and_no_further(inside: int, rejected: int) -> None:
    lines = "y" * 99 + "\n"
    text = 'timestamp,source,message\nt,s,"' + lines * (inside // 100) + 'end"\nt,s,last\n'
    done = read(text, "a.csv")
    reasons = done.analysis.files[0].rejected_by_reason
    assert reasons.get("a quote is opened here and never closed", 0) == rejected
    assert done.events["message"][-1] == "last"


def test_a_column_that_was_chosen_is_read_whatever_it_is_called() -> None:
    done = read("when,who,said\n2026-03-01T00:00:00Z,h1,Failed password for x\n", "a.csv")
    assert done.events["message"].to_list() == ["Failed password for x"]
