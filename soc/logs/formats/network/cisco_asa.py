"""Cisco's firewalls (ASA, FTD, PIX): `Mar 01 2026 02:05:00 fw1 : %ASA-4-106023: Deny tcp src outside:…`."""

from __future__ import annotations

from collections.abc import Mapping

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.mnemonics import BEFORE_SIGN, LEVELS, may_have_sign

_NAME = r"[^\s:/()'\"]+"
_USER = r"[^\s'\"<>,]+"
_WHO = r"(?: ?\((?:LOCAL\\)?[^()]+\))?"
_FROM = rf"{_NAME}:(?P<source_ip>{ADDRESS})(?:/(?P<source_port>\d{{1,5}}))?"
_TO = rf"{_NAME}:(?P<destination_ip>{ADDRESS})(?:/(?P<destination_port>\d{{1,5}}))?"
_MAPPED = r"(?: ?\([^()]+\)){0,2}"
_TRANSPORT = r"(?P<network_transport>\w{1,12})"
_DENIED = {
    "event.kind": "event", "event.category": "network", "event.type": "denied",
    "event.action": "firewall-rule", "event.outcome": "failure",
}  # fmt: skip
_ALLOWED = {**_DENIED, "event.type": "allowed", "event.outcome": "success"}
_BEGAN = {**_ALLOWED, "event.type": "start", "event.action": "flow-creation"}
_ENDED = {**_ALLOWED, "event.type": "end", "event.action": "flow-expiration"}
_LOGIN = {
    "event.kind": "event",
    "event.category": "authentication",
    "event.type": "start",
    "event.action": "logon",
}
_IN = {**_LOGIN, "event.outcome": "success"}
_FAILED = {**_LOGIN, "event.outcome": "failure"}
_OUT = {**_IN, "event.type": "end", "event.action": "logoff"}
_COMMAND = {
    "event.kind": "event",
    "event.category": "configuration",
    "event.type": "change",
    "event.outcome": "success",
}
_THREAT = {"event.kind": "alert", "event.category": "intrusion_detection", "event.type": "denied"}


def _says(sign: str, expression: str, gives: Mapping[str, str]) -> Statement:
    return Statement(sign, expression, gives)


