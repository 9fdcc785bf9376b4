"""Every detector's own examples, and that a new detector takes one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.detection import detectors
from soc.detection.detectors import all_detectors
from soc.detection.incidents import SESSION_ORDER
from soc.detection.rulebook import build_ruleset
from soc.detection.signatures.declaration import TAGS
from soc.detection.signatures.files import read_signature_files
from soc.settings import Settings
from tests.detection.logs import analyse

OWN = """
from pydantic import Field

from soc.detection.detectors.kit.declaration import Detector, DetectorSettings, Example, Finding
from soc.detection.evidence import samples_of


class Settings(DetectorSettings):
    score: int = Field(default=9, description="Score of what it finds.")
    confidence: float = Field(default=0.5, description="How sure it is.")


class Heartbeats(Detector):
    id = "made.heartbeats"
    title = "Too many heartbeats"
    about = "Counts heartbeats."
    order = 5
    attack = ()
    Settings = Settings
    examples = (Example("three", "heart beats\\n" * 3, fires=True),)

    def mark(self, block):
        return int(block.events["message"].str.contains("heart beats").sum())

    def merge(self, marks):
        return sum(marks)

    def find(self, state, history):
        if state.marks and state.marks >= 3:
            yield Finding(
                identity=(), title=f"{state.marks} heartbeats", entity="", source="a", score=self.settings.score,
                confidence=self.settings.confidence, count=state.marks, first_seen=None, last_seen=None, message="",
                template_id="", template="", reasons=(), samples=(),
            )
"""


@pytest.mark.parametrize("detector", all_detectors(), ids=lambda detector: detector.id)
def test_each_detector_finds_what_its_examples_say(detector, tmp_path: Path, settings: Settings) -> None:  # type: ignore[no-untyped-def]
    assert {example.fires for example in detector.examples} == {True, False}
    for number, example in enumerate(detector.examples):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = {incident.rule_id for incident in analyse(example.log, folder, settings).incidents}
        assert (detector.id in found) is example.fires, example.name


def test_the_examples_are_the_lines_that_their_names_say() -> None:
    said = {detector.id: [example.log for example in detector.examples] for detector in all_detectors()}
    logins = "Mar  1 {} web1 sshd[7]: {} password for eve from 203.0.113.9 port 40 ssh2\n"
    slow = "00:00:00 00:15:00 00:30:00 00:45:00 01:00:00 01:15:00 01:30:00 01:45:00 02:00:00 02:15:00 02:30:00 02:45:00"
    assert said["auth.brute-force-success"] == [
        *(
            "".join(logins.format(f"00:00:0{n}", "Failed") for n in range(failures))
            + logins.format(f"00:00:0{failures}", "Accepted")
            for failures in (5, 4)
        ),
        "".join(logins.format(time, "Failed") for time in slow.split()) + logins.format("03:00:00", "Accepted"),
    ]  # fmt: skip
    refusal = (
        "Mar  1 02:00:{:02d} fw1 kernel: [UFW BLOCK] IN=eth0 SRC=203.0.113.9 DST=192.0.2.1 PROTO=TCP DPT={}\n"
    )
    assert said["scan.ports"] == [
        "".join(refusal.format(n, 1000 + n) for n in range(15)),
        "".join(refusal.format(n, 1000 + n) for n in range(14)),
        "".join(refusal.format(n, 445) for n in range(40)),
    ]
    request = '203.0.113.9 - - [01/Mar/2026:02:{:02d}:00 +0000] "GET /p{} HTTP/1.1" {} 9 "-" "Mozilla/5.0"\n'
    pages = [*(f"{letter}a" for letter in "abcdefghijklmnopqrstuvwxyz"), "ab", "bb", "cb", "db"]
    assert said["scan.web"] == [
        "".join(request.format(n, page, status) for n, page in enumerate(pages[:count]))
        for count, status in ((20, 404), (19, 404), (30, 200))
    ]


def test_every_setting_of_every_detector_has_a_default_and_a_description() -> None:
    for detector in all_detectors():
        detector.Settings()
        for name, field in detector.Settings.model_fields.items():
            assert field.description, (detector.id, name)


def test_detectors_have_different_places_and_none_stands_where_plain_sessions_do() -> None:
    orders = [detector.order for detector in all_detectors()]
    assert len({*orders, SESSION_ORDER}) == len(orders) + 1
    assert orders == sorted(orders)


def test_every_tag_of_a_signature_is_asked_for_and_every_tag_asked_for_is_given() -> None:
    given = {tag for file in read_signature_files() for entry in file.signatures for tag in entry.tags}
    asked = {*TAGS, *(tag for detector in all_detectors() for tag in detector.asks)}
    assert given == asked


def test_a_detector_switched_off_finds_nothing_and_its_lines_are_steps_of_no_break_in(
    tmp_path: Path, settings: Settings
) -> None:
    (brute_force,) = (detector for detector in all_detectors() if detector.order == 10)
    log = next(example.log for example in brute_force.examples if example.fires)
    off = build_ruleset(changes={"detector": {brute_force.id: {"enabled": False}}})
    done = analyse(log, tmp_path, settings, off)
    assert [(found.title, found.count) for found in done.incidents] == [
        ("SSH guessing from 203.0.113.9: 5 failures, user eve, 00:00 UTC", 6)
    ]


def test_a_new_detector_is_one_file_and_what_it_finds_becomes_an_incident(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "heartbeats_of_a_test.py").write_text(OWN)
    monkeypatch.setattr(detectors, "__path__", [*detectors.__path__, str(tmp_path)])
    done = analyse("heart beats\n" * 3, tmp_path, settings)
    assert [(found.rule_id, found.title, found.score, found.count) for found in done.incidents] == [
        ("made.heartbeats", "3 heartbeats", 9, 3)
    ]
    changed = build_ruleset(changes={"detector": {"made.heartbeats": {"score": 4}}})
    assert [found.score for found in analyse("heart beats\n" * 3, tmp_path, settings, changed).incidents] == [
        4
    ]
    assert analyse("heart beats\n" * 2, tmp_path, settings).incidents == ()
