"""Cisco's routers and switches (IOS, IOS-XE, IOS-XR, NX-OS): `*Mar  1 02:05:00.123: %SYS-5-CONFIG_I: body`."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.mnemonics import BEFORE_SIGN, LEVELS, may_have_sign

_USER = r"[^\s'\"<>,\[\]()]+"
_FAILED = {"event.category": "authentication", "event.type": "start", "event.outcome": "failure"}
_IN = {"event.category": "authentication", "event.type": "start", "event.outcome": "success"}
_CHANGED = {"event.category": "configuration", "event.type": "change", "event.outcome": "success"}
_DENIED = {
    "event.category": "network",
    "event.type": "denied",
    "event.action": "denied",
    "event.outcome": "failure",
}
_PERMITTED = {
    "event.category": "network",
    "event.type": "allowed",
    "event.action": "permitted",
    "event.outcome": "success",
}
_PEER = rf"\[user: (?P<user_name>[^\]]*)\] \[Source: (?P<source_ip>{ADDRESS})\] \[localport: (?P<destination_port>\d{{1,5}})\]"
_FLOW = rf"(?P<network_transport>\w+) (?P<source_ip>{ADDRESS})(?:\((?P<source_port>\d{{1,5}})\))?(?: ?\([^()]*\))? -> (?P<destination_ip>{ADDRESS})(?:\((?P<destination_port>\d{{1,5}})\))?"

# fmt: off
_STATEMENTS = (
    Statement("[Source: ", rf"(?:Login failed|.{{0,20}}fail\w*) {_PEER}(?: \[Reason: (?P<event_reason>[^\]]+)\])?", _FAILED),
    Statement("[Source: ", rf"Login Success {_PEER}", _IN),
    Statement("uthentication failure from ", rf"(?:[^:]{{1,40}}: )??(?:(?P<process_name>\w+): )?Authentication failure from (?P<source_ip>{ADDRESS})(?::(?P<source_port>\d{{1,5}}))? for", _FAILED),
    Statement("authenticated successfully from ", rf"(?:[^:]{{1,40}}: )??(?:(?P<process_name>\w+): )?User '(?P<user_name>[^']*)' authenticated successfully from (?P<source_ip>{ADDRESS})(?::(?P<source_port>\d{{1,5}}))?", _IN),
    Statement("Privilege level set to ", rf"Privilege level set to \d{{1,2}} by (?P<user_name>{_USER}) on \w+ ?\((?P<source_ip>{ADDRESS})\)", _IN),
    Statement("changed state to ", r".{1,200}, changed state to (?:administratively )?(?P<event_action>\w+)", {"event.category": "network", "event.type": "change"}),
    Statement("Configured programmatically", rf"Configured programmatically by process (?P<process_name>.{{1,60}}?) from \S+ as (?P<user_name>{_USER}) on \w+(?: \((?P<source_ip>{ADDRESS})\))?", _CHANGED),
    Statement("Logging to host", rf"Logging to host (?P<destination_ip>{ADDRESS}) port (?P<destination_port>\d{{1,5}}) failed", {"event.outcome": "failure"}),
    Statement("Authentication failed for client", r"Authentication failed for client", _FAILED),
    Statement("failed by ", rf"Authentication to privilege level \d{{1,2}} failed by (?P<user_name>{_USER}) on \w+ ?\((?P<source_ip>{ADDRESS})\)", _FAILED),
    Statement("onfigured from ", rf"Configured from (?:console|memory|\S+) by (?P<user_name>{_USER})(?: on \w+ ?\((?P<source_ip>{ADDRESS})\))?", _CHANGED),
    Statement("logged command:", r"User:(?P<user_name>\S+) {1,2}logged command:(?P<process_command_line>.+)", _CHANGED),
    Statement("Command:", r"Username: (?P<user_name>\S+) Privilege level: \d{1,2} Command: (?P<process_command_line>.+)", {"event.category": "host", "event.type": "info"}),
    Statement("SSH", rf"(?:SSH2? )?[Uu]ser '?(?P<user_name>{_USER})'? (?:login|authentication for SSH2? Session) ?(?:failed|.{{0,40}}Failed)(?: from (?P<source_ip>{ADDRESS}))?", _FAILED),
    Statement("SSH2", rf"SSH2 Session request from (?P<source_ip>{ADDRESS}) \(tty ?= ?\d+\) using crypto cipher '[^']*', hmac '[^']*' (?P<event_outcome>Succeeded|Failed)", {"event.category": "session", "event.type": "start"}),
    Statement("SSH2", rf"SSH2 Session from (?P<source_ip>{ADDRESS}) \(tty ?= ?\d+\) for user '(?P<user_name>[^']*)' using crypto cipher '[^']*', hmac '[^']*' closed", {"event.category": "session", "event.type": "end"}),
    Statement("authentication", rf"User '(?P<user_name>[^']*)' authentication for SSH2 Session from (?P<source_ip>{ADDRESS}) \(tty ?= ?\d+\) using crypto cipher '[^']*', hmac '[^']*' Failed", _FAILED),
    Statement("authentication", rf"User '(?P<user_name>[^']*)' authentication for SSH2 Session from (?P<source_ip>{ADDRESS}) \(tty ?= ?\d+\) using crypto cipher '[^']*', hmac '[^']*' Succeeded", _IN),
    Statement("denied ", rf"list (?P<rule_name>\S+) denied {_FLOW}", _DENIED),
    Statement("permitted ", rf"list (?P<rule_name>\S+) permitted {_FLOW}", _PERMITTED),
    Statement("Authentication failure for SNMP", rf"Authentication failure for SNMP req from host (?P<source_ip>{ADDRESS})", _FAILED),
    Statement("access violation", rf"(?:security|Security) access violation from (?P<source_ip>{ADDRESS})", _FAILED),
    Statement("Duplicate address", rf"Duplicate address (?P<source_ip>{ADDRESS}) on", {"event.category": "network", "event.type": "info"}),
    Statement("neighbor ", rf"neighbor (?P<source_ip>{ADDRESS}) ", {"event.category": "network", "event.type": "info"}),
    Statement("authentication failed", rf"Authentication failed(?: for)?(?: user)? ?(?P<user_name>{_USER})(?: from (?P<source_ip>{ADDRESS}))", _FAILED),
    Statement("has exited", rf"User (?P<user_name>{_USER}) has exited tty session \d+\((?P<source_ip>{ADDRESS})\)", {"event.category": "session", "event.type": "end", "event.outcome": "success"}),
    Statement("logged in", rf".{{0,40}}[Uu]ser:? '?(?P<user_name>{_USER})'? .{{0,20}}logged in(?: from (?P<source_ip>{ADDRESS}))?", _IN),
)

FORMAT = Format(
    name="cisco-ios",
    title="Cisco IOS and NX-OS",
    about="`*Mar  1 02:05:00.123: %SYS-5-CONFIG_I: body`, with or without priority, number, time and host, in any order; IOS-XE, IOS-XR and NX-OS too.",
    order=102,
    part_of="syslog",
    header=Header(
        expression=rf"(?s)^{BEFORE_SIGN}%(?:[A-Z][A-Z0-9_]+[-_])+(?P<severity>[0-7])-(?P<code>[A-Z][A-Za-z0-9_]+) ?: {{0,4}}(?P<body>.*)$",
        fields={"priority": "log.syslog.priority", "host": "host.name", "severity": "event.severity", "code": "event.code"},
        may_be=may_have_sign,
        sign="%",
        source=("host.name",),
        body_is_message=True,
        words={"severity": ("log.level", LEVELS)},
    ),
    body=Body(_STATEMENTS),
    examples=(
        example(
            "<189>44: sw1: *Mar  1 2026 02:05:00.123 UTC: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: admin] [Source: 203.0.113.9] [localport: 22] [Reason: Login Authentication Failed] at 02:05:00 UTC Sun Mar 1 2026",
            {
                "host.name": "sw1", "source": "sw1", "log.syslog.priority": 189, "log.level": "warning", "event.severity": "4",
                "event.code": "LOGIN_FAILED", "source.ip": "203.0.113.9", "destination.port": 22, "user.name": "admin",
                "event.reason": "Login Authentication Failed", **_FAILED, "@timestamp": "2026-03-01T02:05:00.123Z",
                "message": "Login failed [user: admin] [Source: 203.0.113.9] [localport: 22] [Reason: Login Authentication Failed] at 02:05:00 UTC Sun Mar 1 2026",
            },
        ),
        example(
            "Mar  1 2026 02:05:00 UTC: %SEC-6-IPACCESSLOGP: list 101 denied tcp 203.0.113.9(4000) -> 192.0.2.7(23), 1 packet",
            {
                "log.level": "informational", "event.severity": "6", "event.code": "IPACCESSLOGP", "rule.name": "101", "network.transport": "tcp",
                "source.ip": "203.0.113.9", "source.port": 4000, "destination.ip": "192.0.2.7", "destination.port": 23, **_DENIED,
                "message": "list 101 denied tcp 203.0.113.9(4000) -> 192.0.2.7(23), 1 packet", "@timestamp": "2026-03-01T02:05:00Z",
            },
        ),
        example(
            "Mar  1 2026 02:05:00 UTC: %USER-3-SYSTEM_MSG: sshd: Authentication failure from 203.0.113.9:51679 for user bob",
            {
                "log.level": "error", "event.severity": "3", "event.code": "SYSTEM_MSG", "process.name": "sshd",
                "source.ip": "203.0.113.9", "source.port": 51679, **_FAILED, "@timestamp": "2026-03-01T02:05:00Z",
                "message": "sshd: Authentication failure from 203.0.113.9:51679 for user bob",
            },
        ),
    ),
)
