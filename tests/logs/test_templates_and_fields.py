"""Templates tell messages apart and their variable parts not; fields hold what they are named for or nothing."""

from __future__ import annotations

import pytest

from tests.logs.reading import read


def template(line: str) -> str:
    ((text,),) = read(line + "\n").cells("template")
    return str(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("took 5 ms", "took 12345 ms"), ("job a1b2c3 ended", "job 99ff00 ended"), ("from 203.0.113.9", "from 198.51.100.77"),
        ("from 203.0.113.9:4022", "from 198.51.100.7:1"), ("blocked by user alice", "blocked by user bob"),
        ("Failed password for alice", "Failed password for bob"), ("user=alice x", "user=bob x"),
        ("at 12:00:01 on 2026-01-01", "at 23:59:59 on 2025-12-31"), ("  padded 1", "padded 2"),
        ("x" * 400 + " one", "x" * 400 + " other"),
    ],
)  # fmt: skip
def test_what_varies_is_no_part_of_a_template(one: str, other: str) -> None:
    assert template(one) == template(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("job ended", "job began"), ("took # ms", "took # s"), ("disk full", "disk full!"), ("a b", "a  b"),
        ("user alice logged in", "user alice logged out"), ("x" * 399 + "y", "x" * 399 + "z"), ("Job", "job"),
    ],
)  # fmt: skip
def test_what_differs_in_words_is_another_template(one: str, other: str) -> None:
    assert template(one) != template(other)


def test_a_templates_id_is_the_same_for_everyone() -> None:
    assert read("cache warmed\n").cells("template_id", "template") == [
        ("tpl-f9111f2dfaa8965b", "cache warmed")
    ]


FIELD_LINES = [
    # addresses: valid ones only
    ("connect from 203.0.113.9", "source.ip", "203.0.113.9"),
    ("connect from 255.255.255.255", "source.ip", "255.255.255.255"),
    ("connect from 256.1.1.1", "source.ip", None),
    ("connect from 1.2.3", "source.ip", None),
    ("connect from 01.2.3.4", "source.ip", None),
    ("connect from 1.2.3.4.5", "source.ip", None),
    ("connect from 2001:db8::1", "source.ip", "2001:db8::1"),
    ("connect from 2001:db8:::1", "source.ip", None),
    ("src=203.0.113.9 dst=192.0.2.1", "destination.ip", "192.0.2.1"),
    ("src=203.0.113.9 dst=192.0.2.256", "destination.ip", None),
    # ports
    ("from 203.0.113.9 port 65535", "source.port", 65535),
    ("from 203.0.113.9 port 65536", "source.port", None),
    ("from nowhere port 22", "source.port", None),
    # who and where
    ("2026-01-01T00:00:00Z h1 app[42]: x", "host.name", "h1"),
    ("2026-01-01T00:00:00Z h1 app[42]: x", "process.name", "app"),
    ("2026-01-01T00:00:00Z h1 app[42]: x", "process.pid", 42),
    ("<34>1 2026-01-01T00:00:00Z - - - - - x", "host.name", None),
    ("Failed password for invalid user bob from 203.0.113.9", "user.name", "bob"),
    ("Mar  1 00:00:00 h sudo: eve : TTY=pts/1 ; USER=root ; COMMAND=/bin/sh", "user.name", "eve"),
    # level, action, status, path
    ("ERROR x", "log.level", "error"),
    ("level=Warning x", "log.level", "warning"),
    ("action=deny x", "event.action", "deny"),
    ("status=404 x", "http.response.status_code", 404),
    ("status=600 x", "http.response.status_code", None),
    ('h - - [31/Dec/2025:23:59:59 +0000] "GET /a/b?c=d HTTP/1.1" 200 1', "url.path", "/a/b"),
    ('h - - [31/Dec/2025:23:59:59 +0000] "GET /a#b HTTP/1.1" 200 1', "url.path", "/a"),
    ('h - eve [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 1', "user.name", "eve"),
    ('h - - [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 1', "user.name", None),
]


@pytest.mark.parametrize(("line", "field", "value"), FIELD_LINES)
def test_a_field_holds_what_it_is_named_for_or_nothing(line: str, field: str, value: object) -> None:
    assert read(line + "\n").cells(field) == [(value,)]


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ('"src_ip":"203.0.113.9"', "source.ip", "203.0.113.9"),
        ('"src_ip":"::ffff:203.0.113.9"', "source.ip", "203.0.113.9"),
        ('"src_ip":"999.1.1.1"', "source.ip", None),
        ('"source":{"ip":"203.0.113.9"}', "source.ip", "203.0.113.9"),
        ('"source.ip":"203.0.113.9"', "source.ip", "203.0.113.9"),
        ('"pid":"77"', "process.pid", 77),
        ('"pid":"x77"', "process.pid", None),
        ('"status":404', "http.response.status_code", 404),
        ('"level":"WARN"', "log.level", "warn"),
        ('"user":{"name":"eve"}', "user.name", "eve"),
        ('"user":["eve"]', "user.name", "eve"),
    ],
)
def test_a_key_of_json_says_a_field(record: str, field: str, value: object) -> None:
    assert read('{"message":"m",' + record + "}\n", "a.jsonl").cells(field) == [(value,)]


@pytest.mark.parametrize(
    ("line", "name", "source"),
    [
        ("2026-01-01T00:00:00Z h1 app[42]: x", "a.log", "app"),
        ("plain words", "web-access.log.gz.log", "web-access.log.gz"),
        ("plain words", "C:\\logs\\iis.txt", "iis"),
        ('{"message":"m","service":"billing"}', "a.jsonl", "billing"),
        ('{"message":"m"}', "a.jsonl", "a"),
        ("x" * 300 + ": y", "a.log", "a"),
    ],
)
def test_the_source_is_the_program_and_else_the_file(line: str, name: str, source: str) -> None:
    assert read(line + "\n", name).cells("source") == [(source,)]


def test_a_key_s_value_deceives_nobody_though_json_wrote_its_controls_as_escapes() -> None:
    line = r'{"message": "m", "user": "a\u0000b", "host": "h\u001b[31mx", "cmdline": "x\u202ey"}'
    for text, name in ((line, "a.jsonl"), (f"Mar  1 02:00:00 h app[1]: {line}", "a.log")):
        assert read(text + "\n", name).cells("user.name", "process.command_line") == [("ab", "x\ufffdy")]
