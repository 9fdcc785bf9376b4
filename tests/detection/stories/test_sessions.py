"""Which lines are one incident, and which of its lines it carries."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.detection.lines import WINDOW, at, failure, missing
from tests.logs.reading import read, read_uploads

PANIC = "{} {} app[{}]: kernel panic - not syncing\n"


def panic(seconds: float, host: str = "h1", pid: int = 1) -> str:
    return PANIC.format(at(seconds), host, pid)


@pytest.mark.parametrize(("after", "counts"), [(WINDOW - 1, [2]), (WINDOW, [2]), (WINDOW + 1, [1, 1])])
def test_a_quiet_time_longer_than_the_window_ends_an_incident(after: int, counts: list[int]) -> None:
    for size in (10**6, 64):
        done = read(panic(0) + panic(after), block_bytes=size)
        assert sorted(incident.count for incident in done.incidents) == counts


def test_an_incident_goes_on_as_long_as_no_quiet_time_ends_it() -> None:
    (incident,) = read("".join(panic(WINDOW * n) for n in (0, 3, 1, 2, 4))).incidents
    assert incident.count == 5
    assert str(incident.first_seen) == "2026-03-01 02:00:00+00:00"
    assert str(incident.last_seen) == "2026-03-01 06:00:00+00:00"


@pytest.mark.parametrize(
    ("other", "incidents"),
    [
        (panic(1), 1), (panic(1, pid=999), 1), (panic(1, host="h2"), 2), (panic(1).replace("not syncing", "syncing"), 1),
        (panic(1).replace("app", "other"), 1), (panic(1).replace("kernel panic", "segfault at 0 ip"), 2),
    ],
    ids=["the same", "another number", "another host", "another text", "another source", "another rule"],
)  # fmt: skip
def test_what_went_wrong_is_one_incident_where_rule_and_host_agree(other: str, incidents: int) -> None:
    assert len(read(panic(0) + other).incidents) == incidents


def test_the_address_is_the_entity_and_the_host_where_there_is_none() -> None:
    assert read(failure(0)).incidents[0].entity == "203.0.113.9"
    assert read(panic(0, host="h7")).incidents[0].entity == "h7"
    assert read("kernel panic - not syncing\n").incidents[0].entity == ""


@pytest.mark.parametrize("order", sorted(permutations(["bob", "root", "eve"])))
def test_an_incident_carries_its_strongest_line(order: tuple[str, ...]) -> None:
    lines = "".join(failure(n, user=user) for n, user in enumerate(order))
    for done in (
        read(lines), read(lines, block_bytes=64),
        read_uploads(*((f"{n}.log", line.encode()) for n, line in enumerate(lines.splitlines(keepends=True)))),
    ):  # fmt: skip
        (incident,) = done.incidents
        assert (incident.score, incident.count) == (6, 3)
        assert "for root from" in incident.message
        assert [reason.signature for reason in incident.reasons[:3]] == [
            "behaviour.failed-login",
            "actor.known",
            "target.mighty",
        ]


def test_of_equally_strong_lines_the_first_is_carried() -> None:
    lines = "".join(failure(n, user=f"user{n}") for n in range(9))
    for size in (10**6, 64):
        (incident,) = read(lines, block_bytes=size).incidents
        assert "for user0 from" in incident.message


def test_the_first_five_lines_are_kept_with_their_places() -> None:
    lines = [failure(100 - n, user=f"u{n}") for n in range(8)]
    for size in (10**6, 64):
        (incident,) = read("".join(lines), block_bytes=size).incidents
        assert [sample.line_no for sample in incident.samples] == [1, 2, 3, 4, 5]
        assert [sample.offset for sample in incident.samples] == [sum(map(len, lines[:n])) for n in range(5)]
        assert incident.samples[0].text == lines[0].rstrip("\n")


def test_lines_without_a_time_are_one_incident_apart_from_those_with_one() -> None:
    text = panic(0) + "kernel panic - not syncing\n" * 3
    done = read(text.replace(" h1 ", " ").replace(" app[1]:", ""))
    assert sorted((one.count, one.first_seen is None) for one in done.incidents) == [(1, False), (3, True)]


def test_attacks_that_were_answered_are_one_step_whatever_they_asked_for() -> None:
    paths = ("/?f=../../../etc/passwd", "/dl?name=../../../../etc/shadow", "/x/y?z=..%2f..%2fboot.ini")
    answered = "".join(missing(n, path, status=200) for n, path in enumerate(paths))
    refused = "".join(missing(n, path, status=403) for n, path in enumerate(paths[:2]))
    counts = sorted(count for _, _, count in read(answered + refused).steps("web.traversal"))
    assert counts == [2, 3]


@pytest.mark.parametrize(("status", "counts"), [(199, [1, 1]), (200, [2]), (299, [2]), (300, [1, 1])])
def test_answered_means_a_status_from_200_to_299(status: int, counts: list[int]) -> None:
    attack = "/?f=../../../etc/passwd"
    done = read(missing(0, attack, status=200) + missing(1, attack, status=status))
    assert sorted(count for _, _, count in done.steps("web.traversal")) == counts


def test_every_line_of_an_incident_carries_its_id_and_can_be_paged() -> None:
    done = read("".join(panic(n) + f"INFO warm {n}\n" for n in range(6)), block_bytes=90)
    (incident,) = done.incidents
    owners = done.events["incident_id"].to_list()
    assert owners == [incident.id, None] * 6


def test_the_strongest_incident_comes_first() -> None:
    done = read(failure(0) + panic(1) + "mimikatz.exe started\n")
    assert [incident.score for incident in done.incidents] == [10, 9, 5]


def test_the_same_upload_gives_the_same_ids_and_a_moved_incident_another() -> None:
    assert read(panic(0)).incidents == read(panic(0)).incidents
    assert read(panic(0)).incidents[0].id != read(panic(1)).incidents[0].id
