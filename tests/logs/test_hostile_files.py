"""Every hostile file is read to its end or refused in words; no line of it is lost without a reason."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from soc.analysis import preview_file
from tests.logs.hostile import HOSTILE, LOGINS
from tests.logs.reading import Reading, read, read_uploads


@lru_cache(maxsize=len(HOSTILE))
def reading(name: str) -> Reading:
    return read(HOSTILE[name].data, name)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gives_what_is_in_it(name: str) -> None:
    hostile = HOSTILE[name]
    done = reading(name)
    (file,) = done.analysis.files
    assert file.lines_in == file.parsed + file.rejected == len(done.events)
    if hostile.lines >= 0:
        assert (file.lines_in, file.rejected) == (hostile.lines, hostile.rejected)
        assert done.events["rule_id"].eq("behaviour.failed-login").sum() == hostile.alerts


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_wrong_with_it_is_said(name: str) -> None:
    hostile = HOSTILE[name]
    (file,) = reading(name).analysis.files
    assert hostile.error in file.error
    assert bool(file.error) == bool(hostile.error)
    assert any(hostile.warning in warning for warning in (*file.warnings, "" if not hostile.warning else "-"))


@pytest.mark.parametrize("name", HOSTILE)
def test_its_preview_says_the_same(name: str, tmp_path: Path) -> None:
    hostile = HOSTILE[name]
    (tmp_path / "upload").write_bytes(hostile.data)
    shown = preview_file(tmp_path / "upload", name)
    assert hostile.error in shown.error
    assert bool(shown.error) == bool(hostile.error)
    assert (len(shown.rows) == min(hostile.lines, 20)) or hostile.lines < 0


@pytest.mark.parametrize(
    "name", [name for name, one in HOSTILE.items() if 20 < len(one.data) < 6_000 and not one.error]
)
def test_small_blocks_cut_it_no_differently(name: str) -> None:
    whole, cut = reading(name), read(HOSTILE[name].data, name, block_bytes=700)
    assert cut.events.equals(whole.events)
    assert cut.incidents == whole.incidents


def test_no_hostile_file_touches_its_neighbours_in_a_batch() -> None:
    uploads = [(name, one.data) for name, one in HOSTILE.items() if len(one.data) < 10_000]
    done = read_uploads(("first.log", LOGINS), *uploads, ("last.log", LOGINS))
    first, *between, last = done.analysis.files
    assert (first.parsed, last.parsed) == (50, 50)
    assert [file.lines_in for file in between if HOSTILE[file.name].lines >= 0] == [
        HOSTILE[file.name].lines for file in between if HOSTILE[file.name].lines >= 0
    ]


def test_what_would_deceive_the_eye_is_not_in_what_is_shown() -> None:
    text = "".join(str(row) for name in ("controls.log", "right-to-left.log", "nuls.log") for row in
                   reading(name).cells("message", "source", "template"))  # fmt: skip
    assert not [mark for mark in ("\x1b", "\x07", "\u202e", "\u202c", "\0") if mark in text]
    assert "�trop�" in text


@pytest.mark.parametrize(
    "name", ["two-members.log", "first-member-without-newline.log", "members-cut-anywhere.log"]
)
def test_the_lines_of_gzip_members_are_numbered_through(name: str) -> None:
    numbers = [number for (number,) in reading(name).cells("line_no")]
    assert numbers == list(range(1, HOSTILE[name].lines + 1))
