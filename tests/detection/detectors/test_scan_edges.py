"""A scan begins at fifteen ports or twenty pages within the window, not one earlier."""

from __future__ import annotations

import pytest

from tests.detection.lines import WINDOW, missing, refused
from tests.logs.reading import Reading, read


def scans(done: Reading) -> list[tuple[str, str, int, int]]:
    """Without the few pages that are guessed at once: they have examples of their own."""
    return [
        (one.rule_id, one.entity, one.score, one.count)
        for one in done.incidents
        if one.rule_id in ("scan.ports", "scan.web")
    ]


def ports(count: int, seconds: float = 0, first: int = 1000) -> str:
    return "".join(refused(seconds, first + n) for n in range(count))


def pages(count: int, seconds: float = 0, prefix: str = "x") -> str:
    return "".join(missing(seconds, f"/{prefix}{n}") for n in range(count))


@pytest.mark.parametrize(("count", "found"), [(14, []), (15, [("scan.ports", "203.0.113.9", 8, 15)])])
def test_fifteen_ports_are_a_scan(count: int, found: list[object]) -> None:
    assert scans(read(ports(count))) == found


@pytest.mark.parametrize(("count", "found"), [(19, []), (20, [("scan.web", "203.0.113.9", 8, 20)])])
def test_twenty_pages_are_a_scan(count: int, found: list[object]) -> None:
    assert scans(read(pages(count))) == found


def test_a_port_or_page_counts_once_however_often_it_is_tried() -> None:
    assert scans(read(ports(14) * 5)) == []
    assert scans(read(pages(19) * 5)) == []
    assert scans(read(pages(19) + missing(0, "/x1?again=1"))) == []


@pytest.mark.parametrize(("after", "found"), [(WINDOW - 1, 1), (WINDOW, 1), (WINDOW + 1, 0)])
def test_halves_of_a_scan_join_within_the_window(after: int, found: int) -> None:
    assert len(scans(read(ports(8) + ports(8, after, first=2000)))) == found
    assert len(scans(read(pages(10) + pages(10, after, prefix="y")))) == found


@pytest.mark.parametrize(("step", "found"), [(1800, 0), (250, 0), (240, 1), (10, 1)])
def test_tries_count_by_how_many_there_are_in_a_window_on_average(step: int, found: int) -> None:
    text = "".join(refused(step * n, 1000 + n) for n in range(31))
    assert len(scans(read(text))) == found


def test_what_many_addresses_try_is_no_ones_scan() -> None:
    assert scans(read("".join(refused(0, 1000 + n, f"203.0.113.{n % 2}") for n in range(28)))) == []


@pytest.mark.parametrize("status", [200, 301, 403, 410, 500])
def test_only_pages_that_are_not_there_count(status: int) -> None:
    assert scans(read("".join(missing(0, f"/x{n}", status=status) for n in range(40)))) == []


def test_tries_without_a_time_count_together() -> None:
    line = "fw kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.9 DST=192.0.2.1 PROTO=TCP SPT=4 DPT={}\n"
    assert len(scans(read("".join(line.format(n) for n in range(1000, 1015))))) == 1
    assert len(scans(read("".join(line.format(n) for n in range(1000, 1014))))) == 0


def test_a_scan_takes_its_own_lines_and_an_attack_in_earnest_is_another_step() -> None:
    attack = missing(5, "/?f=../../../../etc/passwd", status=200)
    done = read(pages(20) + attack)
    assert done.steps("scan.web") == [("203.0.113.9", 8, 20)]
    assert done.steps("web.traversal") == [("203.0.113.9", 8, 1)]
    (incident,) = done.incidents
    assert (
        incident.message.endswith('shadow HTTP/1.1" 200 9 "-" "Mozilla/5.0"') or "passwd" in incident.message
    )
    assert done.events["incident_id"].to_list() == [incident.id] * 21


def test_a_scan_says_how_many_it_tried_and_what_else_it_did() -> None:
    probe = missing(1, "/.env") * 2
    incident = read(pages(20) + probe).only("scan.web")
    assert incident.reasons[0].title == "21 different paths not found for 203.0.113.9"
    assert [reason.title for reason in incident.reasons[1:]] == ["Search for secrets: 2 lines"]
    assert (incident.count, len(incident.samples)) == (22, 5)
    assert incident.title == "Web scanning from 203.0.113.9"
