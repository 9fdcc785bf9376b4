"""What docs/adding-a-signature.md and docs/adding-a-detector.md show works as it stands there."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

from soc.detection import detectors
from soc.detection.detectors import all_detectors
from soc.detection.judging.scanning.scan import find_matches
from soc.detection.rulebook import build_ruleset
from soc.detection.signatures.files import read_signature_files
from soc.settings import Settings
from tests.detection.logs import analyse

DOCS = Path(__file__).resolve().parents[2] / "docs"


def snippet(page: str, language: str) -> str:
    found = re.search(
        rf"^( *)```{language}\n(.*?)^ *```$", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE
    )
    assert found
    return textwrap.dedent(found[2])


def test_the_guide_s_signature_is_understood_and_matches_its_examples(tmp_path: Path) -> None:
    entry = snippet("adding-a-signature.md", "yaml")
    (tmp_path / "own.yaml").write_text(f"about: Own\norder: 1\nsignatures:\n{entry}")
    signature = read_signature_files(tmp_path)[0].signatures[0]
    for line in (*signature.positives, *signature.negatives):
        data = line.encode()
        ends = np.array([len(data)], np.int64)
        found = find_matches(build_ruleset(folder=tmp_path), data, np.zeros(1, np.int64), ends)
        assert bool(len(found.line)) is (line in signature.positives), line


def test_the_guide_s_detector_finds_what_its_examples_say(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # under another id, so that whoever keeps the guide's file as it stands breaks nothing
    text = snippet("adding-a-detector.md", "python").replace("auth.password-spray", "guide.password-spray")
    (tmp_path / "password_spray_of_the_guide.py").write_text(text)
    monkeypatch.setattr(detectors, "__path__", [*detectors.__path__, str(tmp_path)])
    (own,) = [detector for detector in all_detectors() if detector.id == "guide.password-spray"]
    for example in own.examples:
        found = {incident.rule_id for incident in analyse(example.log, tmp_path, settings).incidents}
        assert (own.id in found) is example.fires, example.name


def test_the_guide_names_every_key_of_an_entry() -> None:
    (entry, *_) = (entry for file in read_signature_files() for entry in file.signatures)
    keys = {field.alias or name for name, field in type(entry).model_fields.items()}
    page = (DOCS / "adding-a-signature.md").read_text()
    assert {key for key in keys if f"| `{key}` |" not in page} == set()
