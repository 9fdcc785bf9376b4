"""Why one line of a file is what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.analysis.why import Why, explain_line
from soc.detection.rulebook import build_ruleset
from soc.errors import LogParseError
from soc.logs.layout import ReadOptions
from soc.settings import Settings

_FAILED = "Mar  1 02:00:0{n} web1 sshd[7]: Failed password for root from 203.0.113.9 port 40 ssh2\n"
_LOG = "".join(_FAILED.format(n=n) for n in range(6)) + (
    "Mar  1 02:00:09 web1 sshd[7]: Accepted password for root from 203.0.113.9 port 40 ssh2\n"
    "\nMar  1 02:00:10 web1 app: all good, failed=0\n"
    "Mar  1 02:00:11 web1 app: see /srv/malware detected.txt\n"
)


def why(folder: Path, number: int) -> Why:
    path = folder / "a.log"
    path.write_text(_LOG)
    return explain_line(
        path, number, options=ReadOptions(), settings=Settings(data_dir=folder, workers=1), ruleset=build_ruleset(),
        work_dir=folder / "work",
    )  # fmt: skip


def test_a_line_is_told_with_what_was_read_who_decided_its_score_and_its_incident(tmp_path: Path) -> None:
    told = why(tmp_path, 3)
    assert told.text == _LOG.splitlines()[2]
    assert told.fields["source.ip"] == "203.0.113.9"
    (decided,) = (one for one in told.stages if one.counts)
    assert (decided.name, told.text.encode()[decided.start : decided.end]) == (
        "behaviour.failed-login",
        b"Failed password",
    )
    assert sum(one["weight"] for one in told.score) == told.row["score"] == 6
    assert {one.name: one.said for one in told.signatures}["auth.failed-password"] == "stands here too"
    assert told.incident is not None
    assert "then success as root" in told.incident.title


def test_of_a_line_that_nothing_explains_it_is_said_what_was_looked_at_and_did_not_count(
    tmp_path: Path,
) -> None:
    told = why(tmp_path, 9)
    assert (told.row["decided_by"], told.incident, told.score) == ("none", None, ())
    assert not any(one.counts for one in (*told.stages, *told.signatures))
    assert {one.name: (one.said, one.words) for one in told.signatures}["word.failed"] == (
        "the words around it take its meaning away", "failed",
    )  # fmt: skip


def test_a_line_that_is_not_there_or_blank_is_refused(tmp_path: Path) -> None:
    for number, said in (
        (8, "no line 8 that is read: it is blank"),
        (99, "no line 99: the last that is read is"),
    ):
        with pytest.raises(LogParseError, match=said):
            why(tmp_path, number)
