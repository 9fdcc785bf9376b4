"""Meraki: `<134>1 1563249630.774247467 MX84 flows allow src=192.0.2.1 dst=…`."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.expressions import PRIORITY

FORMAT = Format(
    name="meraki",
    title="Meraki",
    about="`<134>1 1563249630.774247467 MX84 flows allow src=192.0.2.1 dst=198.51.100.7 protocol=tcp sport=4000 dport=443`.",
    order=106,
    part_of="syslog",
    header=Header(
        expression=rf"(?s)^{PRIORITY}?1 (?P<time>\d{{10}}\.\d{{6,9}}) (?P<host>[\w.-]+) (?P<action>[a-z][\w-]+) ?(?P<body>.*)$",
        fields={"host": "host.name", "action": "event.action"},
        begins="<1",
        source=("host.name",),
        body_is_message=True,
    ),
    examples=(
        example(
            "<134>1 1563249630.774247467 MX84 flows allow src=203.0.113.9 dst=192.0.2.7 mac=00:11:22:33:44:55 protocol=tcp sport=4000 dport=443",
            {
                "host.name": "MX84",
                "event.action": "flows",
                "source.ip": "203.0.113.9",
                "source.port": 4000,
                "destination.ip": "192.0.2.7",
                "destination.port": 443,
                "network.transport": "tcp",
                "source": "MX84",
                "message": "allow src=203.0.113.9 dst=192.0.2.7 mac=00:11:22:33:44:55 protocol=tcp sport=4000 dport=443",
                "@timestamp": "2019-07-16T04:00:30.774247Z",
            },
        ),
    ),
)
