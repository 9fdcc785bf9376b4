"""Junos: `TAG: words` of the system, `TAG [junos@2636… key="value"]` and the flow lines of its firewalls."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_ALLOWED = {
    "event.kind": "event",
    "event.category": "network",
    "event.type": "allowed",
    "event.outcome": "success",
}
_OVER = {"event.kind": "event", "event.category": "network", "event.type": "end", "event.outcome": "success"}
_DENIED = {
    "event.kind": "event",
    "event.category": "network",
    "event.type": "denied",
    "event.outcome": "failure",
}
_THREAT = {"event.kind": "alert", "event.category": "intrusion_detection", "event.type": "info"}
_IN = {
    "event.kind": "event",
    "event.category": "authentication",
    "event.type": "start",
    "event.outcome": "success",
}
_FAILED = {**_IN, "event.outcome": "failure"}
_OUT = {"event.kind": "event", "event.category": "session", "event.type": "end", "event.outcome": "success"}
_CHANGED = {"event.kind": "event", "event.category": "configuration", "event.type": "change"}
_RAN = {"event.kind": "event", "event.category": "process", "event.type": "start", "event.outcome": "success"}
_PEERS = rf"(?P<source_ip>{ADDRESS})/(?P<source_port>\d{{1,5}})->(?P<destination_ip>{ADDRESS})/(?P<destination_port>\d{{1,5}})"
_PREFIX = r"(?:[\w.-]{1,60}(?:\[\d{1,10}\])?: )?(?:%\w{1,20}-\d-)?"


def _value(key: str, group: str, what: str = r"[^\"]*") -> str:
    return rf"{key}=\"(?:N/A|UNKNOWN|None|(?P<{group}>{what}))\""


def _named(*keys: str) -> str:
    """Keys in their order; any of them may be missing."""
    return "".join(rf"(?:.*? {key})?" for key in keys)


_REASON = _value("reason", "event_reason")
_ENDS = _named(
    _value("source-address", "source_ip", ADDRESS), _value("source-port", "source_port", r"\d{1,5}"),
    _value("destination-address", "destination_ip", ADDRESS), _value("destination-port", "destination_port", r"\d{1,5}"),
)  # fmt: skip
_POLICY = _named(_value("policy-name", "rule_name"), _value("username", "user_name"))


def _flow(tag: str) -> str:
    return rf"{_PREFIX}(?P<event_action>{tag})"


def _says(tag: str, words: str, gives: dict[str, str]) -> Statement:
    return Statement(f"{tag}", rf"{_PREFIX}(?P<event_action>{tag}): {words}", gives)


# fmt: off
_STATEMENTS = (
    *(
        Statement(tag, rf"{_flow(f'(?:RT|APPTRACK|FLOW)_?(?:FLOW_)?{tag}(?:_LS)?')}:? \[junos@[^ ]*(?: {_REASON})?{_ENDS}{_POLICY}", gives)
        for tag, gives in (("SESSION_CREATE", _ALLOWED), ("SESSION_CLOSE", _OVER), ("SESSION_DENY", _DENIED))
    ),
    *(
        Statement(tag, rf"{_flow(f'(?:RT|APPTRACK|FLOW)_?(?:FLOW_)?{tag}(?:_LS)?')}: .{{1,80}}? {_PEERS}", gives)
        for tag, gives in (("SESSION_CREATE", _ALLOWED), ("SESSION_CLOSE", _OVER), ("SESSION_DENY", _DENIED))
    ),
    Statement("RT_SCREEN_", rf"{_flow('RT_SCREEN_[A-Z_]+')}:? \[junos@.*?{_value('attack-name', 'event_detection')}{_ENDS}", _THREAT),
    Statement("RT_SCREEN_", rf"{_flow('RT_SCREEN_[A-Z_]+')}:? \[{_value('attack-name', 'event_detection')}{_ENDS}", _THREAT),
    Statement("IDP_ATTACK_LOG_EVENT", rf"{_flow('IDP_ATTACK_LOG_EVENT(?:_LS)?')}:? \[junos@[^ ]*{_ENDS}{_named(_value('rule-name', 'rule_name'), _value('attack-name', 'event_detection'))}", _THREAT),
    Statement("WEBFILTER_URL_", rf"{_flow('WEBFILTER_URL_[A-Z_]+')}:? \[junos@[^ ]*{_ENDS}{_named(_value('url', 'url_domain'), _value('obj', 'url_path'), _value('username', 'user_name'))}", {"event.kind": "event", "event.category": "web", "event.type": "access"}),
    _says("UI_AUTH_EVENT", r"Authenticated user '(?P<user_name>[^']*)'", _IN),
    _says("UI_LOGIN_EVENT", rf"User '(?P<user_name>[^']*)' login(?:.*?ssh-connection '(?:(?P<source_ip>{ADDRESS}) (?P<source_port>\d+) (?P<destination_ip>{ADDRESS}) (?P<destination_port>\d+))?')?", _IN),
    _says("UI_LOGOUT_EVENT", r"User '(?P<user_name>[^']*)' logout", _OUT),
    _says("UI_CMDLINE_READ_LINE", r"User '(?P<user_name>[^']*)'[,;]? command '(?P<process_command_line>.*)'$", _RAN),
    _says("UI_JUNOSCRIPT_CMD", r"User '(?P<user_name>[^']*)' used JUNOScript client to run command '(?P<process_command_line>.*)'$", _RAN),
    _says("UI_COMMIT", r"User '(?P<user_name>[^']*)' (?:requested|performed)", _CHANGED),
    _says("UI_CFG_AUDIT_SET", r"User '(?P<user_name>[^']*)' (?:set|deactivate|replace)", _CHANGED),
    _says("UI_CHILD_START", r"Starting child '(?P<process_executable>[^']*)'", _RAN),
    _says("LOGIN_FAILED", rf"Login failed for user (?P<user_name>\S+) from host (?P<source_ip>{ADDRESS})", _FAILED),
    _says("SSHD_LOGIN_FAILED", rf"Login failed for user '(?P<user_name>[^']*)' from host '(?P<source_ip>{ADDRESS})'", _FAILED),
    _says("LOGIN_INFORMATION", rf"User (?P<user_name>\S+) logged in from host (?:(?P<source_ip>{ADDRESS})|\S+)", _IN),
    Statement(": ", rf"{_PREFIX}(?P<event_action>(?:UI|L2ALD|SNMPD?|RPD|CHASSISD|LIBJNX|KERN|BFDD|DCD|SSHD|EVENTD|PFE|JTASK|KMD|UTMD?|AAMW|DOT1XD|ESWD|LACPD|MIB2D|VRRPD|DYNAMIC|SYSTEM|LOGIN|AUTH|WEB|JSRPD|FSAD|IDP|APPID|NSD|LICENSE)_[A-Z0-9_]{{3,60}}): ", {"event.kind": "event"}),
)
FORMAT = Format(
    name="junos",
    title="Junos",
    about="`RT_FLOW_SESSION_CREATE [junos@2636… source-address=\"192.0.2.1\" …]`, its older `session created 192.0.2.1/4000->…`, `UI_LOGIN_EVENT: User 'bob' login` and others.",
    order=312,
    body=Body(
        _STATEMENTS,
        programs=("mgd", "rt_flow", "rt_ids", "rt_idp", "rt_utm"),
        signs=("RT_FLOW_", "RT_SCREEN_", "APPTRACK_SESSION_", "IDP_ATTACK_LOG_EVENT", "WEBFILTER_URL_", "UI_AUTH_EVENT", "UI_LOGIN_EVENT", "UI_LOGOUT_EVENT", "UI_CMDLINE_READ_LINE",
               "UI_JUNOSCRIPT_CMD", "UI_COMMIT", "UI_CFG_AUDIT_", "UI_CHILD_", "SSHD_LOGIN_FAILED: ", "LOGIN_INFORMATION: ", "L2ALD_", "CHASSISD_", "LIBJNX_", "SNMP_TRAP_"),
        owns=True,
    ),
    examples=(
        example(
            "RT_FLOW: RT_FLOW_SESSION_CREATE: session created 203.0.113.9/4000->192.0.2.7/443 0x0 junos-https 203.0.113.9/4000->192.0.2.7/443 N/A\n"
            "RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.142 source-address=\"203.0.113.9\" source-port=\"4000\" destination-address=\"192.0.2.7\" destination-port=\"22\" "
            "service-name=\"junos-ssh\" protocol-id=\"6\" policy-name=\"deny-all\" username=\"N/A\" reason=\"Denied by policy\"]\n"
            "mgd[77]: UI_LOGIN_EVENT: User 'bob' login, class 'super-user' [77], ssh-connection '203.0.113.9 4000 192.0.2.7 22', client-mode 'cli'",
            {
                "source.ip": "203.0.113.9", "source.port": 4000, "destination.ip": "192.0.2.7", "destination.port": 443, "event.action": "RT_FLOW_SESSION_CREATE", **_ALLOWED,
            },
            {
                "source.ip": "203.0.113.9", "source.port": 4000, "destination.ip": "192.0.2.7", "destination.port": 22, "event.action": "RT_FLOW_SESSION_DENY",
                "rule.name": "deny-all", **_DENIED,
            },
            {
                "user.name": "bob", "source.ip": "203.0.113.9", "source.port": 4000, "destination.ip": "192.0.2.7", "destination.port": 22,
                "event.action": "UI_LOGIN_EVENT", "process.name": "mgd", "process.pid": 77, "source": "mgd",
                "message": "UI_LOGIN_EVENT: User 'bob' login, class 'super-user' [77], ssh-connection '203.0.113.9 4000 192.0.2.7 22', client-mode 'cli'", **_IN,
            },
        ),
    ),
)
