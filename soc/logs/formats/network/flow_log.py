"""Flow logs of virtual networks, in the order of their default fields."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_FLOW = (
    rf"\d{{1,2}} \d{{12}} \S{{1,40}} (?P<source_ip>{ADDRESS}) (?P<destination_ip>{ADDRESS}) (?P<source_port>\d{{1,5}}) (?P<destination_port>\d{{1,5}})"
    r" \d{1,3} \d{1,19} (?P<source_bytes>\d{1,18}) (?P<time>\d{10}) \d{10} "
)
_LET = {"event.category": "network", "event.type": "allowed", "event.outcome": "success"}
_STOPPED = {"event.category": "network", "event.type": "denied", "event.outcome": "failure"}

FORMAT = Format(
    name="flow-log",
    title="Flow logs of virtual networks",
    about="`2 123456789012 eni-0a1b 192.0.2.7 10.0.0.1 4410 22 6 20 4249 1772330400 1772330460 REJECT OK`.",
    order=318,
    body=Body(
        (
            Statement(" ACCEPT ", rf"{_FLOW}(?P<event_action>ACCEPT) ", _LET),
            Statement(" REJECT ", rf"{_FLOW}(?P<event_action>REJECT) ", _STOPPED),
        ),
        signs=(" ACCEPT OK", " REJECT OK"),
    ),
    examples=(
        example(
            "2 123456789012 eni-0a1b 192.0.2.7 10.0.0.1 4410 22 6 20 4249 1772330400 1772330460 REJECT OK",
            {
                "source.ip": "192.0.2.7", "source.port": 4410, "destination.ip": "10.0.0.1", "destination.port": 22, "event.action": "REJECT", "source.bytes": 4249,
                "@timestamp": "2026-03-01T02:00:00Z", **_STOPPED,
            },
        ),
    ),
)  # fmt: skip
