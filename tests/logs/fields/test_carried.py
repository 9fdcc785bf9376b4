"""What a container, a relay or a collector carries is read as itself, and what stands where it does not belong is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.logs.reading import read

_SSH = "Failed password for root from 203.0.113.9 port 22 ssh2"
_READ = {"host.name": "web9", "process.name": "sshd", "source.ip": "203.0.113.9", "message": _SSH}

LINES: tuple[tuple[str, dict[str, Any]], ...] = (
    (f"Mar  1 02:00:07 relay1 Mar  1 02:00:05 web9 sshd[77]: {_SSH}", _READ),
    (f"Mar  1 02:00:07 relay1 1 2026-03-01T02:00:06Z web9 sshd 77 - - {_SSH}", _READ),
    (f"2026-03-01T02:00:07Z stdout F Mar  1 02:00:05 web9 sshd[77]: {_SSH}", _READ),
    (
        '2026-01-15T23:00:20Z stdout F {"level":50,"msg":"login failed for user admin from 203.0.113.9","x":1}',
        {"message": "login failed for user admin from 203.0.113.9", "user.name": "admin"},
    ),
    ('Mar  1 02:00:07 web1 app: @cee: {"msg":"two","user":"eve"}', {"message": "two", "user.name": "eve"}),
    ("2026-03-03T08:00:02Z ERROR auth: refused", {"host.name": None, "log.level": "error"}),
    ("2026-03-03T08:00:02Z error-7 auth: refused", {"host.name": "error-7", "log.level": None}),
    ("<34>1 2026-03-01T02:00:06Z web9 su - - - \ufeff'su root' failed for lon", {"user.name": "lon"}),
    ("2026-03-01 02:00:06Z login failed, user bob", {"user.name": "bob"}),
    ("2026-06-25 19:58:56 Europe/Berlin ready", {"@timestamp": None}),
    ('{"msg":"ready\\n","asctime":"2026-03-01 10:00:00,5"}', {"message": "ready"}),
    ('{"MESSAGE":[72,195,188,116,116,101],"_HOSTNAME":"h1"}', {"message": "Hütte", "host.name": "h1"}),
    (
        '{"status":2,"state":"running","user":{"uid":1000,"groups":[]},"account":null}',
        {"user.name": None, "http.response.status_code": None},
    ),
    ("Mar  1 02:00:07 proxy1 gw: destination=192.0.2.44 policy=allow", {"source.ip": None}),
    ("app: Server IP=192.0.2.1 Peer IP=203.0.113.9 Peer port=5", {"source.ip": "203.0.113.9"}),
    (
        '[GIN] 2026/03/03 - 08:00:05 | 401 |     505us |       203.0.113.9 | POST     "/client"',
        {"http.response.status_code": 401, "http.request.method": "POST", "url.path": "/client"},
    ),
    (
        '{"agent":{"ip":"10.0.0.33"},"data":{"win":{"eventdata":{"ipAddress":"203.0.113.9"}}},"msg":"x"}',
        {"source.ip": "203.0.113.9"},
    ),
    ('{"msg":"x","resource":{"type":"vm"}}', {"event.action": None}),
    (
        '{"eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Failure"}}',
        {"event.outcome": "failure"},
    ),
)


@pytest.mark.parametrize(("line", "wanted"), LINES)
def test_a_line_says_what_it_carries_and_nothing_that_it_does_not(line: str, wanted: dict[str, Any]) -> None:
    [event] = read(line).events.to_dicts()
    assert {name: event[name] for name in wanted} == wanted


def test_the_time_of_a_carried_line_counts_where_it_has_a_zone_and_else_the_carriers() -> None:
    said = ["2026-03-01T02:00:05+01:00 web9 app: one", "Mar  1 02:00:05 web9 app: two"]
    done = read("".join(f"2026-03-01T02:00:07Z stdout F {one}\n" for one in said))
    assert [time.isoformat() for (time,) in done.cells("@timestamp")] == [
        "2026-03-01T01:00:05+00:00",
        "2026-03-01T02:00:07+00:00",
    ]
