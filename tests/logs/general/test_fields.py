"""Fields of records that no format knows, by the words of their keys; the products are made up."""

from __future__ import annotations

import orjson
import pytest

from soc.logs.general.pairs import UNIT, json_pairs
from soc.logs.general.plans import read_pairs


def fields(record: object) -> dict[str, str]:
    pairs = json_pairs(orjson.dumps(record).decode())
    assert pairs is not None
    return dict(read_pairs(*pairs))


@pytest.mark.parametrize(
    ("record", "source"),
    [
        ({"client": {"addr": "192.0.2.1"}, "server": {"addr": "192.0.2.9"}}, "192.0.2.1"),
        ({"attackerIp": "192.0.2.1", "ip": "192.0.2.9"}, "192.0.2.1"),
        ({"ip": "192.0.2.1"}, "192.0.2.1"),
        ({"src": "192.0.2.1:4410"}, "192.0.2.1"),
        ({"src": "inside:192.0.2.1/22"}, "192.0.2.1"),
        ({"RemoteAddress": "IPV4/UDP/192.0.2.1/5071"}, "192.0.2.1"),
        ({"clientIp": "192.0.2.1, 10.0.0.1"}, "192.0.2.1"),
        ({"sourceIPs": ["192.0.2.1", "192.0.2.2"]}, "192.0.2.1"),
        ({"src_ip": "2001:0db8:0000::0001"}, "2001:db8::1"),
        ({"src_ip": "::ffff:192.0.2.1"}, "192.0.2.1"),
        # none is better than a wrong one
        ({"src_ip": "host-a", "client_ip": "192.0.2.1"}, "192.0.2.1"),
        ({"src_ip": "0.0.0.0"}, None),
        ({"src_ip": "n/a"}, None),
        ({"dst_ip": "192.0.2.9", "dns_server_ip": "192.0.2.8", "nat_ip": "192.0.2.7"}, None),
        ({"version_ip": "1.2.3.4"}, None),
        ({"destination": {"ip": "192.0.2.9"}, "dns": {"answers": {"ip": "192.0.2.8"}}}, None),
    ],
)
def test_the_source_is_who_acts(record: object, source: str | None) -> None:
    assert fields(record).get("source.ip") == source


