"""Syslog whose header somebody took off, or its time: `program[pid]: body`, `host program[pid]: body`."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.lines import LOWER, UPPER, Lines
from soc.logs.text.clocks import Flags

_SLASH = ord("/")


def _may_be(lines: Lines) -> Flags:
    return np.asarray((LOWER | UPPER)[lines.first] | (lines.first == _SLASH), np.bool_) & lines.holding("]:")


FORMAT = Format(
    name="program-first",
    title="Syslog without time and host",
    about="`program[pid]: body`, also behind a host, as collectors hand it on that keep the time elsewhere.",
    order=175,
    part_of="syslog",
    header=Header(
        expression=r"(?s)^(?:(?P<host>[A-Za-z0-9][\w.-]{0,62}) )?(?:/[^\s\[\]:]*/)?(?P<process>[A-Za-z][^\s\[\]:/\"{}=,;]*(?:/[^\s\[\]:/\"{}=,;]+)?)\[(?P<pid>[0-9]{1,8})\]:(?: +(?P<body>.*)|)$",
        fields={"host": "host.name", "process": "process.name", "pid": "process.pid"},
        may_be=_may_be,
        source=("process.name",),
        body_is_message=True,
    ),
    examples=(
        example(
            "/usr/sbin/cron[414]: (root) CMD (sh /srv/rotate.sh)",
            {
                "process.name": "cron",
                "process.pid": 414,
                "user.name": "root",
                "process.command_line": "sh /srv/rotate.sh",
                "event.category": "process",
                "event.type": "start",
                "event.outcome": "success",
                "source": "cron",
                "message": "(root) CMD (sh /srv/rotate.sh)",
            },
        ),
        example(
            "dhcpd[9]: no free leases",
            {"process.name": "dhcpd", "process.pid": 9, "source": "dhcpd", "message": "no free leases"},
        ),
        example(
            "gate1 dhcpd[9]: no free leases",
            {
                "host.name": "gate1",
                "process.name": "dhcpd",
                "process.pid": 9,
                "source": "dhcpd",
                "message": "no free leases",
            },
        ),
    ),
)
