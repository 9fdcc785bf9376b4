"""Why a line was judged so: its rule's words, the context words, and what else supports the verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from soc.detection.judging.scan import Ints, Matches
from soc.detection.judging.score import CLASSES, PRIVILEGE, tables_of
from soc.detection.judging.verdict import Verdicts
from soc.detection.ruleset import Ruleset
from soc.detection.signature import PRIVILEGED

#: So many supporting signatures are named.
SUPPORTING = 8


def reasons_of(
    ruleset: Ruleset, matches: list[tuple[int, int, int, bytes]], *, rule: int, classification: int
) -> list[dict[str, Any]]:
    """Why one line was judged so, as fields of Reason: the rule's signature first, then each context word.

    `matches` are (pattern, start, end, words) of the line. The weights add up to the score before it is
    kept within 1–10. Further signatures of the class weigh 0: they make the verdict surer.
    """
    tables = tables_of(ruleset)
    reasons: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    support: list[dict[str, Any]] = []
    kinds: set[int] = set()
    for number, start, end, found in matches:
        reason = {"words": found.decode("utf-8", "replace")[:300], "start": start, "end": end}
        if number < ruleset.first_context:
            signature = ruleset.signatures[number]
            reason |= {
                "signature": signature.id, "title": signature.title, "attack": ", ".join(signature.attack),
            }  # fmt: skip
            if number == rule:
                reasons.append(reason | {"weight": signature.score})
            elif tables.classification[number] == classification:
                support.append(reason | {"weight": 0})
            continue
        word = ruleset.context[number - ruleset.first_context]
        kind = int(tables.context_kind[number - ruleset.first_context])
        counted = rule >= 0 and PRIVILEGED in ruleset.signatures[rule].tags and word.kind == PRIVILEGE
        if CLASSES[classification] in word.classes and kind not in kinds and not counted:
            kinds.add(kind)
            words.append(reason | {"signature": word.id, "title": word.title, "weight": word.weight})
    return [*reasons, *words, *support[:SUPPORTING]]


def explain_rows(
    ruleset: Ruleset, rows: Ints, matches: Matches, starts: Ints, data: bytes, verdicts: Verdicts
) -> list[str]:
    """The reasons of some lines (numbers of rows in the block), each as JSON. `starts` are where lines begin in `data`."""
    low = np.searchsorted(matches.line, rows, "left").tolist()
    high = np.searchsorted(matches.line, rows, "right").tolist()
    begins, rules = starts[rows].tolist(), verdicts.rule[rows].tolist()
    classes = verdicts.classification[rows].tolist()
    texts = []
    for at, left, right, rule, number in zip(begins, low, high, rules, classes, strict=True):
        span = slice(left, right)
        found = zip(
            matches.pattern[span].tolist(),
            matches.start[span].tolist(),
            matches.end[span].tolist(),
            strict=True,
        )
        words = [(pattern, start, end, data[at + start : at + end]) for pattern, start, end in found]
        texts.append(orjson.dumps(reasons_of(ruleset, words, rule=rule, classification=number)).decode())
    return texts
