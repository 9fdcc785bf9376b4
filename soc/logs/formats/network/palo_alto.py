"""PAN-OS: comma separated fields by their place, another order for each type of log."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_CELL = r"(?:\"(?:[^\"]|\"\")*\"|[^,]*),"
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
_EVENT = {"event.kind": "event", "event.category": "network"}
_THREAT = {"event.kind": "alert", "event.category": "intrusion_detection", "event.type": "info"}
_LOGIN = {"event.kind": "event", "event.category": "authentication", "event.type": "start"}
_CHANGED = {"event.kind": "event", "event.category": "configuration", "event.type": "change"}
_FAILED, _WENT = {"event.outcome": "failure"}, {"event.outcome": "success"}
_FAILURES, _SUCCESSES = r"[\w-]*(?:fail|denied|error|invalid|reject)[\w-]*", r"[\w-]*(?:succ|succeeded)[\w-]*"


def _skip(count: int) -> str:
    return f"(?:{_CELL}){{{count}}}"


def _head(kind: str, subtype: str = "[^,]*") -> str:
    """Up to the time at which the device made the line: the machine may stand before it."""
    return rf"(?:(?P<host_name>[\w.-]{{1,100}}) )?\d{{0,3}},[^,]*,[^,]*,{kind},{subtype},[^,]*,(?P<time>\d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d),"


#: The time with its zone, which later versions write near the end.
_EXACT = r"(?:.*,(?P<time__2>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}[+-]\d\d:\d\d))?"
_WHO = r"(?:(?P<user_domain>[^\\,\"]+)\\)?(?P<user_name>[^,\"]*),"
_FLOW = (
    rf"(?P<source_ip>{ADDRESS}),(?P<destination_ip>{ADDRESS}),{_skip(2)}(?P<rule_name>[^,]*),{_WHO}{_skip(11)}"
    r"(?P<source_port>\d{0,5}),(?P<destination_port>\d{0,5}),[^,]*,[^,]*,[^,]*,(?P<network_transport>[^,]*),"
)
#: All bytes, those that were sent, those that came back.
_SIZES = r"[^,]*,(?P<source_bytes>\d{0,18}),(?P<destination_bytes>\d{0,18}),"
_DETECTED = "(?:virus|spyware|vulnerability|wildfire-virus|ml-virus|scan|flood|packet)"

# fmt: off
_STATEMENTS = (
    Statement(",TRAFFIC,", rf"{_head('TRAFFIC')}{_FLOW}(?P<event_action>allow),{_SIZES}{_skip(12)}(?P<event_reason>[^,]*),{_skip(5)}(?P<host_name__2>[^,]*){_EXACT}", _ALLOWED),
    Statement(",TRAFFIC,", rf"{_head('TRAFFIC')}{_FLOW}(?P<event_action>allow),(?:{_SIZES})?", _ALLOWED),
    Statement(",TRAFFIC,", rf"{_head('TRAFFIC')}{_FLOW}(?P<event_action>[^,]+),{_skip(15)}(?P<event_reason>[^,]*),{_skip(5)}(?P<host_name__2>[^,]*){_EXACT}", _DENIED),
    Statement(",TRAFFIC,", rf"{_head('TRAFFIC')}{_FLOW}(?P<event_action>[^,]+),", _DENIED),
    Statement(",THREAT,", rf"{_head('THREAT', _DETECTED)}{_FLOW}(?P<event_action>[^,]+),(?:\"(?P<file_name>(?:[^\"]|\"\")*)\"|(?P<file_name__2>[^,]*)),(?P<event_detection>[^,(]*)[^,]*,[^,]*,(?P<event_gravity>[^,]*),", _THREAT),
    Statement(",THREAT,", rf"{_head('THREAT', 'url')}{_FLOW}(?P<event_action>[^,]+),(?:\"(?P<url_full>(?:[^\"]|\"\")*)\"|(?P<url_full__2>[^,]*)),[^,]*,[^,]*,(?P<log_level>[^,]*),", {**_EVENT, "event.category": "web", "event.type": "access"}),
    Statement(",THREAT,", rf"{_head('THREAT')}{_FLOW}(?P<event_action>[^,]+),(?:\"(?P<file_name>(?:[^\"]|\"\")*)\"|(?P<file_name__2>[^,]*)),[^,]*,[^,]*,(?P<log_level>[^,]*),", _EVENT),
    *(
        Statement(",SYSTEM,", rf"{_head('SYSTEM', 'auth')}[^,]*,(?P<event_action>{words}),{_skip(4)}(?P<log_level>[^,]*),\"?(?P<event_reason>[^'\"]{{0,200}}?'(?P<user_name>[^']*)'(?:[^\"]*?From: (?P<source_ip>{ADDRESS})[^\"]*|[^\"]*))\"?,{_skip(7)}(?P<host_name__2>[^,]*){_EXACT}", {**_LOGIN, **outcome})
        for words, outcome in ((_FAILURES, _FAILED), (_SUCCESSES, _WENT))
    ),
    Statement(",SYSTEM,", rf"{_head('SYSTEM')}[^,]*,(?P<event_action>[^,]*),{_skip(4)}(?P<log_level>[^,]*),(?:\"(?P<event_reason>(?:[^\"]|\"\")*)\"|(?P<event_reason__2>[^,]*)),{_skip(7)}(?P<host_name__2>[^,]*){_EXACT}", {"event.kind": "event"}),
    Statement(",SYSTEM,", rf"{_head('SYSTEM')}[^,]*,(?P<event_action>[^,]*),{_skip(4)}(?P<log_level>[^,]*),", {"event.kind": "event"}),
    Statement(",CONFIG,", rf"{_head('CONFIG')}(?:(?P<source_ip>{ADDRESS})|[^,]*),[^,]*,(?P<event_action>[^,]*),(?P<user_name>[^,]*),[^,]*,(?:Failed|Unauthorized),", {**_CHANGED, **_FAILED}),
    Statement(",CONFIG,", rf"{_head('CONFIG')}(?:(?P<source_ip>{ADDRESS})|[^,]*),[^,]*,(?P<event_action>[^,]*),(?P<user_name>[^,]*),[^,]*,", {**_CHANGED, **_WENT}),
    *(
        Statement(",GLOBALPROTECT,", rf"{_head('GLOBALPROTECT')}[^,]*,(?P<event_action>[^,]*),[^,]*,[^,]*,[^,]*,{_WHO}(?P<source_geo_country_name>[^,]{{0,60}}),[^,]*,(?:0\.0\.0\.0|(?P<source_ip>{ADDRESS})|),{_skip(9)}(?:\"(?P<event_reason>[^\"]*)\"|(?P<event_reason__2>[^,]*)),{_CELL}{_CELL}{said},", {**_LOGIN, **outcome})
        for said, outcome in (("failure", _FAILED), ("success", _WENT))
    ),
    Statement(",USERID,", rf"{_head('USERID', 'login')}[^,]*,(?P<source_ip>{ADDRESS}),{_WHO}", {**_LOGIN, **_WENT}),
    Statement(",USERID,", rf"{_head('USERID')}[^,]*,(?P<source_ip>{ADDRESS}),{_WHO}", _EVENT),
    Statement(",HIP-MATCH,", rf"(?:(?P<host_name>[\w.-]{{1,100}}) )?\d{{0,3}},[^,]*,[^,]*,HIP-?MATCH,[^,]*,[^,]*,(?P<time>[^,]*),{_WHO}[^,]*,[^,]*,[^,]*,(?P<source_ip>{ADDRESS}),", _EVENT),
)
_SYSTEM = (
    "1,2026/03/01 02:00:08,0012345,SYSTEM,auth,2817,2026/03/01 02:00:07,,auth-fail,Admins,0,0,general,medium,"
    "\"failed authentication for user 'eve'. Reason: Invalid username/password. From: 203.0.113.9.\",77,0x0,0,0,0,0,,fw1,0,0,2026-03-01T02:00:07.193+01:00"
)
FORMAT = Format(
    name="palo-alto",
    title="PAN-OS",
    about="`1,2026/03/01 02:00:08,0012345,TRAFFIC,end,2817,2026/03/01 02:00:07,192.0.2.1,…` of Palo Alto's firewalls: traffic, threat, system, configuration, GlobalProtect and User-ID.",
    order=311,
    body=Body(
        _STATEMENTS,
        signs=(",TRAFFIC,", ",THREAT,", ",SYSTEM,", ",CONFIG,", ",GLOBALPROTECT,", ",USERID,", ",HIP-MATCH,", ",HIPMATCH,"),
        owns=True,
    ),
    examples=(
        example(
            "Mar  1 02:00:08 fw1 1,2026/03/01 02:00:08,0012345,TRAFFIC,end,2817,2026/03/01 02:00:07,192.0.2.7,203.0.113.9,0.0.0.0,0.0.0.0,to-web,corp\\bob,,ssl,vsys1,in,out,"
            "e1,e2,log,,1,1,4000,443,0,0,0x1,tcp,allow,100,60,40,3",
            {
                "host.name": "fw1", "source.ip": "192.0.2.7", "source.port": 4000, "destination.ip": "203.0.113.9", "destination.port": 443, "rule.name": "to-web",
                "user.name": "bob", "user.domain": "corp", "network.transport": "tcp", "event.action": "allow", "source.bytes": 60, "destination.bytes": 40, **_ALLOWED, "@timestamp": "2026-03-01T02:00:07Z", "source": "fw1",
                "message": "fw1 1,2026/03/01 02:00:08,0012345,TRAFFIC,end,2817,2026/03/01 02:00:07,192.0.2.7,203.0.113.9,0.0.0.0,0.0.0.0,to-web,corp\\bob,,ssl,vsys1,in,out,"
                "e1,e2,log,,1,1,4000,443,0,0,0x1,tcp,allow,100,60,40,3",
            },
        ),
        example(
            _SYSTEM,
            {
                "host.name": "fw1", "user.name": "eve", "source.ip": "203.0.113.9", "event.action": "auth-fail", "log.level": "medium",
                "event.reason": "failed authentication for user 'eve'. Reason: Invalid username/password. From: 203.0.113.9.",
                **_LOGIN, **_FAILED, "@timestamp": "2026-03-01T01:00:07.193Z",
            },
        ),
        example(
            "1,2026/03/01 02:00:08,0012345,THREAT,vulnerability,2817,2026/03/01 02:00:07,203.0.113.9,192.0.2.7,0.0.0.0,0.0.0.0,from-web,,,web-browsing,vsys1,out,in,"
            "e1,e2,log,,1,1,4000,80,0,0,0x1,tcp,reset-both,\"a,b.php\",Some Overflow(12345),any,critical,client-to-server",
            {
                "source.ip": "203.0.113.9", "source.port": 4000, "destination.ip": "192.0.2.7", "destination.port": 80, "rule.name": "from-web", "network.transport": "tcp",
                "event.action": "reset-both", "event.detection": "Some Overflow", "event.gravity": "critical", "file.name": "a,b.php", **_THREAT, "@timestamp": "2026-03-01T02:00:07Z",
            },
        ),
    ),
)
