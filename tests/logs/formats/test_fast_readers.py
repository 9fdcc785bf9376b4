"""Headers read from bytes say what the expressions say: every format's examples, usual lines, and what is nearly so."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from soc.logs.formats import all_formats
from soc.logs.formats.kit.declare import Format, Header
from soc.logs.formats.kit.expressions import header_fields
from soc.logs.formats.kit.headers import NONE, UNDECIDED
from soc.logs.formats.kit.lines import Lines
from soc.logs.formats.kit.split import Slices, read_headers, split_header
from soc.logs.text.display import clean_lines
from soc.logs.text.times import kinds_of, read_clocks
from soc.logs.text.views import PADDING, own_text, text_views

#: Beside the examples: what is usual, and what looks like it.
USUAL = (
    "Mar  1 02:00:07 web1 sshd[77]: Failed password for root from 203.0.113.9 port 4000 ssh2",
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    "Jul  9 19:34:14 combo kernel: Linux version 2.6",
    "Jul 10 03:55:15 combo last message repeated 5 times",
    "Jul 10 03:55:15 kernel: eth0 up",
    "Jul 10 03:55:15 cafe: dead: beef",
    "Jul 10 03:55:15 2024 host app: x",
    "Feb 30 00:00:00 host app[1]: no such day",
    "Feb 29 23:59:60 host app[1]: leap",
    "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; rhost=218.188.2.4",
    "2026-03-01T02:05:00Z INFO service billing started",
    "2026-03-01T02:05:00.123456789+01:00 web1 app[4]: started",
    "2026-03-01T02:05:00+0530 kernel[1]: x",
    "2026-03-01 02:05:00,123 - INFO  [main:Quorum@1] - notified",
    "2026-03-01 02:05:00 -0500 zone after a blank",
    "2026-03-01 02:05:00.5 +x",
    "2026-13-01 02:05:00 impossible month",
    "2026-03-01 25:05:00 impossible hour",
    "2026-03-01 02:05:00+15:00 impossible zone",
    "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack",
    '192.0.2.1 - - [31/Dec/2025:23:59:59 +0100] "GET /a/b?c=d HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11)"',
    '::1 - frank [10/Oct/2000:13:55:36 -0700] "POST /x HTTP/1.0" 404 2326',
    'shop:443 192.0.2.1 - a b [31/Dec/2025:23:59:59 +0000] "HEAD / HTTP/1.1" 301 0 "-"',
    '192.0.2.1 - - [31/Dec/2025:23:59:59 +0000] "OPTIONS * HTTP/1.1" 200 5 "-"',
    '192.0.2.1 - - [31/Dec/2025:23:59:59 +0000] "-" 408 0 "-" "-"',
    '192.0.2.1 - - [31/Dec/2025:23:59:59 +0000] "GET /a"b c" 200 x" 404 0 "-" "-"',
    "081109 203518 143 INFO dfs.DataNode$PacketResponder: block blk_38865049064139660 terminating",
    "[Sun Dec 04 04:51:08 2005] [notice] jk2_init() Found child 6725 in scoreboard slot 10",
    "[Sun Dec 04 05:15:09 2005] [error] [client 222.166.160.184] Directory index forbidden",
    "[Sun Dec 04 05:15:09.123 2005] [core:error] [pid 7:tid 3] [client 192.0.2.1:80] x",
    "<134>1 2026-01-14T20:50:50.846Z fw-01 filterd 811 DENY [fw@32473 src=\"203.0.113.45\"] DENY TCP",
    "- 1117838570 2005.06.03 R02-M1 RAS KERNEL INFO instruction cache parity error corrected",
    "time=2026-03-01T02:05:00Z level=info msg=\"cache hit\"",
    "nova-api.log.1 2017-05-16 00:00:00.008 25746 INFO nova",
    "1700000000 epoch",
    "häuser ünï 192.0.2.1",
)  # fmt: skip


EXAMPLES = [
    line for one in all_formats() for example in one.examples for line in example.text.splitlines() if line
]


def _nearly(line: str, dice: random.Random) -> str:
    """The line with one to three characters changed, dropped, doubled or swapped with its neighbour's."""
    text = list(line)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(min(len(text), 60))
        kind = dice.randrange(4)
        if kind == 0:
            text[at] = dice.choice('0123456789 :[]()-=."<>TZazé,/\t')
        elif kind == 1 and len(text) > 1:
            del text[at]
        elif kind == 2:
            text.insert(at, text[at])
        else:
            text.insert(at, dice.choice(' :[]()-="<>0aZ,\u00a0'))
        if not text:
            return "x"
    return "".join(text)


