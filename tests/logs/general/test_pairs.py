"""Records as pairs: what is read of any JSON value, said once more in the plainest way."""

from __future__ import annotations

import json
import random
from typing import Any

from soc.logs.general.pairs import UNIT, pairs_of

_TEXTS = (None, True, False, 1, -2.5, "x", "", "{", '{"a":{"b":[1,{"c":null}]}}', "{}")


def told(value: Any, path: str, depth: int) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        under = [(f"{path}{UNIT}{key}" if path else key, one) for key, one in value.items()]
        return [pair for deeper, one in under for pair in told(one, deeper, depth + 1) if depth < 12]
    if isinstance(value, list):
        both = [
            (name, held)
            for name in ("name", "Name")
            for held in ("value", "Value")
            if value and all(isinstance(item, dict) and name in item and held in item for item in value)
        ]
        if both:
            return told({str(item[both[0][0]]): item[both[0][1]] for item in value}, path, depth + 1)
        found = []
        for number, item in enumerate(value[:8]):
            if number and not isinstance(item, dict):
                break
            found += told(item, path, depth + 1)
        return found
    if value is None:
        return []
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    if text.startswith("{") and depth < 12 and text not in ("{",):
        return told(json.loads(text), path, depth + 1)
    return [(path, text)]


def test_pairs_of_any_record_are_its_values_with_their_paths_in_order() -> None:
    dice = random.Random(5)

    def value(depth: int) -> Any:
        kind = dice.random() if depth < 14 else 1.0
        if kind < 0.3:
            return {
                dice.choice(["a", "b", "", "name", "value", "Name", "Value", "é"]): value(depth + 1)
                for _ in range(3)
            }
        return [value(depth + 1) for _ in range(dice.randrange(4))] if kind < 0.5 else dice.choice(_TEXTS)

    for _ in range(300):
        record = {"first": value(0), "second": [value(1), value(1)]}
        paths, values = pairs_of(record)
        assert list(zip(paths, values, strict=True)) == told(record, "", 0)


def test_no_more_than_six_hundred_pairs_are_read_of_a_record() -> None:
    paths, values = pairs_of({f"k{number}": {"a": [number, 2], "b": "x"} for number in range(500)})
    assert (len(paths), len(values), paths[-1]) == (600, 600, f"k299{UNIT}b")