def test_a_machine_tells_of_its_own_end_first_and_a_server_of_its_visitors() -> None:
    ends = {"localAddress": "10.0.0.5", "remoteAddress": "203.0.113.9"}
    on_a_machine = fields({**ends, "processName": "curl"})
    assert (on_a_machine["source.ip"], on_a_machine["destination.ip"]) == ("10.0.0.5", "203.0.113.9")
    assert fields({**ends, "service": "sip"})["source.ip"] == "203.0.113.9"


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ({"user": "CORP\\alice"}, "user.name", "alice"),
        ({"actor": {"userName": "alice"}, "browser": {"userAgent": "Mozilla/5.0"}}, "user.name", "alice"),
        ({"userAgent": "Mozilla/5.0"}, "user.name", None),
        ({"userAgent": "Mozilla/5.0"}, "user_agent.original", "Mozilla/5.0"),
        ({"deviceName": "WS-14"}, "host.name", "WS-14"),
        ({"deviceName": "192.0.2.1"}, "host.name", None),
        ({"targetUserName": "bob", "user": "eve"}, "user.target.name", "bob"),
        ({"targetUserName": "bob", "user": "eve"}, "user.name", "eve"),
        ({"proc": {"image": "C:\\x\\evil.exe", "ppid": 4}}, "process.name", "evil.exe"),
        ({"proc": {"image": "C:\\x\\evil.exe", "ppid": 4}}, "process.parent.pid", "4"),
        ({"parentCmdline": "a", "cmdline": "evil.exe -x"}, "process.command_line", "evil.exe -x"),
        ({"httpStatus": 404}, "http.response.status_code", "404"),
        ({"httpStatus": 4041}, "http.response.status_code", None),
        ({"request": "POST /a/b?c=d HTTP/1.1"}, "url.path", "/a/b"),
        ({"request": "POST /a/b?c=d HTTP/1.1"}, "http.request.method", "POST"),
        ({"childPath": "C:\\x\\a.exe", "parentPath": "C:\\x\\b.exe"}, "process.name", "a.exe"),
        ({"childPath": "C:\\x\\a.exe"}, "process.name", None),
        ({"fileHash": "d41d8cd98f00b204e9800998ecf8427e"}, "file.hash.md5", "d41d8cd98f00b204e9800998ecf8427e"),
        ({"fileHash": "d41d8cd98f00b204e9800998ecf8427e"}, "file.hash.sha256", None),
        ({"loginResult": "FAILED"}, "event.outcome", "failure"),
        ({"decision": "allowed"}, "event.outcome", "success"),
        ({"loginResult": "unclear"}, "event.outcome", None),
        ({"LOGIN_STATUS": "LOGIN_ERROR_INVALID_PASSWORD"}, "event.outcome", "failure"),
        ({"loginStatus": "the error was mended"}, "event.outcome", None),
        ({"action": "repo.add_member", "actor": "ann", "user": "bob"}, "user.name", "ann"),
        ({"pri": "alert"}, "log.level", "alert"),
        ({"pri": "5"}, "log.level", None),
        ({"queryName": "evil.example."}, "dns.question.name", "evil.example"),
        ({"conn_state": "REJ"}, "event.outcome", "failure"),
        ({"conn_state": "SF"}, "event.outcome", "success"),
        ({"conn_state": "OTH"}, "event.outcome", None),
        ({"sentbyte": 4400, "rcvdbyte": 77}, "source.bytes", "4400"),
        ({"bytes_sent": 4400, "bytes_received": 77}, "destination.bytes", "77"),
        ({"orig_bytes": 4400, "resp_bytes": 77}, "destination.bytes", "77"),
        ({"src_country": "Chile", "dst_country": "Norway"}, "source.geo.country_name", "Chile"),
        ({"actor": {"principalEmail": "eve@corp.example"}}, "user.name", "eve@corp.example"),
        ({"threatName": "Gen.Dropper"}, "rule.name", "Gen.Dropper"),
        ({"proto": 17}, "network.transport", "udp"),
        ({"destPort": 70000}, "destination.port", None),
        # a list of names with values is an object; text that is an object is one too
        ({"items": [{"Name": "ClientIP", "Value": "192.0.2.1"}]}, "source.ip", "192.0.2.1"),
        ({"details": '{"clientIp": "192.0.2.1"}'}, "source.ip", "192.0.2.1"),
        # the event's own time, and never when it was received
        ({"eventTime": "2026-03-03T08:00:01Z", "receivedTime": "2026-03-03T08:00:09Z"}, "@timestamp", "2026-03-03T08:00:01Z"),
        ({"receivedTime": "2026-03-03T08:00:09Z"}, "@timestamp", None),
        ({"requestReceivedTimestamp": "2026-03-03T08:00:07Z", "stageTimestamp": "2026-03-03T08:00:09Z"}, "@timestamp", "2026-03-03T08:00:07Z"),
        ({"time": "soon", "started_at": 1767225600123, "created": "2026-01-01T00:00:00Z"}, "@timestamp", "1767225600123"),
        ({"time": "soon", "started": "later", "created": "2026-01-01T00:00:00Z"}, "@timestamp", "2026-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_field_is_read_by_the_words_of_its_key(record: object, field: str, value: str | None) -> None:
    assert fields(record).get(field) == value


def test_what_was_started_is_the_process_and_who_started_it_its_parent() -> None:
    starter = {"initiatingProcessFileName": "cmd.exe", "initiatingProcessId": 7}
    started = {
        "fileName": "a.exe",
        "folderPath": "C:\\x\\a.exe",
        "processId": 9,
        "processCommandLine": "a.exe -x",
    }
    names = ["process.name", "process.pid", "process.executable", "process.parent.name", "process.parent.pid"]
    found = fields(starter | started)
    assert [found[name] for name in names] == ["a.exe", "9", "C:\\x\\a.exe", "cmd.exe", "7"]
    # a file that a program wrote has no command
    wrote = fields(starter | {"fileName": "a.docx", "folderPath": "C:\\x\\a.docx"})
    assert (wrote["process.name"], wrote["process.pid"], wrote.get("process.parent.name")) == (
        "cmd.exe",
        "7",
        None,
    )


def test_a_client_s_time_is_the_event_s_and_the_start_comes_before_the_receipt() -> None:
    early, late = "2026-03-01T02:00:00Z", "2026-03-01T02:00:09Z"
    assert fields({"serverTimestamp": late, "clientTimestamp": early})["@timestamp"] == early
    assert fields({"rt": late, "start": early})["@timestamp"] == early
    assert fields({"rt": late})["@timestamp"] == late


def test_the_keys_above_count_and_a_nearer_word_counts_more() -> None:
    record = {
        "source": {"geo": {"ip": "192.0.2.7"}, "ip": "192.0.2.1"},
        "nested": {"deep": {"ip": "192.0.2.8"}},
    }
    assert fields(record)["source.ip"] == "192.0.2.1"


def test_what_is_deep_or_endless_is_cut_and_no_failure() -> None:
    deep: dict[str, object] = {"src_ip": "192.0.2.1"}
    for _ in range(60):
        deep = {"a": deep}
    assert fields(deep) == {}
    assert fields({f"key{number}": "x" for number in range(5000)} | {"src_ip": "192.0.2.1"}) == {}
    assert json_pairs('{"a": ') is None
    paths, _ = json_pairs('{"a": {"b": 1}}') or ([], [])
    assert paths == [f"a{UNIT}b"]


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ({"event": {"category": ["authentication"], "kind": "alert"}}, "event.category", "authentication"),
        ({"event": {"category": ["authentication"], "kind": "alert"}}, "event.kind", "alert"),
        ({"category": "Malware"}, "event.category", "malware"),
        ({"category": "Very own words"}, "event.category", None),
        ({"category": "Very own words"}, "said.category", "Very own words"),
        ({"alertType": "Lateral movement"}, "said.type", "Lateral movement"),
        ({"actionTaken": "quarantined"}, "said.disposition", "quarantined"),
        ({"threat": {"name": "Gen.Dropper"}}, "said.threat", "Gen.Dropper"),
        ({"urlCategory": "News"}, "said.category", None),
    ],
)
def test_what_the_sender_calls_it_is_kept_in_its_words_and_in_those_of_ecs(
    record: object, field: str, value: str | None
) -> None:
    assert fields(record).get(field) == value


