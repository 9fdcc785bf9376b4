"""Databases: who connected and who was refused, by MySQL, MariaDB, PostgreSQL and SQL Server."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_LOGIN = {"event.category": "authentication", "event.type": "start"}
_FAILED, _IN = {**_LOGIN, "event.outcome": "failure"}, {**_LOGIN, "event.outcome": "success"}
_CAME = {"event.category": "network", "event.type": "start"}
_GONE = {"event.category": "session", "event.type": "end"}
_BEFORE = r".{0,200}?"
_LEVEL = rf"(?:{_BEFORE}\[(?P<log_level>Note|Warning|Error|ERROR|System)\])?{_BEFORE}"
_ACCOUNT = rf"'?(?P<user_name>[^'@\s]*)'?@'?(?:(?P<source_ip>{ADDRESS})|[^'\s]*)'?"
_HOST = rf"(?:(?P<source_ip>{ADDRESS})|[^\"(\s]*)"
#: What the beginning of a line may tell of the peer: `bob@shop 192.0.2.1(4000)`.
_PREFIX = (
    rf"(?:{_BEFORE}[\s=,\[](?P<source_ip>{ADDRESS})(?:\((?P<source_port>\d{{1,5}})\)|[\s,\]:]))?{_BEFORE}"
)

# fmt: off
_STATEMENTS = (
    Statement("Access denied for user", rf"{_LEVEL}(?P<event_reason>Access denied for user) {_ACCOUNT}", _FAILED),
    Statement("is not allowed to connect", rf"{_LEVEL}Host '(?:(?P<source_ip>{ADDRESS})|[^']*)' (?P<event_reason>is not allowed to connect)", _FAILED),
    Statement("is blocked because of", rf"{_LEVEL}Host '(?:(?P<source_ip>{ADDRESS})|[^']*)' (?P<event_reason>is blocked because of many connection errors)", _FAILED),
    Statement("Aborted connection", rf"{_LEVEL}Aborted connection \d+ to db: '[^']*' user: '(?P<user_name>[^']*)' host: '(?:(?P<source_ip>{ADDRESS})|[^']*)' \((?P<event_reason>[^)]*)", _GONE),
    Statement("Connect\t", rf"{_BEFORE}Connect\t{_ACCOUNT} on", _IN),
    Statement("authentication failed for user", rf"{_PREFIX}(?P<log_level>FATAL):  ?(?P<event_reason>[\w-]{{1,40}} authentication failed) for user \"(?P<user_name>[^\"]*)\"", _FAILED),
    Statement("pg_hba.conf", rf"{_BEFORE}(?P<log_level>FATAL):  ?(?P<event_reason>(?:no pg_hba.conf entry|pg_hba.conf rejects connection)) for host \"{_HOST}\", user \"(?P<user_name>[^\"]*)\"", _FAILED),
    *(
        Statement(words, rf"{_PREFIX}(?P<log_level>FATAL):  ?(?P<event_reason>role) \"(?P<user_name>[^\"]*)\" (?:{words})", _FAILED)
        for words in ("does not exist", "is not permitted to log in")
    ),
    Statement("connection received: ", rf"{_BEFORE}(?P<log_level>LOG):  ?connection received: host={_HOST}(?: port=(?P<source_port>\d{{1,5}}))?", _CAME),
    Statement("connection authorized: ", rf"{_PREFIX}(?P<log_level>LOG):  ?connection authorized: user=(?P<user_name>\S+)", _IN),
    Statement("disconnection: ", rf"{_BEFORE}(?P<log_level>LOG):  ?disconnection: .{{0,100}}?user=(?P<user_name>\S+) .{{0,100}}?host={_HOST}(?: port=(?P<source_port>\d{{1,5}}))?", _GONE),
    Statement("Login failed for user", rf"{_BEFORE}Login failed for user '(?P<user_name>[^']*)'\.?(?: Reason: (?P<event_reason>[^\[]{{1,200}}[^\[\s]))? ?(?:\[CLIENT: (?:(?P<source_ip>{ADDRESS})|[^\]]*)\])?", _FAILED),
    Statement("Login succeeded for user", rf"{_BEFORE}Login succeeded for user '(?P<user_name>[^']*)'.{{0,200}}?\[CLIENT: (?:(?P<source_ip>{ADDRESS})|[^\]]*)\]", _IN),
)
FORMAT = Format(
    name="database-logins",
    title="MySQL, PostgreSQL, SQL Server",
    about="`Access denied for user 'root'@'192.0.2.1'`, `FATAL:  password authentication failed for user \"bob\"`, `Login failed for user 'sa'. Reason: … [CLIENT: 192.0.2.1]`.",
    order=330,
    body=Body(
        _STATEMENTS,
        closed=False,
        programs=("mysqld", "mariadbd", "mysql", "postgres", "postgresql"),
        signs=("Access denied for user '", " authentication failed for user \"", "pg_hba.conf", "connection received: host=", "connection authorized: user=", "Login failed for user '", "Login succeeded for user '", "Aborted connection "),
        names=False,
    ),
    examples=(
        example(
            "2026-03-01T02:00:07.123456Z 12 [Note] [MY-010926] [Server] Access denied for user 'root'@'203.0.113.9' (using password: YES)\n"
            "2026-03-01 02:00:08.123 UTC [77] bob@shop 203.0.113.9(4000) FATAL:  password authentication failed for user \"bob\"\n"
            "2026-03-01 02:00:09.12 Logon       Login failed for user 'sa'. Reason: Password did not match that for the login provided. [CLIENT: 203.0.113.9]",
            {"user.name": "root", "source.ip": "203.0.113.9", "log.level": "note", "event.reason": "Access denied for user", **_FAILED, "@timestamp": "2026-03-01T02:00:07.123456Z"},
            {
                "user.name": "bob", "source.ip": "203.0.113.9", "source.port": 4000, "log.level": "fatal", "event.reason": "password authentication failed", **_FAILED,
                "@timestamp": "2026-03-01T02:00:08.123Z",
            },
            {
                "user.name": "sa", "source.ip": "203.0.113.9", "event.reason": "Password did not match that for the login provided.", **_FAILED,
                "@timestamp": "2026-03-01T02:00:09.120Z",
            },
        ),
    ),
)
