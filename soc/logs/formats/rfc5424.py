"""Syslog as RFC 5424 has it: `<34>1 2026-01-14T20:50:50.846Z host program pid msgid [data] body`."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.expressions import PRIORITY
from soc.logs.formats.kit.lines import MORE, Lines
from soc.logs.text.clocks import Flags, is_digit


def _may_be(lines: Lines) -> Flags:
    """`<`, up to three digits, `>` and a version. Other lines with a priority are left to their formats."""
    flags = np.zeros(len(lines), np.bool_)
    rows = np.flatnonzero(lines.tagged)
    at = lines.starts[rows] + 1
    for _ in range(3):
        at = at + is_digit(lines.page, at)
    version = lines.array[at + 1] - np.uint8(ord("1"))
    flags[rows] = (lines.array[at] == MORE) & (version < 9)
    return flags


FORMAT = Format(
    name="rfc5424",
    title="Syslog, RFC 5424",
    about="`<34>1 2026-01-14T20:50:50.846Z host program pid msgid [data] body`; `-` stands for what is not known.",
    order=110,
    part_of="syslog",
    header=Header(
        expression=rf"(?s)^{PRIORITY}[1-9]\d? (?P<time>-|\d{{4}}-\S+) (?P<host>\S+) (?P<process>\S+) (?P<pid>\S+) (?P<action>\S+)"
        r" ?(?:-|(?:\[(?:[^\]\\]|\\.)*\])+)?(?: ?(?P<body>.*))$",
        fields={
            "host": "host.name",
            "process": "process.name",
            "pid": "process.pid",
            "action": "event.action",
        },
        begins="<",
        may_be=_may_be,
        source=("process.name", "host.name"),
        body_is_message=True,
        structured=r"^<\d{1,3}>\d{1,2}(?: \S+){5} ?(\[(?:[^\]\\]|\\.)*\](?:\[(?:[^\]\\]|\\.)*\])*)",
    ),
    examples=(
        example(
            '<134>1 2026-01-14T20:50:50.846Z fw-01 filterd 811 DENY [fw@32473 src="203.0.113.45"] DENY TCP 203.0.113.45:40000',
            {
                "host.name": "fw-01",
                "process.name": "filterd",
                "process.pid": 811,
                "event.action": "DENY",
                "source.ip": "203.0.113.45",
                "source.port": 40000,
                "source": "filterd",
                "message": "DENY TCP 203.0.113.45:40000",
                "@timestamp": "2026-01-14T20:50:50.846Z",
            },
        ),
        example(
            "<165>1 2026-01-14T20:50:50Z - app - - - no host, no pid",
            {
                "process.name": "app",
                "source": "app",
                "message": "no host, no pid",
                "@timestamp": "2026-01-14T20:50:50Z",
            },
        ),
    ),
)
