"""Syslog without host and program: `Mar  1 00:00:00 body`."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.expressions import MONTH_TIME, PRIORITY
from soc.logs.formats.kit.lines import Lines
from soc.logs.text.clocks import Flags


def _may_be(lines: Lines) -> Flags:
    return lines.tagged | lines.monthly


FORMAT = Format(
    name="syslog-bare",
    title="Syslog without host and program",
    about="`Mar  1 00:00:00 body`, with or without priority; behind a priority an address is the host.",
    order=170,
    part_of="syslog",
    header=Header(
        expression=rf"(?s)^(?:{PRIORITY}(?P<time__2>{MONTH_TIME}) (?P<host>\d{{1,3}}(?:\.\d{{1,3}}){{3}}) (?P<body__2>[A-Za-z%{{\[].*)"
        rf"|{PRIORITY}?(?P<time>{MONTH_TIME})(?: +(?P<body>.*)|))$",
        fields={"host": "host.name"},
        may_be=_may_be,
        source=("process.name", "host.name"),
        body_is_message=True,
        carries=True,
    ),
    examples=(
        example("Mar  1 02:00:07 something happened on eth0", {"message": "something happened on eth0"}),
        example("<13>Mar  1 02:00:07 eth0 is up", {"message": "eth0 is up"}),
        example(
            "<13>Mar  1 02:00:07 192.0.2.99 eth0 is up",
            {"host.name": "192.0.2.99", "source": "192.0.2.99", "message": "eth0 is up"},
        ),
    ),
)
