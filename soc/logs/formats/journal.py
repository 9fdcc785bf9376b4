"""What `journalctl -o short-full` prints: weekday, date, time and the name of the zone, then host and program."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Format, Header, example

FORMAT = Format(
    name="journal",
    title="journalctl, short-full",
    about="`Thu 2026-02-05 10:20:30 CET host program[pid]: body`.",
    order=125,
    part_of="syslog",
    header=Header(
        expression=r"(?s)^(?P<time>[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: (?:[A-Z]{1,5}|[+-]\d\d(?::?\d\d)?))?) (?P<host>[^\s:\[\]()=\"]+) "
        r"(?P<process>[^\s:\[\]=\"]+)(?:\[(?P<pid>\d+)\])?:(?: +(?P<body>.*)|)$",
        fields={"host": "host.name", "process": "process.name", "pid": "process.pid"},
        begins="MTWFS",
        source=("process.name", "host.name"),
        body_is_message=True,
    ),
    examples=(
        example(
            "Thu 2026-02-05 10:20:30 CET web1 app[812]: started",
            {
                "host.name": "web1",
                "process.name": "app",
                "process.pid": 812,
                "source": "app",
                "message": "started",
                "@timestamp": "2026-02-05T09:20:30Z",
            },
        ),
    ),
)
