"""What a shape of a line keeps of its numbers, and times at known places."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from soc.analysis.alike.line_shapes import Numbers, mask_lines, mask_moments
from soc.analysis.alike.placed_clocks import read_placed_clocks
from soc.logs.text.shapes import shapes_of
from soc.logs.text.times import kinds_of, read_clocks
from soc.logs.text.views import PADDING


def masks(text: str) -> tuple[str, str]:
    numbers = Numbers.of(text.encode() + bytes(PADDING))
    return tuple(mask(numbers)[: len(text)].decode() for mask in (mask_lines, mask_moments))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("port 4 of 12345 and 70000", "port 4 of 77777 and 97777"),
        ('" 404 512 599 623 204', '" 404 577 577 777 204'),
        ("10.0.12.199 10.0.012.300", "77.0.77.177 77.0.077.477"),
        ("Oct 05 05:07:09 2026 x=05 05", "Oct 07 77:77:77 2077 x=07 07"),
        ("<134>a <9>", "<134>a <9>"),
        ("1999 1750", "2077 7777"),
    ],
)
def test_a_line_keeps_of_its_numbers_what_somebody_looks_at(line: str, shape: str) -> None:
    assert masks(line)[0] == shape


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("at 12:34:56.789 of 2026", "at 77:77:77.777 of 2026"),
        ("10.20.30.40 and 1.22.33 and 1.2.3.44.5", "77.77.77.77 and 1.22.33 and 1.2.3.44.5"),
        ("sshd[4711]: [4711] id=4711", "sshd[7777]: [4711] id=4711"),
        ("%27 12:34 1:22:33", "%27 12:34 1:22:33"),
    ],
)
def test_a_fine_shape_hides_clocks_addresses_and_processes_only(line: str, shape: str) -> None:
    assert masks(line)[1] == shape


def test_lines_of_one_shape_are_messages_of_one_shape() -> None:
    texts = [
        f"a {one} b {other}"
        for one in (
            "5",
            "05",
            "200",
            "404",
            "299",
            "300.1.2.3",
            "10.1.2.3",
            "1999",
            "2026",
            "3026",
            "65536",
            "12345",
        )
        for other in ("1", "77", "012", "599", "10.0.0.256")
    ]
    of_message = shapes_of(pl.Series(texts)).code.tolist()
    known: dict[str, int] = {}
    for text, code in zip(texts, of_message, strict=True):
        assert known.setdefault(masks(text)[0], code) == code


def test_times_at_known_places_are_those_of_their_texts() -> None:
    texts = [
        "2026-03-01T02:05:00Z", "2026-03-01 02:05:00.123+01:00", "2026-13-01 02:05:00", "2026-03-01 25:05:00,5", "2026/03/01 02:05:00",
        "2026-02-29T23:59:60Z", "2026-03-01 02:05:00 +0100", "01/Mar/2026:02:05:00 +0100", "31/Feb/2026:02:05:00 +0000",
        "01/Mar/2026:02:05:00", "Mar  1 02:05:00", "Mar 31 02:05:61", "Feb 29 00:00:00", "Foo 01 02:05:00", "Sun Dec 04 04:51:09 2005",
        "Sun Dec 04 04:51:09.123 2005", "081109 203615", "081309 203615", "700101 000000", "691231 235959", "1772330400", "1772330400.25",
        "2026-03-01T02:05:00+15:00", "nothing", None,
    ]  # fmt: skip
    column = pl.Series(texts, dtype=pl.String)
    kinds = kinds_of(column)
    sizes = np.array([-1 if text is None else len(text) for text in texts])
    data = "".join(text or "" for text in texts).encode() + bytes(PADDING)
    starts = np.cumsum(np.maximum(sizes, 0)) - np.maximum(sizes, 0)
    assert read_placed_clocks(data, starts, sizes, kinds).equals(read_clocks(column, kinds))
