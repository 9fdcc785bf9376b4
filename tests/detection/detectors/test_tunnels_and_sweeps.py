"""Names that carry something, and hosts that refuse one of their own, at their edges."""

from __future__ import annotations

import json

from tests.logs.reading import read

_ASKED = (
    "Mar  2 02:{m:02d}:{s:02d} ns1 named[7]: client {ip}#4071 ({name}): query: {name} IN TXT + (192.0.2.53)\n"
)
_DROPPED = (
    "Mar  1 02:{m:02d}:{s:02d} fw1 kernel: [UFW BLOCK] IN=eth0 SRC={ip} DST={host} PROTO=TCP DPT={port}\n"
)


def asked(name: str, count: int = 60, ip: str = "10.0.0.9") -> str:
    names = [name.format(f"{n:042x}") for n in range(count)]
    return "".join(_ASKED.format(m=n // 60, s=n % 60, name=one, ip=ip) for n, one in enumerate(names))


def dropped(*hosts: str, ip: str = "10.0.0.9", port: int = 445) -> str:
    return "".join(
        _DROPPED.format(m=n // 60, s=n % 60, host=one, ip=ip, port=port) for n, one in enumerate(hosts)
    )


def test_a_tunnel_is_named_by_its_domain_and_holds_the_lines_of_who_asks() -> None:
    done = read(
        asked("{}.t.example.net") + asked("www.example.com", 5) + asked("{}.u.example.net", 3, "10.0.0.8")
    )
    (found,) = done.incidents
    assert found.title == "DNS tunnel over example.net from 10.0.0.9"
    assert (found.score, found.count) == (8, 60)
    assert found.reasons[0].title == "60 different long names of example.net asked for by 10.0.0.9"
    assert done.events["incident_id"].null_count() == 8


def test_one_long_name_again_names_of_many_domains_and_reversed_addresses_are_no_tunnel() -> None:
    many = "".join(asked("{}." + f"d{n}.example", 49) for n in range(2))
    nibbles = ".".join("0123456789abcdef" * 2)
    for log in (
        asked("a" * 45 + ".example.net"),
        many,
        asked(f"{nibbles}.ip6.arpa"),
        asked("{}.dnsbl.example.net").replace("0" * 39, ".".join("0" * 20) + "."),
    ):
        assert read(log).of("dns.tunnel") == [], log[:200]


def test_a_tunnel_under_a_domain_of_two_endings_is_named_by_it() -> None:
    (found,) = read(asked("{}.a.b.example.co.uk")).incidents
    assert "over example.co.uk from" in found.title


def test_hosts_inside_that_refuse_one_of_their_own_are_a_sweep_and_one_host_or_hosts_outside_are_none() -> (
    None
):
    hosts = [f"10.0.7.{n + 1}" for n in range(30)]
    (found,) = read(dropped(*hosts)).of("scan.sweep")
    assert (found.entity, found.score, found.count) == ("10.0.0.9", 8, 30)
    assert found.reasons[0].title == "30 hosts refused 10.0.0.9"
    outside = [f"203.0.113.{n + 1}" for n in range(30)]
    for log in (dropped(*hosts[:1] * 40), dropped(*outside), dropped(*hosts, ip="203.0.113.9")):
        assert read(log).of("scan.sweep") == [], log[:200]


def test_connections_that_never_came_about_count_for_sweeps_and_scans_and_logins_that_failed_do_not() -> None:
    def tried(to: list[tuple[str, int]], **more: str) -> str:
        line = {"id.orig_h": "10.0.0.9", "proto": "tcp", "conn_state": "S0", **more}
        return "".join(
            json.dumps({"ts": 1772330400 + n, **line, "id.resp_h": host, "id.resp_p": port}) + "\n"
            for n, (host, port) in enumerate(to)
        )

    hosts, ports = [(f"10.0.7.{n}", 22) for n in range(1, 31)], [("10.0.7.1", 7000 + n) for n in range(15)]
    assert [one.count for one in read(tried(hosts), "conn.jsonl").of("scan.sweep")] == [30]
    assert [one.count for one in read(tried(ports), "conn.jsonl").of("scan.ports")] == [15]
    for log in (tried(hosts, conn_state="SF"), tried(hosts + ports, user="eve")):
        assert not {"scan.sweep", "scan.ports"} & {one.rule_id for one in read(log, "conn.jsonl").incidents}


def test_who_is_refused_by_many_hosts_in_a_day_and_by_few_an_hour_is_no_sweep() -> None:
    line = "Mar  1 {h:02d}:{m:02d}:00 fw1 kernel: [UFW BLOCK] IN=eth0 SRC=10.0.0.9 DST=10.0.7.{n} PROTO=TCP DPT=161\n"

    def every(minutes: int) -> str:
        return "".join(line.format(h=n * minutes // 60, m=n * minutes % 60, n=n + 1) for n in range(90))

    assert read(every(3)).of("scan.sweep") == []
    assert [one.count for one in read(every(2)).of("scan.sweep")] == [90]
