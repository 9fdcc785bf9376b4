"""IIS' W3C log in its usual orders: the server's address stands before the client's."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_WEB = {"event.category": "web", "event.type": "access"}
_METHODS = (
    "GET",
    "POST",
    "HEAD",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "PROPFIND",
    "DEBUG",
    "TRACE",
    "CONNECT",
)

# fmt: off
_STATEMENTS = (
    Statement(
        " ",
        rf"(?:\S+ ){{0,2}}?(?P<destination_ip>{ADDRESS}) (?P<http_request_method>[A-Z]{{3,10}}) (?P<url_path>/\S*|\*) \S+ (?P<destination_port>\d{{1,5}}) (?:-|(?P<user_name>\S+)) (?P<source_ip>{ADDRESS}) "
        r"(?:HTTP/[\d.]+ )?(?:-|(?P<user_agent_original>\S+)) (?:\S+ ){0,3}?(?P<http_response_status_code>[1-5]\d\d) \d+ \d+(?: \d+){0,3}$",
        _WEB,
    ),
)
FORMAT = Format(
    name="iis",
    title="IIS, W3C",
    about="`2026-03-01 02:00:07 192.0.2.7 GET /a - 443 bob 203.0.113.9 Mozilla/5.0+… - 200 0 0 15`: date, time, server, method, path, query, port, user, client, agent, status.",
    order=332,
    body=Body(_STATEMENTS, signs=tuple(f" {name} /" for name in _METHODS)),
    examples=(
        example(
            "2026-03-01 02:00:07 192.0.2.7 GET /a.aspx id=7 443 CORP\\bob 203.0.113.9 Mozilla/5.0+(Windows) https://example.com/ 404 0 2 15",
            {
                "destination.ip": "192.0.2.7", "destination.port": 443, "source.ip": "203.0.113.9", "user.name": "bob", "user.domain": "CORP", "http.request.method": "GET", "url.path": "/a.aspx",
                "http.response.status_code": 404, "user_agent.original": "Mozilla/5.0+(Windows)", "event.outcome": "failure", **_WEB, "@timestamp": "2026-03-01T02:00:07Z",
            },
        ),
    ),
)