def _both(lines: list[str], formats: Sequence[Format] = all_formats()) -> tuple[pl.DataFrame, pl.DataFrame]:
    data = "\n".join(lines).encode()
    lengths = np.array([len(line.encode()) for line in lines], np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths + 1)[:-1]))
    padded = data + bytes(PADDING)
    text, plain = clean_lines(
        text_views(padded, starts, lengths), np.frombuffer(data, np.uint8), starts, starts + lengths
    )
    fast = split_header(text, formats, Slices(padded, starts, starts + lengths, plain))
    return fast, split_header(text, formats)


def _compare(lines: list[str]) -> pl.DataFrame:
    fast, slow = _both(lines)
    for name in ("format", "body", *header_fields(all_formats())):
        wrong = (~fast[name].eq_missing(slow[name])).arg_true().to_list()
        assert wrong == [], (name, [(lines[n], fast[name][n], slow[name][n]) for n in wrong[:3]])
    clocks = read_clocks(slow["time"], kinds_of(slow["time"]))
    read = fast["read"]
    for name, known in (("micros", "clock"), ("naive", "naive"), ("yearless", "yearless")):
        wrong = (read & ~fast[name].eq_missing(clocks[known])).arg_true().to_list()
        assert wrong == [], (name, [(lines[n], fast[name][n], clocks[known][n]) for n in wrong[:3]])
    return fast


def test_usual_lines_and_examples_are_read_as_the_expressions_read_them() -> None:
    fast = _compare([*USUAL, *EXAMPLES])
    assert int(fast["read"].sum()) >= 25


def test_a_format_with_a_fast_reader_has_an_example_that_it_reads() -> None:
    fast, _ = _both(EXAMPLES)
    read = set(fast.filter("read")["format"])
    assert read == {one.name for one in all_formats() if one.header and one.header.fast}


@pytest.mark.parametrize("seed", range(4))
def test_nearly_usual_lines_too(seed: int) -> None:
    dice = random.Random(seed)
    _compare([_nearly(dice.choice([*USUAL, *EXAMPLES]), dice).replace("\n", " ") for _ in range(6000)])


def test_a_column_of_slices_holds_them_and_nulls() -> None:
    data = "kurz, häßlich und ein langer Text danach".encode()
    starts, lengths = np.array([0, 6, 0, 16, 0], np.int64), np.array([4, 9, 0, 24, -1], np.int64)
    column = text_views(data + bytes(PADDING), starts, lengths)
    expected = [data[s : s + n].decode() if n >= 0 else None for s, n in zip(starts, lengths, strict=True)]
    assert column.to_list() == expected
    assert own_text(column).to_list() == expected


MADE_UP = Format(
    name="made-up",
    title="Made up",
    about="An access log's lines of one host, read by nothing but an expression.",
    order=1,
    examples=(),
    header=Header(
        expression=r"(?s)^(?P<ip>192\.0\.2\.1) (?P<body>.*)$", fields={"ip": "source.ip"}, begins="1"
    ),
)


def test_an_earlier_format_without_reader_gets_its_lines_and_the_others_stay_fast() -> None:
    line = '{} - - [31/Dec/2025:23:59:59 +0000] "GET / HTTP/1.1" 200 5 "-" "-"'
    fast, slow = _both([line.format("192.0.2.1"), line.format("192.0.2.2")], (MADE_UP, *all_formats()))
    assert fast["format"].to_list() == slow["format"].to_list() == ["made-up", "access"]
    assert fast["read"].to_list() == [False, True]


def test_a_line_that_no_format_can_begin_costs_no_expression() -> None:
    lines = Lines(b"free text\n7 of 9" + bytes(PADDING), np.array([0, 10]), np.array([9, 16]))
    headers = read_headers(lines, pl.Series(["free text", "7 of 9"]), all_formats())
    assert headers.format.tolist() == [NONE, UNDECIDED]
