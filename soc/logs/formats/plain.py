"""Plain lines: what no other format takes."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Container, Format, example
from soc.logs.formats.kit.records import read_joined_lines

FORMAT = Format(
    name="plain",
    title="Plain lines",
    about="What no other format takes. Each line is a record, with the indented lines and traces that go on from it; nothing is rejected.",
    order=20,
    choosable=True,
    endings=(".log", ".txt"),
    container=Container(read=read_joined_lines, joins=True, last_resort=True),
    examples=(
        example(
            'level=warn msg="cache miss" user=alice src=192.0.2.9\n\nnothing in it',
            {"log.level": "warn", "user.name": "alice", "source.ip": "192.0.2.9"},
            {},
        ),
        example(
            "action=deny src=192.0.2.9 dst=198.51.100.7 spt=4000 status=403\nlistening on port 8080\npeer 2001:db8::1 port 70000\n"
            "peer 999.1.1.1 port 22",
            {
                "event.action": "deny",
                "source.ip": "192.0.2.9",
                "source.port": 4000,
                "destination.ip": "198.51.100.7",
                "http.response.status_code": 403,
            },
            {},
            {"source.ip": "2001:db8::1"},
            {},
        ),
    ),
)
