"""Scans: one address that tries many things becomes one incident; and what the sample night must give."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from soc.analysis import Analysis, analyse_files, export_events
from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.logs.layout import SourceFile
from soc.settings import Settings

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "samples"

DENY = "Mar  1 02:{m:02d}:{s:02d} fw1 kernel: [UFW BLOCK] IN=eth0 OUT= SRC={ip} DST=192.0.2.1 PROTO=TCP SPT=4444 DPT={port}\n"
PAGE = '{ip} - - [01/Mar/2026:02:{m:02d}:{s:02d} +0000] "GET /{path} HTTP/1.1" {status} 9 "-" "Mozilla/5.0"\n'


@pytest.fixture
def analyse(tmp_path: Path, settings: Settings):  # type: ignore[no-untyped-def]
    def run(text: str, **change: int) -> Analysis:
        path = tmp_path / "upload"
        path.write_text(text)
        out = tmp_path / f"out{change.get('block_bytes', '')}"
        chosen = settings.model_copy(update=change)
        return analyse_files([SourceFile("a.log", path)], batch_id="bat-1", out_dir=out, settings=chosen)

    return run


def scans(done: Analysis) -> list[Incident]:
    return [incident for incident in done.incidents if incident.rule_id.startswith("scan.")]


def test_an_address_refused_on_many_ports_is_one_port_scan(analyse, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    text = "".join(DENY.format(ip="203.0.113.9", m=n // 2, s=n, port=1000 + n) for n in range(40))
    done = analyse(text)
    (found,) = done.incidents
    assert (found.title, found.score, found.count) == ("Port scan from 203.0.113.9", 8, 40)
    assert found.classification is Classification.SECURITY_ALERT
    assert found.reasons[0].title == "40 different ports refused to 203.0.113.9"
    assert sum(reason.weight for reason in found.reasons) == found.score
    export_events(done.events_dir, tmp_path / "e.parquet")
    assert set(pl.read_parquet(tmp_path / "e.parquet")["incident_id"]) == {found.id}


def test_an_address_refused_again_and_again_on_one_port_is_no_scan(analyse) -> None:  # type: ignore[no-untyped-def]
    text = "".join(DENY.format(ip="203.0.113.9", m=n // 2, s=n, port=445) for n in range(40))
    assert scans(analyse(text)) == []


def test_an_address_that_asks_for_many_missing_pages_is_web_scanning(analyse) -> None:  # type: ignore[no-untyped-def]
    asked = "".join(
        PAGE.format(ip="203.0.113.9", m=n, s=n, path=f"x{chr(97 + n)}", status=404) for n in range(25)
    )
    found = "".join(
        PAGE.format(ip="192.0.2.4", m=n, s=n, path=f"y{chr(97 + n)}", status=200) for n in range(25)
    )
    few = "".join(
        PAGE.format(ip="192.0.2.5", m=n, s=n, path=f"z{chr(97 + n)}", status=404) for n in range(19)
    )
    done = analyse(asked + found + few)
    assert [(scan.title, scan.count, scan.score) for scan in done.incidents] == [
        ("Web scanning from 203.0.113.9", 25, 8)
    ]


def test_who_reads_the_web_for_others_and_says_so_is_no_scan_of_pages(analyse) -> None:  # type: ignore[no-untyped-def]
    reader = "Mozilla/5.0 (compatible; Examplebot/2.1; +http://example.com/bot.html)"
    pages = "".join(
        PAGE.format(ip="203.0.113.9", m=n, s=n, path=f"x{chr(97 + n)}", status=404) for n in range(25)
    )
    assert scans(analyse(pages.replace("Mozilla/5.0", reader))) == []
    [told] = scans(analyse(pages.replace("Mozilla/5.0", "bot")))
    assert told.count == 25


def test_a_web_scan_from_inside_is_no_alarm(analyse) -> None:  # type: ignore[no-untyped-def]
    for address, score in (("10.0.0.7", 6), ("fd00::7", 6), ("172.32.0.1", 8)):
        [found] = analyse(
            "".join(PAGE.format(ip=address, m=n, s=n, path=f"x{chr(97 + n)}", status=404) for n in range(20))
        ).incidents
        assert (found.score, found.reasons[0].weight) == (score, score)


def test_looks_for_weak_software_belong_to_the_web_scan_of_their_address_else_to_its_probing(analyse) -> None:  # type: ignore[no-untyped-def]
    def asked(number: int) -> str:
        looks = "".join(
            PAGE.format(ip="203.0.113.9", m=n, s=n, path="wp-login.php", status=404) for n in range(12)
        )
        pages = "".join(
            PAGE.format(ip="203.0.113.9", m=n, s=n, path=f"x{chr(97 + n)}", status=404) for n in range(number)
        )
        return looks + pages

    [scan] = analyse(asked(20)).incidents
    assert (scan.rule_id, scan.count) == ("scan.web", 32)
    [probing] = analyse(asked(2)).incidents
    assert (probing.rule_id, probing.score, probing.steps[0].count) == ("scan.probing", 5, 12)


def test_missing_pages_asked_for_slowly_over_a_night_are_no_scan(analyse) -> None:  # type: ignore[no-untyped-def]
    line = PAGE.replace(":02:{m:02d}", ":{m:02d}:00")
    assert scans(analyse("".join(line.format(ip="192.0.2.5", m=n, s=0, path=f"p{n}", status=404) for n in range(24)))) == []  # fmt: skip


def test_an_attack_that_was_answered_is_not_hidden_among_those_refused(analyse) -> None:  # type: ignore[no-untyped-def]
    paths = [f"d{chr(97 + n)}?f=../../../../etc/passwd" for n in range(9)]
    text = "".join(
        PAGE.format(ip="203.0.113.9", m=n, s=n, path=path, status=404) for n, path in enumerate(paths)
    )
    done = analyse(text + PAGE.format(ip="203.0.113.9", m=30, s=0, path=paths[0], status=200))
    (incident,) = done.incidents
    assert sorted((step.count, step.rule) for step in incident.steps) == [
        (1, "web.traversal"), (9, "web.traversal"),
    ]  # fmt: skip
    assert '" 200 ' in incident.samples[0].text


def test_the_size_of_blocks_does_not_change_scans(analyse) -> None:  # type: ignore[no-untyped-def]
    text = "".join(DENY.format(ip=f"203.0.113.{n % 3}", m=n // 2, s=n % 60, port=n) for n in range(118)) + "".join(
        PAGE.format(ip="203.0.113.7", m=n % 60, s=n % 60, path=f"q{n}", status=404) for n in range(90)
    )  # fmt: skip
    whole, cut = analyse(text), analyse(text, block_bytes=4096)
    assert len(scans(whole)) == 4
    assert whole.incidents == cut.incidents


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder = tmp_path_factory.mktemp("night")
    names = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in (".log", ".jsonl", ".csv", ".gz")]
    return analyse_files(
        [SourceFile(path.name, path) for path in names],
        batch_id="night",
        out_dir=folder / "out",
        settings=Settings(data_dir=folder, workers=1),
    )


@pytest.mark.parametrize(
    ("rule", "entity", "score"),
    [
        ("threat.apt", "", 9),
        ("web.sql-injection", "198.51.100.23", 8),
        ("auth.brute-force-success", "203.0.113.77", 10),
        ("threat.breach", "", 9),
        ("threat.privilege-escalation", "", 9),
    ],
)
def test_the_sample_night_gives_one_incident_of(night: Analysis, rule: str, entity: str, score: int) -> None:
    (found,) = [one for one in night.incidents if one.rule_id == rule and one.entity == entity]
    assert found.score >= score
    assert found.classification is Classification.SECURITY_ALERT


def test_the_sample_nights_scanner_is_one_story_with_its_disclosure(night: Analysis) -> None:
    (story,) = [one for one in night.incidents if one.entity == "203.0.113.45"]
    found = {(step.rule, step.count, step.score) for step in story.steps}
    assert found >= {("scan.ports", 421, 8), ("web.traversal", 1, 8), ("web.traversal", 48, 8)}
    assert any(rule == "scan.web" for rule, _, _ in found)
    assert any('" 200 ' in sample.text for sample in story.samples)


def test_the_sample_nights_break_in_says_who_did_what_and_what_came_of_it(night: Analysis) -> None:
    (story,) = [one for one in night.incidents if one.entity == "203.0.113.77"]
    assert story.title.startswith(
        "SSH guessing from 203.0.113.77: 520 failures, 8 users, 01:12–01:41 UTC, then success as backup"
    )
    assert story.entities[0].value == "203.0.113.77"
    assert any(step.rule == "user.admin-group" for step in story.steps)


def test_the_sample_night_finds_the_failing_systems(night: Analysis) -> None:
    by_class = Counter(incident.classification for incident in night.incidents)
    assert by_class[Classification.CRITICAL_ERROR] >= 1
    assert by_class[Classification.WORKFLOW_ERROR] >= 1
    assert by_class[Classification.RESOURCE_USAGE] >= 1
    assert night.by_class["Deprecation Warning"] > 0


def test_the_sample_nights_own_staff_is_no_incident_of_eight(night: Analysis) -> None:
    staff = [one for one in night.incidents if one.entity.startswith("192.0.2.") and one.score >= 8]
    assert staff == []


def test_the_sample_nights_scanner_is_little_work(night: Analysis) -> None:
    assert len([one for one in night.incidents if one.entity == "203.0.113.45"]) == 1


def test_sudo_by_someone_who_may_not_scores_eight(analyse) -> None:  # type: ignore[no-untyped-def]
    line = "Mar  1 02:03:00 web1 sudo: eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh\n"
    (found,) = analyse(line).incidents
    assert (found.rule_id, found.score) == ("sudo.not-allowed", 8)
    assert sum(reason.weight for reason in found.reasons) == 8
