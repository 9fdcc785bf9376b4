"""Syslog as users choose it: any of its formats, told by the lines themselves."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Container, Format, example
from soc.logs.formats.kit.records import read_joined_lines

FORMAT = Format(
    name="syslog",
    title="Syslog (RFC 3164, RFC 5424)",
    about="RFC 3164 (with or without priority and host, also with ISO times) and RFC 5424, when more than half of the sample fits. "
    "Lines that do not fit are read as plain lines. *Rejected* only when syslog was chosen by hand.",
    order=30,
    choosable=True,
    container=Container(read=read_joined_lines, joins=True),
    examples=(
        example(
            "Mar  1 02:00:07 web1 app[7]: one\n<34>1 2026-01-14T20:50:50Z web2 app 8 - - two\nthree\n",
            {"host.name": "web1", "process.name": "app", "process.pid": 7, "source": "app", "message": "one"},
            {
                "host.name": "web2",
                "process.name": "app",
                "process.pid": 8,
                "source": "app",
                "message": "two",
                "@timestamp": "2026-01-14T20:50:50Z",
            },
            {},
        ),
    ),
)