def test_who_comes_to_a_machine_is_the_source_where_the_record_says_so() -> None:
    ends = {"localAddress": "10.0.0.5", "localPort": 22, "remoteAddress": "203.0.113.9", "remotePort": 40000}
    came = fields({**ends, "processName": "sshd", "connectionDirection": "inbound"})
    assert (came["source.ip"], came["source.port"]) == ("203.0.113.9", "40000")
    assert (came["destination.ip"], came["destination.port"]) == ("10.0.0.5", "22")


def test_what_lies_deep_in_a_record_gives_way_to_what_stands_above() -> None:
    record = {"verb": "create", "object": {"meta": {"fields": [{"operation": "Update"}]}}}
    assert fields(record)["event.action"] == "create"


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ({"url": "https://u@shop.example:8443/a/b?c=d"}, "url.domain", "shop.example"),
        ({"url": "shop.example/a/b?c=d"}, "url.domain", "shop.example"),
        ({"url": "shop.example/a/b?c=d"}, "url.path", "/a/b"),
        ({"user": "CORP\\alice"}, "user.domain", "CORP"),
        ({"user": "alice@corp.example"}, "user.domain", "corp.example"),
        ({"user": "alice"}, "user.domain", None),
        ({"clientAddr": "192.0.2.1:4410"}, "source.port", "4410"),
        ({"upstream_addr": "192.0.2.9:8080"}, "destination.port", "8080"),
        ({"errorCode": 0}, "event.outcome", "success"),
        ({"errorCode": 50126}, "event.outcome", "failure"),
        ({"fileName": "a.exe", "commandLine": "a.exe -x"}, "process.name", "a.exe"),
        ({"fileName": "a.docx"}, "process.name", None),
    ],
)
def test_a_value_says_more_than_one_thing(record: object, field: str, value: str | None) -> None:
    assert fields(record).get(field) == value


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        (
            {"id.orig_h": "192.0.2.1", "id.orig_p": 4410, "id.resp_h": "192.0.2.9", "uid": "C1"},
            "source.port",
            "4410",
        ),
        ({"id": {"orig_h": "192.0.2.1", "resp_h": "192.0.2.9", "resp_p": 53}}, "destination.port", "53"),
        ({"uid": "C1"}, "user.name", None),
        ({"hostname": "www.example.com", "devname": "gw-1", "url": "/a"}, "host.name", "gw-1"),
        ({"hostname": "www.example.com", "devname": "gw-1", "url": "/a"}, "url.domain", "www.example.com"),
        ({"src": "192.0.2.1:4410:X0", "dst": "192.0.2.9:443:X1:www.example.com"}, "source.port", "4410"),
        ({"duser": "CORP\\eve", "dhost": "ws1"}, "user.name", "eve"),
        ({"duser": "eve", "suser": "bob"}, "user.name", "bob"),
        ({"dhost": "ws1"}, "host.name", "ws1"),
        ({"device_username": "eve"}, "user.name", "eve"),
        ({"rule": "5"}, "rule.name", None),
        ({"rule": "5 (LAN->WAN)"}, "rule.name", "5 (LAN->WAN)"),
        ({"domainname": "CORP"}, "url.domain", None),
        ({"messageId": "a@example.com"}, "event.code", None),
        ({"timestamp": "20260301020500.123"}, "@timestamp", "2026-03-01T02:05:00.123"),
        ({"timestamp": "1772330400123"}, "@timestamp", "1772330400123"),
    ],
)
def test_siblings_of_keys_that_mean_the_same(record: object, field: str, value: str | None) -> None:
    assert fields(record).get(field) == value


@pytest.mark.parametrize(
    ("record", "source"),
    [
        ({"remote_addr": "10.0.0.2", "http_x_forwarded_for": "203.0.113.7, 10.0.0.2"}, "203.0.113.7"),
        ({"remote_addr": "10.0.0.2", "headers": {"X-Forwarded-For": "203.0.113.7"}}, "203.0.113.7"),
        ({"remote_addr": "10.0.0.2", "xff": "203.0.113.7"}, "203.0.113.7"),
        ({"remote_addr": "10.0.0.2", "xff": "-"}, "10.0.0.2"),
        ({"remote_addr": "198.51.100.2", "xff": "203.0.113.7"}, "198.51.100.2"),
        ({"xff": "203.0.113.7"}, "203.0.113.7"),
    ],
)
def test_a_proxy_of_ones_own_is_believed_whom_it_asks_for(record: object, source: str) -> None:
    assert fields(record)["source.ip"] == source


def test_no_key_tells_of_both_ends_of_a_connection() -> None:
    assert "destination.ip" not in fields({"remote_addr": "192.0.2.1:4410", "status": 401})
