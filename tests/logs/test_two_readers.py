"""Lines of a text file are read from their bytes where that is fast; a line in a CSV never is. Both say the same."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc.domain.event import EVENT_COLUMNS
from tests.logs.reading import read

#: What a line says of itself. File, place and source are the file's.
OWN = tuple(
    name for name, _ in EVENT_COLUMNS
    if name not in ("file", "line_no", "offset", "source", "incident_id", "evidence_start", "evidence_end", "confidence", "score", "rule_id", "classification", "decided_by", "evidence_field", "format")
)  # fmt: skip

USUAL = (
    "Mar  1 02:00:07 web1 sshd[77]: Failed password for root from 203.0.113.9 port 4000 ssh2",
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    "Jul 10 03:55:15 combo last message repeated 5 times",
    "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; rhost=218.188.2.4",
    "Feb 29 23:59:60 host app[1]: leap",
    "2026-03-01T02:05:00Z INFO service billing started",
    "2026-03-01T02:05:00.123456789+01:00 web1 app[4]: started",
    "2026-03-01 02:05:00,123 - INFO  [main:Quorum@1] - notified",
    "2026-03-01 02:05:00 -0500 zone after a blank",
    '192.0.2.1 - - [31/Dec/2025:23:59:59 +0100] "GET /a/b?c=d HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11)"',
    '::1 - frank [10/Oct/2000:13:55:36 -0700] "POST /x HTTP/1.0" 404 2326',
    'shop:443 192.0.2.1 - a b [31/Dec/2025:23:59:59 +0000] "HEAD / HTTP/1.1" 301 0 "-"',
    "081109 203518 143 INFO dfs.DataNode$PacketResponder: block blk_38865049064139660 terminating",
    "[Sun Dec 04 05:15:09 2005] [error] [client 222.166.160.184] Directory index forbidden",
    "<134>1 2026-01-14T20:50:50.846Z fw-01 filterd 811 DENY [fw@32473 src=\"203.0.113.45\"] DENY TCP",
    "1700000000 epoch", "1700000000123 epoch with millis", "häuser ünï 192.0.2.1", "time=2026-03-01T02:05:00Z level=info msg=x",
)  # fmt: skip


def nearly(line: str, at: int, change: str, letter: str) -> str:
    at %= min(len(line), 60)
    if change == "put":
        return line[:at] + letter + line[at + 1 :]
    if change == "drop":
        return line[:at] + line[at + 1 :]
    return line[: at + 1] + (line[at] if change == "double" else letter) + line[at + 1 :]


NEARLY = st.lists(
    st.builds(
        nearly, st.sampled_from(USUAL), st.integers(0, 59),
        st.sampled_from(["put", "drop", "double", "insert"]), st.sampled_from('0123456789 :[]()-=."<>TZazé,/\t'),
    ),
    min_size=40, max_size=60,
)  # fmt: skip


def said(lines: list[str]) -> list[tuple[object, ...]]:
    return read("".join(line + "\n" for line in lines)).cells(*OWN)


def said_in_csv(lines: list[str]) -> list[tuple[object, ...]]:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("note", "message"), *(("", line) for line in lines)])
    return read(out.getvalue(), "a.csv").cells(*OWN)


@pytest.mark.parametrize("line", USUAL)
def test_a_usual_line_says_the_same_in_a_file_and_in_a_csv(line: str) -> None:
    assert said([line]) == said_in_csv([line])


@given(lines=NEARLY)
@settings(max_examples=20)
def test_so_do_lines_that_are_nearly_usual(lines: list[str]) -> None:
    lines = [line for line in lines if line[:1].strip()]  # an indented one goes on from the one before
    wrong = [pair for pair in zip(lines, said(lines), said_in_csv(lines), strict=True) if pair[1] != pair[2]]
    assert wrong == []
