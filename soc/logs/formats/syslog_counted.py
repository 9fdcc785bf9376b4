"""Syslog from a stream (RFC 6587, octet counting): each frame begins with its length."""

from __future__ import annotations

from dataclasses import replace

from soc.logs.formats.kit.declare import Format, example
from soc.logs.formats.rfc5424 import FORMAT as FRAMED

assert FRAMED.header is not None

FORMAT = Format(
    name="syslog-counted",
    title="Syslog, octet counting",
    about="`83 <34>1 2026-01-14T20:50:50.846Z host program pid msgid [data] body`: RFC 5424 after the length of the frame.",
    order=112,
    part_of="syslog",
    header=replace(
        FRAMED.header,
        expression=FRAMED.header.expression.replace("(?s)^", r"(?s)^\d{1,6} ", 1),
        begins="123456789",
        may_be=None,
        sign=">",
    ),
    examples=(
        example(
            "68 <134>1 2026-03-01T02:00:07.5-08:00 web1 app 77 - - session 5 is open",
            {
                "host.name": "web1",
                "process.name": "app",
                "process.pid": 77,
                "source": "app",
                "message": "session 5 is open",
                "@timestamp": "2026-03-01T10:00:07.500Z",
            },
        ),
    ),
)
