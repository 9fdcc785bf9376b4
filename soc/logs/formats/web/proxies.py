"""Proxies and balancers that say who asked whom for what: Squid, HAProxy, AWS' load balancers; and nginx' error log."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_WEB = {"event.category": "web", "event.type": "access"}
_DENIED = {"event.category": "web", "event.type": "denied", "event.outcome": "failure"}
_FLOW = {"event.category": "network", "event.type": "connection"}
_ERROR = {"event.category": "web", "event.type": "error"}
_FAILED = {"event.category": "authentication", "event.type": "start", "event.outcome": "failure"}
_STATUS = r"(?P<http_response_status_code>\d{3})"
_URL = r"(?P<url_full>(?:https?|ftp|wss?)://(?P<url_domain>[^/:\s\"?]{1,255})(?::\d{1,5})?(?P<url_path>/[^\s\"?#]*)?[^\s\"]*)"
_ASKED = rf"(?P<http_request_method>[A-Z]{{3,17}}) (?:{_URL}|(?P<url_path__2>/[^\s\"?#]*)[^\s\"]*|[^\s\"]*)"
_SQUID = rf"(?:(?P<time>\d{{10}}\.\d{{3}}) )? *\d+ (?P<source_ip>{ADDRESS}) (?P<event_action>"
_TO = rf"(?:-|(?P<user_name>\S+)) [A-Z_]+/(?:(?P<destination_ip>{ADDRESS})|\S+)"
_PEER = rf"(?P<source_ip>{ADDRESS}):(?P<source_port>\d{{1,5}})"
_HAPROXY = rf"{_PEER} \[(?P<time>\d\d/\w{{3}}/\d{{4}}:\d\d:\d\d:\d\d)(?:\.\d{{1,6}})?\] \S+ \S+ "
_BALANCER = rf"(?:https?|h2|grpcs|wss?) (?P<time>\d{{4}}-\d\d-\d\dT\S{{8,20}}) \S+ {_PEER} (?:(?P<destination_ip>{ADDRESS}):(?P<destination_port>\d{{1,5}})|-) "
_NGINX = r"(?:(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) )?\[(?P<log_level>\w{3,9})\] (?P<process_pid>\d+)#\d+: (?:\*\d+ )?"
_NGINX_ENDS = rf", client: (?P<source_ip>{ADDRESS})(?:, server: [^,]*)?(?:, request: \"{_ASKED}[^\"]*\")?(?:.{{0,400}}?, host: \"(?P<url_domain__2>[^\":]*))?"

# fmt: off
_STATEMENTS = (
    Statement("_DENIED/", rf"{_SQUID}\w{{3,40}}_DENIED)/{_STATUS} \d+ (?P<http_request_method>[A-Z_]{{3,17}}) (?:{_URL}|(?P<url_domain__2>[^\s:/]+):\d+|\S+) {_TO}", _DENIED),
    Statement("/", rf"{_SQUID}(?:TCP|UDP|NONE)[A-Z_]{{0,40}})/{_STATUS} \d+ (?P<http_request_method>[A-Z_]{{3,17}}) (?:{_URL}|(?P<url_domain__2>[^\s:/]+):\d+|\S+) {_TO}", _WEB),
    Statement('"', rf"{_HAPROXY}[-+\d/]+ {_STATUS} .{{0,400}}?\"{_ASKED}", _WEB),
    Statement("/", rf"{_HAPROXY}[-+\d/]+ \d+ \S\S [\d/]+ [\d/]+$", _FLOW),
    Statement("[", rf"{_PEER} \[(?P<time>\d\d/\w{{3}}/\d{{4}}:\d\d:\d\d:\d\d)(?:\.\d{{1,6}})?\] \S+: (?P<event_reason>.{{1,200}})$", _FLOW),
    Statement("Connect from ", rf"Connect from {_PEER} to (?P<destination_ip>{ADDRESS}):(?P<destination_port>\d{{1,5}})", _FLOW),
    Statement("HTTP/", rf"{_BALANCER}(?:[-\d.]+ ){{3}}(?:{_STATUS}|-) (?:\d{{3}}|-) \d+ \d+ \"{_ASKED}[^\"]*\" \"(?P<user_agent_original>[^\"]*)\"", _WEB),
    *(
        Statement(words, rf"{_NGINX}user \"(?P<user_name>[^\"]*)\"(?P<event_reason>{words}).{{0,400}}?{_NGINX_ENDS}", _FAILED)
        for words in (": password mismatch", " was not found in")
    ),
    Statement(", client: ", rf"{_NGINX}(?P<event_reason>.{{1,2000}}?){_NGINX_ENDS}", _ERROR),
    Statement("client ", rf"{_NGINX}client {_PEER} connected to (?P<destination_ip>{ADDRESS}):(?P<destination_port>\d{{1,5}})", _FLOW),
    Statement("#", rf"{_NGINX}(?P<event_reason>.{{1,2000}})$", _ERROR),
)
FORMAT = Format(
    name="proxy",
    title="Squid, HAProxy, load balancers, nginx errors",
    about="`1767225600.123 180 192.0.2.1 TCP_MISS/200 4103 GET http://example.com/ - DIRECT/… text/html`; HAProxy's lines; `https 2026-03-01T02:00:07.1Z app/… 192.0.2.1:4000 …`; nginx' error log.",
    order=331,
    body=Body(
        _STATEMENTS,
        closed=False,
        programs=("haproxy", "squid"),
        signs=(" TCP_", " NONE/", " UDP_", " NONE_NONE", " app/", "[error] ", "[warn] ", "[crit] ", "[alert] ", "[emerg] ", "[notice] ", "[info] "),
    ),
    examples=(
        example(
            "1767225600.123    180 192.0.2.1 TCP_MISS/200 4103 GET http://www.example.com/a?b=c bob HIER_DIRECT/198.51.100.7 text/html",
            {
                "source.ip": "192.0.2.1", "user.name": "bob", "destination.ip": "198.51.100.7", "event.action": "TCP_MISS", "http.response.status_code": 200,
                "http.request.method": "GET", "url.full": "http://www.example.com/a?b=c", "url.domain": "www.example.com", "url.path": "/a", "event.outcome": "success", **_WEB,
                "@timestamp": "2026-01-01T00:00:00.123Z",
            },
        ),
        example(
            "Mar  1 02:00:07 lb1 haproxy[77]: 203.0.113.9:4000 [01/Mar/2026:02:00:07.123] web app/srv1 10/0/30/69/109 404 2750 - - ---- 1/1/1/1/0 0/0 \"GET /a HTTP/1.1\"",
            {
                "host.name": "lb1", "process.name": "haproxy", "process.pid": 77, "source": "haproxy", "source.ip": "203.0.113.9", "source.port": 4000,
                "http.request.method": "GET", "url.path": "/a", "http.response.status_code": 404, "event.outcome": "failure", **_WEB, "@timestamp": "2026-03-01T02:00:07Z",
                "message": "203.0.113.9:4000 [01/Mar/2026:02:00:07.123] web app/srv1 10/0/30/69/109 404 2750 - - ---- 1/1/1/1/0 0/0 \"GET /a HTTP/1.1\"",
            },
        ),
        example(
            "https 2026-03-01T02:00:07.186641Z app/lb/50dc 203.0.113.9:4000 192.0.2.7:80 0.0 0.1 0.0 200 200 34 366 \"GET https://www.example.com:443/a HTTP/1.1\" \"curl/8\" - -",
            {
                "source.ip": "203.0.113.9", "source.port": 4000, "destination.ip": "192.0.2.7", "destination.port": 80, "http.response.status_code": 200,
                "http.request.method": "GET", "url.full": "https://www.example.com:443/a", "url.domain": "www.example.com", "url.path": "/a", "user_agent.original": "curl/8",
                "event.outcome": "success", **_WEB, "@timestamp": "2026-03-01T02:00:07.186641Z",
            },
        ),
        example(
            "2026/03/01 02:00:07 [error] 77#77: *5 user \"eve\": password mismatch, client: 203.0.113.9, server: web, request: \"GET /a HTTP/1.1\", host: \"www.example.com\"",
            {
                "log.level": "error", "process.pid": 77, "user.name": "eve", "event.reason": ": password mismatch", "source.ip": "203.0.113.9",
                "http.request.method": "GET", "url.path": "/a", "url.domain": "www.example.com", **_FAILED, "@timestamp": "2026-03-01T02:00:07Z",
            },
        ),
    ),
)
