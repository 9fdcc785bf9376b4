"""Lines that begin with a time: log4j, nginx' errors, most applications."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.dated import read_dated
from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.expressions import ISO_TIME
from soc.logs.formats.kit.headers import Claim
from soc.logs.formats.kit.lines import BETWEEN, OPEN, Lines, characters, skip_past
from soc.logs.text.clocks import Flags

_HALVES, _MS = characters("aApP"), characters("mM")


def _may_be(lines: Lines) -> Flags:
    return np.asarray(lines.digit | (lines.first == OPEN) | (lines.first == ord("(")), np.bool_)


def _read(lines: Lines, claim: Claim) -> None:
    """ISO times with which no `host program:` follows; that would be syslog."""
    dated = lines.once(read_dated)
    good, body = skip_past(lines, dated.good & dated.unnamed, dated.after, dated.end, BETWEEN)
    good &= ~_HALVES[lines.array[body]] | ~_MS[lines.array[body + 1]]  # `10:00:00 PM`
    rows = dated.rows[good]
    claim.take(rows, body[good])
    claim.put_time(rows, dated.micros[good], dated.timed[good], naive=dated.naive[good])


#: With half days, points, two figures for the year, or no marks at all.
_LOCAL = (
    r"\d{4}-\d\d-\d\d[T ]\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})? ?[AaPp][Mm](?: ?[+-]\d\d:?\d\d)?|\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"|\d{1,2}/\d{1,2}/(?:\d{4}|\d\d) \d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?[AaPp][Mm])?|\d{8}T?\d{6}(?:[.,]\d{1,9})?Z?"
)

FORMAT = Format(
    name="time-first",
    title="Lines that begin with a time",
    about="ISO-8601 and its relatives, `2026/03/01 02:05:00`, access-log times or Unix seconds to nanoseconds, then text.",
    order=150,
    header=Header(
        expression=rf"(?s)^[\[(]?(?P<time>{_LOCAL}|{ISO_TIME}|\d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{{1,9}})?|\d{{10}}(?:\.\d{{1,9}})?|\d{{13}}|\d{{16}}|\d{{19}}"
        r"|\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?)[\])]?(?:[\s,:|-]+(?P<body>.*)|)$"
        # to the minute: what goes on with a colon has seconds that are none
        r"|^[\[(]?(?P<time__2>\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?: ?(?:Z|[+-]\d\d:?\d\d))?)(?:[\])]:?[\s,|-]*|[\s,|-]+)(?P<body__2>.*)$",
        fields={},
        may_be=_may_be,
        fast=_read,
        carries=True,
    ),
    examples=(
        example(
            "2026-03-01 02:05:00,123 - INFO  [main:Quorum@1] - notified",
            {"log.level": "info", "@timestamp": "2026-03-01T02:05:00.123Z"},
        ),
        example(
            "2026-03-01T02:05:00Z INFO service billing started by user alice",
            {"log.level": "info", "user.name": "alice", "@timestamp": "2026-03-01T02:05:00Z"},
        ),
        example(
            "[2026/03/01 02:05:00] 7#7: *1 connect() failed, client: 192.0.2.4",
            {"source.ip": "192.0.2.4", "@timestamp": "2026-03-01T02:05:00Z"},
        ),
        example("2026-03-01 02:05:00 PM +02:00 eth0 up", {"@timestamp": "2026-03-01T12:05:00Z"}),
        example("03/01/26 02:05:00 PM EST eth0 up", {"@timestamp": "2026-03-01T19:05:00Z"}),
        example("20260301T020500Z eth0 up", {"@timestamp": "2026-03-01T02:05:00Z"}),
        example("2026.03.01 02:05:00 eth0 up", {"@timestamp": "2026-03-01T02:05:00Z"}),
        example("2026-03-01 02:05 eth0 up", {"@timestamp": "2026-03-01T02:05:00Z"}),
        example("[2026-03-01T02:05+02:00] eth0 up", {"@timestamp": "2026-03-01T00:05:00Z"}),
        example("1700000000.25 dhcp lease", {"@timestamp": "2023-11-14T22:13:20.250Z"}),
    ),
)
