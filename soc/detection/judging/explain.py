"""Why a line was judged so: its rule's words, the context words, and what else supports the verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from soc.detection.judging.facts import FIELDS
from soc.detection.judging.scanning.scan import Ints, Matches
from soc.detection.judging.score import CLASSES, PRIVILEGE, tables_of
from soc.detection.judging.verdict import Verdicts
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.declaration import PRIVILEGED
from soc.logs.text.loaded import LINE_CAP

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


def reasons_of_field(ruleset: Ruleset, verdicts: Verdicts, row: int, line: bytes) -> list[dict[str, Any]]:
    """Why a stage judged one line so: its field rule with the value that decided, then what moved the score."""
    rule = ruleset.rules[int(verdicts.rule[row]) - ruleset.first_context]
    start, end = max(int(verdicts.evidence_start[row]), 0), max(int(verdicts.evidence_end[row]), 0)
    place = int(verdicts.field[row])
    said = f" ({FIELDS[place]})" if place >= 0 else ""
    words = line[start:end].decode("utf-8", "replace")[:300]
    return [
        {
            "signature": rule.id, "title": rule.title + said, "attack": ", ".join(rule.attack), "words": words,
            "start": start, "end": end, "weight": rule.score,
        },
        *(
            {"signature": move.id, "title": move.title, "words": "", "start": 0, "end": 0, "weight": weight}
            for move in verdicts.moves
            if (weight := int(move.weight[row]))
        ),
    ]  # fmt: skip


def explain_rows(
    ruleset: Ruleset, rows: Ints, matches: Matches, starts: Ints, data: bytes, verdicts: Verdicts
) -> list[str]:
    """The reasons of some lines (numbers of rows in the block), each as JSON. `starts` are where lines begin in `data`."""
    low = np.searchsorted(matches.line, rows, "left").tolist()
    high = np.searchsorted(matches.line, rows, "right").tolist()
    begins, rules = starts[rows].tolist(), verdicts.rule[rows].tolist()
    classes = verdicts.classification[rows].tolist()
    texts = []
    for row, at, left, right, rule, number in zip(
        rows.tolist(), begins, low, high, rules, classes, strict=True
    ):
        span = slice(left, right)
        found = zip(
            matches.pattern[span].tolist(),
            matches.start[span].tolist(),
            matches.end[span].tolist(),
            strict=True,
        )
        words = [(pattern, start, end, data[at + start : at + end]) for pattern, start, end in found]
        if rule >= ruleset.first_context:
            reasons = reasons_of_field(ruleset, verdicts, row, data[at : at + LINE_CAP])
            reasons += [
                one for one in reasons_of(ruleset, words, rule=-1, classification=number) if not one["weight"]
            ]
        else:
            reasons = reasons_of(ruleset, words, rule=rule, classification=number)
        texts.append(orjson.dumps(reasons).decode())
    return texts
