"""A made-up format is one new file and a made-up ECS field one new line: those of docs/adding-a-format.md, tried on a copy."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from soc.settings import ROOT

GUIDE = (ROOT / "docs/adding-a-format.md").read_text()
(FORMAT,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
(FIELD,) = re.findall(r"```text\n( +_ecs.*?)```", GUIDE, re.DOTALL)

#: Run in the copy. Blocks are read by a spawned process, as a batch's are.
LOOK = """
import json
from multiprocessing import get_context

from soc.analysis.events_file import EVENT_SCHEMA
from soc.documentation import tables
from soc.domain.event import EVENT_COLUMNS
from soc.logs import LogFormat, ReadOptions
from soc.logs.formats import format_named
from tests.logs.formats.unjudged import read_text

LINE = "2026-03-01T02:05:00Z|web1|alice|203.0.113.9|login denied"


def look():
    mine = format_named("bar-text")
    with get_context("spawn").Pool(1) as pool:
        found, rows = pool.apply(read_text, (f"{LINE}\\nnot mine\\n{LINE}\\n",))
        chosen = ReadOptions(format=LogFormat.BAR_TEXT)
        _, strict = pool.apply(read_text, (f"{LINE}\\nnot mine\\n", "x.log", chosen))
    return {
        "found": found,
        "rows": rows,
        "strict": [row.get("rejected_reason") for row in strict],
        "examples": [read_text(one.text, one.file)[1] for one in mine.examples],
        "expected": [one.records for one in mine.examples],
        "choices": {one.value: one.label for one in LogFormat},
        "documented": [table.write() for table in tables() if table.page == "log-formats.md"],
        "last column": EVENT_COLUMNS[-1],
        "its type": str(EVENT_SCHEMA[EVENT_COLUMNS[-1][0]]),
        "column documented": [table.write() for table in tables() if table.page == "events-file.md"],
        "json": read_text('{"msg": "x", "rule": {"uuid": "block all"}}')[1],
    }


if __name__ == "__main__":
    print(json.dumps(look()))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a copy of the product with the guide's file and the guide's line in it says of them."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "soc", copy / "soc")  # with what is compiled: half a minute of a core
    (copy / "tests/logs/formats").mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("unjudged.py"), copy / "tests/logs/formats")
    (copy / "soc/logs/formats/bar_text.py").write_text(FORMAT)
    event = copy / "soc/domain/event.py"
    before, after = event.read_text().split(")\n# fmt: on")
    if FIELD.strip() not in before:  # somebody may have kept the guide's line as it stands
        before += FIELD
    event.write_text(f"{before})\n# fmt: on{after}")
    (copy / "look.py").write_text(LOOK)
    environment = {**os.environ, "PYTHONPATH": str(copy), "SOC_DATA_DIR": str(copy / "data")}
    done = subprocess.run(
        [sys.executable, "look.py"], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_it_is_found_and_its_lines_are_read_in_a_spawned_process(seen: Any) -> None:
    assert seen["found"] == "bar-text"
    first, other, _ = seen["rows"]
    assert (first["source.ip"], first["user.name"], first["message"]) == (
        "203.0.113.9",
        "alice",
        "login denied",
    )
    assert other == {}


def test_chosen_by_hand_it_refuses_other_lines(seen: Any) -> None:
    assert seen["strict"] == [None, "the line is not bar-text, the format that was chosen"]


def test_its_examples_give_what_it_expects(seen: Any) -> None:
    lines = [[row.pop("line format") for row in rows] for rows in seen["examples"]]
    assert lines == [["bar-text"]]
    assert seen["examples"] == seen["expected"]


def test_it_stands_among_the_choices_and_in_the_documentation(seen: Any) -> None:
    assert seen["choices"]["bar-text"] == "Door log"
    of_files, of_lines, of_statements = ("`bar-text`" in text for text in seen["documented"])
    assert (of_files, of_lines, of_statements) == (True, True, False)  # it has no statements


def test_a_new_ecs_field_is_a_column_a_key_and_a_row_of_the_documentation(seen: Any) -> None:
    assert seen["last column"] == ["rule.uuid", "string"]
    assert seen["its type"] == "String"
    assert "| `rule.uuid` | string | The rule that a firewall applied. |" in seen["column documented"][0]
    assert seen["json"] == [{"rule.uuid": "block all", "message": "x"}]
