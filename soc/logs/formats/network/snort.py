"""Alerts of Snort and Suricata in one line: `03/01-02:00:07.741995  [**] [1:2024897:3] text [**] [Classification: …] [Priority: 1] {TCP} a -> b`."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, Header, example

_ALERT = {"event.kind": "alert", "event.category": "intrusion_detection", "event.type": "info"}
_GRAVITIES = {"1": "high", "2": "medium", "3": "low", "4": "informational"}
_RULE = (
    r"(?:\[(?P<event_action>[A-Za-z]+)\] )?(?:\[\*\*\] )?\[(?P<event_code>\d+:\d+:\d+)\] \"?(?P<event_detection>(?P<rule_name>[^\[]{1,300}?))\"?"
    r" (?:\[\*\*\] )?\[Classification: (?P<event_reason>[^\]]*)\] "
)
_ENDS = (
    rf"(?::|) ?\{{(?P<network_transport>[^}}]+)\}} (?P<source_ip>{ADDRESS}?)(?::(?P<source_port>\d{{1,5}}))?"
    rf" -> (?P<destination_ip>{ADDRESS}?)(?::(?P<destination_port>\d{{1,5}}))?\s*$"
)

FORMAT = Format(
    name="snort",
    title="Snort and Suricata, alerts in one line",
    about="`03/01-02:00:07.741995  [**] [1:2024897:3] text [**] [Classification: …] [Priority: 1] {TCP} 192.0.2.1:4000 -> 198.51.100.2:80`, "
    "also behind a syslog header.",
    order=101,
    header=Header(
        expression=r"(?s)^(?P<time>\d\d/\d\d(?:/\d{2,4})?-\d\d:\d\d:\d\d(?:\.\d{1,9})?) +(?P<body>(?:\[[A-Za-z]+\] )?\[\*\*\] \[.*)$",
        fields={},
        begins="0123",
    ),
    body=Body(
        programs=("snort", "suricata"),
        signs=("[Classification: ",),
        owns=True,
        statements=tuple(
            Statement(
                f"[Priority: {number}]",
                rf"{_RULE}\[Priority: {number}\]{_ENDS}",
                {**_ALERT, "event.gravity": gravity},
            )
            for number, gravity in _GRAVITIES.items()
        ),
    ),
    examples=(
        example(
            "03/01-02:00:07.741995  [Drop] [**] [1:2024897:3] ET EXPLOIT Struts RCE [**] [Classification: Attempted Administrator Privilege Gain] "
            "[Priority: 1] {TCP} 203.0.113.9:59244 -> 10.0.0.5:80",
            {
                "source.ip": "203.0.113.9",
                "source.port": 59244,
                "destination.ip": "10.0.0.5",
                "destination.port": 80,
                "network.transport": "tcp",
                "event.action": "Drop",
                "event.code": "1:2024897:3",
                "event.reason": "Attempted Administrator Privilege Gain",
                "event.detection": "ET EXPLOIT Struts RCE",
                "rule.name": "ET EXPLOIT Struts RCE",
                "event.gravity": "high",
                "event.kind": "alert",
                "event.category": "intrusion_detection",
                "event.type": "info",
            },
        ),
    ),
)
