"""pf's filter log as pfSense and OPNsense write it: fields by their place, by version and protocol."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_ALLOWED = {
    "event.kind": "event",
    "event.category": "network",
    "event.type": "allowed",
    "event.outcome": "success",
}
_DENIED = {
    "event.kind": "event",
    "event.category": "network",
    "event.type": "denied",
    "event.outcome": "failure",
}
#: Rule, sub-rule, anchor, tracker, interface, reason.
_HEAD = r"\d*,[^,]*,[^,]*,(?P<rule_name>[^,]*),[^,]*,[^,]*,"
_V4 = r",(?:in|out),4,(?:[^,]*,){6}\d{1,3},(?P<network_transport>[\w-]+),\d*,"
_V6 = r",(?:in|out),6,(?:[^,]*,){2}(?:[^,]*,)?(?P<network_transport>[A-Za-z][\w-]*),\d*,(?:\d*,)?"
_ENDS = rf"(?P<source_ip>{ADDRESS}),(?P<destination_ip>{ADDRESS})(?:,(?P<source_port>\d{{1,5}}),(?P<destination_port>\d{{1,5}}),(?:\d|$)|,|$)"
# what follows the addresses of other protocols are no ports
_PORTLESS = rf"(?P<source_ip>{ADDRESS}),(?P<destination_ip>{ADDRESS})(?:,|$)"
_OTHER_V4 = r",(?:in|out),4,(?:[^,]*,){6}\d{1,3},(?P<network_transport>[\w-]+),\d*,"

# fmt: off
_STATEMENTS = tuple(
    Statement(f",{sign}", rf"{_HEAD}(?P<event_action>{words}){version}{ends}", gives)
    for sign, words, gives in (("pass,", "pass", _ALLOWED), ("block,", "block", _DENIED), ("reject,", "reject", _DENIED))
    for version, ends in (
        (_V4.replace(r"[\w-]+", "tcp|udp"), _ENDS), (_V6.replace(r"[A-Za-z][\w-]*", "(?i:tcp|udp)"), _ENDS), (_OTHER_V4, _PORTLESS), (_V6, _PORTLESS),
    )
)
FORMAT = Format(
    name="pf",
    title="pf filter log",
    about="`5,,,1000000103,igb0,match,block,in,4,0x0,,64,0,0,DF,6,tcp,60,192.0.2.1,198.51.100.2,4000,22,…` of pfSense and OPNsense.",
    order=310,
    body=Body(_STATEMENTS, programs=("filterlog",), signs=(",match,pass,", ",match,block,", ",match,reject,"), process="filterlog"),
    examples=(
        example(
            "Mar  1 02:00:07 gw filterlog[77]: 5,,,1000000103,igb0,match,block,in,4,0x0,,64,0,0,DF,6,tcp,60,203.0.113.9,192.0.2.2,4000,22,0,S,1,,64240,,mss\n"
            "7,,,1000000104,igb0,match,pass,out,6,0x00,0x0,64,udp,17,40,2001:db8::7,2001:db8::1,5353,53,40\n"
            "9,,,1000000105,igb0,match,pass,in,4,0x0,,64,0,0,none,1,icmp,60,203.0.113.9,192.0.2.2,request,1,2",
            {
                "host.name": "gw", "process.name": "filterlog", "process.pid": 77, "source": "filterlog", "source.ip": "203.0.113.9", "source.port": 4000,
                "destination.ip": "192.0.2.2", "destination.port": 22, "network.transport": "tcp", "event.action": "block", "rule.name": "1000000103", **_DENIED,
                "message": "5,,,1000000103,igb0,match,block,in,4,0x0,,64,0,0,DF,6,tcp,60,203.0.113.9,192.0.2.2,4000,22,0,S,1,,64240,,mss",
            },
            {
                "process.name": "filterlog", "source.ip": "2001:db8::7", "source.port": 5353, "destination.ip": "2001:db8::1", "destination.port": 53,
                "network.transport": "udp", "event.action": "pass", "rule.name": "1000000104", **_ALLOWED,
            },
            {
                "process.name": "filterlog", "source.ip": "203.0.113.9", "destination.ip": "192.0.2.2", "network.transport": "icmp",
                "event.action": "pass", "rule.name": "1000000105", **_ALLOWED,
            },
        ),
    ),
)
