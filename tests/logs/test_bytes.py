"""Words, times and slices read from a block's bytes at once, held against the same read one by one."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from soc.logs.formats.kit.lines import Lines, characters, skip_past
from soc.logs.layout import Layout, LogFormat
from soc.logs.opening.blocks import clean
from soc.logs.opening.decode import make_text
from soc.logs.text import loaded
from soc.logs.text.clocks import Page, fraction, instant, is_digit, month_at, pairs, two_digits, zone
from soc.logs.text.loaded import LINE_CAP, capped, gather
from soc.logs.text.views import PADDING, Ints, text_views

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def page_of(texts: list[str]) -> tuple[Page, Ints]:
    """Each text begins at a position of its own, sixteen zero bytes after the one before."""
    data, at = b"", []
    for text in texts:
        at.append(len(data))
        data += text.encode("latin-1") + bytes(16)
    return Page.of(data + bytes(PADDING)), np.array(at, np.int64)


def texts(shape: str, letters: str, count: int = 4000) -> list[str]:
    """The shape (`0` stands for any digit) with none to two characters put in the place of others."""
    dice = random.Random(shape)
    found = []
    for _ in range(count):
        text = [dice.choice("0123456789") if letter == "0" else letter for letter in shape]
        for _ in range(dice.choice([0, 1, 1, 2])):
            text[dice.randrange(len(text))] = dice.choice(letters)
        found.append("".join(text))
    return found


@pytest.mark.parametrize("separator", [":", "-"])
def test_three_pairs_of_digits(separator: str) -> None:
    lines = texts(f"00{separator}00{separator}00", "059/:;-.a @\x00\x10\x1f\x80\xb0\xff")
    page, at = page_of(lines)
    good, *numbers = pairs(page, at, separator)
    pattern = re.compile(rf"([0-9]{{2}}){separator}([0-9]{{2}}){separator}([0-9]{{2}})")
    for row, line in enumerate(lines):
        found = pattern.fullmatch(line)
        assert good[row] == bool(found), line
        if found:
            assert [int(number[row]) for number in numbers] == [int(part) for part in found.groups()]


def test_every_character_in_every_place_of_three_pairs() -> None:
    lines = ["12:34:56"[:at] + chr(code) + "12:34:56"[at + 1 :] for at in range(8) for code in range(256)]
    page, at = page_of(lines)
    assert pairs(page, at, ":")[0].tolist() == [
        bool(re.fullmatch("[0-9]{2}:[0-9]{2}:[0-9]{2}", line)) for line in lines
    ]


def test_digits_and_two_digits() -> None:
    lines = [chr(left) + chr(right) for left in range(40, 64) for right in (*range(40, 64), 255)]
    page, at = page_of(lines)
    good, number = two_digits(page, at)
    assert is_digit(page, at).tolist() == [line[0] in "0123456789" for line in lines]
    assert good.tolist() == [bool(re.fullmatch("[0-9]{2}", line)) for line in lines]
    assert number[good].tolist() == [int(line) for line in lines if re.fullmatch("[0-9]{2}", line)]


def test_a_month_s_letters_and_no_other() -> None:
    lines = [*MONTHS, *(month + "9" for month in MONTHS)]
    lines += [
        month[:at] + letter + month[at + 1 :]
        for month in MONTHS
        for at in range(3)
        for letter in "aAnrzZ@{0 \xff"
    ]
    page, at = page_of(lines)
    assert month_at(page, at).tolist() == [
        MONTHS.index(line[:3]) if line[:3] in MONTHS else -1 for line in lines
    ]


def test_an_instant_is_the_calendar_s_and_there_is_none_that_is_not() -> None:
    dice = random.Random(7)
    years = [1898, 1899, 1900, 1901, 1970, 2000, 2024, 2025, 2100, 2199, 2200, 2201]
    rows = [
        (dice.choice(years), dice.randint(-1, 12), dice.choice([0, 1, 2, 28, 29, 30, 31, 32]),
         dice.choice([0, 1, 23, 24]), dice.choice([0, 1, 59, 60]), dice.choice([0, 1, 59, 60, 61]))
        for _ in range(6000)
    ]  # fmt: skip
    year, month, day, hour, minute, second = (
        np.array(column, np.int64) for column in zip(*rows, strict=True)
    )
    micros, good = instant(year, month, day, (hour, minute, second))
    for row, (y, m, d, *clock) in enumerate(rows):
        leap = clock[2] == 60  # a leap second is the first of the next minute
        seconds = [clock[0], clock[1], 59 if leap else clock[2]]
        try:
            moment = datetime(y, m + 1, d, *seconds, tzinfo=UTC) if 1900 <= y <= 2199 else None
        except ValueError:
            moment = None
        assert good[row] == (moment is not None), rows[row]
        if moment is not None:
            assert micros[row] == (round(moment.timestamp()) + leap) * 1_000_000, rows[row]


def test_parts_of_a_second() -> None:
    dice = random.Random(3)
    lines = ["".join(dice.choice(".,") + "".join(dice.choice("0123456789") for _ in range(width)) + end)
             for width in range(12) for end in ("", "Z", " ", "/", ":", ".") for _ in range(5)]  # fmt: skip
    lines += ["", "-", "/12", "Z", "+1", "1"]
    page, at = page_of(lines)
    for row, (length, micros, sound) in enumerate(zip(*fraction(page, at), strict=True)):
        found = re.match("[.,]([0-9]*)", lines[row])
        digits = found[1] if found else ""
        assert length == (min(len(digits), 9) + 1 if found else 0), lines[row]
        assert sound == (not found or 1 <= len(digits) <= 9), lines[row]
        assert micros == int(digits[:6].ljust(6, "0")), lines[row]


def test_zones() -> None:
    lines = [
        *texts("+00:00", "+-,Z09 :/"),
        *texts("-0000", "+-,Z09 :/"),
        "Z",
        "Z0",
        "Y",
        "z",
        "",
        "+",
        "+1",
        "+01",
        "-01:3",
    ]
    page, at = page_of(lines)
    for row, (length, east, sound) in enumerate(zip(*zone(page, at), strict=True)):
        found = re.match(r"([+-])([0-9]{2})(:?)([0-9]{2})?", lines[row])
        if found is None:
            assert (length, east, sound) == (1 if lines[row][:1] == "Z" else 0, 0, True), lines[row]
        else:
            assert sound == (found[4] is not None), lines[row]
            minutes = int(found[2]) * 60 + int(found[4] or 0)
            assert not sound or (length, east) == (
                5 + len(found[3]),
                minutes * (-1 if found[1] == "-" else 1),
            ), lines[row]


def test_a_view_of_any_length_anywhere_is_the_slice() -> None:
    data = bytes(range(33, 127)) * 3
    spans = [(start, length) for start in (0, 1, 5, 90, len(data) - 30) for length in range(-1, 31)]
    spans += [(len(data) - length, length) for length in range(31)]
    starts, lengths = (np.array(column, np.int64) for column in zip(*spans, strict=True))
    expected = [data[start : start + length].decode() if length >= 0 else None for start, length in spans]
    assert text_views(data + bytes(PADDING), starts, lengths).to_list() == expected
    for keep in (lengths > 12, (lengths >= 0) & (lengths <= 12)):
        some = np.flatnonzero(keep)
        found = text_views(data + bytes(PADDING), starts[some], lengths[some])
        assert found.to_list() == [expected[row] for row in some]
    assert text_views(bytes(PADDING), starts[:0], lengths[:0]).to_list() == []


@pytest.mark.parametrize("letter", ["a", "é", "日", "🙂"])
def test_a_slice_is_cut_at_64_kib_and_never_within_a_character(letter: str) -> None:
    assert LINE_CAP == 65_536
    for lead in range(4):
        data = ("x" * lead + letter * 70_000).encode()
        array, starts = np.frombuffer(data, np.uint8), np.zeros(4, np.int64)
        found = capped(array, starts, np.array([len(data), LINE_CAP, 3, LINE_CAP + 1], np.int64)).tolist()
        whole = len(data[:LINE_CAP].decode("utf-8", "ignore").encode())
        assert (found[0], found[1], found[2], found[3]) == (whole, LINE_CAP, 3, whole)
        block = clean(data, Layout("a", Path("/none"), LogFormat.PLAIN), 0)
        assert gather(block, starts[:1], np.array([len(data)])).to_list() == [data[:whole].decode()]


def test_a_slice_of_nothing_but_the_middle_of_a_character_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded, "LINE_CAP", 2)
    array = np.frombuffer(b"\x80" * 8, np.uint8)
    assert capped(array, np.array([0, 3]), np.array([5, 2])).tolist() == [0, 2]


HEADS = ["Mar x", "mar x", "MAr x", "MaR x", "Marx ", "Mar", "2026-", "2026x", "026-", "x026-", "<34>", ">", '[a] "b', 'x] "', 'x]"',
         '] ', ']', 'é] "', '"] "] "', "[a", "Zaz x", "@az x", "Az{ x", "A`z x", "Az` x", "9", "/", ":", "0123-"]  # fmt: skip


def test_what_a_line_begins_with_and_where_its_first_bracket_before_a_quote_stands() -> None:
    texts_ = [line.encode() for line in HEADS]
    starts = np.cumsum([0, *(len(line) + 1 for line in texts_[:-1])])
    ends = starts + [len(line) for line in texts_]
    lines = Lines(b"\n".join(texts_) + bytes(PADDING), starts, ends)
    after = [line + "\n\0\0\0\0" for line in HEADS]
    assert len(lines) == len(HEADS)
    assert lines.first.tolist() == [line[0] for line in texts_]
    assert lines.digit.tolist() == [line[0] in "0123456789" for line in HEADS]
    assert lines.dated.tolist() == [line[0] in "0123456789" and line[4] == "-" for line in after]
    assert lines.tagged.tolist() == [line[0] == "<" for line in HEADS]
    assert lines.monthly.tolist() == [bool(re.match("[A-Z][a-z]{2} ", line)) for line in HEADS]
    assert lines.closing.tolist() == [
        start + line.find(b'] "') if b'] "' in line else -1 for start, line in zip(starts.tolist(), texts_, strict=True)
    ]  # fmt: skip
    assert lines.once(len) == lines.once(len) == len(HEADS)


def test_lines_none_of_which_has_a_bracket_have_no_place_of_one() -> None:
    lines = Lines(b"a\nb]" + bytes(PADDING), np.array([0, 2]), np.array([1, 4]))
    assert lines.closing.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("text", "good", "at"),
    [("x", True, 0), ("  x", True, 2), ("", True, 0), ("   ", True, 3), (" " * 39 + "x", True, 39), (" " * 40 + "x", True, 40),
     (" " * 41 + "x", False, 40), ("  é", False, 2), ("  ~", True, 2), ("  \x7f", False, 2)],
)  # fmt: skip
def test_blanks_are_passed_over_up_to_forty(text: str, good: bool, at: int) -> None:
    data = text.encode()
    lines = Lines(data + "\n  é".encode() + bytes(PADDING), np.array([0]), np.array([len(data)]))
    found = skip_past(lines, np.array([True]), np.array([0]), np.array([len(data)]), characters(" "))
    assert [part.tolist() for part in found] == [[good], [at]]
    assert not skip_past(lines, np.array([False]), np.array([0]), np.array([len(data)]), characters(" "))[
        0
    ].any()


def test_a_class_of_characters_is_those_named_and_the_ranges() -> None:
    table = characters("az", (65, 68))
    assert [chr(code) for code in np.flatnonzero(table)] == ["A", "B", "C", "a", "z"]


def test_words_of_a_table_in_windows_1252_are_read_and_bytes_that_are_no_words_are_not(
    tmp_path: Path,
) -> None:
    def encoding(data: bytes, name: str = "a.csv") -> str:
        path = tmp_path / "input"
        path.write_bytes(data)
        return make_text(path, name, work_dir=tmp_path / "work", max_bytes=1000).encoding

    assert encoding("Zoé;René;accès refusé".encode("cp1252")) == "cp1252"
    assert encoding("Müller\nschön – gut".encode("cp1252"), "A.TSV") == "cp1252"
    assert encoding("Zoé;René".encode("cp1252"), "a.log") == "utf-8"
    french = "Échec d'ouverture de session\nAccès refusé à un utilisateur désactivé, réessayé\n".encode(
        "cp1252"
    )
    assert encoding(french, "a.log") == encoding(french, "a.txt") == "cp1252"
    assert encoding(french + b"\xff\xfe\xe9\xe8 \xf1\xf2\n", "a.log") == "utf-8"
    for other in (
        "Zoé René".encode(),
        b"plain",
        b"Invalid user \xff\xfe\xfd from",
        b"one caf\xe9",
        "é".encode() + b"a\xe9b\xe9c",
    ):
        assert encoding(other) == "utf-8", other