# fmt: off
_RULES = (
    _says("access-group", rf"Deny {_TRANSPORT}(?: \w{{1,12}})? src {_FROM}{_WHO} dst {_TO}{_WHO}(?: \(type \d{{1,3}}, code \d{{1,3}}\))? by access-group \"?(?P<rule_name>[^\"\s]+)", _DENIED),
    _says("access-list", rf"access-list (?P<rule_name>{_NAME}) (?:denied|est-denied) {_TRANSPORT} (?:for user '(?P<user_name>[^']+)' )?[^\s/]+/(?P<source_ip>{ADDRESS})\((?P<source_port>\d{{1,5}})\){_WHO} -> [^\s/]+/(?P<destination_ip>{ADDRESS})\((?P<destination_port>\d{{1,5}})\)", _DENIED),
    _says("access-list", rf"access-list (?P<rule_name>{_NAME}) (?:permitted|est-allowed) {_TRANSPORT} (?:for user '(?P<user_name>[^']+)' )?[^\s/]+/(?P<source_ip>{ADDRESS})\((?P<source_port>\d{{1,5}})\){_WHO} -> [^\s/]+/(?P<destination_ip>{ADDRESS})\((?P<destination_port>\d{{1,5}})\)", _ALLOWED),
    _says("connection denied from", rf"Inbound {_TRANSPORT} connection denied from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to (?P<destination_ip>{ADDRESS})/(?P<destination_port>\d{{1,5}})", _DENIED),
    _says("Deny inbound", rf"Deny inbound (?:\(No xlate\) )?{_TRANSPORT}(?: from)?(?: src)? {_FROM} (?:to|dst) {_TO}", _DENIED),
    _says("Deny inbound UDP from", rf"Deny inbound (?P<network_transport>UDP) from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to (?P<destination_ip>{ADDRESS})/(?P<destination_port>\d{{1,5}})", _DENIED),
    _says("no connection", rf"Deny (?P<network_transport>TCP) \(no connection\) from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to (?P<destination_ip>{ADDRESS})/(?P<destination_port>\d{{1,5}})", _DENIED),
    _says("Deny IP spoof", rf"Deny IP spoof from \((?P<source_ip>{ADDRESS})\) to (?P<destination_ip>{ADDRESS})", _DENIED),
    _says("Deny IP due to Land Attack", rf"Deny IP due to Land Attack from (?P<source_ip>{ADDRESS}) to (?P<destination_ip>{ADDRESS})", _THREAT | {"event.outcome": "failure"}),
    _says("reverse path check", rf"Deny {_TRANSPORT} reverse path check from (?P<source_ip>{ADDRESS})(?:/(?P<source_port>\d{{1,5}}))? to (?P<destination_ip>{ADDRESS})(?:/(?P<destination_port>\d{{1,5}}))?", _DENIED),
    _says("Deny", rf"Deny {_TRANSPORT} (?:packet |connection )?(?:spoof )?from (?:{_NAME}:)?(?P<source_ip>{ADDRESS})(?:/(?P<source_port>\d{{1,5}}))?{_WHO} to (?:{_NAME}:)?(?P<destination_ip>{ADDRESS})(?:/(?P<destination_port>\d{{1,5}}))?", _DENIED),
    _says("Denied ICMP", rf"Denied (?P<network_transport>ICMP) type=\d{{1,3}}, (?:code=\d{{1,3}},? )?from (?P<source_ip>{ADDRESS}) on", _DENIED),
    _says("Denied ICMP", rf"Denied (?P<network_transport>ICMP) type=\d{{1,3}}, from laddr (?P<source_ip>{ADDRESS}) on interface {_NAME} to (?P<destination_ip>{ADDRESS})", _DENIED),
    _says("access denied by ACL", rf"{_TRANSPORT} access denied by ACL from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to {_TO}", _DENIED),
    _says("request discarded from", rf"{_TRANSPORT} request discarded from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to {_TO}", _DENIED),
    _says("access permitted from", rf"{_TRANSPORT} access permitted from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to {_TO}", _ALLOWED),
    _says("has been dropped", rf"Dropping {_TRANSPORT} [^:]* from {_FROM} to {_TO}", _DENIED),
    _says("Dropped", rf"Dropped {_TRANSPORT} [^:]* from {_FROM} to {_TO}", _DENIED),
    _says("translation creation failed", rf"(?:portmap|regular|static|identity) translation creation failed for {_TRANSPORT} src {_FROM}{_WHO} dst {_TO}", _DENIED),
    _says("No translation group found", rf"No translation group found for {_TRANSPORT} src {_FROM}{_WHO} dst {_TO}", _DENIED),
    _says("NAT", rf"Asymmetric NAT rules matched for forward and reverse flows; Connection (?:for )?{_TRANSPORT} src {_FROM}{_WHO} dst {_TO}", _DENIED),
    _says("Connection limit exceeded", rf"(?:Connection|Per-client connection) limit exceeded [^ ]{{1,20}} for (?:input|output) packet from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to (?P<destination_ip>{ADDRESS})/(?P<destination_port>\d{{1,5}})", _DENIED),
)
_FLOWS = (
    _says("Built outbound", rf"Built outbound {_TRANSPORT} connection \d{{1,20}} for {_TO}{_MAPPED} to {_FROM}{_MAPPED}(?: \((?P<user_name>[^()]+)\))?", _BEGAN),
    _says("Built inbound", rf"Built inbound {_TRANSPORT} connection \d{{1,20}} for {_FROM}{_MAPPED} to {_TO}{_MAPPED}(?: \((?P<user_name>[^()]+)\))?", _BEGAN),
    _says("Teardown", rf"Teardown {_TRANSPORT} connection \d{{1,20}} for {_FROM}{_WHO} to {_TO}{_WHO} duration [\d:]{{5,12}}(?: bytes \d{{1,20}})?(?: (?P<event_reason>[A-Za-z][^()]+?))?(?: ?from \w{{1,40}})?(?: ?\((?P<user_name>[^()]+)\))?$", _ENDED),
    _says("faddr", rf"Built (?:inbound )?(?P<network_transport>ICMP) connection for faddr (?P<source_ip>{ADDRESS})/\d{{1,5}}{_WHO} gaddr {ADDRESS}/\d{{1,5}} laddr (?P<destination_ip>{ADDRESS})/\d{{1,5}}", _BEGAN),
    _says("faddr", rf"Built outbound (?P<network_transport>ICMP) connection for faddr (?P<destination_ip>{ADDRESS})/\d{{1,5}}{_WHO} gaddr {ADDRESS}/\d{{1,5}} laddr (?P<source_ip>{ADDRESS})/\d{{1,5}}", _BEGAN),
    _says("faddr", rf"Teardown (?P<network_transport>ICMP) connection for faddr (?P<source_ip>{ADDRESS})/\d{{1,5}}{_WHO} gaddr {ADDRESS}/\d{{1,5}} laddr (?P<destination_ip>{ADDRESS})/\d{{1,5}}", _ENDED),
    _says("Built local-host", rf"Built local-host {_NAME}:(?P<source_ip>{ADDRESS})", _BEGAN),
    _says("Teardown local-host", rf"Teardown local-host {_NAME}:(?P<source_ip>{ADDRESS})", _ENDED),
    _says("translation from", rf"Built (?:dynamic|static) (?:{_TRANSPORT} )?translation from {_FROM}{_WHO} to {_TO}", _BEGAN),
    _says("translation from", rf"Teardown (?:dynamic|static) (?:{_TRANSPORT} )?translation from {_FROM}{_WHO} to {_TO}", _ENDED),
    _says("Accessed URL", rf"(?:(?P<user_name>{_USER})@)?(?P<source_ip>{ADDRESS}){_WHO} Accessed URL (?P<destination_ip>{ADDRESS}):(?P<url_full>\S+)", {"event.kind": "event", "event.category": "web", "event.type": "access", "event.outcome": "success"}),
    _says("Accessed JAVA URL", rf"(?P<source_ip>{ADDRESS}) Accessed JAVA URL (?P<destination_ip>{ADDRESS}):(?P<url_full>\S+)", {"event.kind": "event", "event.category": "web", "event.type": "access", "event.outcome": "success"}),
    _says("DAP: User", rf"DAP: User (?P<user_name>{_USER}), Addr (?P<source_ip>{ADDRESS})", {"event.kind": "event", "event.category": "network", "event.type": "info"}),
)
_USERS = (
    _says("AAA user authentication Rejected", rf"AAA user authentication Rejected ?: reason = (?P<event_reason>[^:]+?) ?: (?:server = {ADDRESS} ?: )?(?:local database ?: )?user = (?P<user_name>{_USER})(?: ?: user IP = (?P<source_ip>{ADDRESS}))?", _FAILED),
    _says("authentication Successful", rf"AAA user authentication Successful ?: (?:server = ?(?P<destination_ip>{ADDRESS})|local database) ?: user = (?P<user_name>{_USER})", _IN),
    _says("AAA", rf"AAA (?:user )?\w{{1,16}} \w{{1,12}} ?:[^=]{{0,40}}(?:server = ?(?P<destination_ip>{ADDRESS}) ?: )?(?:[^=]{{0,40}})user = (?P<user_name>{_USER})", _LOGIN),
    _says("Login denied", rf"Login denied from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to {_NAME}:(?P<destination_ip>{ADDRESS})/(?P<destination_port>\w{{1,12}}) for user [\"']?(?P<user_name>{_USER})", _FAILED),
    _says("Login permitted", rf"Login permitted from (?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}}) to {_NAME}:(?P<destination_ip>{ADDRESS})/(?P<destination_port>\w{{1,12}}) for user [\"']?(?P<user_name>{_USER})", _IN),
    _says("authentication failed", rf"User authentication failed: (?:IP(?: address)? ?[=:] ?(?P<source_ip>{ADDRESS}), )?Uname: (?P<user_name>{_USER})", _FAILED),
    _says("authentication succeeded", rf"User authentication succeeded: (?:IP(?: address)? ?[=:] ?(?P<source_ip>{ADDRESS}), )?Uname: (?P<user_name>{_USER})", _IN),
    _says("Uname", rf"User (?:logged out|priv level changed|priv_level changed): Uname: (?P<user_name>{_USER})", _OUT),
    _says("logged out", rf"User logged out: Uname: (?P<user_name>{_USER})", _OUT),
    _says("Permission denied, console", rf"(?:FTP|SSH|Telnet) session (?:limit|from) (?P<source_ip>{ADDRESS})", _FAILED),
    _says("SSH session", rf"SSH session from (?P<source_ip>{ADDRESS}) on interface {_NAME} for user [\"'](?P<user_name>[^\"']*)[\"'] disconnected by SSH server, reason: [\"']?(?P<event_reason>[^\"']+)", {"event.kind": "event", "event.category": "session", "event.type": "end"}),
    _says("SSH session", rf"SSH session from (?P<source_ip>{ADDRESS}) on interface {_NAME} for user [\"'](?P<user_name>[^\"']*)", {"event.kind": "event", "event.category": "session", "event.type": "end"}),
    _says("executed", rf"User '(?P<user_name>[^']+)'(?:, running '[^']{{0,40}}' from IP (?P<source_ip>{ADDRESS}),)? executed (?:the|cmd:) '?(?P<process_command_line>[^']+)", _COMMAND),
    _says("executed", r"User '(?P<user_name>[^']+)' executed the '(?P<process_command_line>[^']+)' command", _COMMAND),
    _says("Begin configuration", rf"Begin configuration: (?P<source_ip>{ADDRESS}) (?:reading|writing)", _COMMAND),
    _says("End configuration", r"(?:End|Begin) configuration: (?P<event_reason>.{1,40})", _COMMAND),
    _says("User '", r"User '(?P<user_name>[^']+)' ", {"event.kind": "event"}),
    _says("Assigned private IP", rf"Group = (?P<group_name>[^,]+), Username = (?P<user_name>[^,]+), IP = (?P<source_ip>{ADDRESS}), Assigned", {"event.kind": "event", "event.category": "network", "event.type": "start"}),
    _says("Session disconnected", rf"Group = (?P<group_name>[^,]+), Username = (?P<user_name>[^,]+), IP = (?P<source_ip>{ADDRESS}), Session disconnected\..{{0,200}}?Reason: (?P<event_reason>.{{1,100}})$", _OUT),
    _says("Username = ", rf"Group = (?P<group_name>[^,]+), Username = (?P<user_name>[^,]+), IP = (?P<source_ip>{ADDRESS})", {"event.kind": "event", "event.category": "network"}),
    _says("Group <", rf"Group <(?P<group_name>[^<>]+)> User <(?P<user_name>[^<>]+)> IP <(?P<source_ip>{ADDRESS})> Authentication: rejected", _FAILED),
    _says("Group <", rf"Group <(?P<group_name>[^<>]+)> User <(?P<user_name>[^<>]+)> IP <(?P<source_ip>{ADDRESS})> Authentication: successful", _IN),
    _says("Group <", rf"(?:TunnelGroup <[^<>]+> )?Group(?:Policy)? <(?P<group_name>[^<>]+)> User <(?P<user_name>[^<>]+)> IP <(?P<source_ip>{ADDRESS})>", {"event.kind": "event", "event.category": "network"}),
    _says("Teardown", rf"Teardown {_TRANSPORT} connection \d{{1,20}} for {_FROM}{_WHO} to {_TO}", _ENDED),
    _says("Failed to locate egress", rf"Failed to locate egress interface for {_TRANSPORT} from {_FROM} to {_TO}", _DENIED),
    _says("Routing failed", rf"Routing failed to locate next hop for {_TRANSPORT} from {_FROM} to {_TO}", _DENIED),
    _says("IDS:", rf"IDS:(?P<rule_name>\d{{1,6}} .{{1,80}}?) from (?P<source_ip>{ADDRESS}) to (?P<destination_ip>{ADDRESS})", _THREAT),
    _says("Shunned packet", rf"Shunned packet: (?P<source_ip>{ADDRESS}) ==> (?P<destination_ip>{ADDRESS})", _THREAT),
    _says("Shun", rf"Shun (?:added|deleted|add failed|Delete failed): (?P<source_ip>{ADDRESS})(?: (?P<destination_ip>{ADDRESS}))?", _THREAT),
    _says("is attacking", rf"Host (?P<source_ip>{ADDRESS}) is attacking", _THREAT),
    _says("is targeted", rf"Host (?P<destination_ip>{ADDRESS}) is targeted", _THREAT),
    _says("Threat-detection", rf"Threat-detection adds host (?P<source_ip>{ADDRESS}) to shun list", _THREAT),
    _says("Dynamic", rf"Dynamic [Ff]ilter (?:dropped|action dropped) (?:black|grey)listed {_TRANSPORT} traffic from {_FROM}{_MAPPED} to {_TO}{_MAPPED}", _THREAT | {"event.outcome": "failure"}),
    _says("Dynamic", rf"Dynamic [Ff]ilter (?:monitored|permitted|action permitted) (?:black|grey|white)listed {_TRANSPORT} traffic from {_FROM}{_MAPPED} to {_TO}{_MAPPED}", _THREAT | {"event.type": "allowed"}),
)

