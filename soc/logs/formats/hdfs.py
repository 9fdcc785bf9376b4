"""The log of Hadoop's file system: `081109 203518 143 INFO body`."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.headers import Claim
from soc.logs.formats.kit.lines import SPACE, UPPER, Lines, characters
from soc.logs.text.clocks import Flags, instant, two_digits


def _may_be(lines: Lines) -> Flags:
    return lines.digit


def _read(lines: Lines, claim: Claim) -> None:
    plain = lines.digit & ~lines.dated & (lines.closing < 0)
    rows = np.flatnonzero(plain & (lines.array[lines.starts + 6] == SPACE))
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    numbers = [two_digits(page, start + offset) for offset in (0, 2, 4, 7, 9, 11)]
    good = np.logical_and.reduce([sound for sound, _ in numbers]) & (array[start + 13] == SPACE)
    year, month, day, hour, minute, second = (number for _, number in numbers)
    at = start + 14
    widths = []
    for table in (characters("0123456789"), UPPER):
        run = np.zeros(len(rows), np.int64)
        alive = np.ones(len(rows), np.bool_)
        for step in range(9):
            alive = alive & table[array[at + step]]
            run += alive
        good &= (run > 0) & (array[at + run] == SPACE)
        widths.append((at, run))
        at = at + run + 1
    good &= (at <= end) & (year < 60)
    rows, kept = rows[good], np.flatnonzero(good)
    claim.take(rows, at[kept])
    for name, (left, width) in zip(("pid", "level"), widths, strict=True):
        claim.put(name, rows, left[kept], width[kept])
    micros, timed = instant(2000 + year, month - 1, day, (hour, minute, second))
    claim.put_time(rows, micros[kept], timed[kept], naive=True)


FORMAT = Format(
    name="hdfs",
    title="HDFS",
    about="`081109 203518 143 INFO body`: date, time, thread and level.",
    order=160,
    header=Header(
        expression=r"(?s)^(?P<time>\d{6} \d{6}) (?P<pid>\d+) (?P<level>[A-Z]+) (?P<body>.*)$",
        fields={"pid": "process.pid", "level": "log.level"},
        may_be=_may_be,
        fast=_read,
    ),
    examples=(
        example(
            "081109 203518 143 INFO dfs.DataNode$PacketResponder: block blk_38865049064139660 terminating",
            {"process.pid": 143, "log.level": "info", "@timestamp": "2008-11-09T20:35:18Z"},
        ),
    ),
)
