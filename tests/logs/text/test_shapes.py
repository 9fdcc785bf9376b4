"""What is asked once a shape is what each text says."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from soc.detection.judging.shaped import find_failed_logins, find_probes
from soc.detection.judging.tables.login_words import find_failed_login, find_probe
from soc.logs.fields import search
from soc.logs.text import placed, templates
from soc.logs.text.masks import mask_shapes
from soc.logs.text.placed import find_group, remember_group
from soc.logs.text.shapes import shapes_of
from soc.logs.text.shaping import memory as memory_of_shapes
from soc.logs.text.shaping.memory import ShapeMemory, remember
from soc.logs.text.shaping.numbers import mask_numbers
from soc.logs.text.templates import mask_messages
from soc.logs.text.views import PADDING

_PIECES = ["7", "0", "05", "42", "99", "199", "200", "255", "256", "300", "404", "700", "007", "1999", "2024", "3024", "65535", "123456", "1.2.3.4", "10.20.30.40", "256.1.1.1", "999.9.9.9", "01.2.3.4", "1.2.3.400", "2001:db8::1", "::1", "from", "rhost=198.51.100.7", "client", "port", "4022", "spt=77", "dst=10.0.0.9", "->", "10.1.2.3:443", "[192.0.2.1])", "(gw[192.0.2.9])", "user", "root", "for", "invalid-user", "user=eve1", "login", "failed", "password", "Failed", "authentication", "failure", "0", "failures", "failed=0", "denied", "access", "to", "x12", "no", "such", "account", "Accepted", "publickey", "[preauth]", "Connection", "closed", "by", "identification", "string", "GET", "/a/b12?c=3", 'HTTP/1.1"', "200", "status=404", "POST", "http://h/x", "action=deny", "level=warn", "ERROR", "INFO", "2026-03-01T02:03:04.5Z", "[01/Mar/2026:02:03:04", "+0100]", "Mar", "1", "02:03:04", "2025", "sha256", "SHA512", "base64", "straße"]  # fmt: skip
_PATTERNS = sorted(
    value for name, value in vars(search).items()
    if name.startswith("_") and isinstance(value, str) and re.compile(value).groups  # parts of others have none
)  # fmt: skip


def lines(number: int) -> pl.Series:
    dice = random.Random(7)
    made = [" ".join(dice.choices(_PIECES, k=dice.randrange(1, 12))) for _ in range(number)]
    twins = ["".join(dice.choice("0123456789") if one.isdigit() else one for one in text) for text in made]
    return pl.Series(["", *made, *twins])


def test_every_search_finds_in_shapes_what_it_finds_in_the_texts() -> None:
    texts = lines(700)
    shapes, every = shapes_of(texts), pl.Series([True]).new_from_index(0, len(texts))
    assert len(_PATTERNS) > 15
    assert 100 < len(shapes.text) < len(texts)
    for pattern in _PATTERNS:
        if pattern in (search._REQUEST, search._MONTHS, search._ZONES):
            continue
        assert shapes.extract(every, pattern).to_list() == texts.str.extract(pattern, 1).to_list(), pattern
    assert shapes.rows.to_list() == texts.to_list()


def test_failed_logins_and_probes_are_those_of_the_texts_in_the_rows_that_are_asked() -> None:
    texts = lines(700)
    shapes, rows = shapes_of(texts), pl.Series([number % 3 > 0 for number in range(len(texts))])
    for found, told in zip(find_failed_logins(shapes, rows), find_failed_login(texts, rows), strict=True):
        assert found.to_list() == told.to_list()
    assert find_probes(shapes, rows).to_list() == find_probe(texts, rows).to_list()
    assert find_failed_login(texts, rows)[1].any()


def test_templates_of_shapes_are_those_of_the_texts_also_of_names_that_end_in_a_number() -> None:
    names = pl.Series(["SHA384", "sha256", "SHA1", "sha1", "http200", "utf-80", "base64", "base65", "TLSv12"])
    texts = pl.concat([lines(100), names, "cipher " + names + " 12"])
    each_its_own = replace(shapes_of(texts), text=texts, code=np.arange(len(texts)))
    assert mask_messages(shapes_of(texts))[0].to_list() == mask_messages(each_its_own)[0].to_list()
    shown = [mask_messages(shapes_of(pl.Series([name])))[0].item() for name in ("SHA384", "sha256", "SHA1")]
    assert shown == ["<*>", "sha256", "SHA1"]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("7 42 05 1.05", "7 77 77 1.07"), ("200 700 700.1 255.1 256.1", "177 777 777.1 177.1 477.1"), ("1999 2024 3024 12345", "2077 2077 7777 77777"),
        ("x", "x"), ("", ""),
    ],
)  # fmt: skip
def test_a_shape_keeps_of_a_number_what_searches_look_at(text: str, shape: str) -> None:
    assert mask_numbers(text.encode() + bytes(PADDING))[: len(text)].decode() == shape


def test_a_group_is_placed_where_the_expression_found_it_not_where_its_words_stand_first() -> None:
    texts = pl.Series(["sport 22 port 22", "é port 7", "port x", ""])
    for find in (find_group, remember_group, remember_group):
        begin, size = find(texts, r"\bport (\d{1,5})\b")
        assert (begin[size >= 0].tolist(), size.tolist()) == ([14, 8], [2, 1, -1, -1])


def test_a_group_that_does_not_stand_by_itself_is_refused() -> None:
    for pattern in (r"a|(b)", r"(?:a(b))", "ab", "(a)|b"):
        with pytest.raises(ValueError, match="no group"):
            find_group(pl.Series(["ab"]), pattern)


def test_what_was_found_in_one_block_is_known_in_the_next_also_of_beginnings() -> None:
    texts = lines(300)
    for some in (texts.head(200), texts, texts.reverse()):
        every = pl.Series([True]).new_from_index(0, len(some))
        for whole in (shapes_of(some), shapes_of(some).head(12)):
            told = [
                whole.rows.str.extract(pattern, 1).to_list() for pattern in (search._PORT, search._ANY_V4)
            ]
            found = [whole.extract(every, pattern).to_list() for pattern in (search._PORT, search._ANY_V4)]
            assert found == told


def test_a_memory_that_is_full_forgets_and_what_does_not_fit_is_asked_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory_of_shapes, "_memory", ShapeMemory(3))
    memory = memory_of_shapes._memory
    assert [remember(pl.Series(["a", "b"]))[0] is memory, remember(pl.Series(["b"]))[0] is memory] == [
        True,
        True,
    ]
    new, numbers = remember(pl.Series(["c", "d", "x" * 3000]))
    assert (new is memory, numbers.tolist()) == (False, [0, 1, -1])
    begin, size = new.find(pl.Series(["port 7", "c", "port 22"]), numbers, r"port (\d+)", None)
    assert (begin.tolist(), size.tolist()) == ([5, 0, 5], [1, -1, 2])
    assert ShapeMemory(1).number(pl.Series(["a", "b"])) is None


def test_templates_are_the_same_when_they_are_known_from_another_block_or_were_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = lines(100)
    fresh = mask_messages(shapes_of(texts))[0].to_list()
    again = mask_messages(shapes_of(texts.reverse()))[0].to_list()[::-1]
    monkeypatch.setattr(templates, "_MOST_KNOWN", 3)
    monkeypatch.setattr(templates, "_known", {"x": "wrong"})
    assert fresh == again == mask_messages(shapes_of(texts))[0].to_list()


def test_a_template_does_not_depend_on_how_many_others_are_made_with_it() -> None:
    texts = pl.Series(["TTY=a ; USER=eve", "to\t\tbe", "USER  from x", "Account=eve"])
    many = pl.concat([texts, pl.Series(["line " + "x" * number + " ." for number in range(400)])])
    assert mask_shapes(texts).to_list() == mask_shapes(many).head(4).to_list()
    assert mask_shapes(texts)[0] == "TTY=a ; USER=<*>"


def test_what_another_thread_forgets_meanwhile_is_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pattern, first, both = r"user (\w+)", pl.Series(["user kim"]), pl.Series(["user kim", "by user eve"])
    remember_group(first, pattern)

    def find(texts: pl.Series, asked: str) -> tuple[Any, Any]:
        placed._remembered(pattern).clear()
        return find_group(texts, asked)

    monkeypatch.setattr(placed, "find_group", find)
    begin, size = remember_group(both, pattern)
    assert (begin.tolist(), size.tolist()) == ([5, 8], [3, 3])