FORMAT = Format(
    name="cisco-asa",
    title="Cisco ASA and FTD",
    about="`Mar 01 2026 02:05:00 fw1 : %ASA-4-106023: body`, with or without priority, time and host, in any order; FTD and PIX too.",
    order=101,
    part_of="syslog",
    header=Header(
        expression=rf"(?s)^{BEFORE_SIGN}%(?:ASA|FTD|PIX|FWSM)-(?:[A-Za-z]\w{{1,20}}-)?(?P<severity>[0-7])-(?P<code>\d{{4,7}}): {{0,4}}(?P<body>.*)$",
        fields={"priority": "log.syslog.priority", "host": "host.name", "severity": "event.severity", "code": "event.code"},
        may_be=may_have_sign,
        sign="%",
        source=("host.name",),
        body_is_message=True,
        words={"severity": ("log.level", LEVELS)},
    ),
    body=Body((*_RULES, *_FLOWS, *_USERS)),
    examples=(
        example(
            "<164>Mar 01 2026 02:05:00 fw1 : %ASA-4-106023: Deny tcp src outside:203.0.113.9/4000 dst dmz:192.0.2.7/22 by access-group \"outside_in\" [0x0, 0x0]",
            {
                "host.name": "fw1", "source": "fw1", "log.syslog.priority": 164, "log.level": "warning", "event.severity": "4",
                "event.code": "106023", "network.transport": "tcp", "source.ip": "203.0.113.9", "source.port": 4000,
                "destination.ip": "192.0.2.7", "destination.port": 22, "rule.name": "outside_in", **_DENIED,
                "message": "Deny tcp src outside:203.0.113.9/4000 dst dmz:192.0.2.7/22 by access-group \"outside_in\" [0x0, 0x0]",
                "@timestamp": "2026-03-01T02:05:00Z",
            },
        ),
        example(
            "%ASA-6-302013: Built outbound TCP connection 77 for outside:198.51.100.7/443 (198.51.100.7/443) to inside:192.0.2.4/51000 (203.0.113.1/51000)\n"
            "%ASA-6-605004: Login denied from 203.0.113.9/4000 to outside:192.0.2.1/ssh for user \"admin\"",
            {
                "log.level": "informational", "event.severity": "6", "event.code": "302013", "network.transport": "tcp",
                "source.ip": "192.0.2.4", "source.port": 51000, "destination.ip": "198.51.100.7", "destination.port": 443, **_BEGAN,
                "message": "Built outbound TCP connection 77 for outside:198.51.100.7/443 (198.51.100.7/443) to inside:192.0.2.4/51000 (203.0.113.1/51000)",
            },
            {
                "log.level": "informational", "event.severity": "6", "event.code": "605004", "source.ip": "203.0.113.9", "source.port": 4000,
                "destination.ip": "192.0.2.1", "user.name": "admin", **_FAILED,
                "message": 'Login denied from 203.0.113.9/4000 to outside:192.0.2.1/ssh for user "admin"',
            },
        ),
    ),
)
