"""Templates tell messages apart and their variable parts not; fields hold what they are named for or nothing."""

from __future__ import annotations

import polars as pl
import pytest

from soc.logs.text.shapes import shapes_of
from soc.logs.text.templates import mask_messages
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
        ("x" * 400 + " one", "x" * 400 + " other"), ("a b", "a  b"), ("job of eve@example.com", "job of bob@mx.example.org"),
        ("read /var/log/a.log twice", "read /etc//b twice"), ("open C:\\a\\b.txt now", "open D:\\c now"), ("at Fri, Jan 1", "at Mon, Feb 2"),
        ("get https://a.example/b?c=d now", "get ftp://198.51.100.7/x now"), ("from web-1.example.net:80", "from db.example.org:1"),
        ("id 550e8400-e29b-41d4-a716-446655440000 ok", "id abcdefab-0000-4000-8000-bbbbbbbbbbbb ok"), ("0xdeadBEEF1 set", "0x0 set"),
        ("mac 00:1B:44:11:3a:b7", "mac AA:BB:CC:DD:EE:FF"), ("peer 2001:db8::1 up", "peer fe80::a:b:c up"), ("flag=true", "flag=false"),
        ("Invalid user  from 192.0.2.1", "Invalid user bob from 192.0.2.1"), ("rate -5.2% now", "rate 17 now"), ("ids 1,2,3", "ids 4,5"),
        ("ids 1 2 3 4 5 6", "ids 1 2 3 4 5 6 7 8"), ("on host web-eu-7 now", "on host db-us-west-12 now"),
    ],
)  # fmt: skip
def test_what_varies_is_no_part_of_a_template(one: str, other: str) -> None:
    assert template(one) == template(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("job ended", "job began"), ("took # ms", "took # s"), ("disk full", "disk full!"), ("either/or", "neither/nor"),
        ("user alice logged in", "user alice logged out"), ("x" * 399 + "y", "x" * 399 + "z"), ("Job", "job"),
        ("signed with sha1", "signed with md5"), ("port 22/tcp", "port 22/udp"), ("java.io.IOException: gone", "java.io.EOFException: gone"),
        ("GET failed", "PUT failed"), ("1 1 1", "1 1"),
    ],
)  # fmt: skip
def test_what_differs_in_words_is_another_template(one: str, other: str) -> None:
    assert template(one) != template(other)


@pytest.mark.parametrize(
    "header",
    [
        "2026-01-01 10:00:00,123 INFO  [main] com.shop.Order - ", "2026-01-01 10:00:00,123 - WARN  [Peer[id=1]/0:0:0:0:0:0:0:0:2181:Quorum@77] - ",
        "- 1117838570 2026.06.03 R02-M1-N0 2026-06-03-15.42.50.675872 R02-M1-N0 RAS KERNEL INFO ", "20260101-10:15:29:606|Step_X|3000|",
        "n.log.2026-01-01_10:00:00 2026-01-01 10:00:00.008 2931 ERROR api.server.wsgi [req-a1b2 99 77 - - -] ", "17/06/09 20:10:40 INFO store.Blocks: ",
        "2026-01-01 04:30:31, Info                  CBS    ", "03-17 16:13:38.811  1702  2395 D WindowManager: ", "[10.30 16:49:06] shop.exe *64 - ",
        "134681 node-246 unix.hw state.gone 1077804742 1 ", "- 1131566461 2026.11.09 dn228 Nov 9 12:01:01 dn228/dn228 cron(pam_unix)[2915]: ", "",
        "Mar  1 00:00:00 h app[7]: ", "[Sun Mar 01 05:15:09 2026] [error] [client 192.0.2.1] ", "dfs.DataNode$Receiver: ",
    ],
)  # fmt: skip
def test_a_template_is_of_the_message_without_its_header(header: str) -> None:
    assert template(header + "stored block 5 of Alice [kept: yes]") == "stored block <*> of Alice [kept: yes]"


def test_a_template_shows_each_variable_part_as_one_star() -> None:
    assert template('from 192.0.2.1:22 "GET /a?b=1 HTTP/1.1" in 0.5 s by user=eve of /srv/x, ssh2') == (
        'from <*>:<*> "GET <*>" in <*> s by user=<*> of <*>, ssh2'
    )


def test_templates_are_the_same_for_few_messages_and_for_many() -> None:
    """Expressions that cannot match a few texts are left out there; many texts meet them all."""
    texts = [f"one {'x' * number} eve@example.com at /a/b of C:\\d" for number in range(302)]
    many, _ = mask_messages(shapes_of(pl.Series(texts)))
    assert many.to_list() == [mask_messages(shapes_of(pl.Series([text])))[0].item() for text in texts]


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
