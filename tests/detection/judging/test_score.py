"""Verdicts at their edges, with a ruleset made by hand: scores, ties, context words, vetoes, confidence, reasons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soc.detection.judging.explain import explain_rows, reasons_of
from soc.detection.judging.scanning.scan import find_matches
from soc.detection.judging.verdict import Verdicts, judge, unjudged
from soc.detection.judging.vetoes import silence
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.declaration import ContextWord, Signature, Veto
from soc.domain.classification import Classification

ALERT, ERROR = Classification.SECURITY_ALERT, Classification.ERROR


def says(
    word: str, score: int, confidence: float = 0.5, kind: Classification = ALERT, *tags: str
) -> Signature:
    return Signature(
        f"made.{word}", word.title(), kind, score, confidence, word, attack=("T1110",), tags=tags
    )


def moves(word: str, weight: int, kind: str) -> ContextWord:
    return ContextWord(f"context.{word}", word.title(), word, weight, kind, (ALERT,))


RULESET = Ruleset(
    signatures=(
        says("ten", 10), says("nine", 9), says("first", 6), says("second", 6), says("five", 5), says("one", 1),
        says("error", 5, 0.6, ERROR, "generic"), says("plain", 5, 0.6, ERROR), says("admin", 8, 0.9, ALERT, "privileged"),
        says("sure", 7, 0.98),
    ),
    context=(
        moves("fatal", 1, "level"), moves("emergency", 2, "level"), moves("root", 1, "privilege"),
        moves("stopped", -1, "outcome"), moves("drill", -3, "test"),
    ),
    vetoes=(Veto("veto.none", "None of it", "no error"), Veto("veto.far", "Far", "harmless")),
)  # fmt: skip


def judged(*lines: str, ruleset: Ruleset = RULESET) -> Verdicts:
    data = "".join(line + "\n" for line in lines).encode()
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10).astype(np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    return judge(ruleset, silence(ruleset, find_matches(ruleset, data, starts, ends)), len(lines))


def rule_of(verdicts: Verdicts, line: int = 0, ruleset: Ruleset = RULESET) -> str | None:
    number = int(verdicts.rule[line])
    return ruleset.signatures[number].id if number >= 0 else None


def test_a_score_is_the_signatures_own_from_one_to_ten() -> None:
    assert judged("ten", "nine", "five", "one").score.tolist() == [10, 9, 5, 1]


def test_context_raises_to_ten_and_no_higher_and_lowers_to_one_and_no_lower() -> None:
    lines = (
        "ten fatal",
        "nine fatal",
        "nine emergency",
        "five fatal",
        "one stopped",
        "five drill",
        "one drill",
    )
    assert judged(*lines).score.tolist() == [10, 10, 10, 6, 1, 2, 1]


def test_a_line_that_no_signature_explains_scores_one_whatever_else_it_says() -> None:
    verdicts = judged("nothing", "fatal root")
    assert verdicts.score.tolist() == [1, 1]
    assert verdicts.confidence.tolist() == [0, 0]
    assert (
        verdicts.rule.tolist()
        == verdicts.evidence_start.tolist()
        == verdicts.evidence_end.tolist()
        == [-1, -1]
    )
    assert judged("x").classification.tolist() == unjudged(1).classification.tolist()


def test_the_strongest_signature_decides_wherever_it_stands() -> None:
    assert [rule_of(judged("five nine one", "nine five"), line) for line in (0, 1)] == [
        "made.nine",
        "made.nine",
    ]


def test_of_equally_strong_signatures_the_first_in_the_ruleset_decides() -> None:
    assert rule_of(judged("second then first")) == "made.first"
    turned = replace(RULESET, signatures=RULESET.signatures[::-1])
    assert rule_of(judged("first then second", ruleset=turned), ruleset=turned) == "made.second"


def test_the_evidence_is_where_the_deciding_words_stand_the_first_time() -> None:
    verdicts = judged("x", "five and nine and nine")
    assert (verdicts.evidence_start[1], verdicts.evidence_end[1]) == (9, 13)


def test_context_words_count_one_of_a_kind_and_kinds_add_up() -> None:
    lines = ("five fatal fatal", "five emergency fatal", "five fatal root", "five fatal stopped")
    assert judged(*lines).score.tolist() == [6, 6, 7, 5]


def test_context_words_count_only_for_their_classes_and_their_own_line() -> None:
    assert judged("plain fatal").score.tolist() == [5]
    assert judged("five", "fatal", "five fatal").score.tolist() == [5, 1, 6]


def test_a_signature_that_counts_on_root_is_not_raised_by_the_word_but_by_others_is() -> None:
    assert judged("admin root", "admin fatal", "five root").score.tolist() == [8, 9, 6]


def test_each_further_signature_of_the_class_makes_it_a_little_surer_up_to_a_cap() -> None:
    lines = ("five", "five one", "five one first", "five plain", "sure", "sure five")
    assert judged(*lines).confidence.tolist() == [0.5, 0.52, 0.54, 0.5, 0.98, 0.99]


def test_a_veto_silences_generic_signatures_that_it_overlaps_and_nothing_else() -> None:
    lines = (
        "no error",
        "error, then no error",
        "no error five",
        "an error",
        "error harmless",
        "plain no error",
    )
    assert [rule_of(judged(line)) for line in lines] == [
        None, "made.error", "made.five", "made.error", "made.error", "made.plain",
    ]  # fmt: skip


def test_a_veto_does_not_silence_what_it_overlaps_if_that_is_not_generic() -> None:
    far = replace(RULESET, vetoes=(Veto("veto.five", "Five", "no five"),))
    assert rule_of(judged("no five", ruleset=far), ruleset=far) == "made.five"


def test_a_veto_only_touches_its_own_line_and_what_really_overlaps() -> None:
    assert [rule_of(judged("no error", "error"), line) for line in (0, 1)] == [None, "made.error"]
    beside = replace(RULESET, vetoes=(Veto("veto.beside", "Beside", "none of "),))
    assert rule_of(judged("none of error", ruleset=beside), ruleset=beside) == "made.error"
    after = replace(RULESET, vetoes=(Veto("veto.after", "After", " at rest"),))
    assert rule_of(judged("error at rest", ruleset=after), ruleset=after) == "made.error"


def test_a_veto_takes_no_context_word_away() -> None:
    veto = replace(RULESET, vetoes=(Veto("veto.fatal", "Fatal", "not fatal"),))
    assert judged("five not fatal", ruleset=veto).score.tolist() == [6]


def words(line: str, rule: str) -> list[tuple[str, int, str]]:
    """(signature, weight, words) of the reasons that the line was judged for."""
    data = line.encode()
    starts, ends = np.zeros(1, np.int64), np.array([len(data)], np.int64)
    found = silence(RULESET, find_matches(RULESET, data, starts, ends))
    number = [s.id for s in RULESET.signatures].index(rule)
    columns = (found.pattern.tolist(), found.start.tolist(), found.end.tolist())
    matches = [(p, s, e, data[s:e]) for p, s, e in zip(*columns, strict=True)]
    reasons = reasons_of(
        RULESET, matches, rule=number, classification=list(Classification).index(RULESET.signatures[number].classification)
    )  # fmt: skip
    return [(reason["signature"], reason["weight"], reason["words"]) for reason in reasons]


def test_reasons_name_the_rule_then_context_then_support_and_add_up_to_the_score() -> None:
    reasons = words("root one emergency fatal FIVE plain", "made.five")
    assert reasons == [
        ("made.five", 5, "FIVE"), ("context.fatal", 1, "fatal"), ("context.root", 1, "root"), ("made.one", 0, "one"),
    ]  # fmt: skip
    assert judged("root one emergency fatal FIVE plain").score.tolist() == [7]


def test_what_did_not_count_is_no_reason() -> None:
    assert words("admin root", "made.admin") == [("made.admin", 8, "admin")]
    assert words("plain fatal one", "made.plain") == [("made.plain", 5, "plain")]


def test_no_more_than_eight_supporting_signatures_are_named() -> None:
    many = Ruleset(signatures=(says("main", 9), *(says(f"w{n}", 2) for n in range(9))))
    matches = [(n, 0, 1, b"x") for n in range(10)]
    reasons = reasons_of(many, matches, rule=0, classification=list(Classification).index(ALERT))
    assert [reason["signature"] for reason in reasons] == ["made.main", *(f"made.w{n}" for n in range(8))]


def test_rows_are_explained_from_their_own_place_in_the_block() -> None:
    lines = ["five root", "x", "nine stopped"]
    data = "\n".join(lines).encode()
    starts, ends = np.array([0, 10, 12], np.int64), np.array([9, 11, 24], np.int64)
    matches = silence(RULESET, find_matches(RULESET, data, starts, ends))
    texts = explain_rows(RULESET, np.array([2, 0]), matches, starts, data, judge(RULESET, matches, 3))
    assert '"words":"nine","start":0,"end":4' in texts[0]
    assert '"words":"stopped","start":5' in texts[0]
    assert '"words":"root"' in texts[1]
    assert '"attack":"T1110"' in texts[1]
