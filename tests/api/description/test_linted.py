"""A linter of other people finds nothing to say about the API's description."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from soc.api import api

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]
LINTER = ROOT / ".api-tools" / "node_modules" / ".bin" / "redocly"


def test_the_description_is_clean_by_the_strict_rules(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("there is no node on this machine")
    if not LINTER.exists():
        pytest.skip(".ci/api-tools has not installed the linter (it needs npm's registry)")
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(api.openapi()))
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    told = subprocess.run(
        [LINTER, "lint", described, "--config", ROOT / "redocly.yaml", "--format", "json"],
        capture_output=True, text=True, timeout=110, check=False, env={**os.environ, **quiet},
    )  # fmt: skip
    found = json.loads(told.stdout)
    problems = [f"{one['ruleId']}: {one['message']}" for one in found["problems"]]
    assert (found["totals"]["errors"], found["totals"]["warnings"]) == (0, 0), "\n".join(problems)
