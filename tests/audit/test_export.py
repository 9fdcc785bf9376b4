"""What leaves can be verified by somebody else, with the lines that the documentation prints."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from soc.audit.check import public_key_text
from soc.audit.export import write_lines, write_table
from soc.audit.redact import redact_entry
from soc.audit.write import record
from soc.domain.actor import AT_THE_SHELL
from soc.domain.audit import Subject, SubjectKind
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import newest_head, stream_entries
from tests.documents.blocks import ROOT, blocks_of

TICKET = Subject(SubjectKind.TICKET, "tic-1")


@pytest.fixture
def lines(settings: object) -> list[str]:
    migrate()
    for one in range(4):
        with write_session() as session:
            record(session, AT_THE_SHELL, "note", TICKET, after={"n": one, "by": "=1+1"}, note="ä")
    with write_session() as session:
        redact_entry(session, 2, ["/note"], actor=AT_THE_SHELL, why="asked")
    with read_session() as session:
        return b"".join(write_lines(stream_entries(session))).decode().splitlines()


def _documented() -> Any:
    (text,) = [block.text for block in blocks_of(ROOT / "docs/audit.md") if "def check(" in block.text]
    assert len([line for line in text.splitlines() if line.strip()]) <= 20
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    return namespace["check"]


def test_a_third_party_verifies_an_export_with_the_twenty_lines_of_the_documentation(
    lines: list[str],
) -> None:
    check, key = _documented(), public_key_text()
    with read_session() as session:
        head = newest_head(session)
    assert head is not None
    assert check(lines, key) == (head.seq, head.hash)
    damages = [
        lines[:1] + lines[2:],
        [*lines[:-1], lines[-1].replace('"seq\\":', '"seq\\": ')],
        [lines[0].replace('"0"', '"1"', 1), *lines[1:]],
        [lines[0].replace(json.loads(lines[0])["hash"], "0" * 64), *lines[1:]],
    ]
    for damaged in damages:
        assert damaged != lines
        with pytest.raises(AssertionError):
            check(damaged, key)
    foreign = json.loads(lines[-1])
    foreign["signature"] = json.loads(lines[0])["signature"]
    with pytest.raises(InvalidSignature):
        check([*lines[:-1], json.dumps(foreign)], key)


def test_the_table_is_harmless_to_a_spreadsheet_and_names_what_was_redacted(lines: list[str]) -> None:
    with read_session() as session:
        text = b"".join(write_table(stream_entries(session))).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["note"] for row in rows if row["subject"] == str(TICKET)] == ["ä", "", "ä", "ä"]
    assert json.loads(rows[0]["after"]) == {"by": "=1+1", "n": 0}
    assert len(rows) == len(lines)
