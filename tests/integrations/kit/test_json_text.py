"""What vendors send as JSON, before it is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from soc.integrations.kit.answers.json_text import read_json

SENT = {"a\0b": ["x\0", {"c": "\0"}, 7, None], "literal": "\\u0000", "cut \ud83d": "\ude00 \U0001f600"}
KEPT = {"ab": ["x", {"c": ""}, 7, None], "literal": "\\u0000", "cut \ufffd": "\ufffd \U0001f600"}


@pytest.mark.parametrize("encoding", ["", "utf-8", "utf-16", "utf-16-le", "utf-32"])
def test_a_nul_or_half_a_character_is_in_no_text_of_an_answer_whatever_its_encoding(encoding: str) -> None:
    text = json.dumps(SENT)
    assert read_json(text.encode(encoding) if encoding else text) == KEPT


@pytest.mark.parametrize("wrong", [b"", b"<html>", b"\xff\xff\xff", "{", b"[1"])
def test_what_is_no_json_is_a_value_error(wrong: Any) -> None:
    with pytest.raises(ValueError):
        read_json(wrong)
